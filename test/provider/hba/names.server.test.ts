import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import pg from "pg";
import type { HbaDatabase, HbaUser, ManagedHbaRules } from "../../../provider";
import { parseFile } from "../../../provider/hba/file";
import { KEYWORDS } from "../../../provider/hba/items";
import { tokenise } from "../../../provider/hba/tokens";
import { onOwnServers } from "./own-server";
import { anyName, HOSTILE } from "./samples";

const named = (name: string): HbaUser => (KEYWORDS.includes(name) ? { name } : name);
const WORDS = [...KEYWORDS, "samegroup"];

onOwnServers((own) => {
  /** A rule that lets in without a password, before others that let in the superuser alone. */
  async function onlyRule(users: HbaUser[], databases: HbaDatabase[]): Promise<ManagedHbaRules> {
    own.bytes = "host all postgres 127.0.0.1/32 scram-sha-256\nhost all all all reject\n";
    const { managed } = (await own.connect()).hbaRules;
    const rule = { name: "one", type: "host", address: "127.0.0.1/32", method: "trust", order: -1 } as const;
    await managed.create({ ...rule, users, databases });
    return managed;
  }

  test("a hostile name lets in the role of that name, and nobody else", async () => {
    const names = [...new Set([...HOSTILE, ...WORDS])].filter((name) => own.version >= 16 || !name.includes("\n"));
    // What these names would mean if any character of them were taken for more than it is.
    const others = ["group", "regex", "file", "a", "b", "x", "leading", "quoted", "member", "ends in "];
    await own.ask([...names, ...others].map((name) => `CREATE ROLE ${pg.escapeIdentifier(name)} LOGIN`).join("; "));
    await own.ask('GRANT "group" TO member');
    const managed = await onlyRule(["nobody"], ["all"]);
    for (const name of names) {
      const { rule } = await managed.alter("one", { users: [named(name)] });
      assert.deepEqual(rule?.users, [named(name)]);
      const tried = await Promise.all([name, ...others].map(async (role) => ((await own.letsIn(role)) ? [role] : [])));
      assert.deepEqual(tried.flat(), [name]);
    }
  });

  test("a database's name is nothing but a name, either", async () => {
    const names = ["all", "sameuser", "replication", "samegroup", "/x", "+g", "a,b", 'a"b', "@f", "#c"];
    for (const name of names) await own.ask(`CREATE DATABASE ${pg.escapeIdentifier(name)}`);
    await own.ask("CREATE ROLE visitor LOGIN");
    const managed = await onlyRule(["visitor"], ["nothing"]);
    for (const name of names) {
      await managed.alter("one", { databases: [named(name) as HbaDatabase] });
      const open = await Promise.all(
        [...names, "postgres"].map((database) =>
          own.ask("SELECT 1", { user: "visitor", password: "x", database }).then(
            () => [database],
            (error) => {
              assert.match(error.code, /^28/);
              return [];
            },
          ),
        ),
      );
      assert.deepEqual(open.flat(), [name]);
    }
  });

  test("the server reads just the names of any rule", async () => {
    const { hbaRules } = await own.connect();
    const fit = anyName.filter((name) => own.version >= 16 || !name.includes("\n"));
    const lists = fc.sample(fc.uniqueArray(fit, { minLength: 1, maxLength: 4 }), 150);
    await Promise.all(
      lists.map((names, order) =>
        hbaRules.managed.create({
          name: `r${order}`,
          type: "local",
          databases: names.map(named) as HbaDatabase[],
          users: names.map(named),
          method: "reject",
          order: order + 1,
        }),
      ),
    );
    const seen = await own.ask(
      "SELECT user_name, database FROM pg_hba_file_rules WHERE auth_method = 'reject' ORDER BY line_number",
    );
    // Quoted, a slash still begins a regular expression from 16 on: there the name stands as one that matches only it.
    const asRead = (name: string) =>
      own.version >= 16 && (name.startsWith("/") || name.includes("\n"))
        ? `/^${name.replaceAll(/[^A-Za-z0-9 ,@#"'%\-=\t\r\néñ🐘/]/gu, "\\$&").replaceAll("\n", "\\n")}$`
        : name;
    assert.deepEqual(
      seen,
      lists.map((names) => [names.map(asRead), names.map(asRead)]),
    );
    for (const [order, names] of lists.entries()) {
      assert.deepEqual((await hbaRules.managed.observe(`r${order}`))?.rule?.users, names.map(named));
    }
  });

  test("any file is read in the lines and fields in which the server reads it", async () => {
    const client = await own.session();
    const piece = fc.constantFrom(
      "host ", "all ", "all ", "trust", "\n", "\n", "\\\n", "\\", "\r\n", "\r", '"', "#", ",", " ", "\t", "b,c", '""',
      "local all all trust\n", 'local "x y" z,+"z z" trust\n', "local a,b c, d trust # x\n", "\xe9", "\0", "+",
    ); // biome-ignore format: a list of pieces
    try {
      for (const file of fc.sample(fc.array(piece, { maxLength: 25 }), 400).map((pieces) => pieces.join(""))) {
        own.bytes = file;
        const { rows } = await client.query<[number, string | null, string | null]>({
          text: "SELECT line_number, array_to_string(user_name, '|'), type FROM pg_hba_file_rules ORDER BY line_number",
          rowMode: "array",
        });
        const ours = parseFile(file).flatMap(({ text, line }) => {
          const { fields } = tokenise(text);
          return fields.length === 0 ? [] : [{ line, users: (fields[2] ?? []).map(({ value }) => value).join("|") }];
        });
        assert.deepEqual(
          rows.map(([line, users, type]) => [line, type === null ? null : users]),
          ours.map(({ line, users }, index) => [
            line,
            rows[index]?.[2] == null ? null : Buffer.from(users, "latin1").toString(),
          ]),
          JSON.stringify(file),
        );
      }
    } finally {
      await client.end();
    }
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Values } from "../../../provider/definition";
import { databaseType } from "../../../provider/objects/database";
import {
  finalBackupField,
  finalBackupOf,
  restoreFromField,
  restoreFromOf,
} from "../../../provider/objects/database-backup";
import type { Json } from "../../../provider/values";
import { factsOf, observedOf, restricted, roleFacts, serverFacts, texts } from "../samples";

const AT = { at: "client", path: "/b/shop" };

describe("finalBackup: what is acceptable", () => {
  const table: [value: unknown, reason: string | undefined][] = [
    [AT, undefined],
    [{ at: "server", path: "/b/shop", format: "directory", jobs: 3, overwrite: true, clientPath: "/bin" }, undefined],
    [{ at: "client", path: "b/shop" }, undefined],
    [{ to: ["cat"] }, undefined],
    [{ at: "server", to: ["cat", ""], format: "plain", create: true }, undefined],
    ["/b/shop", undefined],
    [[AT], undefined],
    [{}, "must have either a path or a command (to)"],
    [{ at: "client" }, "must have either a path or a command (to)"],
    [{ ...AT, to: ["cat"] }, "must have either a path or a command (to)"],
    [{ path: "/b/shop" }, 'must say where the path is: at: "client" or "server"'],
    [{ at: "here", path: "/b/shop" }, 'has an at that is neither "client" nor "server"'],
    [{ at: "client", path: "" }, "must have a path that is text, not empty, without a NUL character"],
    [{ at: "client", path: 5 }, "must have a path that is text, not empty, without a NUL character"],
    [{ at: "server", path: "b/shop" }, "must have an absolute path on the server's host"],
    [{ to: "cat" }, "must have a command that is a program and its arguments"],
    [{ to: [] }, "must have a command that is a program and its arguments"],
    [{ to: ["", "x"] }, "must have a command that is a program and its arguments"],
    [{ to: ["a", "b\0"] }, "must have a command that is a program and its arguments"],
    [{ ...AT, format: "zip" }, "is wrong: format must be one of custom, directory, plain, tar"],
    [{ to: ["cat"], format: "directory" }, "is wrong: a backup in the format directory is many files: it needs a path"],
    [{ ...AT, overwrite: "yes" }, "is wrong: overwrite must be true or false"],
    [{ ...AT, jobs: -1 }, "is wrong: jobs must be a whole number from 0 on"],
    [{ ...AT, clientPath: "" }, "is wrong: clientPath must be the path of a folder"],
    [{ ...AT, triggers: ["x"] }, "is wrong: pg_dump has no option triggers"],
    [{ ...AT, constructor: true }, "is wrong: pg_dump has no option constructor"],
    [{ ...AT, verbose: true }, "has no option verbose"],
  ];
  for (const [value, reason] of table) {
    it(JSON.stringify(value), () => {
      const { value: type } = finalBackupField;
      assert.equal(type.reason?.(value), reason);
      const isSpec = typeof value === "object" && !Array.isArray(value);
      assert.equal(type.accepts(value), isSpec && reason === undefined);
    });
  }
});

describe("restoreFrom: what is acceptable", () => {
  const table: [value: Json, reason: string | undefined][] = [
    [{ ...AT, jobs: 2, schemas: ["s"], exitOnError: false, clientPath: "/bin" }, undefined],
    [{ from: ["cat", "x"], singleTransaction: true }, undefined],
    [{ to: ["cat"] }, "must have either a path or a command (from)"],
    [{ ...AT, create: true }, "has no option create"],
    [{ ...AT, verbose: true }, "has no option verbose"],
    [{ ...AT, inserts: true }, "is wrong: pg_restore has no option inserts"],
    [{ ...AT, overwrite: true }, "is wrong: pg_restore has no option overwrite"],
  ];
  for (const [value, reason] of table) {
    it(JSON.stringify(value), () => assert.equal(restoreFromField.value.reason?.(value), reason));
  }
});

describe("what a declared backup means", () => {
  it("a time in UTC stands for {timestamp}, wherever it is", () => {
    const now = new Date("2031-03-10T12:00:05.678Z");
    const target = (finalBackup: Json) => finalBackupOf({ finalBackup }, now)?.target;
    assert.deepEqual(target({ at: "client", path: "/b/{timestamp}/x-{timestamp}" }), {
      at: "client",
      path: "/b/20310310T120005Z/x-20310310T120005Z",
    });
    const to = ["aws", "s3", "cp", "-", "s3://b/{timestamp}"];
    assert.deepEqual(target({ to }), { at: undefined, to: [...to.slice(0, 4), "s3://b/20310310T120005Z"] });
  });

  it("none is none", () => {
    for (const finalBackup of [undefined, null] as unknown as Json[])
      assert.equal(finalBackupOf({ finalBackup }), undefined);
    for (const restoreFrom of [undefined, null] as unknown as Json[])
      assert.equal(restoreFromOf({ restoreFrom }), undefined);
  });

  it("a restore stops at the first error, unless told otherwise", () => {
    const options = (more: object) => restoreFromOf({ restoreFrom: { ...AT, ...more } })?.options;
    assert.deepEqual(options({ jobs: 2 }), { exitOnError: true, jobs: 2 });
    assert.deepEqual(options({ exitOnError: false }), { exitOnError: false });
  });
});

describe("create with restoreFrom", () => {
  const facts = factsOf(serverFacts());
  const made = (desired: Values) => databaseType.create({ name: "d", restoreFrom: AT, ...desired }, facts);

  it("is one step with CREATE DATABASE, which says nothing that would keep pg_restore out", () => {
    const statements = made({ connectionLimit: 0, allowConnections: false, isTemplate: true, comment: "c" });
    assert.deepEqual(texts(statements), [
      '-- with what is in its backup:\nCREATE DATABASE "d" IS_TEMPLATE TRUE;',
      'ALTER DATABASE "d" WITH CONNECTION LIMIT 0 ALLOW_CONNECTIONS FALSE',
      `COMMENT ON DATABASE "d" IS 'c'`,
    ]);
    const [first] = statements;
    assert.ok(first?.perform && first.alone);
  });

  it("says nothing more where nothing more is declared", () => {
    const statements = made({ connectionLimit: -1, allowConnections: true });
    assert.deepEqual(texts(statements), ['-- with what is in its backup:\nCREATE DATABASE "d";']);
    assert.deepEqual(texts(made({ restoreFrom: null, connectionLimit: 0 })), [
      'CREATE DATABASE "d" CONNECTION LIMIT 0',
    ]);
  });

  it("is never a change", () => {
    const observed = observedOf({ name: "d", owner: "postgres" });
    assert.deepEqual(databaseType.alter(observed, { name: "d", restoreFrom: AT }, facts), []);
  });
});

describe("drop with finalBackup", () => {
  const open = 'ALTER DATABASE "d" WITH ALLOW_CONNECTIONS TRUE';
  const [grant, revoke] = ['GRANT "o" TO "deployer"', 'REVOKE "o" FROM "deployer"'];
  const [take, back] = ['ALTER DATABASE "d" OWNER TO "deployer"', 'ALTER DATABASE "d" OWNER TO "o"'];
  const [plain, template] = ["FALSE", "TRUE"].map((on) => `ALTER DATABASE "d" WITH IS_TEMPLATE ${on}`) as [
    string,
    string,
  ];
  const lesser = factsOf(restricted(14), { o: roleFacts() });
  const facts = factsOf(serverFacts());
  const drop = 'DROP DATABASE "d"';
  const backup = "-- the last backup";

  const table: [what: string, values: Values, facts: typeof facts, sql: string[], undo: string[][]][] = [
    ["opens it again when the drop fails, and forces nothing", {}, facts, [backup, drop], [[], [open]]],
    ["leaves it closed where it was closed", { allowConnections: false }, facts, [backup, drop], [[], []]],
    [
      "of a template: each step is undone by what came before it",
      { isTemplate: true },
      facts,
      [backup, plain, drop],
      [[], [open], [open, template]],
    ],
    [
      "of somebody else's",
      { owner: "o" },
      lesser,
      [backup, grant, take, revoke, drop],
      [[], [grant, open, revoke], [], [], [grant, open, back, revoke]],
    ],
  ];
  for (const [what, values, known, sql, undo] of table) {
    it(what, () => {
      const observed = observedOf({
        name: "d",
        owner: "postgres",
        isTemplate: false,
        allowConnections: true,
        ...values,
      });
      const statements = databaseType.drop(observed, { finalBackup: AT, forceDrop: true }, known);
      assert.deepEqual(texts(statements), sql);
      assert.deepEqual(
        statements.map((one) => texts(one.undo ?? [])),
        undo,
      );
      assert.deepEqual(
        statements.map(({ perform }) => perform !== undefined),
        sql.map((text) => text === backup),
      );
    });
  }
});

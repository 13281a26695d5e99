/** Hostile texts in every argument of commands: they arrive as data, or are refused with a reason, and nothing else is done. */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Cluster } from "../../provider";
import type { CommandHooks } from "../../provider/command/hooks";
import { statementsOf } from "../../provider/command/statements";
import type { Values } from "../../provider/definition";
import { Host } from "../../provider/host";
import { isUnknown } from "../../provider/unknown";
import { commandHooksOver } from "../provider/through-hooks";
import { freshDatabase, servers, type TestServer } from "../support/postgres-fixture";
import { versions } from "../support/versions";
import { COMMAND_ARGUMENTS, type CommandArgument } from "./arguments/command";
import { count, expectAtLeast, type Tally } from "./counts";
import { RolledBack } from "./rolled-back";
import { distinct, hasHole, hostileText, isStorable, scaled } from "./texts";

expectAtLeast(scaled(1_500 * versions.length));

/** Sessions in which texts and statements are read differently. */
const SESSIONS: Readonly<Record<string, Record<string, string>>> = {
  "as usual": {},
  "backslashes escape": { standard_conforming_strings: "off", backslash_quote: "off" },
};

/** What a database has to begin with: a table that must stay as it is, and two that commands change. */
const THERE = `
  CREATE TABLE canary AS SELECT i, md5(i::text) AS x FROM generate_series(1, 20) i;
  CREATE TABLE target (); CREATE TABLE made ()`;

/** Everything that a statement too many could have changed. */
const LOOK = `
  SELECT (SELECT json_agg(c) FROM canary c) AS canary,
         (SELECT json_agg(nspname ORDER BY nspname) FROM pg_namespace WHERE nspname !~ '^pg_(toast_)?temp') AS schemas,
         (SELECT json_agg(c.relname ORDER BY c.relname) FROM pg_class c
           WHERE c.relnamespace NOT IN (SELECT oid FROM pg_namespace WHERE nspname ~ '^pg_')) AS relations,
         (SELECT count(*)::int FROM pg_proc) AS routines, (SELECT count(*)::int FROM pg_authid) AS roles,
         (SELECT count(*)::int FROM pg_description WHERE objoid <> 'target'::regclass) AS comments,
         (SELECT count(*)::int FROM pg_db_role_setting) AS settings, pg_read_file('postgresql.auto.conf') AS system,
         current_user || current_setting('search_path') || current_setting('standard_conforming_strings') AS session`;

/** One session, in transactions that are taken back. */
class Home {
  private constructor(
    readonly server: RolledBack,
    readonly hooks: CommandHooks,
  ) {}

  static async open(
    { host, port, superuser: user, password }: TestServer,
    database: string,
    settings: Record<string, string>,
  ): Promise<Home> {
    const server = await RolledBack.connect({ host, port, user, password, database, ssl: false }, settings);
    return new Home(server, commandHooksOver(Host.over(await Cluster.connect({ adapter: server }))));
  }

  async ask(text: string, values: unknown[] = []): Promise<unknown[][]> {
    return (await this.server.client.query<unknown[]>({ text, values, rowMode: "array" })).rows;
  }
}

for (const [turn, server] of servers.entries()) {
  describe(`PostgreSQL ${server.version}`, () => {
    const homes = new Map<string, Home>();
    before(async () => {
      const { name } = await freshDatabase(server);
      const admin = await server.admin(name);
      await admin.query(THERE).finally(() => admin.end());
      for (const [what, settings] of Object.entries(SESSIONS)) homes.set(what, await Home.open(server, name, settings));
    });
    after(async () => {
      for (const home of homes.values()) await home.server.close();
    });

    for (const [index, argument] of COMMAND_ARGUMENTS.entries()) {
      // Each argument in one kind of session on one server, and in the other kind on the other.
      const what = (index + turn) % 2 === 0 ? "as usual" : "backslashes escape";
      test(`Command.${argument.name} (${what})`, async () => {
        const home = homes.get(what) ?? assert.fail(what);
        const texts = distinct(argument.texts ?? hostileText, scaled(argument.count), `Command.${argument.name}`);
        const tally = { data: 0, refused: 0, byServer: 0 };
        await home.server.undone(async () => {
          const there = await home.ask(LOOK);
          for (const text of texts)
            await tryOne(home, argument, text, tally).catch((cause: Error) => {
              throw new Error(`${JSON.stringify(text.slice(0, 300))}: ${cause.message}`, { cause });
            });
          assert.deepEqual(await home.ask(LOOK), there);
        });
        count(`Command.${argument.name}`, server.version, scaled(argument.count), tally);
      });
    }
  });
}

async function tryOne(home: Home, argument: CommandArgument, text: string, tally: Tally): Promise<void> {
  const { accepts = isStorable, refusal } = argument;
  const inputs: Values = { name: "a command", ...argument.inputs(text) };
  const { failures } = await home.hooks.check({}, inputs);
  const told = failures.map(({ property, reason }) => `${property} ${reason}`).join("; ");
  // What looks like a value that is not known yet is looked at again when it is.
  assert.equal(failures.length === 0, accepts(text) || isUnknown(inputs), `check says: ${told}`);
  for (const { reason } of failures) assert.ok(reason.length > 5 && !hasHole(reason, text), reason);
  if (failures.length > 0 || argument.checkAlone) {
    tally[failures.length > 0 ? "refused" : "data"]++;
    return;
  }
  const expected = accepts(text) ? refusal?.(text) : ".";
  const outcome = await applied(home, argument, inputs).catch((error: Error) => error);
  if (expected !== undefined) {
    assert.ok(outcome instanceof Error && new RegExp(expected, "s").test(outcome.message), JSON.stringify(outcome));
    tally.byServer++;
    return;
  }
  if (outcome instanceof Error) throw outcome;
  const wanted = argument.outputs?.(text) ?? {};
  for (const [name, value] of Object.entries(wanted)) assert.deepEqual(outcome[name], value, name);
  if (argument.judged !== undefined) assert.deepEqual(await home.ask(argument.judged, [text]), [[true]], "judged");
  if (argument.undo !== undefined) await home.hooks.create({ name: "undo", create: argument.undo(text) });
  tally.data++;
}

async function applied({ hooks }: Home, { before, deleted }: CommandArgument, inputs: Values): Promise<Values> {
  let { id, outs } = await hooks.create(before === undefined ? inputs : { ...inputs, ...before, update: null });
  if (before !== undefined) ({ outs } = await hooks.update(id, outs, inputs));
  if (deleted) await hooks.delete(id, outs);
  for (const name of Object.keys(inputs)) assert.deepEqual(outs[name], inputs[name], `the state's ${name}`);
  return outs;
}

test("SQL with a text in quotes is as many statements as were written", () => {
  const asWritten = COMMAND_ARGUMENTS.filter(({ name }) => name.startsWith("create.sql"));
  for (const { name, inputs } of asWritten) {
    for (const text of distinct(hostileText, scaled(200), name).filter((one) => isStorable(one) && one !== "")) {
      const { sql } = inputs(text).create as { sql: string };
      assert.equal(statementsOf(sql).length, name.includes("two") ? 2 : 1, sql);
    }
  }
});

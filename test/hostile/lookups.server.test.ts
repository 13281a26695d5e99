/** Hostile texts in every argument of lookups: what is found is what the server's own comparison finds, and nothing is changed. */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Cluster } from "../../provider";
import type { Values } from "../../provider/definition";
import { Host } from "../../provider/host";
import { lookupHooksOver } from "../provider/through-hooks";
import { freshDatabase, servers, type TestServer, uniqueName } from "../support/postgres-fixture";
import { versions } from "../support/versions";
import { type LookupArgument, lookupArguments } from "./arguments/lookup";
import { count, expectAtLeast, type Tally } from "./counts";
import { canaryOf, look } from "./look";
import { RolledBack } from "./rolled-back";
import { distinct, hasHole, hostileText, isStorable, scaled } from "./texts";

expectAtLeast(scaled(1_200 * versions.length));

/** How many texts have their objects at a time. */
const BATCH = 30;

/** One session, in transactions that are taken back. */
interface Home {
  readonly server: RolledBack;
  readonly host: Host;
  readonly canary: string;
}

async function open(server: TestServer, canary: string, database: string): Promise<Home> {
  const admin = await server.admin(database);
  for (const statement of canaryOf(canary)) await admin.query(statement);
  await admin.end();
  const { host, port, superuser: user, password } = server;
  const session = await RolledBack.connect({ host, port, user, password, database, ssl: false });
  return { server: session, canary, host: Host.over(await Cluster.connect({ adapter: session })) };
}

for (const server of servers) {
  describe(`PostgreSQL ${server.version}`, () => {
    const place = { home: "", database: "", heir: "", tablespace: "" };
    const canary = uniqueName("canary");
    let opened: Home | undefined;
    const home = () => opened ?? assert.fail("there is no connection");
    before(async () => {
      place.home = (await freshDatabase(server)).name;
      place.database = (await freshDatabase(server)).name;
      opened = await open(server, canary, place.home);
    });
    after(async () => {
      await opened?.server.close();
      const admin = await server.admin();
      await admin.query(`DROP ROLE ${canary}`).finally(() => admin.end());
    });

    for (const [index, { lookup, name }] of lookupArguments(place).entries()) {
      test(`${lookup}.${name}`, async () => {
        const argument = lookupArguments(place)[index]!;
        const texts = distinct(argument.texts, scaled(argument.count), `${lookup}.${name}`);
        const tally = { data: 0, refused: 0, byServer: 0 };
        const size = argument.alone ? 1 : BATCH;
        for (let at = 0; at < texts.length; at += size)
          await home().server.undone(() => tryBatch(home(), argument, texts.slice(at, at + size), tally));
        count(`${lookup}.${name}`, server.version, scaled(argument.count), tally);
      });
    }

    test("getServer.settings", async () => {
      const tally = { data: 0, refused: 0, byServer: 0 };
      const custom = hostileText.map((text) => `app.${text}`);
      const names = [
        ...distinct(hostileText, scaled(60), "getServer.settings"),
        ...distinct(custom, scaled(60), "getServer.settings (custom)"),
      ];
      for (const name of names) await home().server.undone(() => trySetting(home(), name, tally));
      count("getServer.settings", server.version, scaled(110), tally);
    });
  });
}

async function tryBatch(home: Home, argument: LookupArgument, texts: readonly string[], tally: Tally): Promise<void> {
  const { lookup, name } = argument;
  const all = texts.map((text, index) => ({ text, unique: `h${index}_${home.canary}` }));
  for (const { text, unique } of all.filter((one) => argument.accepts(one.text)))
    for (const [statement, ...names] of argument.makes(text, unique)) await make(home, statement, names);
  const there = await look(home.server.client, home.canary);
  for (const { text, unique } of all)
    await tryOne(home, argument, text, unique, tally).catch((cause: Error) => {
      throw new Error(`${lookup}.${name} ${JSON.stringify(text.slice(0, 300))}: ${cause.message}`, { cause });
    });
  assert.deepEqual(await look(home.server.client, home.canary), there);
}

async function tryOne(home: Home, argument: LookupArgument, text: string, unique: string, tally: Tally) {
  const { lookup, accepts, given, wanted, of = () => text, mayRefuse, makes } = argument;
  const asked = { ...given(text, unique), includeSystem: true } as Values;
  const found = await alone(home, () => answer(home, lookup, asked));
  if (!accepts(text)) {
    const [name = ""] = argument.name.split(/[ [\]]/); // as refusals call it
    assert.ok(found instanceof Error && found.message.includes(`${name} must be `), String(found));
    assert.ok(!hasHole(found.message, text), found.message);
    tally.refused++;
    return;
  }
  if (found instanceof Error) {
    const reason = wanted === undefined ? "database .* does not exist" : mayRefuse?.(text);
    assert.ok(reason !== undefined && new RegExp(reason, "s").test(found.message), found.message);
    tally.byServer++;
    return;
  }
  assert.ok(wanted !== undefined, "it is found");
  const expected = await alone(home, () => rowsOf(home, wanted, of(text, unique)));
  if (!(expected instanceof Error)) {
    assert.deepEqual(Object.fromEntries(Object.entries(found).map(([oid, { name }]) => [oid, name])), expected);
    const isMade = makes(text, unique).length > 0 && !argument.name.includes("pattern") && argument.name !== "notLike";
    if (isMade) assert.ok(Object.keys(expected).length > 0, "nothing is found");
  } else assert.match(expected.message, new RegExp(mayRefuse?.(text) ?? "nothing"));
  for (const one of Object.values(found))
    for (const name of ["owner", "schema", "database"])
      if (asked[name] !== undefined) assert.equal(one[name], asked[name], name);
  tally.data++;
}

/** What a lookup answers, by oid. */
async function answer({ host }: Home, lookup: string, asked: Values): Promise<Record<string, Values>> {
  const { props = {} } = await lookupHooksOver(lookup, host).read("lookup", asked);
  for (const [name, value] of Object.entries(asked)) assert.deepEqual(props[name], value, name);
  return props.result as Record<string, Values>;
}

async function rowsOf({ server }: Home, text: string, value: string): Promise<Record<string, string>> {
  const { rows } = await server.client.query<[string, string]>({ text, values: [value], rowMode: "array" });
  return Object.fromEntries(rows);
}

async function make({ server: { client } }: Home, statement: string, names: readonly string[]): Promise<void> {
  const { rows } = await client.query("SELECT format($1, VARIADIC $2::text[]) AS text", [statement, names]);
  await client.query(rows[0].text);
}

/** What the server refuses spoils the transaction only as far as here. */
async function alone<T>({ server: { client } }: Home, task: () => Promise<T>): Promise<T | Error> {
  await client.query("SAVEPOINT lookup");
  try {
    return await task();
  } catch (error) {
    await client.query("ROLLBACK TO lookup");
    return error as Error;
  } finally {
    await client.query("RELEASE lookup");
  }
}

/** Settings that nothing may be read of, because a password may be in them. */
const isSecret = (name: string) => /^primary_conninfo$|_command$/i.test(name.trim());

async function trySetting(home: Home, name: string, tally: Tally): Promise<void> {
  const { client } = home.server;
  const there = await look(client, home.canary);
  // Only names of its own making can be set to any text.
  if (isStorable(name) && name.startsWith("app."))
    await alone(home, () => client.query("SELECT set_config($1, $2, true)", [name, name]));
  const found = await alone(home, () => lookupHooksOver("getServer", home.host).read("lookup", { settings: [name] }));
  const label = JSON.stringify(name);
  if (!isStorable(name) || name === "" || isSecret(name)) {
    assert.ok(found instanceof Error && found.message.includes("settings must "), label);
    tally.refused++;
  } else {
    const expected = await alone(home, () => client.query("SELECT current_setting($1) AS value", [name]));
    if (expected instanceof Error) {
      assert.ok(found instanceof Error && found.message.includes(expected.message), `${label}: ${expected.message}`);
      tally.byServer++;
    } else {
      assert.ok(!(found instanceof Error), label);
      const { props = {} } = found;
      const { settings } = props.result as { settings: Record<string, string> };
      assert.deepEqual(Object.entries(settings), [[name, expected.rows[0].value]]);
      tally.data++;
    }
  }
  assert.deepEqual(await look(client, home.canary), there);
}

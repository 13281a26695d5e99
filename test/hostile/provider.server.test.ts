/** Hostile texts in every argument of a provider: the session is what they say, or there is none, with a reason. */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type pg from "pg";
import { Cluster, ConnectionError, InvalidValueError } from "../../provider";
import { SETTING_NAMES } from "../../provider/settings";
import { type Server, startServer } from "../support/postgres";
import { uniqueName } from "../support/postgres-names";
import { addressOf, type TestServer, testServer } from "../support/postgres-servers";
import { versions } from "../support/versions";
import { type ProviderArgument, providerArguments } from "./arguments/provider";
import { count, expectAtLeast } from "./counts";
import { canaryOf, look } from "./look";
import { distinct, scaled } from "./texts";

expectAtLeast(scaled(350 * versions.length));

const PLACE = { home: "home", database: "database", heir: "heir", tablespace: "tablespace" };

/** Settings that lead to no session with another text, in settings.test.ts. */
const ELSEWHERE = [
  ...["host", "port", "sslMode", "sslRootCert", "sslCert", "sslKey", "connectTimeout", "statementTimeout"],
  ...["lockTimeout", "maxConnections", "passwordEncryption"],
];

test("every setting is tried", () => {
  const tried = providerArguments(PLACE).map(({ name }) => name.split(" ")[0] ?? "");
  assert.deepEqual([...new Set([...tried, ...ELSEWHERE])].sort(), [...SETTING_NAMES].sort());
});

for (const version of versions) {
  describe(`PostgreSQL ${version}`, () => {
    const canary = "canary";
    // Of its own: the catalogues of the whole server are counted while it is tried, and other files have theirs.
    let own: Server | undefined;
    let server: TestServer;
    let admin: pg.Client | undefined;
    before(async () => {
      own = await startServer({ version });
      server = testServer(addressOf(own));
      const first = await server.admin("postgres");
      for (const name of [PLACE.home, PLACE.database]) await first.query(`CREATE DATABASE ${name}`);
      await first.end();
      admin = await server.admin(PLACE.home);
      for (const statement of canaryOf(canary)) await admin.query(statement);
    });
    after(async () => {
      await admin?.end();
      await own?.remove();
    });

    for (const argument of providerArguments(PLACE)) {
      const { name, count: number, texts } = argument;
      test(`Provider.${name}`, async () => {
        const tally = { data: 0, refused: 0, byServer: 0 };
        const there = await look(admin as pg.Client, canary);
        for (const text of distinct(texts, scaled(number), `Provider.${name}`)) {
          const fate = await tryOne(server, admin as pg.Client, argument, text).catch((cause: Error) => {
            throw new Error(`${JSON.stringify(text.slice(0, 300))}: ${cause.message}`, { cause });
          });
          tally[fate]++;
        }
        assert.deepEqual(await look(admin as pg.Client, canary), there);
        count(`Provider.${name}`, version, scaled(number), tally);
      });
    }
  });
}

async function tryOne(
  server: TestServer,
  admin: pg.Client,
  { accepts, keptOut, makes, ends, given, asks }: ProviderArgument,
  text: string,
): Promise<"data" | "refused" | "byServer"> {
  const { host, port, superuser: user, password } = server;
  const unique = uniqueName("h");
  const settings = given(text, unique);
  const connect = () =>
    Cluster.connect({
      ...(settings.url === undefined ? { host } : {}),
      ...{ port, user, sslMode: "disable", connectTimeout: "5s" },
      ...(settings.passwordCommand === undefined ? { password } : {}),
      ...(settings.url?.startsWith("postgresql:///") ? {} : { database: PLACE.home }),
      ...(settings.url === undefined
        ? settings
        : { url: settings.url.replace("postgresql://", `postgresql://${host}`) }),
    });
  if (!accepts(text)) {
    await assert.rejects(
      connect(),
      (error: Error) => error instanceof InvalidValueError && / must be |not a valid/.test(error.message),
    );
    return "refused";
  }
  for (const [statement, ...names] of makes?.(text, unique) ?? []) await run(admin, statement, names);
  try {
    const cluster = await connect().catch((error: Error) => error);
    if (keptOut?.(text)) {
      const isKeptOut =
        cluster instanceof ConnectionError ||
        (cluster instanceof InvalidValueError && /role ".*" does not exist/s.test(cluster.message));
      assert.ok(isKeptOut, `it is let in, or not for its name: ${cluster instanceof Error ? cluster.message : ""}`);
      return "byServer";
    }
    if (cluster instanceof Error) throw cluster;
    const rows = await cluster.execute(asks, [text]).finally(() => cluster.close());
    assert.deepEqual(rows, [[true]]);
    return "data";
  } finally {
    for (const [statement, ...names] of ends?.(text, unique) ?? []) await run(admin, statement, names);
  }
}

async function run(admin: pg.Client, statement: string, names: readonly string[]): Promise<void> {
  const { rows } = await admin.query<{ text: string }>("SELECT format($1, VARIADIC $2::text[]) AS text", [
    statement,
    names,
  ]);
  await admin.query(rows[0]?.text ?? "");
}

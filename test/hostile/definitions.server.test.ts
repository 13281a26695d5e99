/** Hostile texts in definitions: what stands in one that is written down rightly is data, and no other statement is run. */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type pg from "pg";
import { Cluster } from "../../provider";
import { Host } from "../../provider/host";
import { hooksOver } from "../provider/through-hooks";
import { freshDatabase, servers, type TestServer } from "../support/postgres-fixture";
import { versions } from "../support/versions";
import { DEFINITIONS, type Definition } from "./arguments/definition";
import { count, expectAtLeast, type Tally } from "./counts";
import { distinct, isStorable, scaled } from "./texts";

expectAtLeast(scaled(300 * versions.length));

/** A database with a table that must stay as it is. What a definition makes is dropped again. */
interface Home {
  readonly cluster: Cluster;
  readonly admin: pg.Client;
}

const LOOK = `
  SELECT (SELECT json_agg(c) FROM canary c) AS canary, (SELECT count(*)::int FROM pg_class) AS relations,
         (SELECT count(*)::int FROM pg_proc) AS routines, (SELECT count(*)::int FROM pg_namespace) AS schemas,
         (SELECT count(*)::int FROM pg_type) AS types, (SELECT count(*)::int FROM pg_description) AS comments`;

async function open(server: TestServer): Promise<Home> {
  const { name: database } = await freshDatabase(server);
  const admin = await server.admin(database);
  await admin.query("CREATE TABLE canary AS SELECT i, md5(i::text) AS x FROM generate_series(1, 20) i");
  const { host, port, superuser: user, password } = server;
  return { admin, cluster: await Cluster.connect({ host, port, user, password, database, sslMode: "disable" }) };
}

for (const server of servers) {
  describe(`PostgreSQL ${server.version}`, () => {
    let home: Home | undefined;
    before(async () => {
      home = await open(server);
    });
    after(async () => {
      await home?.cluster.close();
      await home?.admin.end();
    });

    for (const definition of DEFINITIONS) {
      const name = `${definition.type}.definition (${definition.name})`;
      test(name, async () => {
        const tally = { data: 0, refused: 0, byServer: 0 };
        const { admin } = home as Home;
        const there = (await admin.query(LOOK)).rows;
        for (const text of distinct(definition.texts, scaled(definition.count), name))
          await tryOne(home as Home, definition, text, tally).catch((cause: Error) => {
            throw new Error(`${JSON.stringify(text.slice(0, 300))}: ${cause.message}`, { cause });
          });
        assert.deepEqual((await admin.query(LOOK)).rows, there);
        count(name, server.version, scaled(definition.count), tally);
      });
    }
  });
}

async function tryOne({ cluster, admin }: Home, made: Definition, text: string, tally: Tally): Promise<void> {
  const hooks = hooksOver(made.type, Host.over(cluster));
  const inputs = { name: "made", definition: made.definition(text) };
  const { failures } = await hooks.check({}, inputs);
  const told = failures.map(({ property, reason }) => `${property} ${reason}`).join("; ");
  assert.equal(failures.length === 0, isStorable(text), `check says: ${told}`);
  if (failures.length > 0) {
    tally.refused++;
    return;
  }
  const outcome = await hooks.create(inputs).catch((error: Error) => error);
  if (made.shows === undefined) {
    assert.ok(outcome instanceof Error, "it is run");
    tally.byServer++;
    return;
  }
  if (outcome instanceof Error) throw outcome;
  const { id, outs } = outcome;
  assert.deepEqual((await hooks.read(id, outs)).inputs, inputs, "drift");
  const { rows } = await admin.query<unknown[]>({ text: made.shows, rowMode: "array" });
  assert.deepEqual(rows, [[made.expected ?? text]]);
  await admin.query(made.type === "View" ? "DROP VIEW made" : "DROP FUNCTION made()");
  tally.data++;
}

/** Hostile texts in what counts when a database is created: the server refuses just what was meant, and makes nothing. */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type pg from "pg";
import { Cluster } from "../../provider";
import { Host } from "../../provider/host";
import type { TypeHooks } from "../../provider/type-hooks";
import { UNKNOWN } from "../../provider/unknown";
import { hooksOver } from "../provider/through-hooks";
import { freshDatabase, servers, uniqueName } from "../support/postgres-fixture";
import { versions } from "../support/versions";
import { NEW_DATABASE_ARGUMENTS, type NewDatabaseArgument } from "./arguments/new-database";
import { count, expectAtLeast, type Tally } from "./counts";
import { distinct, hostileText, scaled } from "./texts";

expectAtLeast(scaled(100 * versions.length));

for (const server of servers) {
  describe(`PostgreSQL ${server.version}`, () => {
    const name = uniqueName("never");
    let cluster: Cluster | undefined;
    let admin: pg.Client | undefined;
    before(async () => {
      const { name: database } = await freshDatabase(server);
      const { host, port, superuser: user, password } = server;
      cluster = await Cluster.connect({ host, port, user, password, database, sslMode: "disable" });
      admin = await server.admin(database);
      await admin.query("CREATE TABLE canary ()");
    });
    after(async () => {
      await cluster?.close();
      await admin?.end();
    });

    for (const argument of NEW_DATABASE_ARGUMENTS) {
      test(`Database.${argument.name}`, async () => {
        const hooks = hooksOver("Database", Host.over(cluster as Cluster));
        const tally = { data: 0, refused: 0, byServer: 0 };
        for (const text of distinct(hostileText, scaled(argument.count), `Database.${argument.name}`))
          await tryOne(hooks, argument, { name, text, version: server.version }, tally);
        const { rows } = await (admin as pg.Client).query(
          `SELECT to_regclass('canary') IS NOT NULL AS canary, (SELECT count(*)::int FROM pg_class WHERE relnamespace =
             'public'::regnamespace) AS relations, (SELECT count(*)::int FROM pg_database WHERE datname = $1) AS made`,
          [name],
        );
        assert.deepEqual(rows, [{ canary: true, relations: 1, made: 0 }]);
        count(`Database.${argument.name}`, server.version, scaled(argument.count), tally);
      });
    }
  });
}

async function tryOne(
  hooks: TypeHooks,
  { accepts, inputs: inputsOf, says, since = 0 }: NewDatabaseArgument,
  { name, text, version }: { name: string; text: string; version: number },
  tally: Tally,
): Promise<void> {
  const label = JSON.stringify(text.slice(0, 300));
  const inputs = { name, ...inputsOf(text) };
  const { failures } = await hooks.check({}, inputs);
  const told = failures.map(({ property, reason }) => `${property} ${reason}`).join("; ");
  assert.equal(failures.length === 0, accepts(text) || text === UNKNOWN, `${label}: ${told}`);
  if (failures.length > 0) {
    tally.refused++;
    return;
  }
  const { message } = await hooks.create(inputs).then(
    () => assert.fail(`${label} is not refused`),
    (error: Error) => error,
  );
  if (accepts(text))
    assert.ok(message.includes(version < since ? "needs PostgreSQL" : says(text)), `${label}: ${message}`);
  tally.byServer++;
}

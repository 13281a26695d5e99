import assert from "node:assert/strict";
import { test } from "node:test";
import pg from "pg";
import { leaks } from "./leaks";
import { deployers, freshDatabase, servers, uniqueName } from "./postgres-fixture";
import { token } from "./postgres-names";
import { versions } from "./versions";

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

test("one server of each version", () => {
  assert.deepEqual(
    servers.map(({ version }) => version),
    versions,
  );
});

for (const server of servers) {
  test(`PostgreSQL ${server.version}: the deployers are the superuser and a restricted role`, async () => {
    const roles = await deployers(server);
    assert.equal(await deployers(server), roles);
    const rights: unknown[] = [];
    for (const role of roles) {
      const sql = "SELECT rolsuper, rolcreatedb, rolcreaterole, rolcanlogin FROM pg_roles WHERE rolname = current_user";
      const { rows } = await withClient(server.url("postgres", role.name, role.password), (client) =>
        client.query<boolean[]>({ text: sql, rowMode: "array" }),
      );
      rights.push([role.superuser, ...(rows[0] ?? [])]);
    }
    assert.deepEqual(rights, [
      [true, true, true, true, true],
      [false, false, true, true, true],
    ]);
  });

  test(`PostgreSQL ${server.version}: a fresh database has the owner asked for, and goes with its sessions`, async () => {
    const [, restricted] = await deployers(server);
    const database = await freshDatabase(server, { prefix: "shop", owner: restricted!.name });
    const session = await server.admin(database.name);
    session.on("error", () => undefined);
    const { rows } = await session.query(
      "SELECT pg_get_userbyid(datdba) AS owner FROM pg_database WHERE datname = current_database()",
    );
    assert.equal(rows[0].owner, restricted!.name);
    await database.drop();
    await database.drop();
    assert.match(await server.log(), new RegExp(`CREATE DATABASE ${database.name}`));
  });

  test(`PostgreSQL ${server.version}: what a test leaves is found by the token in its name`, async () => {
    const role = uniqueName("leaky");
    const slot = uniqueName("leaky");
    const admin = await server.admin();
    await admin.query(`CREATE ROLE ${role}`);
    await admin.query("SELECT pg_create_physical_replication_slot($1)", [slot]);
    const open = await server.admin("template1");
    const mine = (line: string) => line.includes(token) && !line.includes("deployer");
    assert.deepEqual((await leaks(admin, mine)).sort(), [
      `connection of postgres to template1, application_name ${token}`,
      `replication slot ${slot}`,
      `role ${role}`,
    ]);
    await open.end();
    await admin.query("SELECT pg_drop_replication_slot($1)", [slot]);
    await admin.query(`DROP ROLE ${role}`);
    assert.deepEqual(await leaks(admin, mine), []);
    await admin.end();
  });
}

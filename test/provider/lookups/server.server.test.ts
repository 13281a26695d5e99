import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { Cluster, PermissionError, PostgresError } from "../../../provider";
import { startServer } from "../../support/postgres";
import { uniqueName } from "../../support/postgres-fixture";
import { versions } from "../../support/versions";
import { asEachDeployer, asRestricted, failure } from "../scene";
import { answer } from "./ask";

asEachDeployer("getServer: version, identity, and what the role may", async (scene) => {
  const cluster = await scene.connect();
  const { version: major } = scene.server;
  const { superuser, name: user } = scene.deployer;
  const [[version, systemIdentifier] = []] = await scene.ask(
    "SELECT current_setting('server_version'), system_identifier::text FROM pg_control_system()",
  );
  const server = { version, major, systemIdentifier, standby: false, settings: {} };
  const found = await answer(cluster, "getServer", {});
  assert.deepEqual(found, {
    ...{ ...server, database: "postgres", user, superuser },
    ...{ createRole: true, createDatabase: true, replication: superuser },
  });
  assert.deepEqual(found, JSON.parse(JSON.stringify(found)), "it is not what the state will hold");
  assert.deepEqual(await answer(cluster, "getServer", {}), found, "something in it changes by itself");

  // As the role that the connection becomes, in its database.
  const lesser = uniqueName("lesser");
  const database = uniqueName("d");
  await cluster.roles.create({ name: lesser, createDatabase: true });
  await scene.ask(`GRANT ${lesser} TO ${user}${major < 16 ? "" : " WITH SET TRUE"}`);
  await cluster.databases.create({ name: database });
  const become = await scene.connect({ become: lesser, database });
  assert.deepEqual(await answer(become, "getServer", {}), {
    ...{ ...server, database, user: lesser },
    ...{ superuser: false, createRole: false, createDatabase: true, replication: false },
  });
});

asEachDeployer("getServer: settings by name, as SHOW gives them", async (scene) => {
  const cluster = await scene.connect({ lockTimeout: "7s" });
  const settings = ["wal_level", "max_connections", "Shared_Buffers", "lock_timeout", "search_path"];
  const found = await answer(cluster, "getServer", { settings });
  const [[buffers, path] = []] = await scene.ask(
    "SELECT current_setting('shared_buffers'), current_setting('search_path')",
  );
  assert.deepEqual(found?.settings, {
    ...{ wal_level: "logical", max_connections: "200", Shared_Buffers: buffers },
    ...{ lock_timeout: "7s", search_path: path },
  });
  const error = await failure(answer(cluster, "getServer", { settings: ["no_such"] }), PostgresError);
  assert.match(error.message, /unrecognized configuration parameter "no_such"/);
});

asRestricted("getServer: a setting that only superusers see is an error", async (scene) => {
  const cluster = await scene.connect();
  await failure(answer(cluster, "getServer", { settings: ["data_directory"] }), PermissionError);
});

for (const version of versions) {
  test(`PostgreSQL ${version}: getServer and the other lookups on a standby`, async () => {
    const server = await startServer({ version });
    try {
      await server.stop();
      await writeFile(join(server.dataDir, "standby.signal"), "");
      await server.start();
      const { port, superuser: user, password } = server;
      const cluster = await Cluster.connect({ host: "127.0.0.1", port, user, password });
      try {
        assert.equal((await answer(cluster, "getServer", {}))?.standby, true);
        const [entry] = Object.values((await answer(cluster, "getRoles", { names: [user] })) ?? {});
        assert.equal(entry?.superuser, true);
      } finally {
        await cluster.close();
      }
    } finally {
      await server.remove();
    }
  });
}

import assert from "node:assert/strict";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Cluster, InvalidValueError, NotFoundError, PostgresError, ProgramError } from "../../../provider";
import { databaseType } from "../../../provider/objects/database";
import type { RestoreFrom } from "../../../provider/objects/database-backup";
import { create } from "../../../provider/reconcile";
import { oldClients } from "../../support/clients";
import { uniqueName } from "../../support/postgres-fixture";
import { inFolder, withClients } from "../backup/scene";
import { asEachDeployer, failure, onEachServer, type Scene } from "../scene";

/** Backups of a database with rows and a function in it, in a folder: `custom`, `plain`, `directory`. */
async function backups(cluster: Cluster, folder: string, clientPath: string): Promise<void> {
  const name = uniqueName("source");
  await cluster.databases.create({ name });
  const source = cluster.in(name);
  await source.execute(
    "CREATE SCHEMA s; CREATE TABLE s.t AS SELECT i FROM generate_series(1, 3000) i; CREATE FUNCTION s.f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
  );
  for (const format of ["custom", "plain", "directory"] as const) {
    await source.backup({ at: "client", path: join(folder, format) }, { format, clientPath });
    await chmod(join(folder, format), format === "directory" ? 0o755 : 0o644);
  }
}

const databases = (scene: Scene, name: string) =>
  scene.ask("SELECT datname::text FROM pg_database WHERE datname = $1", [name]);

withClients(
  "a new database has all of a backup, and then everything else that is declared",
  asEachDeployer,
  (scene, clientPath) =>
    inFolder(async (folder) => {
      const cluster = await scene.connect();
      await backups(cluster, folder, clientPath);
      const owner = uniqueName("owner");
      await cluster.roles.create({ name: owner });
      const at = (path: string) => ({ at: "client", path: join(folder, path), clientPath }) as const;
      const table: RestoreFrom[] = [
        at("custom"),
        { ...at("directory"), jobs: 2, noOwner: true },
        at("plain"),
        { from: ["cat", join(folder, "custom")], singleTransaction: true, clientPath },
        { from: ["cat", join(folder, "plain")], clientPath },
      ];
      for (const restoreFrom of table) {
        const name = uniqueName("filled");
        const declared = {
          owner,
          connectionLimit: 0,
          comment: "restored",
          config: { default_transaction_read_only: true },
        };
        const database = await cluster.databases.create({ name, restoreFrom, allowConnections: false, ...declared });
        const { allowConnections, connectionLimit, comment, config } = database;
        assert.deepEqual(
          { owner: database.owner, connectionLimit, comment },
          { owner, connectionLimit: 0, comment: "restored" },
        );
        assert.deepEqual([allowConnections, config], [false, { default_transaction_read_only: "on" }]);
        await database.alter({ allowConnections: true, connectionLimit: -1 });
        assert.deepEqual(await scene.ask("SELECT count(*)::int FROM s.t", [], name), [[3000]]);
      }
      const part = uniqueName("part");
      await cluster.databases
        .create({ name: part, restoreFrom: { ...at("custom"), functions: ["f()"], schemas: ["s"] } })
        .then(
          () => assert.fail("the schema is none of its functions"),
          (error: ProgramError) => assert.match(error.message, /schema "s" does not exist/),
        );
      await cluster.databases.create({ name: part, restoreFrom: { ...at("custom"), schemaOnly: true } });
      assert.deepEqual(await scene.ask("SELECT count(*)::int FROM s.t", [], part), [[0]]);
    }),
);

withClients("what can be refused is refused before there is a database", asEachDeployer, (scene, clientPath) =>
  inFolder(async (folder) => {
    const cluster = await scene.connect();
    const name = uniqueName("never");
    const logged = (await scene.server.log()).length;
    const at = (path: string, more: object = {}) =>
      ({ at: "client", path: join(folder, path), clientPath, ...more }) as const;
    await writeFile(join(folder, "empty"), "");
    await writeFile(join(folder, "archive"), "PGDMP");
    await writeFile(join(folder, "sql"), "SELECT 1");
    await mkdir(join(folder, "bin"));
    const table: [RestoreFrom, abstract new (...args: never[]) => PostgresError, RegExp][] = [
      [at("nothing"), NotFoundError, /there is nothing at .*nothing$/],
      [at("empty"), InvalidValueError, /the backup is empty$/],
      [at("archive", { clientPath: join(folder, "bin") }), NotFoundError, /pg_restore is not in .*bin\. Install/],
      [at("sql", { schemas: ["s"] }), InvalidValueError, /schemas cannot be used with a plain dump/],
      [{ from: ["no-such-command"], clientPath }, ProgramError, /no-such-command cannot be started/],
      [
        { from: ["sh", "-c", "echo no key >&2; exit 3"], clientPath },
        ProgramError,
        /sh ended with exit code 3\. no key/,
      ],
      [{ from: ["true"], clientPath }, InvalidValueError, /the backup is empty$/],
    ];
    const old = oldClients(18);
    if (scene.server.version === 18 && old !== undefined)
      table.push([at("archive", { clientPath: old }), InvalidValueError, /pg_restore 1\d is older than the server/]);
    for (const [restoreFrom, kind, message] of table) {
      const error = await failure(cluster.databases.create({ name, restoreFrom }), kind);
      assert.match(error.message, message);
      assert.ok(error.message.startsWith(`database "${name}": cannot restore its backup: `), error.message);
    }
    assert.doesNotMatch((await scene.server.log()).slice(logged), new RegExp(`CREATE DATABASE "${name}"`));
  }),
);

withClients("a restore that fails leaves no database, and says why", asEachDeployer, (scene, clientPath) =>
  inFolder(async (folder) => {
    const cluster = await scene.connect();
    await backups(cluster, folder, clientPath);
    const name = uniqueName("gone");
    const whole = await readFile(join(folder, "custom"));
    await writeFile(join(folder, "half"), whole.subarray(0, whole.length / 2));
    await writeFile(join(folder, "wrong"), "CREATE TABLE fine (); SELECT * FROM nowhere;");
    const script = 'head -c 3000 "$1"; exit 9';
    const table: [RestoreFrom, RegExp][] = [
      [{ at: "client", path: join(folder, "half"), clientPath }, /pg_restore ended with exit code 1/],
      [
        { at: "client", path: join(folder, "wrong"), clientPath },
        /psql ended with exit code 3.*relation "nowhere" does not exist/s,
      ],
      [{ from: ["sh", "-c", script, "sh", join(folder, "custom")], clientPath }, /sh ended with exit code 9/],
      [{ from: ["sh", "-c", 'kill -9 $$; cat "$1"', "sh", join(folder, "custom")], clientPath }, /sh was killed/],
    ];
    for (const [restoreFrom, message] of table) {
      const error = await failure(cluster.databases.create({ name, restoreFrom }), ProgramError);
      assert.match(error.message, message);
      if (!/sh was killed/.test(error.message)) assert.match(error.message, /The database was dropped again$/);
      assert.deepEqual(await databases(scene, name), []);
    }

    const slow = { from: ["sh", "-c", 'cat "$1"; sleep 60', "sh", join(folder, "plain")], clientPath };
    const deadline = { at: Date.now() + 2500, setting: "customTimeouts.create (2s)" };
    const late = await failure(create(cluster, databaseType, { name, restoreFrom: slow }, { deadline }), PostgresError);
    assert.match(
      late.message,
      /restore its backup: it took longer than customTimeouts\.create \(2s\)\. The database was dropped again$/,
    );
    assert.deepEqual(await databases(scene, name), []);

    // One that is there already is left alone, whatever is in it.
    await cluster.databases.create({ name });
    await cluster.in(name).execute("CREATE TABLE precious ()");
    const restoreFrom: RestoreFrom = { at: "client", path: join(folder, "custom"), clientPath };
    const there = await failure(cluster.databases.create({ name, restoreFrom }), PostgresError);
    assert.match(there.message, /database ".*" already exists/);
    assert.deepEqual(await scene.ask("SELECT to_regclass('precious') IS NULL, to_regclass('s.t') IS NULL", [], name), [
      [false, true],
    ]);
  }),
);

withClients("from the server's host, as the server's user", onEachServer, (scene, clientPath) =>
  inFolder(async (folder) => {
    const cluster = await scene.connect();
    await backups(cluster, folder, clientPath);
    const at = (path: string) => ({ at: "server", path: join(folder, path), clientPath }) as const;
    const good: RestoreFrom[] = [
      at("custom"),
      { ...at("directory"), jobs: 2 },
      { at: "server", from: ["cat", join(folder, "plain")], clientPath },
    ];
    for (const restoreFrom of good) {
      const name = uniqueName("filled");
      await cluster.databases.create({ name, restoreFrom, connectionLimit: 0 });
      assert.deepEqual(await scene.ask("SELECT count(*)::int FROM s.t", [], name), [[3000]]);
    }
    const name = uniqueName("gone");
    const missing = await failure(cluster.databases.create({ name, restoreFrom: at("nothing") }), NotFoundError);
    assert.match(missing.message, /there is nothing at .* that the server's user can read$/);
    await writeFile(join(folder, "wrong"), "SELECT * FROM nowhere;");
    const wrong = await failure(cluster.databases.create({ name, restoreFrom: at("wrong") }), ProgramError);
    assert.match(wrong.message, /psql ended with exit code 3.*The database was dropped again$/s);
    await writeFile(join(folder, "slow"), "SELECT pg_sleep(60);");
    const sleeping = ["sh", "-c", 'cat "$1"; sleep 60', "sh", join(folder, "plain")];
    for (const restoreFrom of [at("slow"), { at: "server", from: sleeping, clientPath } as const]) {
      const deadline = { at: Date.now() + 2500, setting: "customTimeouts.create (2s)" };
      const late = create(cluster, databaseType, { name, restoreFrom: restoreFrom as never }, { deadline });
      assert.match((await failure(late, PostgresError)).message, /it took longer than customTimeouts\.create \(2s\)/);
    }
    assert.deepEqual(await databases(scene, name), []);
  }),
);

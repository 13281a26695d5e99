import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import {
  type Cluster,
  InvalidValueError,
  NotFoundError,
  ObjectInUseError,
  type PostgresError,
  ProgramError,
  RefusedError,
} from "../../../provider";
import type { FinalBackup, RestoreFrom } from "../../../provider/objects/database-backup";
import { oldClients } from "../../support/clients";
import { uniqueName } from "../../support/postgres-fixture";
import { inFolder, withClients } from "../backup/scene";
import { asEachDeployer, failure, hostileNames, onEachServer, type Scene } from "../scene";

/** A database with rows in it. */
async function filled(cluster: Cluster, name = uniqueName("last"), properties: object = {}): Promise<string> {
  await cluster.databases.create({ name, ...properties });
  await cluster.in(name).execute("CREATE TABLE t AS SELECT i, md5(i::text) AS text FROM generate_series(1, 5000) i");
  return name;
}

async function drop(cluster: Cluster, name: string, finalBackup: FinalBackup, options: object = {}): Promise<void> {
  const database = await cluster.databases.get(name);
  await database.drop({ dropNonEmpty: true, finalBackup, ...options });
}

/** What there is of a database: whether it lets others in, its owner, and whether it is a template. */
function row(scene: Scene, name: string): Promise<unknown[][]> {
  const sql = `SELECT datallowconn, pg_get_userbyid(datdba)::text, datistemplate FROM pg_database WHERE datname = $1`;
  return scene.ask(sql, [name]);
}

/** How many rows a backup has. */
async function rowsIn(
  cluster: Cluster,
  restoreFrom: RestoreFrom,
  sql = "SELECT count(*)::int FROM t",
): Promise<unknown> {
  const name = uniqueName("again");
  await cluster.databases.create({ name, restoreFrom });
  return (await cluster.in(name).execute(sql))[0]?.[0];
}

withClients(
  "a database is dropped once its last backup is complete: each format, files and commands",
  asEachDeployer,
  (scene, clientPath) =>
    inFolder(async (folder) => {
      const cluster = await scene.connect();
      const at = (file: string) => ({ at: "client", path: join(folder, file), clientPath }) as const;
      const table: [FinalBackup, RestoreFrom][] = [
        [at("custom"), at("custom")],
        [{ ...at("tar"), format: "tar" }, at("tar")],
        [{ ...at("plain"), format: "plain", compress: 0 }, at("plain")],
        [
          { ...at("folder"), format: "directory", jobs: 3 },
          { ...at("folder"), jobs: 2 },
        ],
        [
          { to: ["sh", "-c", 'cat > "$1"', "sh", join(folder, "sent")], clientPath },
          { from: ["cat", join(folder, "sent")], clientPath },
        ],
      ];
      for (const [backup, restore] of table) {
        const name = await filled(cluster);
        await drop(cluster, name, backup);
        assert.deepEqual(await row(scene, name), []);
        assert.equal(await rowsIn(cluster, restore), 5000);
      }
      assert.deepEqual(readdirSync(folder).sort(), ["custom", "folder", "plain", "sent", "tar"]);
    }),
);

withClients(
  "a time in the path, hostile names, a template, one that lets nobody in",
  asEachDeployer,
  (scene, clientPath) =>
    inFolder(async (folder) => {
      const cluster = await scene.connect();
      const backup = { at: "client", path: join(folder, "{timestamp} of 'it'"), clientPath } as const;
      for (const name of hostileNames()) {
        await filled(cluster, name);
        await drop(cluster, name, { ...backup, overwrite: true });
        assert.deepEqual(await row(scene, name), []);
      }
      for (const file of readdirSync(folder)) assert.match(file, /^20\d{6}T\d{6}Z of 'it'$/);

      const closed = { ...backup, path: join(folder, "closed") };
      const name = await filled(cluster, undefined, { isTemplate: true });
      await cluster.databases.get(name).then((database) => database.alter({ allowConnections: false }));
      const missing = { ...closed, tables: ["nowhere"] };
      await failure(drop(cluster, name, missing), ProgramError);
      assert.deepEqual(await row(scene, name), [[false, scene.deployer.name, true]], "as it was");
      await drop(cluster, name, closed);
      assert.deepEqual(await row(scene, name), []);
      assert.equal(await rowsIn(cluster, closed), 5000);
    }),
);

/** Whoever comes back at once, and writes: the numbers that the server has confirmed. */
class Persistent {
  readonly confirmed: number[] = [];
  private stopped = false;
  private readonly running: Promise<void>;

  constructor(
    { host, port }: { host: string; port: number },
    database: string,
    user: { name: string; password: string },
    private next = 0,
  ) {
    const settings = { host, port, database, user: user.name, password: user.password };
    this.running = this.run(settings);
  }

  private async run(settings: pg.ClientConfig): Promise<void> {
    while (!this.stopped) {
      const client = new pg.Client(settings);
      client.on("error", () => {});
      try {
        await client.connect();
        while (!this.stopped) {
          const number = this.next++;
          await client.query("INSERT INTO written VALUES ($1)", [number]);
          this.confirmed.push(number);
        }
      } catch {
        await sleep(1);
      } finally {
        await client.end().catch(() => {});
      }
    }
  }

  async until(count: number): Promise<void> {
    while (this.confirmed.length < count) await sleep(5);
  }

  stop(): Promise<void> {
    this.stopped = true;
    return this.running;
  }
}

for (const at of ["client", "server"] as const) {
  withClients(
    `${at}: whoever reconnects all the time loses no write that was confirmed`,
    at === "client" ? asEachDeployer : onEachServer,
    (scene, clientPath) =>
      inFolder(async (folder) => {
        const cluster = await scene.connect();
        const app = { name: uniqueName("app"), password: "apps3cret" };
        await cluster.roles.create({ ...app, login: true });
        const name = await filled(cluster);
        await cluster.in(name).execute(`CREATE TABLE written (number int); GRANT ALL ON written TO ${app.name}`);
        const own = { name: scene.deployer.name, password: scene.deployer.password };
        const writers = [app, app, own].map((user, i) => new Persistent(scene.server, name, user, i * 1_000_000));
        try {
          for (const writer of writers) await writer.until(20);
          const path = join(folder, "last");
          assert.match(
            (await failure(drop(cluster, name, { at, path, clientPath }), ObjectInUseError)).message,
            /other sessions are in it: .*or set forceDrop: true/,
          );
          await drop(cluster, name, { at, path, clientPath }, { forceDrop: true });
          assert.deepEqual(await row(scene, name), []);
          await sleep(50);
        } finally {
          await Promise.all(writers.map((writer) => writer.stop()));
        }
        const confirmed = writers.flatMap((writer) => writer.confirmed);
        const list = "SELECT array_agg(number ORDER BY number) FROM written";
        const kept = new Set((await rowsIn(cluster, { at, path: join(folder, "last"), clientPath }, list)) as number[]);
        // One that was written but not confirmed any more may be there as well.
        assert.deepEqual(
          confirmed.filter((number) => !kept.has(number)),
          [],
        );
      }),
  );
}

withClients("what can be refused is refused before anybody is shut out", asEachDeployer, (scene, clientPath) =>
  inFolder(async (folder) => {
    const cluster = await scene.connect();
    const name = await filled(cluster);
    const session = await scene.client(name, scene.deployer);
    await session.query("BEGIN");
    const taken = join(folder, "taken");
    await writeFile(taken, "precious");
    const fine = { at: "client", path: join(folder, "x"), clientPath } as const;
    const force = { forceDrop: true };
    const empty = join(folder, "empty");
    await mkdir(empty);
    type Case = [FinalBackup, object, abstract new (...args: never[]) => PostgresError, RegExp];
    const table: Case[] = [
      [fine, {}, ObjectInUseError, /cannot drop: other sessions are in it: pid \d+.*or set forceDrop: true/],
      [fine, { dropNonEmpty: false }, RefusedError, /cannot drop: it holds data \(public\.t\)\. Set dropNonEmpty/],
      [{ ...fine, path: taken }, force, RefusedError, /there is something at .*taken already\. Choose another path/],
      [
        { ...fine, path: join(folder, "no", "x") },
        force,
        NotFoundError,
        /cannot be made \(ENOENT\)\. Check the folder/,
      ],
      [{ ...fine, clientPath: empty }, force, NotFoundError, /pg_dump is not in .*empty/],
      [{ to: ["no-such-command"], clientPath }, force, ProgramError, /no-such-command cannot be started/],
    ];
    const old = oldClients(scene.server.version);
    if (old !== undefined)
      table.push([{ ...fine, clientPath: old }, force, InvalidValueError, /pg_dump 1\d is older than the server/]);
    for (const [backup, options, kind, message] of table) {
      const error = await failure(drop(cluster, name, backup, options), kind);
      assert.match(error.message, message);
      assert.ok(error.message.startsWith(`database "${name}": cannot `), error.message);
    }
    assert.deepEqual(await row(scene, name), [[true, scene.deployer.name, false]]);
    await session.query("SELECT 1"); // it was never ended
    assert.equal(await readFile(taken, "utf8"), "precious");
    assert.deepEqual(readdirSync(folder).sort(), ["empty", "taken"]);

    await session.query("INSERT INTO t VALUES (0, 'prepared')");
    await session.query(`PREPARE TRANSACTION '${name}'`);
    await session.end();
    const prepared = await failure(drop(cluster, name, fine, force), ObjectInUseError);
    assert.match(prepared.message, new RegExp(`it has prepared transactions: ${name}\\. COMMIT PREPARED or ROLLBACK`));
    await scene.ask(`ROLLBACK PREPARED '${name}'`, [], name);
    await drop(cluster, name, fine, force);
    assert.equal(await rowsIn(cluster, fine), 5000);
  }),
);

withClients("as the role that the connection becomes, in its own name", asEachDeployer, (scene, clientPath) =>
  inFolder(async (folder) => {
    const dba = uniqueName("dba");
    await scene.ask(`CREATE ROLE ${dba} CREATEDB`);
    await scene.ask(`GRANT ${dba} TO ${scene.deployer.name}`);
    const cluster = await scene.connect({ become: dba });
    const name = await filled(cluster);
    await scene.ask(`GRANT pg_signal_backend TO ${dba}`);
    const session = await scene.client(name, scene.deployer);
    const backup = { at: "client", path: join(folder, "x"), clientPath } as const;
    await drop(cluster, name, backup, { forceDrop: !scene.deployer.superuser }).catch((error: PostgresError) => {
      // Who is no superuser may not end a superuser's session.
      assert.ok(scene.deployer.superuser, error.message);
      assert.match(error.message, /other sessions are in it/);
    });
    await session.end();
    if (scene.deployer.superuser) await drop(cluster, name, backup);
    assert.equal(await rowsIn(cluster, backup), 5000);
  }),
);

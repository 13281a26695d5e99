import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import {
  type Cluster,
  InvalidValueError,
  ObjectInUseError,
  PermissionError,
  PostgresError,
  ProgramError,
} from "../../../provider";
import { databaseType } from "../../../provider/objects/database";
import type { FinalBackup } from "../../../provider/objects/database-backup";
import { observe } from "../../../provider/observe";
import { drop } from "../../../provider/reconcile";
import { uniqueName } from "../../support/postgres-fixture";
import { startProxy } from "../../support/proxy";
import { inFolder, withClients } from "../backup/scene";
import { asEachDeployer, asRestricted, failure, onEachServer, type Scene } from "../scene";

async function filled(cluster: Cluster, rows = 300_000, properties: object = {}): Promise<string> {
  const name = uniqueName("kept");
  await cluster.databases.create({ name, ...properties });
  await cluster.in(name).execute(`CREATE TABLE t AS SELECT i, md5(i::text) AS text FROM generate_series(1, ${rows}) i`);
  return name;
}

/** Drops it as the hooks do, with a deadline where one is given. */
async function dropped(cluster: Cluster, name: string, finalBackup: FinalBackup, milliseconds?: number): Promise<void> {
  const observed = (await observe(cluster, databaseType, { path: [name] })) ?? assert.fail("it is gone");
  const options = { dropNonEmpty: true, forceDrop: true, finalBackup: finalBackup as never };
  const deadline =
    milliseconds === undefined ? undefined : { at: Date.now() + milliseconds, setting: "customTimeouts.delete (1s)" };
  await drop(cluster, databaseType, observed, options, { deadline });
}

/** What must be as it was before: who can connect, the owner, and what is in it. */
async function asBefore(scene: Scene, name: string, rows = 300_000): Promise<void> {
  const sql = "SELECT datallowconn, pg_get_userbyid(datdba)::text FROM pg_database WHERE datname = $1";
  assert.deepEqual(await scene.ask(sql, [name]), [[true, scene.deployer.name]]);
  assert.deepEqual(await scene.ask("SELECT count(*)::int FROM t", [], name), [[rows]]);
  assert.deepEqual(await scene.ask("SELECT datname FROM pg_database WHERE datname ~ '^pgmob_'"), []);
}

type Kind = abstract new (...args: never[]) => PostgresError;

const NOT_DROPPED = /It was not dropped, and is as open to others as before$/;

/** Runs SQL about the sessions in a database, as often as it takes to find one. */
async function onceIn(scene: Scene, sql: string): Promise<void> {
  for (let tries = 2000; tries > 0; tries--) {
    if ((await scene.ask(sql)).length > 0) return;
    await sleep(5);
  }
  assert.fail("nobody came");
}

withClients(
  "a backup that fails: nothing is dropped, and others can connect again",
  asEachDeployer,
  (scene, clientPath) =>
    inFolder(async (folder) => {
      const cluster = await scene.connect();
      const name = await filled(cluster);
      const fine = { at: "client", path: join(folder, "x"), clientPath } as const;
      const slow = { ...fine, compress: 9 };
      const fails = async (backup: FinalBackup, message: RegExp, kind: Kind = ProgramError) => {
        const error = await failure(dropped(cluster, name, backup), kind);
        assert.match(error.message, message);
        assert.match(error.message, NOT_DROPPED);
        assert.ok(error.message.startsWith(`database "${name}": cannot make its last backup: `), error.message);
        await asBefore(scene, name);
        assert.deepEqual(readdirSync(folder), []);
      };
      await fails({ ...fine, tables: ["nowhere"] }, /pg_dump ended with exit code 1\..*no matching tables were found/s);
      const copying = `FROM pg_stat_activity WHERE datname = '${name}' AND query LIKE 'COPY public.t%' AND pid <> pg_backend_pid()`;
      await Promise.all([
        fails(slow, /pg_dump ended with exit code 1\./),
        onceIn(scene, `SELECT pg_terminate_backend(pid) ${copying}`),
      ]);
      await Promise.all([
        fails(slow, /pg_dump was killed/),
        onceIn(scene, `SELECT 1 ${copying}`).then(() => killDumps(folder)),
      ]);
      // No room: what takes the backup says so when it has begun.
      await fails(
        { to: ["sh", "-c", "cat > /dev/full"], clientPath },
        /sh ended with exit code \d+\. .*No space left/s,
      );
      await fails(
        { to: ["sh", "-c", "head -c 1000 >/dev/null; exit 0"], clientPath },
        /ended before it had read everything/,
      );

      const late = await failure(dropped(cluster, name, { to: ["sleep", "60"], clientPath }, 1500), PostgresError);
      assert.match(
        late.message,
        /cannot make its last backup: it took longer than customTimeouts\.delete \(1s\)\. It was not/,
      );
      await asBefore(scene, name);

      await dropped(cluster, name, fine);
      assert.deepEqual(await scene.ask("SELECT 1 FROM pg_database WHERE datname = $1", [name]), []);
    }),
);

/** Kills every pg_dump that writes into a folder. */
async function killDumps(folder: string): Promise<void> {
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    const words = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    if (words.includes("pg_dump\0") && words.includes(folder)) process.kill(Number(pid), "SIGKILL");
  }
}

withClients("a drop that fails after the backup: others can connect again", onEachServer, (scene, clientPath) =>
  inFolder(async (folder) => {
    const cluster = await scene.connect();
    const name = await filled(cluster, 10, { isTemplate: true });
    // Somebody opens it again while it is backed up, and gets in.
    const script = 'cat > "$1/dump"; touch "$1/written"; while [ ! -e "$1/go" ]; do sleep 0.01; done';
    const backup: FinalBackup = { to: ["sh", "-c", script, "sh", folder], clientPath };
    const meddling = async () => {
      while (!readdirSync(folder).includes("written")) await sleep(10);
      await scene.ask(`ALTER DATABASE ${name} ALLOW_CONNECTIONS true`);
      const session = await scene.client(name);
      await session.query("INSERT INTO t VALUES (11, 'late')");
      await mkdir(join(folder, "go"));
    };
    const [error] = await Promise.all([failure(dropped(cluster, name, backup), ObjectInUseError), meddling()]);
    assert.match(
      error.message,
      /cannot drop: database ".*" is being accessed by other users\. There is 1 other session/,
    );
    await asBefore(scene, name, 11);
    const template = "SELECT datistemplate FROM pg_database WHERE datname = $1";
    assert.deepEqual(await scene.ask(template, [name]), [[true]]);
    await dropped(cluster, name, { at: "client", path: join(folder, "x"), clientPath });
  }),
);

withClients("a session that was let in just before does not slip in", onEachServer, (scene, clientPath) =>
  inFolder(async (folder) => {
    const cluster = await scene.connect();
    const name = await filled(cluster, 10);
    const { host, port, superuser: user, password } = scene.server;
    // It is logged in, but waits for two seconds before it is in any view.
    const late = new pg.Client({ host, port, user, password, database: name, options: "-c post_auth_delay=2" });
    late.on("error", () => {});
    const coming = late.connect().then(
      () =>
        late.query("INSERT INTO t VALUES (11, 'late')").then(
          () => "wrote",
          () => "ended",
        ),
      () => "refused",
    );
    await onceIn(scene, "SELECT 1 FROM pg_locks WHERE locktype = 'object' AND classid = 'pg_database'::regclass");
    await dropped(cluster, name, { at: "client", path: join(folder, "x"), clientPath });
    const path = join(folder, "x");
    const wrote = (await coming) === "wrote";
    const again = uniqueName("again");
    await cluster.databases.create({ name: again, restoreFrom: { at: "client", path, clientPath } });
    const found = await cluster.in(again).execute("SELECT 1 FROM t WHERE i = 11");
    assert.equal(found.length, wrote ? 1 : 0, "what it could still write is in the backup");
    await late.end().catch(() => {});
  }),
);

withClients(
  "on the server's host: nobody gets in behind its back, and its name comes back",
  onEachServer,
  (scene, clientPath) =>
    inFolder(async (folder) => {
      const cluster = await scene.connect();
      const name = await filled(cluster);
      const fine = { at: "server", path: join(folder, "x"), clientPath } as const;
      const fails = async (backup: FinalBackup, kind: Kind, message: RegExp) => {
        const error = await failure(dropped(cluster, name, backup), kind);
        assert.match(error.message, message);
        await asBefore(scene, name);
        assert.deepEqual(readdirSync(folder), []);
      };
      await fails({ ...fine, path: join(folder, "no", "x") }, PostgresError, /the server's user cannot write/);
      await fails(
        { ...fine, tables: ["nowhere"] },
        ProgramError,
        /no matching tables were found.*as open to others as before$/s,
      );
      const aliases = "FROM pg_database WHERE datname ~ '^pgmob_[0-9a-f]{32}$'";
      const intruding = async () => {
        await onceIn(scene, `SELECT datname ${aliases} AND datallowconn`);
        const [[alias]] = (await scene.ask(`SELECT datname::text ${aliases}`)) as [[string]];
        return scene.client(alias).then((client) => client.query("INSERT INTO t VALUES (0, 'lost')"));
      };
      // Whoever looks for its name and comes in before it is closed behind pg_dump makes the backup fail, or comes too late.
      const [outcome] = await Promise.allSettled([dropped(cluster, name, { ...fine, compress: 9 }), intruding()]);
      if (outcome.status === "rejected") {
        assert.match(
          outcome.reason.message,
          /somebody else got in meanwhile: pid \d+.*\. Run the same again\. It was not/,
        );
        assert.deepEqual(readdirSync(folder), []);
        await scene.ask("DELETE FROM t WHERE i = 0", [], name);
        await asBefore(scene, name);
        await dropped(cluster, name, fine);
      }
      assert.deepEqual(await scene.ask(`SELECT datname::text ${aliases} OR datname = $1`, [name]), []);

      const sent = await filled(cluster, 10);
      const to = ["sh", "-c", 'cat > "$1"', "sh", join(folder, "sent")];
      await dropped(cluster, sent, { at: "server", to, clientPath });
      assert.deepEqual(readdirSync(folder).sort(), ["sent", "x"]);

      const one = await scene.connect({ maxConnections: 1 });
      const other = await filled(one, 10);
      const error = await failure(dropped(one, other, { ...fine, overwrite: true }), InvalidValueError);
      assert.match(
        error.message,
        /takes 3 connections at one time, and maxConnections is 1\. Raise the Provider's maxConnections to 3/,
      );
    }),
);

withClients("a session that may not be ended: it is refused, and undone", asRestricted, (scene, clientPath) =>
  inFolder(async (folder) => {
    const cluster = await scene.connect();
    const name = await filled(cluster, 10);
    const session = await scene.client(name);
    const backup = { at: "client", path: join(folder, "x"), clientPath } as const;
    const error = await failure(dropped(cluster, name, backup), PermissionError);
    assert.match(
      error.message,
      /has not the rights of role "postgres".*only a superuser can act for it\. It was not dropped/,
    );
    await asBefore(scene, name, 10);
    await session.query("SELECT 1");
    assert.deepEqual(readdirSync(folder), []);
    await session.end();

    // What belongs to somebody else cannot be read: no backup, no drop.
    await scene.ask(`CREATE TABLE theirs (); REVOKE ALL ON theirs FROM public`, [], name);
    const unreadable = await failure(dropped(cluster, name, backup), ProgramError);
    assert.match(unreadable.message, /permission denied for table theirs.*It was not dropped/s);
    await asBefore(scene, name, 10);
  }),
);

withClients(
  "a server that cannot be reached any more: the error says what is left to be done",
  onEachServer,
  (scene, clientPath) =>
    inFolder(async (folder) => {
      const proxy = await startProxy(scene.server);
      try {
        const cluster = await scene.connect({ host: proxy.host, port: proxy.port, connectTimeout: "1s" });
        const name = await filled(cluster, 10);
        const script = 'touch "$1/begun"; cat > /dev/null; sleep 60';
        const cutting = async () => {
          while (!readdirSync(folder).includes("begun")) await sleep(10);
          await sleep(500);
          await proxy.close();
        };
        const backup: FinalBackup = { to: ["sh", "-c", script, "sh", folder], clientPath };
        const [error] = await Promise.all([failure(dropped(cluster, name, backup, 4000), PostgresError), cutting()]);
        assert.match(
          error.message,
          new RegExp(
            `could not be taken back \\(.*\\): run ALTER DATABASE "${name}" WITH ALLOW_CONNECTIONS TRUE$`,
            "s",
          ),
        );
        // The next run finds it closed, and goes on.
        const again = await scene.connect();
        await dropped(again, name, { at: "client", path: join(folder, "x"), clientPath });
        assert.deepEqual(await scene.ask("SELECT 1 FROM pg_database WHERE datname = $1", [name]), []);
      } finally {
        await proxy.close().catch(() => {});
      }
    }),
);

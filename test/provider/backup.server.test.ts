import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { chmod, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PassThrough, Readable, Writable } from "node:stream";
import pg from "pg";
import {
  type BackupFormat,
  type BackupOptions,
  type BackupSource,
  type BackupTarget,
  Cluster,
  InvalidValueError,
  NotFoundError,
  PermissionError,
  ProgramError,
  RefusedError,
} from "../../provider";
import { fitClients, oldClients } from "../support/clients";
import { uniqueName } from "../support/postgres-fixture";
import { serverUser } from "../support/postgres-user";
import { inFolder, withClients } from "./backup/scene";
import { asEachDeployer, asRestricted, failure, hostileNames, onEachServer } from "./scene";

const quote = pg.escapeIdentifier;

/** A database with something of each kind in it that a backup could lose. */
async function filled(cluster: Cluster, name = uniqueName("src"), rows = 2000): Promise<Cluster> {
  await cluster.databases.create({ name });
  const here = cluster.in(name);
  await here.execute(`CREATE SCHEMA ${quote("My 'Schema\"")}; CREATE SCHEMA other; CREATE TABLE other.t (a int);
    CREATE TABLE ${quote("My 'Schema\"")}.t (id int PRIMARY KEY, text text); CREATE INDEX i ON ${quote("My 'Schema\"")}.t (text);
    INSERT INTO ${quote("My 'Schema\"")}.t SELECT i, 'naïve 🐘 \\ ' || md5(i::text) FROM generate_series(1, ${rows}) i;
    CREATE FUNCTION other.f(int) RETURNS int LANGUAGE sql AS 'SELECT 1'`);
  return here;
}

const CONTENT = `SELECT count(*)::int, md5(string_agg(id || text, '|' ORDER BY id)) FROM ${quote("My 'Schema\"")}.t`;

async function emptyOne(cluster: Cluster, name = uniqueName("dst")): Promise<Cluster> {
  await cluster.databases.create({ name });
  return cluster.in(name);
}

const names = (folder: string) => readdirSync(folder).sort();

const FORMATS: BackupFormat[] = ["custom", "directory", "plain", "tar"];

for (const format of FORMATS) {
  withClients(`${format}: to a path here and back into a new database`, asEachDeployer, (scene, clientPath) =>
    inFolder(async (folder) => {
      const cluster = await scene.connect();
      const source = await filled(cluster);
      const path = join(folder, 'a backup\' $(x) `y` "z" 🐘');
      const [bytes, messages]: [number[], string[]] = [[], []];
      const options: BackupOptions = { clientPath, format, onMessage: (line) => messages.push(line) };
      await source.backup({ at: "client", path }, { ...options, onProgress: (n) => bytes.push(n) });
      assert.deepEqual(names(folder), [path.slice(folder.length + 1)]);
      assert.equal(statSync(path).mode & 0o077, 0, "for nobody else to read");
      assert.ok((bytes.at(-1) ?? 0) > 10_000);
      assert.ok(
        messages.some((line) => /dumping contents of table/.test(line)),
        "verbose, and not in the dump",
      );
      const target = await emptyOne(cluster);
      const seen: number[] = [];
      await target.restore(
        { at: "client", path },
        { clientPath, noOwner: format === "plain" ? undefined : true, onProgress: (n) => seen.push(n) },
      );
      assert.deepEqual(await target.execute(CONTENT), await source.execute(CONTENT));
      if (format === "plain") assert.equal(seen.at(-1), statSync(path).size);
    }),
  );
}

withClients("a stream, a command and back, with every byte", asEachDeployer, (scene, clientPath) =>
  inFolder(async (folder) => {
    const cluster = await scene.connect();
    const source = await filled(cluster);
    for (const format of ["custom", "plain", "tar"] as const) {
      const chunks: Buffer[] = [];
      let told = 0;
      const to = new Writable({
        write: (chunk, _encoding, done) => setTimeout(() => done(), chunks.push(chunk) % 3),
      });
      await source.backup({ to }, { clientPath, format, onProgress: (bytes) => (told = bytes) });
      assert.equal(told, Buffer.concat(chunks).length);
      const file = join(folder, `${format}'$(x)`);
      await source.backup({ to: ["sh", "-c", 'cat > "$1"', "sh", file] }, { clientPath, format });
      const sources: BackupSource[] = [
        { from: Readable.from(chunks) },
        { from: ["cat", file] },
        {
          from: (async function* () {
            for (const byte of chunks) {
              yield byte.subarray(0, 3);
              yield byte.subarray(3);
            }
          })(),
        },
      ];
      for (const from of sources) {
        const target = await emptyOne(cluster);
        await target.restore(from, { clientPath });
        assert.deepEqual(await target.execute(CONTENT), await source.execute(CONTENT));
      }
    }
  }),
);

withClients("names that quoting goes wrong with: databases, schemas, tables", asEachDeployer, (scene, clientPath) =>
  inFolder(async (folder) => {
    const cluster = await scene.connect();
    for (const name of [
      ...hostileNames().slice(0, 7),
      `host=/nowhere dbname=x ${uniqueName("c")}`,
      `postgresql://${uniqueName("u")}/x`,
    ]) {
      const source = await emptyOne(cluster, name);
      await source.execute(
        `CREATE SCHEMA ${quote(name)}; CREATE TABLE ${quote(name)}.t AS SELECT 42 AS a; CREATE TABLE public.u ()`,
      );
      const pattern = `"${name.replaceAll('"', '""')}"`;
      await source.backup(
        { at: "client", path: join(folder, "x") },
        { clientPath, schemas: [pattern], strictNames: true, overwrite: true },
      );
      await source.execute(`DROP SCHEMA ${quote(name)} CASCADE`);
      await source.restore({ at: "client", path: join(folder, "x") }, { clientPath, singleTransaction: true });
      assert.deepEqual(await source.execute(`SELECT a, to_regclass('public.u') IS NULL FROM ${quote(name)}.t`), [
        [42, false],
      ]);
    }
  }),
);

onEachServer("what is wrong is said before anything is written", (scene) =>
  inFolder(async (folder) => {
    const cluster = await scene.connect();
    const empty = join(folder, "empty");
    await mkdir(empty);
    const path = join(folder, "x");
    const missing = await failure(cluster.backup({ at: "client", path }, { clientPath: empty }), NotFoundError);
    assert.match(
      missing.message,
      new RegExp(
        `^database "postgres": cannot back up: pg_dump is not in ${empty}\\. Install PostgreSQL's client programs on this machine, or set clientPath`,
      ),
    );
    const there = await failure(cluster.backup({ at: "server", path }, { clientPath: empty }), NotFoundError);
    assert.match(there.message, /pg_dump is not in .*on the server's host, or set clientPath/);
    await writeFile(join(folder, "sql"), "SELECT 1;");
    const plain = { at: "client", path: join(folder, "sql") } as const;
    const table: [() => Promise<void>, new (reason: string) => Error, RegExp][] = [
      [
        () => cluster.backup({ at: "client", path }, { format: "zip" as BackupFormat }),
        InvalidValueError,
        /format must be one of custom, /,
      ],
      [() => cluster.backup({ to: new PassThrough() }, { format: "directory" }), InvalidValueError, /it needs a path$/],
      [() => cluster.backup({ at: "client", path: "" }), InvalidValueError, /path must not be empty/],
      [
        () => cluster.backup({ at: "client", path }, { clean: "yes" as never }),
        InvalidValueError,
        /clean must be true or false/,
      ],
      [
        () => cluster.backup({ at: "client", path }, { triggers: ["x"] } as never),
        InvalidValueError,
        /pg_dump has no option triggers/,
      ],
      [() => cluster.restore({ at: "client", path: join(folder, "nothing") }), NotFoundError, /there is nothing at/],
      [() => cluster.restore({ at: "server", path: join(folder, "nothing") }), NotFoundError, /there is nothing at/],
      [() => cluster.restore(plain, { tables: ["t"] }), InvalidValueError, /tables cannot be used with a plain dump/],
      [
        () => cluster.restore({ from: Readable.from([Buffer.from([0x1f, 0x8b, 8])]) }),
        InvalidValueError,
        /compressed file/,
      ],
      [() => cluster.restore({ from: Readable.from([]) }), InvalidValueError, /the backup is empty/],
    ];
    for (const [done, kind, message] of table) assert.match((await failure(done(), kind)).message, message);
    const lent = await Cluster.connect({ connection: await scene.client() });
    assert.match((await failure(lent.backup({ at: "client", path }), InvalidValueError)).message, /a lent connection/);
    await lent.close();
    assert.deepEqual(names(folder), ["empty", "sql"]);
  }),
);

if (oldClients(18) !== undefined && fitClients(18) !== undefined) {
  onEachServer("programs that do not fit the server are refused before anything is written", (scene) =>
    inFolder(async (folder) => {
      const cluster = await scene.connect();
      const target: BackupTarget = { at: "client", path: join(folder, "x") };
      if (scene.server.version === 18) {
        const clientPath = oldClients(18)!;
        for (const at of ["client", "server"] as const) {
          const error = await failure(cluster.backup({ ...target, at }, { clientPath }), InvalidValueError);
          assert.match(
            error.message,
            /pg_dump 1\d is older than the server, which runs PostgreSQL 18.*PostgreSQL 18 or newer$/,
          );
        }
      } else {
        await writeFile(join(folder, "archive"), "PGDMP");
        const from: BackupSource = { at: "client", path: join(folder, "archive") };
        const error = await failure(cluster.restore(from, { clientPath: fitClients(18)! }), InvalidValueError);
        assert.match(
          error.message,
          /pg_restore 18 sends a setting .*transaction_timeout.*programs of PostgreSQL 14 to 16$/,
        );
        await rm(join(folder, "archive"));
      }
      assert.deepEqual(names(folder), []);
    }),
  );
}

withClients(
  "what is at the path already stays, unless it is to be replaced, and then until the new one is whole",
  onEachServer,
  (scene, clientPath) =>
    inFolder(async (folder) => {
      const cluster = await scene.connect();
      const source = await filled(cluster);
      for (const format of ["custom", "directory"] as const) {
        for (const at of ["client", "server"] as const) {
          const path = join(folder, `${format} ${at}'s`);
          if (format === "custom") await writeFile(path, "precious", { mode: 0o666 });
          else await mkdir(path);
          const user = serverUser();
          if (format === "directory" && user !== undefined) await chmod(path, 0o777);
          const target: BackupTarget = { at, path };
          assert.match(
            (await failure(source.backup(target, { clientPath, format }), RefusedError)).message,
            /already\. Choose another path, or set overwrite: true/,
          );
          await failure(
            source.backup(target, { clientPath, format, overwrite: true, tables: ["nowhere"] }),
            ProgramError,
          );
          if (format === "custom") assert.equal(readFileSync(path, "utf8"), "precious");
          else assert.deepEqual(names(path), []);
          await source.backup(target, { clientPath, format, overwrite: true });
          const restored = await emptyOne(cluster);
          await restored.restore(target, { clientPath });
          assert.deepEqual(await restored.execute(CONTENT), await source.execute(CONTENT));
          assert.deepEqual(
            names(folder).filter((name) => name.includes("partial")),
            [],
          );
          await rm(path, { recursive: true });
        }
      }
    }),
);

withClients(
  "a failure at either end leaves nothing behind, and its reason is in the error",
  onEachServer,
  (scene, clientPath) =>
    inFolder(async (folder) => {
      const cluster = await scene.connect();
      const source = await filled(cluster, undefined, 200_000);
      const path = join(folder, "x");
      for (const at of ["client", "server"] as const) {
        const error = await failure(source.backup({ at, path }, { clientPath, tables: ["nowhere"] }), ProgramError);
        assert.deepEqual([error.program, error.exitCode], ["pg_dump", 1]);
        assert.match(
          error.message,
          /^database ".*": cannot back up: pg_dump ended with exit code 1\. .*no matching tables/s,
        );
      }
      // The session of pg_dump is terminated in the middle.
      const terminate = async () => {
        for (;;) {
          const sql =
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'COPY %My ''Schema%' AND datname = $1 AND pid <> pg_backend_pid()";
          if ((await scene.ask(sql, [source.currentDatabase])).length > 0) return;
        }
      };
      for (const at of ["client", "server"] as const) {
        const [error] = await Promise.all([
          failure(source.backup({ at, path }, { clientPath, compress: 9 }), ProgramError),
          terminate(),
        ]);
        assert.match(
          error.message,
          /terminating connection|server closed the connection|connection to server was lost/,
        );
      }
      const to = new PassThrough();
      const swallowed = (async () => {
        for await (const _ of to);
      })().catch((error: Error) => error);
      await Promise.all([failure(source.backup({ to }, { clientPath, compress: 9 }), ProgramError), terminate()]);
      assert.ok((await swallowed) instanceof ProgramError, "the stream is not ended as if it were whole");
      class Full extends Error {}
      const full = new Writable({ write: (_chunk, _encoding, done) => done(new Full("the disk is full")) });
      await failure(source.backup({ to: full }, { clientPath }), Full);
      for (const [command, message] of [
        [["sh", "-c", "head -c 1000 >/dev/null; echo no space >&2; exit 5"], /sh ended with exit code 5\. no space/],
        [["sh", "-c", "kill -9 $$"], /sh was killed/],
        [["no-such-command"], /no-such-command cannot be started/],
      ] as const) {
        assert.match((await failure(source.backup({ to: command }, { clientPath }), ProgramError)).message, message);
      }
      // A command must not take a dump that broke off for a whole one.
      const upload = ["sh", "-c", 'cat > "$1.tmp" && mv "$1.tmp" "$1"', "sh", join(folder, "uploaded")];
      for (const at of ["client", "server"] as const) {
        await Promise.all([
          failure(source.backup({ at, to: upload }, { clientPath, compress: 9 }), ProgramError),
          terminate(),
        ]);
        assert.equal(existsSync(join(folder, "uploaded")), false, at);
        await rm(join(folder, "uploaded.tmp"), { force: true });
        await source.backup({ at, to: upload }, { clientPath });
        const target = await emptyOne(cluster);
        await target.restore({ at, from: ["cat", join(folder, "uploaded")] }, { clientPath });
        assert.deepEqual(await target.execute(CONTENT), await source.execute(CONTENT));
        await rm(join(folder, "uploaded"));
      }
      assert.deepEqual(names(folder), []);
    }),
);

withClients("a restore that fails says why; in one transaction it leaves nothing", onEachServer, (scene, clientPath) =>
  inFolder(async (folder) => {
    const cluster = await scene.connect();
    const source = await filled(cluster);
    for (const format of ["custom", "plain"] as const) {
      const path = join(folder, format);
      await source.backup({ at: "client", path }, { clientPath, format });
      const target = await emptyOne(cluster);
      await target.execute("CREATE TABLE public.in_the_way (); CREATE SCHEMA other");
      for (const at of ["client", "server"] as const) {
        await chmod(path, 0o644);
        const error = await failure(
          target.restore({ at, path }, { clientPath, singleTransaction: true }),
          ProgramError,
        );
        assert.match(
          error.message,
          /cannot restore a backup: p.* ended with exit code \d.*schema "other" already exists/s,
        );
        assert.deepEqual(await target.execute("SELECT nspname::text FROM pg_namespace WHERE nspname ~ '^My'"), []);
      }
      const whole = readFileSync(path);
      const broken = async function* () {
        yield whole.subarray(0, whole.length / 2);
        throw new RangeError("the source broke");
      };
      await failure(target.restore({ from: broken() }, { clientPath, singleTransaction: true }), RangeError);
      const script = `head -c ${Math.floor(whole.length / 2)} "$1"; exit 9`;
      for (const at of ["client", "server"] as const) {
        const from = ["sh", "-c", script, "sh", path];
        await failure(target.restore({ at, from }, { clientPath, singleTransaction: true }), ProgramError);
      }
      assert.deepEqual(await target.execute("SELECT nspname::text FROM pg_namespace WHERE nspname ~ '^My'"), []);
    }
  }),
);

for (const format of FORMATS) {
  withClients(
    `${format}: to a path on the server's host and back into a new database`,
    onEachServer,
    (scene, clientPath) =>
      inFolder(async (folder) => {
        const cluster = await scene.connect();
        const source = await filled(cluster);
        const target: BackupTarget = { at: "server", path: join(folder, "on' the $(server) `x` \\ 🐘") };
        const [bytes, messages]: [number[], string[]] = [[], []];
        await source.backup(target, {
          clientPath,
          format,
          onMessage: (line) => messages.push(line),
          onProgress: (n) => bytes.push(n),
        });
        assert.deepEqual(names(folder), [target.path.slice(folder.length + 1)]);
        assert.ok(messages.some((line) => /dumping contents of table/.test(line)));
        assert.ok((bytes.at(-1) ?? 0) > 10_000);
        const restored = await emptyOne(cluster);
        await restored.restore(target, { clientPath });
        assert.deepEqual(await restored.execute(CONTENT), await source.execute(CONTENT));
      }),
  );
}

withClients("the password is in no argument and in no log", onEachServer, (scene, clientPath) =>
  inFolder(async (folder) => {
    const [user, password] = [uniqueName("dumper"), `s3cr3t-${uniqueName("p")}'"\\ $x`];
    await scene.ask(`CREATE ROLE ${user} LOGIN SUPERUSER PASSWORD ${pg.escapeLiteral(password)}`);
    await scene.ask(`ALTER ROLE ${user} SET log_statement = 'all'`);
    const before = (await scene.server.log()).length;
    const cluster = await scene.connect({ user, password });
    const source = await filled(cluster);
    const spy = join(folder, "bin");
    await mkdir(spy);
    await writeFile(
      join(spy, "pg_dump"),
      `#!/bin/sh\necho "$@" >> "${join(folder, "arguments")}"\nexec "${join(clientPath, "pg_dump")}" "$@"\n`,
    );
    await chmod(join(spy, "pg_dump"), 0o755);
    await chmod(spy, 0o755);
    await source.backup({ at: "server", path: join(folder, "server") }, { clientPath: spy });
    await chmod(join(folder, "arguments"), 0o666);
    await source.backup({ at: "client", path: join(folder, "client") }, { clientPath: spy });
    assert.equal(readFileSync(join(folder, "arguments"), "utf8").split("\n").length, 5);
    assert.doesNotMatch(readFileSync(join(folder, "arguments"), "utf8"), /s3cr3t/);
    assert.doesNotMatch((await scene.server.log()).slice(before), /s3cr3t/);
    await source.close();
    await scene.ask(`DROP DATABASE ${source.currentDatabase} WITH (FORCE)`);
  }),
);

asRestricted("on the server's host: the sentence names the grant that is missing", async (scene) => {
  const cluster = await scene.connect();
  for (const done of [
    () => cluster.backup({ at: "server", path: "/tmp/x" }),
    () => cluster.restore({ at: "server", path: "/tmp/x" }),
  ]) {
    assert.match((await failure(done(), PermissionError)).message, /GRANT pg_execute_server_program TO /);
  }
});

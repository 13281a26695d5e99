import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { chmod, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PassThrough, Writable } from "node:stream";
import pg from "pg";
import { type BackupTarget, ProgramError, RefusedError } from "../../../provider";
import { uniqueName } from "../../support/postgres-fixture";
import { serverUser } from "../../support/postgres-user";
import { failure, onEachServer } from "../scene";
import { CONTENT, emptyOne, filled, inFolder, names, withClients } from "./scene";

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

import assert from "node:assert/strict";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import {
  type BackupFormat,
  type BackupSource,
  type BackupTarget,
  Cluster,
  InvalidValueError,
  NotFoundError,
  PermissionError,
} from "../../../provider";
import { fitClients, oldClients } from "../../support/clients";
import { asRestricted, failure, onEachServer } from "../scene";
import { inFolder, names } from "./scene";

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
      const { version } = scene.server;
      if (version >= 17) {
        const clientPath = oldClients(version)!;
        for (const at of ["client", "server"] as const) {
          const error = await failure(cluster.backup({ ...target, at }, { clientPath }), InvalidValueError);
          assert.match(
            error.message,
            new RegExp(
              `pg_dump 1\\d is older than the server, which runs PostgreSQL ${version}.*PostgreSQL ${version} or newer$`,
            ),
          );
        }
      } else {
        await writeFile(join(folder, "archive"), "PGDMP");
        const from: BackupSource = { at: "client", path: join(folder, "archive") };
        const error = await failure(cluster.restore(from, { clientPath: fitClients(18)! }), InvalidValueError);
        assert.match(
          error.message,
          new RegExp(
            `pg_restore 18 sends a setting .*transaction_timeout.*programs of PostgreSQL ${version === 16 ? "16" : `${version} to 16`}$`,
          ),
        );
        await rm(join(folder, "archive"));
      }
      assert.deepEqual(names(folder), []);
    }),
  );
}

asRestricted("on the server's host: the sentence names the grant that is missing", async (scene) => {
  const cluster = await scene.connect();
  for (const done of [
    () => cluster.backup({ at: "server", path: "/tmp/x" }),
    () => cluster.restore({ at: "server", path: "/tmp/x" }),
  ]) {
    assert.match((await failure(done(), PermissionError)).message, /GRANT pg_execute_server_program TO /);
  }
});

import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { join } from "node:path";
import { Readable, Writable } from "node:stream";
import type { BackupOptions, BackupSource, BackupTarget } from "../../../provider";
import { uniqueName } from "../../support/postgres-fixture";
import { asEachDeployer, hostileNames, onEachServer } from "../scene";
import { CONTENT, emptyOne, FORMATS, filled, inFolder, names, quote, withClients } from "./scene";

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

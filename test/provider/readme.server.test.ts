/** The README's programs without Pulumi compile, and do on a server what they say. */

import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { test } from "node:test";
import ts from "typescript";
import { fitClients } from "../support/clients";
import { asModule, complaints } from "../support/compile";
import { uniqueName } from "../support/postgres-fixture";
import { onEachServer, type Scene } from "./scene";

const ROOT = resolve(__dirname, "../../..");
const section =
  readFileSync(join(ROOT, "README.md"), "utf8").split("### Without Pulumi\n")[1]?.split("\n### ")[0] ?? "";
const PHOTO = Buffer.from(Array.from({ length: 70_000 }, (_, i) => (i * i) % 256));
const programs = [...section.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, text = ""]) => text);

test("the programs of the section compile", () => {
  assert.ok(programs.length >= 3);
  assert.deepEqual(complaints(programs.map(asModule)), []);
  assert.equal(complaints([asModule('const n: number = "text";')]).length, 1);
});

/** Runs a program with this server, names of its own, and a folder of its own for what it writes. */
async function run(program: string, scene: Scene, shop: string, folder: string): Promise<void> {
  const { port, password } = scene.server;
  const text = program
    .replace('host: "127.0.0.1"', `host: "127.0.0.1", port: ${port}`)
    .replace("…", password)
    .replaceAll("/backups", folder)
    .replaceAll(/(?<!\/)\bshop(?=_|")/g, shop)
    .replaceAll('"dba"', `"${shop}_dba"`);
  const { outputText } = ts.transpileModule(asModule(text), {
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
  });
  const module = { exports: {} as { run(): Promise<void> } };
  new Function("module", "exports", "require", "console", outputText)(
    module,
    module.exports,
    createRequire(join(ROOT, "index.js")),
    { log() {}, error() {} },
  );
  await module.exports.run();
}

/** What the section takes for granted. */
async function prepare(scene: Scene, shop: string): Promise<void> {
  await scene.ask(`CREATE ROLE ${shop}_dba SUPERUSER; CREATE ROLE ${shop}_owner; CREATE ROLE ${shop}_app LOGIN`);
  await scene.ask(`CREATE DATABASE ${shop} OWNER ${shop}_app`);
  await scene.ask(
    `CREATE SCHEMA sales AUTHORIZATION ${shop}_app; CREATE TABLE sales.orders AS SELECT i AS id FROM generate_series(1, 9) i; CREATE TABLE sales.log ();
     CREATE SCHEMA old CREATE TABLE a () CREATE TABLE b (); CREATE SCHEMA new; CREATE SCHEMA archive;
     CREATE VIEW report AS SELECT 1 AS one; CREATE VIEW summary AS SELECT one FROM report;
     CREATE FUNCTION total() RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE FUNCTION total(int) RETURNS int LANGUAGE sql AS 'SELECT 1';
     CREATE FUNCTION sales.total(int, text) RETURNS int LANGUAGE sql AS 'SELECT 1'`,
    [],
    shop,
  );
}

for (const [index, program] of programs.entries()) {
  const backups = program.includes("backup(");
  if (backups && (fitClients(14) === undefined || fitClients(18) === undefined)) continue;
  onEachServer(`program ${index + 1} of the section runs`, async (scene) => {
    const shop = uniqueName("shop");
    const folder = mkdtempSync(join(tmpdir(), "pgmob-readme-"));
    chmodSync(folder, 0o777);
    writeFileSync(join(folder, "photo.png"), PHOTO);
    const before = process.env.PATH;
    try {
      await prepare(scene, shop);
      // On the server's host, PATH is the server's: there the folder has to be said.
      const clients = fitClients(scene.server.version) ?? "";
      process.env.PATH = [clients, before].join(delimiter);
      const text = program.replace(
        "{ onMessage: (line)",
        `{ clientPath: ${JSON.stringify(clients)}, onMessage: (line)`,
      );
      await run(text, scene, shop, folder);
      if (backups)
        for (const name of ["shop.dump", "shop", "server.dump"]) assert.ok(existsSync(join(folder, name)), name);
      if (backups)
        assert.deepEqual(await scene.ask("SELECT count(*)::int FROM sales.orders", [], `${shop}_copy`), [[9]]);
      if (program.includes("largeObjects")) {
        assert.deepEqual(readFileSync(join(folder, "copy.png")), PHOTO);
        const tables =
          "SELECT relnamespace::regnamespace || '.' || relname FROM pg_class WHERE relnamespace::regnamespace::text IN ('new', 'old', 'archive') AND relkind IN ('r', 'v') ORDER BY 1";
        assert.deepEqual(await scene.ask(tables, [], shop), [["archive.orders_2030"], ["new.a"], ["new.b"]]);
        assert.deepEqual(await scene.ask("SELECT to_regclass('report'), to_regclass('summary')", [], shop), [
          [null, null],
        ]);
      }
      if (program.includes("copyFrom"))
        assert.deepEqual(await scene.ask("SELECT count(*)::int FROM sales.orders", [], shop), [[18]]);
    } finally {
      process.env.PATH = before;
      rmSync(folder, { recursive: true, force: true });
    }
  });
}

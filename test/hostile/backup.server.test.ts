/** Hostile paths, commands and options of backups: programs get them just as they are, or they are refused. */

import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, test } from "node:test";
import { Cluster } from "../../provider";
import type { Values } from "../../provider/definition";
import { servers, type TestServer } from "../support/postgres-fixture";
import { versions } from "../support/versions";
import { type Attribute, COMMAND, optionsWith, pathText, shellText, wordsWith } from "./arguments/backup";
import { quotedName } from "./arguments/quoting";
import { BackupScene, canBe, type Place, SQL } from "./backup-scene";
import { count, expectAtLeast } from "./counts";
import { ARCHIVE } from "./recorders";
import { distinct, isNameable, isStorable, scaled } from "./texts";

expectAtLeast(scaled(300 * versions.length));

/** What became of a text. */
type Fate = "data" | "refused" | "byServer";

const isWord = (text: string) => isStorable(text) && text !== "";

for (const server of servers) {
  describe(`PostgreSQL ${server.version}`, () => {
    for (const at of ["client", "server"] as const)
      for (const attribute of ["finalBackup", "restoreFrom"] as const) {
        const texts = (
          name: string,
          kind: typeof shellText,
          body: (scene: BackupScene, text: string) => Promise<Fate>,
        ) =>
          test(`Database.${attribute}.${name}, at the ${at}`, () =>
            withScene(server, at, attribute, (scene) => tryAll(scene, name, kind, body)));
        texts("path", pathText, tryPath);
        texts("clientPath", pathText, tryClientPath);
        texts(`${COMMAND[attribute]}[]`, shellText, tryWords);
        texts(`${COMMAND[attribute]}[] (the program)`, pathText, tryProgram);
        texts("* (options)", shellText, tryOptions);
        texts("at, format", shellText, tryChoices);
        if (attribute === "restoreFrom") texts("role (a plain dump)", shellText, tryRole);
      }

    test("a path from the server's folder is no option", () =>
      withScene(server, "server", "finalBackup", async ({ cluster, recorders }) => {
        for (const path of ["-x", "--help", "-rf"]) {
          const full = join(server.dataDir, path);
          await cluster.backup({ at: "server", path }, { clientPath: recorders.folder });
          assert.equal(readFileSync(full, "utf8"), ARCHIVE);
          await cluster.restore({ at: "server", path }, { clientPath: recorders.folder });
          assert.equal(recorders.taken("client")?.words.at(-1), `./${path}`);
          rmSync(full);
        }
      }));
  });
}

async function withScene(
  server: TestServer,
  at: Place,
  attribute: Attribute,
  body: (scene: BackupScene) => Promise<void>,
): Promise<void> {
  const { host, port, superuser: user, password } = server;
  const cluster = await Cluster.connect({ host, port, user, password, database: "postgres", sslMode: "disable" });
  const scene = new BackupScene(server, cluster, at, attribute);
  const before = process.cwd();
  process.chdir(scene.folder);
  try {
    await body(scene);
  } finally {
    process.chdir(before);
    await cluster.close();
    scene.remove();
  }
}

async function tryAll(
  scene: BackupScene,
  name: string,
  kind: typeof shellText,
  body: (scene: BackupScene, text: string) => Promise<Fate>,
): Promise<void> {
  const argument = `Database.${scene.attribute}.${name}, at the ${scene.at}`;
  const number = scaled(scene.at === "client" ? 40 : 24);
  const tally = { data: 0, refused: 0, byServer: 0 };
  for (const text of distinct(kind, number, argument)) {
    const there = scene.there;
    try {
      tally[await body(scene, text)]++;
      assert.deepEqual(scene.there, there);
    } catch (cause) {
      throw new Error(`${JSON.stringify(text.slice(0, 300))}: ${(cause as Error).message}`, { cause });
    }
  }
  count(argument, scene.server.version, number, tally);
}

/** What must fail: in check, where it can be known there, else before any program is started. */
async function failing(scene: BackupScene, declared: Values, byCheck: boolean): Promise<Fate> {
  const outcome = await scene.attempt(declared);
  assert.equal(outcome, byCheck ? "refused" : "failed");
  assert.equal(scene.recorders.taken("client"), undefined);
  return byCheck ? "refused" : "byServer";
}

async function tryPath(scene: BackupScene, text: string): Promise<Fate> {
  const { at, attribute, recorders } = scene;
  const path = at === "client" ? text : `${scene.folder}/${text}`;
  const full = resolve(scene.folder, path);
  const declared = { path, clientPath: recorders.folder };
  // A folder, such as "." is, may be a backup.
  const isThere = attribute === "restoreFrom" && isWord(path) && existsSync(scene.exact(path));
  if (!isWord(path) || !(isThere || canBe(scene.exact(path)))) return failing(scene, declared, !isWord(path));
  const plain = !isThere && text.length % 2 === 0;
  if (attribute === "restoreFrom" && !isThere) writeFileSync(full, plain ? SQL : ARCHIVE);
  assert.equal(await scene.attempt(declared), undefined);
  const { words = [] } = recorders.taken("client") ?? {};
  if (attribute === "finalBackup") assert.equal(readFileSync(full, "utf8"), ARCHIVE);
  else if (!plain || at === "server") {
    const operand = words.at(-1)?.slice(plain ? "--file=".length : 0) ?? "";
    assert.ok(!operand.startsWith("-"), operand);
    assert.equal(resolve(scene.folder, operand), full);
  }
  if (!isThere) rmSync(full);
  return "data";
}

async function tryClientPath(scene: BackupScene, text: string): Promise<Fate> {
  const clientPath = scene.at === "client" ? text : `${scene.folder}/${text}`;
  const declared = { ...scene.somewhere(), clientPath };
  if (!isWord(clientPath) || !canBe(scene.exact(clientPath), mkdirSync))
    return failing(scene, declared, !isWord(clientPath));
  const full = resolve(scene.folder, clientPath);
  scene.recorders.clientsAt(full);
  assert.equal(await scene.attempt(declared), undefined);
  const started = scene.recorders.taken("client");
  assert.equal(started?.program, join(full, scene.attribute === "finalBackup" ? "pg_dump" : "pg_restore"));
  rmSync(full, { recursive: true });
  return "data";
}

async function tryWords(scene: BackupScene, text: string): Promise<Fate> {
  const words = [text, "", `${text}x`];
  const outcome = await scene.attempt(scene.command([scene.recorders.user, ...words]));
  const started = scene.recorders.taken("command");
  scene.recorders.taken("client");
  assert.equal(outcome, isStorable(text) ? undefined : "refused");
  assert.deepEqual(started?.words, isStorable(text) ? words : undefined);
  return isStorable(text) ? "data" : "refused";
}

async function tryProgram(scene: BackupScene, text: string): Promise<Fate> {
  const program = `${scene.folder}/${text}`;
  const possible = isStorable(text) && canBe(program);
  if (possible) scene.recorders.command(program, scene.attribute);
  const outcome = await scene.attempt(scene.command([program, "x"]));
  const started = scene.recorders.taken("command");
  scene.recorders.taken("client");
  assert.equal(outcome, possible ? undefined : isStorable(text) ? "failed" : "refused");
  assert.deepEqual(started, possible ? { program, words: ["x"] } : undefined);
  if (possible) rmSync(program);
  return possible ? "data" : isStorable(text) ? "byServer" : "refused";
}

async function tryOptions(scene: BackupScene, text: string): Promise<Fate> {
  const options = optionsWith(scene.attribute, text);
  if (!isWord(text)) return failing(scene, { ...scene.somewhere(), ...options }, true);
  assert.equal(await scene.attempt(scene.somewhere()), undefined);
  const usual = scene.recorders.taken("client")?.words ?? [];
  assert.equal(await scene.attempt({ ...scene.somewhere(), ...options }), undefined);
  const words = [...(scene.recorders.taken("client")?.words ?? [])];
  for (const expected of wordsWith(scene.attribute, text)) {
    const at = words.indexOf(expected);
    assert.ok(at >= 0, `${expected} is not among ${words.join(" ")}`);
    words.splice(at, 1);
  }
  // The name of a backup that is not complete is another one each time.
  const known = (list: readonly string[]) => list.map((word) => word.replace(/\.partial-[0-9a-f]+$/, ""));
  assert.deepEqual(known(words), known(usual));
  return "data";
}

/** Of what is one word of several, no other is. */
async function tryChoices(scene: BackupScene, text: string): Promise<Fate> {
  await failing(scene, { ...scene.somewhere(), at: text }, true);
  return failing(scene, { ...scene.somewhere(), format: text }, true);
}

async function tryRole(scene: BackupScene, role: string): Promise<Fate> {
  const declared = { ...scene.somewhere(SQL), role };
  if (!isNameable(role)) return failing(scene, declared, !isWord(role));
  assert.equal(await scene.attempt(declared), undefined);
  const { words = [] } = scene.recorders.taken("client") ?? {};
  assert.equal(words[words.indexOf("--command") + 1], `SET ROLE ${quotedName(role)}`);
  return "data";
}

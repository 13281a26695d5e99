/** The README's programs without Pulumi compile, and print on a server, one after the other, what they say they do. */

import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir, userInfo } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { after, before, test } from "node:test";
import { formatWithOptions } from "node:util";
import ts from "typescript";
import { fitClients } from "../support/clients";
import { asModule, complaints } from "../support/compile";
import { serverUser } from "../support/postgres-user";
import { type OwnServer, onOwnServers } from "./hba/own-server";

const ROOT = resolve(__dirname, "../../..");
const PHOTO = Buffer.from(Array.from({ length: 70_000 }, (_, i) => (i * i) % 256));
const readme = readFileSync(join(ROOT, "README.md"), "utf8");
const section = readme.split("### Without Pulumi\n")[1]?.split("\n### ")[0] ?? "";
const programs = blocks(section);

/** The blocks of TypeScript in a part of the README. */
function blocks(part: string): string[] {
  return [...part.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, text = ""]) => text);
}

/** The lines that say what they print: `console.log(…); // → what`. */
function promises(program: string): string[] {
  return program.split("\n").filter((line) => line.includes("// → "));
}

/** A program in which each such line prints itself, too, and then what it says. */
function told(program: string): string {
  const lines = program.split("\n").map((line) => {
    return line.includes("// → ") ? line.replace("console.log(", `console.log(${JSON.stringify(line)}, `) : line;
  });
  return lines.join("\n");
}

/** What each of these lines said it would print that it did not print. */
async function broken(
  program: string,
  run: (text: string, log: typeof console.log) => Promise<void>,
): Promise<string[]> {
  const printed = new Map<string, string[]>();
  await run(told(program), (line: string, ...values: unknown[]) => {
    printed.set(line, [...(printed.get(line) ?? []), formatWithOptions({ breakLength: Infinity }, ...values)]);
  });
  return promises(program).flatMap((line) => {
    const is = printed.get(line)?.join(", ");
    return is === line.split("// → ")[1] ? [] : [`${line.trim()}: ${is}`];
  });
}

async function execute(program: string, log: typeof console.log): Promise<void> {
  const { outputText } = ts.transpileModule(asModule(program), {
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
  });
  const module = { exports: {} as { run(): Promise<void> } };
  const around = [module, module.exports, createRequire(join(ROOT, "index.js")), { log, error() {} }];
  new Function("module", "exports", "require", "console", outputText)(...around);
  await module.exports.run();
}

test("every block of TypeScript compiles; those without Pulumi are all programs", () => {
  assert.equal(programs.length, section.match(/^```/gm)!.length / 2);
  assert.ok(blocks(readme).length > programs.length);
  assert.deepEqual(complaints(blocks(readme).map(asModule)), []);
  assert.equal(complaints([asModule('const n: number = "text";')]).length, 1);
});

test("a line that prints something else, or nothing, would be noticed", async () => {
  const right = "console.log([1, 'a']); // → [ 1, 'a' ]\nfor (const i of [1, 2]) console.log(i); // → 1, 2";
  assert.deepEqual(await broken(right, execute), []);
  const wrong = "console.log(1); // → 2\nif (1 > 2) console.log(3); // → 3";
  assert.deepEqual(await broken(wrong, execute), [
    "console.log(1); // → 2: 1",
    "if (1 > 2) console.log(3); // → 3: undefined",
  ]);
});

onOwnServers((own) => {
  let folder = "";
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "pgmob-readme-"));
    chmodSync(folder, 0o777);
    writeFileSync(join(folder, "photo.png"), PHOTO);
    await own.ask("CREATE ROLE dba SUPERUSER");
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const [index, program] of programs.entries()) {
    const clients = fitClients(own.version);
    if (program.includes("backup(") && clients === undefined) continue;
    test(`program ${index + 1} of the section does what it says`, async () => {
      assert.ok(promises(program).length > 0);
      const before = process.env.PATH;
      try {
        process.env.PATH = [clients, before].join(delimiter);
        const here = program.replace("0 postgres", `0 ${serverUser()?.name ?? userInfo().username}`);
        assert.deepEqual(await broken(here, (text, log) => execute(at(own, folder, clients, text), log)), []);
      } finally {
        process.env.PATH = before;
      }
      await look(program, folder, own);
    });
  }
});

/** A program with this server, and a folder of its own for what it writes. */
function at({ server }: OwnServer, folder: string, clients: string | undefined, program: string): string {
  // On the server's host, PATH is the server's: there the folder has to be said.
  return program
    .replace('host: "127.0.0.1"', `host: "127.0.0.1", port: ${server.port}`)
    .replace("…", server.password)
    .replaceAll("/backups", folder)
    .replace("{ onMessage: (line)", `{ clientPath: ${JSON.stringify(clients)}, onMessage: (line)`);
}

/** What the programs do not print. */
async function look(program: string, folder: string, own: OwnServer): Promise<void> {
  if (program.includes("shop_app_2")) {
    const verifiers = "SELECT count(DISTINCT rolpassword)::int FROM pg_authid WHERE rolname LIKE 'shop_app%'";
    assert.deepEqual(await own.ask(verifiers), [[1]]);
  }
  if (program.includes("photo.png")) assert.deepEqual(readFileSync(join(folder, "copy.png")), PHOTO);
  if (program.includes("backup("))
    for (const name of ["shop.dump", "shop", "server.dump", "uploaded.dump", "shop.sql"])
      assert.ok(existsSync(join(folder, name)), name);
}

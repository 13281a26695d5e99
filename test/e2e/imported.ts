/** What `pulumi-pgmob import` writes of a server, and a stack of its own that takes it over. */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import type { Values } from "../../provider/definition";
import { importServer } from "../../provider/import/import";
import { parseOptions } from "../../provider/import/options";
import { createWorkspace } from "../support/workspace";
import { useTypeScript } from "./example";
import { Stack } from "./stack";

/** A resource in the file for `pulumi import`. */
export interface Spec {
  readonly type: string;
  readonly name: string;
  readonly id: string;
  readonly inputs: Values;
  readonly outputs: Values;
}

/** The files of an import, and what was said. */
export interface Imported {
  readonly program: string;
  /** The text of import.json. */
  readonly file: string;
  readonly resources: readonly Spec[];
  /** What the script makes configuration, by key. */
  readonly secrets: ReadonlyMap<string, string>;
  /** The lines on the terminal, and what to do next. */
  readonly said: string;
}

/** Reads the server as the command does it with these arguments, connected as the role of a stack. */
export async function importFrom({ server, role }: Pick<Stack, "server" | "role">, args: string[]): Promise<Imported> {
  const out = await mkdtemp(join(tmpdir(), "pgmob-import-"));
  try {
    const options = parseOptions(["import", "--out", out, ...args]) ?? assert.fail("help was asked for");
    const settings = { host: server.host, port: server.port, user: role.name, password: role.password };
    let said = "";
    const terminal = { write: (text: string) => (said += text) };
    const next = await importServer({ ...options, settings }, terminal);
    const file = await readFile(join(out, "import.json"), "utf8");
    for (const name of ["import.json", "secrets.sh"]) {
      const found = await stat(join(out, name)).catch(() => undefined);
      if (found !== undefined) assert.equal(found.mode & 0o777, 0o600, `${name} is readable by others`);
    }
    const { resources } = JSON.parse(file) as { resources: Spec[] };
    const program = await readFile(join(out, "index.ts"), "utf8");
    return { program, file, resources, secrets: await secretsOf(out), said: said + next };
  } finally {
    await rm(out, { recursive: true });
  }
}

/** Runs the script for the secrets, with something in Pulumi's place that keeps what it is told. */
async function secretsOf(folder: string): Promise<Map<string, string>> {
  if (!(await readdir(folder)).includes("secrets.sh")) return new Map();
  const [bin, kept] = [join(folder, "bin"), join(folder, "kept")];
  await mkdir(bin);
  await mkdir(kept);
  const standIn =
    '#!/bin/sh\n[ "$1 $2 $3" = "config set --secret" ] && [ $# = 4 ] && exec cat > "../kept/$4"\nexit 1\n';
  await writeFile(join(bin, "pulumi"), standIn, { mode: 0o755 });
  const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` };
  const { status, stderr } = spawnSync("sh", ["../secrets.sh"], { cwd: bin, env, encoding: "utf8" });
  assert.equal(status, 0, stderr);
  const secrets = new Map<string, string>();
  // Pulumi leaves out the end of line behind a value.
  for (const key of await readdir(kept)) secrets.set(key, (await readFile(join(kept, key), "utf8")).replace(/\n$/, ""));
  return secrets;
}

/** A stack of its own, on the server of another and as its role, that has taken over what was imported. */
export async function stackOf(
  { engine, server, role }: Pick<Stack, "engine" | "server" | "role">,
  imported: Pick<Imported, "program" | "file" | "secrets">,
): Promise<Stack> {
  const other = new Stack(await createWorkspace(engine, { name: "program" }), engine, server, role);
  try {
    await useTypeScript(other, imported.program, Object.fromEntries(imported.secrets));
    const path = join(other.workspace.dir, "import.json");
    await writeFile(path, imported.file);
    await other.workspace.importFile(path);
    return other;
  } catch (error) {
    await other.close();
    throw error;
  }
}

import { spawn } from "node:child_process";
import { chown, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Binaries } from "./postgres-binaries";
import { asServerUser, serverUser } from "./postgres-user";

/** What is remembered of a server in its folder, as server.json, once its data directory is complete. */
export interface ServerRecord {
  readonly version: number;
  readonly superuser: string;
  readonly password: string;
  port: number;
}

const recordFile = (folder: string) => join(folder, "server.json");

/** Reads the record of the server in this folder. Undefined when there is none, or none that was completed. */
export async function readRecord(folder: string): Promise<ServerRecord | undefined> {
  try {
    return JSON.parse(await readFile(recordFile(folder), "utf8")) as ServerRecord;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR" || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Writes the record in one step, readable by its owner only. */
export async function writeRecord(folder: string, record: ServerRecord): Promise<void> {
  const draft = `${recordFile(folder)}.new`;
  await writeFile(draft, `${JSON.stringify(record, undefined, 2)}\n`, { mode: 0o600 });
  await rename(draft, recordFile(folder));
}

/**
 * Runs initdb in `folder`/data: encoding UTF8, locale C, every connection authenticated with scram-sha-256. What a
 * killed initdb left there is removed first.
 * @throws with what initdb printed, when it fails.
 */
export async function initialise(binaries: Binaries, folder: string, record: ServerRecord): Promise<void> {
  const data = join(folder, "data");
  const passwordFile = join(folder, "password");
  await rm(data, { recursive: true, force: true });
  await writeFile(passwordFile, record.password, { mode: 0o600 });
  const user = serverUser();
  if (user) await chown(passwordFile, user.uid, user.gid);
  const flags = ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions"];
  try {
    await run(binaries.initdb, ["-D", data, `--username=${record.superuser}`, `--pwfile=${passwordFile}`, ...flags]);
  } finally {
    await rm(passwordFile, { force: true });
  }
  await writeFile(join(data, "postgresql.conf"), "include 'settings.conf'\n", { flag: "a" });
}

/** Writes the settings that a starting server reads before those of ALTER SYSTEM. */
export async function writeSettings(data: string, settings: Record<string, string>): Promise<void> {
  const lines = Object.entries(settings).map(([name, value]) => `${name} = '${value.replaceAll("'", "''")}'\n`);
  const file = join(data, "settings.conf");
  await writeFile(file, lines.join(""));
  const user = serverUser();
  if (user) await chown(file, user.uid, user.gid);
}

/** The environment of PostgreSQL's programs: none of the PG* variables of the caller. */
export function serverEnvironment(): NodeJS.ProcessEnv {
  const { PATH, TMPDIR } = process.env;
  return { PATH, TMPDIR, LC_ALL: "C", TZ: "UTC" };
}

function run(program: string, args: string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      ...asServerUser(),
      env: serverEnvironment(),
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text) => (output += text));
    child.on("error", reject);
    child.on("close", (code) =>
      code === 0 ? resolve() : reject(new Error(`${program} failed with code ${code}:\n${output}`)),
    );
  });
}

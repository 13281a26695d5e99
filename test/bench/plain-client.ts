/** The same statements as the package sends, through `psql`, or through one connection of `pg` where there is none. */

import { spawn, spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { withoutPgVariables } from "../demo/environment";
import { inTurn } from "../support/in-turn";
import type { Server } from "../support/postgres";
import { secondsOf } from "./clock";

/** Runs statements one after another, and rejects when one fails. */
export interface PlainClient {
  /** What the table calls it. */
  readonly title: string;
  /** `psql` with its version, for the list of versions; undefined where `pg` stands in for it. */
  readonly version: string | undefined;
  /** Runs them and returns the seconds that it took, from the start of the client to its end. */
  run(server: Server, statements: readonly string[]): Promise<number>;
}

/** `psql` of the PATH or of Debian's packages, the newest; else `pg`. */
export function findPlainClient(): PlainClient {
  for (const program of ["psql", ...debianPrograms()]) {
    const { status, stdout } = spawnSync(program, ["--version"], { encoding: "utf8" });
    const [, version] = /^psql \(PostgreSQL\) (\S+)/.exec(stdout ?? "") ?? [];
    if (status === 0 && version !== undefined) return psql(program, version);
  }
  return { title: "`pg`, one connection", version: undefined, run: throughPg };
}

function debianPrograms(): string[] {
  const root = "/usr/lib/postgresql";
  try {
    const versions = readdirSync(root).sort((left, right) => Number(right) - Number(left));
    return versions.map((version) => join(root, version, "bin", "psql"));
  } catch {
    return [];
  }
}

function psql(program: string, version: string): PlainClient {
  return {
    title: "psql",
    version: `psql ${version}`,
    run: async (server, statements) => {
      const file = join(tmpdir(), "statements.sql");
      await writeFile(file, statements.map((statement) => `${statement};\n`).join(""));
      try {
        const args = ["-X", "-q", "-v", "ON_ERROR_STOP=1", "-o", "/dev/null", "-f", file];
        return await secondsOf(() => succeed(program, args, server));
      } finally {
        await rm(file, { force: true });
      }
    },
  };
}

function succeed(program: string, args: string[], { port, superuser, password }: Server): Promise<void> {
  const own = { PGHOST: "127.0.0.1", PGPORT: String(port), PGUSER: superuser, PGPASSWORD: password };
  const env = { ...process.env, ...withoutPgVariables(), ...own, PGDATABASE: "postgres" };
  const child = spawn(program, args, { env, stdio: ["ignore", "ignore", "pipe"] });
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => (code === 0 ? resolve() : reject(new Error(`psql failed:\n${errors}`))));
  });
}

function throughPg(server: Server, statements: readonly string[]): Promise<number> {
  return secondsOf(async () => {
    const client = new pg.Client({ connectionString: server.url(), ssl: false });
    await client.connect();
    try {
      await inTurn(statements, (statement) => client.query(statement));
    } finally {
      await client.end();
    }
  });
}

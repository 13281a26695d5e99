/** Restores: pg_restore, or psql for plain dumps, on this machine or on the server's host. */

import { createReadStream } from "node:fs";
import { open, stat } from "node:fs/promises";
import type { Cluster } from "../cluster";
import { counted } from "../counted";
import { InvalidValueError, NotFoundError } from "../errors";
import { identifier, quoted, sql } from "../sql";
import { defined, type ProgramOptions, startCommand } from "./backup";
import { findClient, type Program, refuseUnfit } from "./clients";
import { databaseArgument, settingsOf } from "./connection";
import type { ProgramCourse } from "./course";
import { type BackupFormat, formatOf, peek, TELLING } from "./format";
import { argumentsOf, type PgRestoreOptions, refuseForPlain } from "./options";
import { aboutBackup, Running } from "./process";
import { restoreOnServer } from "./server-restore";
import { restoreShare, sharedAccess } from "./share";
import { versionOf } from "./version";
import { asOperand, refusePath } from "./words";

/** How {@link Cluster.restore} restores. What the format is, the backup itself tells. */
export interface RestoreOptions extends PgRestoreOptions, ProgramOptions {}

/**
 * Where a backup comes from: a path on this machine or on the server's host, a stream, or a command (a program and its
 * arguments, no shell) that prints it on this machine or on the server's host.
 */
export type BackupSource =
  | { at: "client" | "server"; path: string }
  | { from: AsyncIterable<Uint8Array> }
  | { at?: "client" | "server"; from: readonly string[] };

/** What is run for a backup of some format. */
export interface Restorer {
  readonly program: Extract<Program, "pg_restore" | "psql">;
  readonly args: readonly string[];
}

/** Restores a backup for {@link Cluster.restore}. */
export async function restore(cluster: Cluster, source: BackupSource, options: RestoreOptions): Promise<void> {
  try {
    await takeBackup(cluster, source, options);
  } catch (error) {
    throw aboutBackup(error, { object: `database ${quoted(cluster.currentDatabase)}`, intent: "restore a backup" });
  }
}

/** Restores a backup, alone or as one step of something bigger. */
export async function takeBackup(
  cluster: Cluster,
  source: BackupSource,
  options: RestoreOptions,
  course: ProgramCourse = {},
): Promise<void> {
  if ("path" in source) refusePath(source.path);
  argumentsOf("pg_restore", options as Record<string, unknown>); // wrong options first of all
  if ("at" in source && source.at === "server") await restoreOnServer(cluster, source, options, course);
  else await restoreHere(cluster, source, options, course);
}

/** The program for a format, and its arguments but for where it reads. */
export function restorerFor(cluster: Cluster, format: BackupFormat, options: RestoreOptions): Restorer {
  const given = { role: cluster.become, verbose: options.onMessage && true, ...defined(options) };
  const database = databaseArgument(cluster.currentDatabase);
  if (format !== "plain") return { program: "pg_restore", args: [...argumentsOf("pg_restore", given), database] };
  refuseForPlain(defined(options));
  const one = options.singleTransaction === true ? ["--single-transaction"] : [];
  const role = given.role === undefined ? [] : ["--command", sql`SET ROLE ${identifier(given.role)}`.text];
  // Without this, psql goes on after errors and ends as if there had been none.
  const args = ["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", ...one, database, ...role];
  return { program: "psql", args };
}

async function restoreHere(
  cluster: Cluster,
  source: Exclude<BackupSource, { at: "server" }>,
  options: RestoreOptions,
  { deadline, ready, access = sharedAccess(cluster, restoreShare(cluster, options, 0)) }: ProgramCourse,
): Promise<void> {
  const settings = settingsOf(cluster);
  const { onMessage } = options;
  if ("path" in source) {
    const format = await formatAt(source.path);
    const direct = format !== "plain";
    const start = await prepare(cluster, format, options);
    await ready?.();
    await access(settings, cluster.currentDatabase, async (env) => {
      const words = [...start, direct ? asOperand(source.path) : "--file=-"];
      const tool = new Running(words, { onMessage, env, feeds: !direct, deadline });
      if (direct) await tool.done;
      else await tool.feed(counted(createReadStream(source.path), options));
    });
    return;
  }
  const { from } = source;
  const command = Array.isArray(from) ? await startCommand(from, { reads: true, deadline }) : undefined;
  try {
    const { head, whole } = await peek(command?.output() ?? (from as AsyncIterable<Uint8Array>));
    if (head.length === 0) throw new InvalidValueError("the backup is empty");
    const format = formatOf(head);
    const start = await prepare(cluster, format, options);
    await ready?.();
    await access(settings, cluster.currentDatabase, async (env) => {
      const words = [...start, ...(format === "plain" ? ["--file=-"] : [])];
      const tool = new Running(words, { onMessage, env, feeds: true, deadline });
      await tool.feed(counted(whole, options));
    });
  } finally {
    await command?.kill();
  }
}

/** The program and its arguments, once it is known to be fit. */
async function prepare(cluster: Cluster, format: BackupFormat, options: RestoreOptions): Promise<string[]> {
  const { program, args } = restorerFor(cluster, format, options);
  const file = findClient(program, options.clientPath);
  refuseUnfit(program, await versionOf(file), cluster.facts);
  return [file, ...args];
}

async function formatAt(path: string): Promise<BackupFormat> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) throw new NotFoundError(`there is nothing at ${path}`);
  if (found.isDirectory()) return "directory";
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(TELLING), 0, TELLING, 0);
    if (bytesRead === 0) throw new InvalidValueError("the backup is empty");
    return formatOf(buffer.subarray(0, bytesRead));
  } finally {
    await file.close();
  }
}

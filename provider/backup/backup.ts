/** Backups: pg_dump on this machine, into a file, a folder, a stream or a command; or on the server's host. */

import type { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Cluster } from "../cluster";
import { counted } from "../counted";
import { InvalidValueError } from "../errors";
import { quoted } from "../sql";
import { findClient, refuseUnfit } from "./clients";
import { databaseArgument, settingsOf } from "./connection";
import type { ProgramCourse } from "./course";
import type { BackupFormat } from "./format";
import { argumentsOf, type DumpOptions } from "./options";
import { bytesAt, writtenWhole } from "./place";
import { aboutBackup, Running, type Start } from "./process";
import { backUpOnServer } from "./server-backup";
import { dumpShare, sharedAccess } from "./share";
import { versionOf } from "./version";
import { refuseCommand, refusePath } from "./words";

/** What a backup and a restore are told about how to go about it. */
export interface ProgramOptions {
  /** The folder of pg_dump, pg_restore and psql, on the machine where they run. Default: they are on the PATH. */
  clientPath?: string;
  /** Is told every line that the program prints to standard error: as it comes on this machine, else at the end. */
  onMessage?: (line: string) => void;
  /** Is told, now and then, how many bytes of the backup there are, or were read, so far. */
  onProgress?: (bytes: number) => void;
}

/** How {@link Cluster.backup} makes a backup. */
export interface BackupOptions extends DumpOptions, ProgramOptions {
  /** The format. Default `"custom"`: one file, compressed, from which parts can be restored. */
  format?: BackupFormat;
  /** Replace what is at the path, once the new backup is complete. Default false: it is refused. */
  overwrite?: boolean;
}

/** What takes the bytes of a dump: a writable stream of Node is one. */
export interface ByteSink {
  /** Takes a piece. */
  write(chunk: Uint8Array): unknown;
  /** Says that there is no more. */
  end(): unknown;
}

/**
 * Where a backup goes: a path on this machine or on the server's host, a stream, or a command (a program and its
 * arguments, no shell) that reads it on this machine or on the server's host.
 */
export type BackupTarget =
  | { at: "client" | "server"; path: string }
  | { to: ByteSink }
  | { at?: "client" | "server"; to: readonly string[] };

const FORMATS: readonly string[] = ["custom", "directory", "plain", "tar"] satisfies BackupFormat[];

/** Makes a backup for {@link Cluster.backup}. */
export async function backUp(cluster: Cluster, target: BackupTarget, options: BackupOptions): Promise<void> {
  try {
    await makeBackup(cluster, target, options);
  } catch (error) {
    throw aboutBackup(error, { object: `database ${quoted(cluster.currentDatabase)}`, intent: "back up" });
  }
}

/** Makes a backup, alone or as one step of something bigger. */
export async function makeBackup(
  cluster: Cluster,
  target: BackupTarget,
  options: BackupOptions,
  course: ProgramCourse = {},
): Promise<void> {
  const { format = "custom", onMessage } = options;
  const wrong = formatReason(format, "path" in target);
  if (wrong !== undefined) throw new InvalidValueError(wrong);
  if ("path" in target) refusePath(target.path);
  const args = [
    `--format=${format}`,
    ...argumentsOf("pg_dump", { role: cluster.become, verbose: onMessage && true, ...defined(options) }),
    databaseArgument(cluster.currentDatabase),
  ];
  if ("at" in target && target.at === "server") await backUpOnServer(cluster, target, args, options, course);
  else await backUpHere(cluster, target, args, options, course);
}

/** Why a backup cannot have a format. */
export function formatReason(format: unknown, atPath: boolean): string | undefined {
  if (!FORMATS.includes(format as string)) return `format must be one of ${FORMATS.join(", ")}`;
  if (format === "directory" && !atPath) return "a backup in the format directory is many files: it needs a path";
  return undefined;
}

/** The same without what is undefined, so that it does not stand in the way of a default. */
export function defined<T extends object>(options: T): Partial<T> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Partial<T>;
}

async function backUpHere(
  cluster: Cluster,
  target: Exclude<BackupTarget, { at: "server" }>,
  args: readonly string[],
  options: BackupOptions,
  { deadline, ready, access = sharedAccess(cluster, dumpShare(cluster, options, 0)) }: ProgramCourse,
): Promise<void> {
  const { clientPath, onMessage, format, overwrite = false } = options;
  const settings = settingsOf(cluster);
  const program = findClient("pg_dump", clientPath);
  refuseUnfit("pg_dump", await versionOf(program), cluster.facts);
  if ("path" in target) {
    await writtenWhole(target.path, { directory: format === "directory", overwrite }, async (temporary) => {
      await ready?.();
      await access(settings, cluster.currentDatabase, async (env) => {
        const dump = new Running([program, ...args, `--file=${temporary}`], { env, onMessage, deadline });
        await watched(dump.done, () => bytesAt(temporary), options);
      });
    });
    return;
  }
  // The command is there before anything is dumped.
  const command = "write" in target.to ? undefined : await startCommand(target.to, { feeds: true, deadline });
  try {
    await ready?.();
    await access(settings, cluster.currentDatabase, async (env) => {
      const dump = new Running([program, ...args], { env, onMessage, reads: true, deadline });
      const bytes = counted(dump.output(), options);
      if (command !== undefined) await command.feed(bytes);
      else await pipeline(bytes, target.to as unknown as Writable);
    });
  } finally {
    await command?.kill();
  }
}

/** Starts a command of the user's. Throws a ProgramError for one that is not there. */
export async function startCommand(
  command: readonly string[],
  start: Pick<Start, "feeds" | "reads" | "deadline">,
): Promise<Running> {
  refuseCommand(command);
  const running = new Running(command, { ...start, group: true });
  if (!running.isStarted) await running.done;
  return running;
}

/** Looks now and then, while a task goes on, how many bytes there are, and once more at its end. */
export async function watched<T>(
  task: Promise<T>,
  bytes: () => Promise<number>,
  { onProgress }: ProgramOptions,
): Promise<T> {
  if (onProgress === undefined) return task;
  const stop = new AbortController();
  const watching = (async () => {
    let wake = () => {};
    stop.signal.addEventListener("abort", () => wake());
    while (!stop.signal.aborted) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, INTERVAL_MS);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      if (!stop.signal.aborted) onProgress(await bytes());
    }
  })();
  watching.catch(() => {}); // waited for below
  try {
    const result = await task;
    stop.abort();
    await watching;
    onProgress(await bytes());
    return result;
  } finally {
    stop.abort();
  }
}

/** How often it is looked. */
const INTERVAL_MS = 500;

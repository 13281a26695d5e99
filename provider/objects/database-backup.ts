/** Backups that are declared with a database: what it is filled from at first, and what is left of it in the end. */

import { type BackupTarget, formatReason } from "../backup/backup";
import type { BackupFormat } from "../backup/format";
import { type DumpOptions, type OptionProgram, optionReason, type PgRestoreOptions } from "../backup/options";
import type { BackupSource } from "../backup/restore";
import { isCommand, isPath } from "../backup/words";
import type { Field, Values } from "../definition";
import { flag, isRecord, type Json, type ValueType } from "../values";

/** How a new database is filled from a backup: the options of pg_restore, but for those that speak of no new database. */
export interface RestoreFromOptions extends Omit<PgRestoreOptions, "create" | "verbose"> {
  /** Stop at the first error (`--exit-on-error`). Default true: the database is dropped again after any. */
  exitOnError?: boolean;
  /** The folder of pg_restore and psql, on the machine where they run. Default: they are on the PATH. */
  clientPath?: string;
}

/** A backup at a path, of this machine or of the server's host. */
export interface BackupAtPath {
  /**
   * Whose path it is, and where the programs run: `client` is the machine where Pulumi runs, `server` the server's host,
   * where the programs run as the server's user.
   */
  at: "client" | "server";
  /** The path: on the server's host an absolute one, on this machine also one from the folder of the Pulumi project. */
  path: string;
}

/** What a new database is filled from: a backup at a path, or one that a command prints (a program and its arguments). */
export type RestoreFrom = RestoreFromOptions &
  ((BackupAtPath & { from?: never }) | { at?: "client" | "server"; from: readonly string[]; path?: never });

/** How the last backup of a database is made: the options of pg_dump. */
export interface FinalBackupOptions extends Omit<DumpOptions, "verbose"> {
  /** The format. Default `"custom"`: one file, compressed, from which parts can be restored. */
  format?: BackupFormat;
  /** Replace what is at the path, once the new backup is complete. Default false: the drop is refused. */
  overwrite?: boolean;
  /** The folder of pg_dump, on the machine where it runs. Default: it is on the PATH. */
  clientPath?: string;
}

/**
 * Where the last backup of a database goes: to a path, or into a command (a program and its arguments) that reads it.
 * `{timestamp}` in the path, or in a word of the command, stands for the time in UTC: `20310131T120000Z`.
 */
export type FinalBackup = FinalBackupOptions &
  ((BackupAtPath & { to?: never }) | { at?: "client" | "server"; to: readonly string[]; path?: never });

/** One kind of declared backup. */
interface Kind {
  readonly program: OptionProgram;
  /** The property that holds a command. */
  readonly command: "from" | "to";
  /** Options of the program that are none here. */
  readonly without: readonly string[];
  /** What there is beside the options of the program. */
  readonly own: Readonly<
    Record<string, (value: unknown, spec: Readonly<Record<string, unknown>>) => string | undefined>
  >;
}

const clientPath = (value: unknown) => (isPath(value) ? undefined : "clientPath must be the path of a folder");

const RESTORE: Kind = { program: "pg_restore", command: "from", without: ["create", "verbose"], own: { clientPath } };

const FINAL: Kind = {
  program: "pg_dump",
  command: "to",
  without: ["verbose"],
  own: {
    clientPath,
    format: (value, { path }) => formatReason(value, path !== undefined),
    overwrite: (value) => (flag.accepts(value) ? undefined : `overwrite must be ${flag.expects}`),
  },
};

/** The attribute `restoreFrom`. */
export const restoreFromField: Field = {
  value: specOf(RESTORE, "{ at, path } or { from }, a program and its arguments, with options of pg_restore"),
  change: "createOnly",
  default: null,
  confidential: true,
  postgres: "pg_restore, psql",
};

/** The attribute `finalBackup`. */
export const finalBackupField: Field = {
  value: specOf(FINAL, "{ at, path } or { to }, a program and its arguments, with options of pg_dump"),
  change: "option",
  default: null,
  confidential: true,
  postgres: "pg_dump",
};

function specOf(kind: Kind, expects: string): ValueType {
  const reason = (value: unknown) => (isRecord(value) ? reasonOf(kind, value) : undefined);
  const accepts = (value: unknown) => isRecord(value) && reason(value) === undefined;
  return { expects, accepts, reason, normalise: (value): Json => value };
}

function reasonOf({ program, command, without, own }: Kind, spec: Readonly<Record<string, unknown>>) {
  const { at, path, [command]: words, ...options } = spec;
  if (at !== undefined && at !== "client" && at !== "server") return 'has an at that is neither "client" nor "server"';
  if ((path === undefined) === (words === undefined)) return `must have either a path or a command (${command})`;
  if (words !== undefined && !isCommand(words)) return `must have a command that is a program and its arguments`;
  if (path !== undefined && at === undefined) return 'must say where the path is: at: "client" or "server"';
  if (path !== undefined && !isPath(path)) return "must have a path that is text, not empty, without a NUL character";
  if (at === "server" && path !== undefined && !String(path).startsWith("/"))
    return "must have an absolute path on the server's host";
  for (const [option, value] of Object.entries(options)) {
    if (without.includes(option)) return `has no option ${option}`;
    const reason = Object.hasOwn(own, option) ? own[option]?.(value, spec) : optionReason(program, option, value);
    if (reason !== undefined) return `is wrong: ${reason}`;
  }
  return undefined;
}

/** The backup that a new database is filled from, if one is declared. */
export function restoreFromOf({ restoreFrom }: Values) {
  if (restoreFrom === undefined || restoreFrom === null) return undefined;
  const { at, path, from, ...options } = restoreFrom as unknown as RestoreFrom & { at: "client" | "server" };
  const source = (path === undefined ? { at, from } : { at, path }) as BackupSource;
  return { source, options: { exitOnError: true, ...options } };
}

/** The last backup of a database, if one is declared. */
export function finalBackupOf({ finalBackup }: Values, now: Date = new Date()) {
  if (finalBackup === undefined || finalBackup === null) return undefined;
  const { at, path, to, ...options } = finalBackup as unknown as FinalBackup & { at: "client" | "server" };
  const timestamp = now.toISOString().replace(/[-:]|\.\d+/g, "");
  const stamped = (word: string) => word.replaceAll("{timestamp}", timestamp);
  const target = (path === undefined ? { at, to: to.map(stamped) } : { at, path: stamped(path) }) as BackupTarget;
  return { target, options };
}

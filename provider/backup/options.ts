/** The options of pg_dump and pg_restore: one table from names and values to arguments. */

import { InvalidValueError } from "../errors";
import { isText } from "../values";

/** What both pg_dump and pg_restore know. Names of objects are patterns, as both programs read them. */
export interface CommonOptions {
  /** Drop objects before they are created (`--clean`). Default false. */
  clean?: boolean;
  /** Create the database itself, and connect to it (`--create`). On PostgreSQL 14 that takes its own programs. Default false. */
  create?: boolean;
  /** Data alone (`--data-only`). Default false. */
  dataOnly?: boolean;
  /** Definitions alone (`--schema-only`). Default false. */
  schemaOnly?: boolean;
  /** A superuser's name, for turning triggers off (`--superuser`). */
  superuser?: string;
  /** These tables, views and sequences alone (`--table`). */
  tables?: readonly string[];
  /** These schemas alone (`--schema`). */
  schemas?: readonly string[];
  /** Not these schemas (`--exclude-schema`). */
  excludeSchemas?: readonly string[];
  /** No privileges (`--no-privileges`). Default false. */
  noPrivileges?: boolean;
  /** No owners (`--no-owner`). Default false. */
  noOwner?: boolean;
  /** No subscriptions (`--no-subscriptions`). Default false. */
  noSubscriptions?: boolean;
  /** No publications (`--no-publications`). Default false. */
  noPublications?: boolean;
  /** No tablespaces (`--no-tablespaces`). Default false. */
  noTablespaces?: boolean;
  /** The role to become (`--role`). Default: the one that the cluster becomes, if any. */
  role?: string;
  /** With `clean`: drop only what is there (`--if-exists`). Default false. */
  ifExists?: boolean;
  /** Every pattern has to match something (`--strict-names`). Default false. */
  strictNames?: boolean;
  /** Turn triggers off while data alone is restored (`--disable-triggers`). Default false. */
  disableTriggers?: boolean;
  /** These parts alone (`--section`). */
  sections?: readonly ("pre-data" | "data" | "post-data")[];
  /**
   * How many tables at a time (`--jobs`): backups in directories, restores of archives at a path. Several take as many
   * connections of `maxConnections`, and one more.
   */
  jobs?: number;
  /** Say what is being done (`--verbose`), to `onMessage`. Default: whether there is an `onMessage`. */
  verbose?: boolean;
}

/** What pg_dump alone knows. */
export interface DumpOptions extends CommonOptions {
  /** How to compress: a level, or a method and level such as `zstd:3` (`--compress`). */
  compress?: number | string;
  /** Whether large objects are part of it (`--blobs`, `--no-blobs`). Default: unless some schemas or tables are chosen. */
  blobs?: boolean;
  /** How long to wait for a lock on a table, in milliseconds (`--lock-wait-timeout`). */
  lockWaitTimeout?: number;
  /** Data as INSERT statements (`--inserts`). Default false. */
  inserts?: boolean;
  /** Not these tables (`--exclude-table`). */
  excludeTables?: readonly string[];
  /** Not the rows of these tables (`--exclude-table-data`). */
  excludeTableData?: readonly string[];
  /** The encoding of the dump (`--encoding`). Default: the database's. */
  encoding?: string;
}

/** What pg_restore alone knows. */
export interface PgRestoreOptions extends CommonOptions {
  /** Stop at the first error (`--exit-on-error`). Default false: an archive is restored on, and fails at the end. */
  exitOnError?: boolean;
  /** All of it in one transaction, or nothing (`--single-transaction`). Default false. */
  singleTransaction?: boolean;
  /** These indexes (`--index`). */
  indexes?: readonly string[];
  /** These functions, with the types of their arguments: `f(integer)` (`--function`). */
  functions?: readonly string[];
  /** These triggers, each as the archive lists it, behind its table: `orders check_stock` (`--trigger`). */
  triggers?: readonly string[];
  /** A file with the list of what is restored, where the program runs (`--use-list`). */
  useList?: string;
  /** No rows for tables that could not be created (`--no-data-for-failed-tables`). Default false. */
  noDataForFailedTables?: boolean;
}

type Name = keyof DumpOptions | keyof PgRestoreOptions;
type Kind = "flag" | "text" | "texts" | "number" | "level" | "choice";
type Programs = "pg_dump" | "pg_restore" | "both";

/** Option, the programs that know it, its values, and its flag. */
const TABLE: readonly [Name, Programs, Kind, string][] = [
  ["clean", "both", "flag", "clean"],
  ["create", "both", "flag", "create"],
  ["dataOnly", "both", "flag", "data-only"],
  ["schemaOnly", "both", "flag", "schema-only"],
  ["superuser", "both", "text", "superuser"],
  ["tables", "both", "texts", "table"],
  ["schemas", "both", "texts", "schema"],
  ["excludeSchemas", "both", "texts", "exclude-schema"],
  ["noPrivileges", "both", "flag", "no-privileges"],
  ["noOwner", "both", "flag", "no-owner"],
  ["noSubscriptions", "both", "flag", "no-subscriptions"],
  ["noPublications", "both", "flag", "no-publications"],
  ["noTablespaces", "both", "flag", "no-tablespaces"],
  ["role", "both", "text", "role"],
  ["ifExists", "both", "flag", "if-exists"],
  ["strictNames", "both", "flag", "strict-names"],
  ["disableTriggers", "both", "flag", "disable-triggers"],
  ["sections", "both", "texts", "section"],
  ["jobs", "both", "number", "jobs"],
  ["verbose", "both", "flag", "verbose"],
  ["compress", "pg_dump", "level", "compress"],
  ["blobs", "pg_dump", "choice", "blobs"],
  ["lockWaitTimeout", "pg_dump", "number", "lock-wait-timeout"],
  ["inserts", "pg_dump", "flag", "inserts"],
  ["excludeTables", "pg_dump", "texts", "exclude-table"],
  ["excludeTableData", "pg_dump", "texts", "exclude-table-data"],
  ["encoding", "pg_dump", "text", "encoding"],
  ["exitOnError", "pg_restore", "flag", "exit-on-error"],
  ["singleTransaction", "pg_restore", "flag", "single-transaction"],
  ["indexes", "pg_restore", "texts", "index"],
  ["functions", "pg_restore", "texts", "function"],
  ["triggers", "pg_restore", "texts", "trigger"],
  ["useList", "pg_restore", "text", "use-list"],
  ["noDataForFailedTables", "pg_restore", "flag", "no-data-for-failed-tables"],
];

const isWord = (value: unknown) => isText(value) && value !== "";
const isCount = (value: unknown) => typeof value === "number" && Number.isInteger(value) && value >= 0;

const KINDS: Readonly<
  Record<Kind, { expects: string; accepts(value: unknown): boolean; render(flag: string, value: unknown): string[] }>
> = {
  flag: {
    expects: "true or false",
    accepts: (value) => typeof value === "boolean",
    render: (flag, value) => (value === true ? [`--${flag}`] : []),
  },
  choice: {
    expects: "true or false",
    accepts: (value) => typeof value === "boolean",
    render: (flag, value) => [value === true ? `--${flag}` : `--no-${flag}`],
  },
  text: {
    expects: "text that is not empty, without a NUL character",
    accepts: isWord,
    render: (flag, value) => [`--${flag}=${value}`],
  },
  texts: {
    expects: "a list of texts that are not empty, without a NUL character",
    accepts: (value) => Array.isArray(value) && value.every(isWord),
    render: (flag, value) => (value as string[]).map((one) => `--${flag}=${one}`),
  },
  number: {
    expects: "a whole number from 0 on",
    accepts: isCount,
    render: (flag, value) => [`--${flag}=${value}`],
  },
  level: {
    expects: 'a whole number from 0 on, or text such as "gzip:6"',
    accepts: (value) => isCount(value) || isWord(value),
    render: (flag, value) => [`--${flag}=${value}`],
  },
};

/** A program with options of this table. */
export type OptionProgram = "pg_dump" | "pg_restore";

/** Why an option is not acceptable for a program; undefined when it is. */
export function optionReason(program: OptionProgram, option: string, value: unknown): string | undefined {
  const [, programs, kind] = TABLE.find(([name]) => name === option) ?? [];
  if (kind === undefined || (programs !== "both" && programs !== program)) return `${program} has no option ${option}`;
  return KINDS[kind].accepts(value) ? undefined : `${option} must be ${KINDS[kind].expects}`;
}

/**
 * The arguments for a program, one word each. What the table does not know is not looked at.
 *
 * @throws InvalidValueError for a value that the option does not take, or an option that the program does not know
 */
export function argumentsOf(program: OptionProgram, options: Readonly<Record<string, unknown>>): string[] {
  return TABLE.flatMap(([name, , kind, flag]) => {
    const value = options[name];
    if (value === undefined) return [];
    const reason = optionReason(program, name, value);
    if (reason !== undefined) throw new InvalidValueError(reason);
    return KINDS[kind].render(flag, value);
  });
}

/** What psql can do of it, which runs a plain dump: that is SQL, and nothing in it can be chosen. */
const PLAIN = new Set(["role", "singleTransaction", "exitOnError", "verbose"]);

/** Refuses options that mean nothing for a plain dump. */
export function refuseForPlain(options: Readonly<Record<string, unknown>>): void {
  const wrong = TABLE.find(([name]) => !PLAIN.has(name) && options[name] !== undefined && options[name] !== false);
  if (wrong === undefined) return;
  throw new InvalidValueError(`${wrong[0]} cannot be used with a plain dump, which is run as it is`, {
    remedy: 'Make the backup with format "custom" or "directory" to choose when it is restored',
  });
}

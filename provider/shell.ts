/**
 * Commands on the server's host, as the operating system's user that the server runs as. They travel through
 * `COPY … PROGRAM`: to the standard input of a shell, so that no list of processes and no error shows them, and in
 * printable ASCII, so that every byte arrives as it is. The shell is `sh`, with the tools of POSIX. A server that logs
 * every statement with its parameters logs them, but for what is secret.
 */

import { randomBytes } from "node:crypto";
import type { Session } from "./adapter";
import type { Cluster } from "./cluster";
import { type ErrorDetails, PermissionError, PostgresError, toPostgresError } from "./errors";
import { type Deadline, limitTransaction, refuseLate } from "./limits";
import { identifier, quoted, type Sql, sql } from "./sql";
import { inTransaction } from "./transaction";

/** What a command printed, and how it ended. */
export interface ShellResult {
  /** 0 when it succeeded; 128 and the signal's number when a signal ended it. */
  readonly exitCode: number;
  /** What it printed, read as UTF-8. */
  readonly stdout: string;
  /** What it printed to standard error, read as UTF-8. */
  readonly stderr: string;
  /** The same, byte for byte. */
  readonly bytes: { readonly stdout: Uint8Array; readonly stderr: Uint8Array };
}

/** How a command is run. */
export interface ShellOptions {
  /** Whether an exit code other than 0 is an error. Default true. */
  check?: boolean;
  /** What it reads. It is in no log of the server, as the command itself may be. Default: nothing. */
  stdin?: string | Uint8Array;
  /** Whether it may take as long as it takes, whatever `statementTimeout` says. Default false. */
  unlimited?: boolean;
}

/** A command that ended with another exit code than 0. */
export class ShellCommandError extends PostgresError {
  constructor(
    /** How it ended, and all that it printed. */
    readonly result: ShellResult,
    details: ErrorDetails = {},
  ) {
    const detail = result.stderr.trim().slice(-1000);
    super(`the command ended with exit code ${result.exitCode}`, { ...details, detail });
  }

  /** @internal */
  override with(details: ErrorDetails): ShellCommandError {
    return new ShellCommandError(this.result, { ...this.details, ...details });
  }
}

/** How many bytes stand in one line of a script: far below what any shell takes. */
const CHUNK = 500;

/** Runs a command for {@link Cluster.runOsCommand}, or until a deadline, which goes before every other limit. */
export async function runOsCommand(
  cluster: Cluster,
  command: string | Uint8Array,
  { check = true, stdin = "", unlimited = false, deadline }: ShellOptions & { deadline?: Deadline | undefined } = {},
): Promise<ShellResult> {
  const bytes = Buffer.from(command);
  if (bytes.includes(0)) throw new TypeError("a command cannot contain a NUL character");
  // The name is long enough that nobody else has it, and the folder is for nobody else to enter.
  const folder = `"\${TMPDIR:-/tmp}/pgmob-${randomBytes(16).toString("hex")}"`;
  const result = await inTransaction(cluster.adapter, cluster.currentDatabase, async (session) => {
    const why = "a command's output comes back through a temporary table";
    const table = await temporaryTable(session, why, quoted(cluster.facts.user));
    try {
      if (unlimited || deadline !== undefined) await limitTransaction(session, deadline);
      return await runIn(folder, session, bytes, Buffer.from(stdin), table);
    } catch (error) {
      // The first error is what matters.
      await session.query("ROLLBACK; BEGIN").catch(() => {});
      await feedShell(session, [`rm -rf ${folder}`]).catch(() => {});
      // To the server it is the program that has failed, when it was ended because its time was up.
      refuseLate(deadline);
      throw explainEnd(explainProgram(error, cluster.facts.user));
    }
  });
  if (check && result.exitCode !== 0) throw new ShellCommandError(result);
  return result;
}

async function runIn(
  folder: string,
  session: Session,
  command: Uint8Array,
  stdin: Uint8Array,
  table: Sql,
): Promise<ShellResult> {
  const stored = await feedShell(session, [
    `umask 077; mkdir ${folder} && {`,
    ...printLines(command),
    `} > ${folder}/command || exit ${FAILED}`,
  ]);
  if (stored !== 0) {
    throw new PostgresError("the server's user cannot write into the folder for temporary files ($TMPDIR, or /tmp)", {
      intent: "run a command",
    });
  }
  if (stdin.length > 0) await feedShell(session, ["umask 077; {", ...printLines(stdin), `} > ${folder}/in`], true);
  await session.query(sql`COPY ${table} FROM PROGRAM ${runScript(folder)}`.text);
  const { rows } = await session.query(sql`SELECT line FROM ${table}`.text);
  return resultOf(rows.map((row) => (row as { line: string }).line));
}

/** Runs what is stored in the folder, prints exit code, sizes and output, and removes the folder. */
function runScript(folder: string): string {
  return [
    `d=${folder}; trap 'rm -rf "$d"' EXIT; trap 'exit 1' HUP INT TERM`,
    'in=/dev/null; if [ -f "$d/in" ]; then in="$d/in"; fi',
    'sh "$d/command" > "$d/out" 2> "$d/err" < "$in"',
    "echo $?",
    'for stream in out err; do wc -c < "$d/$stream"; od -An -v -tx1 < "$d/$stream" | tr -d " \\n"; echo; done',
  ].join("\n");
}

function resultOf([exitCode, ...streams]: readonly string[]): ShellResult {
  const [stdout, stderr] = [0, 2].map((at) => {
    const bytes = Buffer.from(streams[at + 1] ?? "", "hex");
    if (Number(streams[at]) !== bytes.length) {
      throw new PostgresError("what the command printed could not be read: the server's host lacks wc, od or tr");
    }
    return bytes;
  }) as [Buffer, Buffer];
  const text = { stdout: stdout.toString("utf8"), stderr: stderr.toString("utf8") };
  return { exitCode: Number(exitCode), ...text, bytes: { stdout, stderr } };
}

/** The exit code of a script that failed at what it is there for. Above the numbers of signals. */
export const FAILED = 81;

/**
 * Feeds a script to a shell on the server's host, within a transaction, and returns its exit code. Its lines are
 * printable ASCII. An exit code other than 0 is an error to the server: it ends the transaction. A script with a secret
 * in it is in no log of the server, whatever that logs.
 */
export async function feedShell(session: Session, script: readonly string[], secret = false): Promise<number> {
  const copy = await (secret ? copyOfTable : copyOfSetting)(session, inFunction(script));
  try {
    await session.query(copy.text);
    return 0;
  } catch (error) {
    const { code, detail = "" } = error as { code?: string; detail?: string };
    const exitCode = code === "38000" ? Number(/\d+/.exec(detail)?.[0]) : 0; // the words are in the server's language
    if (exitCode >= FAILED && exitCode < 126) return exitCode; // from there on: the shell itself could not be run
    throw error;
  }
}

/** The CSV in which no line of a script is ever quoted. */
const UNQUOTED = sql`FORMAT csv, DELIMITER ${"\u0001"}, QUOTE ${"\u0002"}, ESCAPE ${"\u0002"}`;

/** Keeps lines in a setting. Not in the statement: the server logs one that fails, and shows it in pg_stat_activity. */
async function copyOfSetting(session: Session, lines: readonly string[]): Promise<Sql> {
  await session.query("SELECT pg_catalog.set_config('pgmob.script', $1, true)", [lines.join("\n")]);
  return sql`
    COPY (SELECT line FROM unnest(string_to_array(current_setting('pgmob.script'), ${"\n"})) AS line)
      TO PROGRAM 'exec sh' (${UNQUOTED})`;
}

/** Keeps lines in a table. As rows of data no log shows them, whereas it may show parameters of statements. */
async function copyOfTable(session: Session, lines: readonly string[]): Promise<Sql> {
  const table = await temporaryTable(session, "secrets go through a temporary table, where no log shows them");
  await session.copyIn(
    sql`COPY ${table} FROM STDIN (${UNQUOTED})`.text,
    lines.map((line) => `${line}\n`),
  );
  return sql`COPY ${table} TO PROGRAM 'exec sh' (${UNQUOTED})`;
}

/** Makes a table that is gone with the transaction. `why` is what it is for, and `role` who makes it, for messages. */
async function temporaryTable(session: Session, why: string, role = "the connected role"): Promise<Sql> {
  const table = identifier("pg_temp", `pgmob_${randomBytes(8).toString("hex")}`);
  await session.query(sql`CREATE TABLE ${table} (line text) ON COMMIT DROP`.text).catch((error: unknown) => {
    throw explainTable(error, why, session.database, role);
  });
  return table;
}

/** In a function, so that the shell has read all of it before anything runs. */
function inFunction(script: readonly string[]): string[] {
  return ["main() {", ...script, "}", "main"];
}

/** A text as one word of a command line of `sh`, whatever is in it. Throws a TypeError for a NUL character. */
export function shellWord(text: string): string {
  if (text.includes("\0")) throw new TypeError("a word of a command cannot contain a NUL character");
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** Lines of a script that print these bytes: NUL, quotes, end of line and all. */
export function printLines(bytes: Uint8Array): string[] {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += CHUNK) {
    const chunk = Array.from(bytes.subarray(at, at + CHUNK), (byte) => PRINTABLE[byte]).join("");
    lines.push(`printf '${chunk}' || return ${FAILED}`);
  }
  return lines.length === 0 ? [":"] : lines;
}

/** Each byte as the format of printf has it. */
const PRINTABLE = Array.from({ length: 256 }, (_, byte) => {
  const char = String.fromCharCode(byte);
  return /[A-Za-z0-9 .,:;/=_@+()[\]{}<>|&$#"!?*~^]/.test(char) ? char : `\\${byte.toString(8).padStart(3, "0")}`;
});

/** The error of a role that may not run programs on the server's host, naming the grant that is missing. */
export function explainProgram(error: unknown, user: string): PostgresError {
  return lacking(error, `${quoted(user)} may not run programs on the server's host`, [
    `GRANT pg_execute_server_program TO ${quoted(user)}`,
  ]);
}

/** To the server it is a failure of our own script around the command. */
function explainEnd(error: PostgresError): PostgresError {
  if (error.sqlstate !== "38000") return error;
  return error.with(
    { detail: undefined },
    "the command was ended: statementTimeout was over, or its session terminated",
  );
}

/** A missing right as an error that says how to get it; any other error as it is. */
export function lacking(error: unknown, reason: string, grants: readonly string[]): PostgresError {
  const known = toPostgresError(error);
  if (known.sqlstate !== "42501") return known;
  return new PermissionError(reason, {
    sqlstate: known.sqlstate,
    remedy: `Let a superuser run: ${grants.join("; ")}. A managed service does not allow that to anybody`,
  });
}

function explainTable(error: unknown, why: string, database: string, role: string): PostgresError {
  const known = toPostgresError(error);
  if (known.sqlstate === "42501") {
    const remedy = `Let its owner run: GRANT TEMPORARY ON DATABASE ${quoted(database)} TO ${role}`;
    return new PermissionError(`${why}, and ${known.reason}`, { sqlstate: known.sqlstate, remedy });
  }
  if (known.sqlstate !== "25006") return known;
  return new PostgresError(`${why}, and ${known.reason}`, {
    sqlstate: known.sqlstate,
    remedy: "The server is read-only (a standby): connect to the primary",
  });
}

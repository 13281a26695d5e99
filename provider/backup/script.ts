/** Scripts that run a client program on the server's host. */

import type { Cluster } from "../cluster";
import type { Deadline } from "../limits";
import { passwordIfAny } from "../password-source";
import { runOsCommand, type ShellResult, shellWord } from "../shell";
import type { ProgramOptions } from "./backup";
import { missing, type Program, refuseUnfit } from "./clients";
import { ProgramError } from "./process";

/** The exit codes by which a script says what it found, above those of programs and below those of signals. */
export const FOUND = { occupied: 101, unwritable: 102, nothing: 103 } as const;

/** Words of a command line, each just as it is. */
export function words(argv: readonly string[]): string {
  return argv.map(shellWord).join(" ");
}

/** A command line of a program with the password that {@link connecting} has read. */
export function asLogin(argv: readonly string[], stdin: string | undefined): string {
  return stdin === undefined ? words(argv) : `PGPASSWORD="$secret" ${words(argv)}`;
}

/** The program as the server's host finds it. */
export function onServer(program: Program, { clientPath }: ProgramOptions): string {
  return clientPath === undefined ? program : `${clientPath.replace(/(?<=.)\/+$/, "")}/${program}`;
}

/** Refuses a program on the server's host that is not there, or not fit for the server. */
export async function refuseUnfitOnServer(cluster: Cluster, program: Program, options: ProgramOptions): Promise<void> {
  const command = `${shellWord(onServer(program, options))} --version`;
  const { exitCode, stdout, stderr } = await cluster.runOsCommand(command, { check: false });
  if (exitCode === 127 || exitCode === 126) throw missing(program, options.clientPath, "the server's host");
  if (exitCode !== 0) throw new ProgramError(program, exitCode, stderr);
  refuseUnfit(program, stdout, cluster.facts);
}

/** Lines that let the programs after them connect as the cluster does; the password is what the script reads. */
export async function connecting(cluster: Cluster): Promise<{ lines: string[]; stdin: string | undefined }> {
  const { settings } = cluster.adapter;
  const [row] = await cluster.execute(
    `SELECT (SELECT setting FROM pg_catalog.pg_settings WHERE name = 'unix_socket_directories'),
            pg_catalog.current_setting('port'), session_user::text`,
  );
  const [folders, port, user] = row as [string | null, string, string];
  const folder = /^\s*"?([^",]+)/.exec(folders ?? "")?.[1]?.trim();
  const env = { PGHOST: folder || "localhost", PGPORT: port, PGUSER: user };
  const set = Object.entries(env).map(([name, value]) => `${name}=${shellWord(value)}; export ${name}`);
  const lines = [...set, "unset PGAPPNAME"]; // each program has its own name
  const limit = settings?.connectTimeout || undefined;
  const password = settings && (await passwordIfAny(settings, cluster.currentDatabase, limit));
  if (password === undefined) return { lines, stdin: undefined };
  // A mark after the password keeps the ends of lines that it may end with. Only PostgreSQL's programs are given it.
  return {
    lines: [`secret=$(cat; echo .); secret=\${secret%.}`, ...lines],
    stdin: password,
  };
}

/**
 * Lines that run two programs, one reading what the other prints, and fail when either does: the reader is ended before
 * it could take what a failed writer has printed for all.
 */
export function piped(writer: string, reader: string): string[] {
  return [
    'd=$(mktemp -d) || exit 1; trap \'rm -rf "$d"\' EXIT; mkfifo "$d/pipe" || exit 1',
    `${reader} < "$d/pipe" & reader=$!`,
    'exec 3> "$d/pipe"',
    `${writer} >&3 3>&-; status=$?`,
    "if [ $status -ne 0 ]; then kill $reader 2>/dev/null; wait $reader; exec 3>&-; exit $status; fi",
    "exec 3>&-; wait $reader",
  ];
}

/** Runs a script on the server's host. What it prints to standard error is the messages of its programs. */
export async function runScript(
  cluster: Cluster,
  program: string,
  lines: readonly string[],
  stdin: string | undefined,
  { onMessage }: ProgramOptions,
  deadline?: Deadline,
): Promise<ShellResult> {
  const limits = deadline === undefined ? { unlimited: true } : { deadline };
  const options = { ...limits, check: false, ...(stdin === undefined ? {} : { stdin }) };
  const result = await runOsCommand(cluster, lines.join("\n"), options);
  if (onMessage !== undefined) for (const line of result.stderr.split("\n").slice(0, -1)) onMessage(line);
  const { exitCode, stderr } = result;
  if (exitCode === 0 || Object.values<number>(FOUND).includes(exitCode)) return result;
  throw new ProgramError(program, exitCode, stderr.slice(-4000));
}

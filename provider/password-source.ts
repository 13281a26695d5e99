/** Where the password of a connection comes from: as it is, a function, a command, or the password file. */

import { ProgramError, Running } from "./backup/process";
import { ConnectionError, redact } from "./errors";
import { passwordFromFile } from "./password-file";
import type { ResolvedSettings } from "./settings";

/** Gives the password of a connection, anew for each: for tokens that are valid for a short time. */
export type PasswordFunction = () => string | Promise<string>;

/** What a login is asked for, and what it takes to find it. */
type Login = Pick<
  ResolvedSettings,
  "host" | "hostAddress" | "port" | "user" | "password" | "passwordCommand" | "passwordFile"
>;

/**
 * The password that a setting gives for a connection; undefined where none does, so that the password file is asked.
 *
 * @param limit milliseconds that finding it may take; Infinity for no limit
 * @throws ConnectionError that says what failed; never what a command printed as password
 */
export async function passwordSet(
  login: Login,
  database: string,
  limit = Number.POSITIVE_INFINITY,
): Promise<string | undefined> {
  const { password, passwordCommand } = login;
  if (typeof password === "string") return password;
  if (password !== undefined) return fromFunction(password, limit);
  return passwordCommand === undefined ? undefined : fromCommand(passwordCommand, login, database, limit);
}

/** The password of the file. Throws a ConnectionError where there is none. */
export async function passwordFiled(login: Login, database: string): Promise<string> {
  const found = await passwordFromFile(login.passwordFile, { ...login, database });
  if (found.password) return found.password;
  throw new ConnectionError("the server asks for a password, and there is none", {
    detail: found.ignored,
    remedy: "Set password or passwordCommand of the Provider, PGPASSWORD, or a line of the password file",
  });
}

/** The password for a program that may be asked for one. */
export async function passwordIfAny(login: Login, database: string, limit?: number): Promise<string | undefined> {
  const { password } = await passwordFromFile(login.passwordFile, { ...login, database });
  return (await passwordSet(login, database, limit)) ?? password;
}

async function fromFunction(password: PasswordFunction, limit: number): Promise<string> {
  const call = (async () => password())();
  const given: unknown = await within(limit, call, () => late("the password's function")).catch((error: unknown) => {
    if (error instanceof ConnectionError) throw error;
    throw new ConnectionError(`the password's function failed: ${error instanceof Error ? error.message : error}`);
  });
  if (typeof given === "string" && given !== "") return given;
  throw new ConnectionError("the password's function gave no text");
}

async function fromCommand(command: string, login: Login, database: string, limit: number): Promise<string> {
  const running = new Running(inShell(command), { env: environmentFor(login, database), reads: true, group: true });
  let printed = "";
  const read = async () => {
    for await (const chunk of running.output()) printed += Buffer.from(chunk).toString("latin1");
  };
  try {
    await within(limit, read(), () => late("passwordCommand"));
  } catch (error) {
    void running.kill();
    throw failed(error, text(printed));
  }
  const password = text(printed).replace(/\r?\n$/, "");
  if (password === "") throw new ConnectionError("passwordCommand printed nothing");
  if (password.includes("\0")) throw new ConnectionError("passwordCommand printed a NUL character");
  return password;
}

function text(bytes: string): string {
  return Buffer.from(bytes, "latin1").toString("utf8");
}

/** What a command printed to standard output may be the password, also when it failed: it is nowhere to be seen. */
function failed(error: unknown, printed: string): ConnectionError {
  if (!(error instanceof ProgramError)) return error as ConnectionError;
  const secrets = [printed, ...printed.split(/\s+/)];
  const how = error.exitCode === undefined ? "was ended by a signal" : `ended with exit code ${error.exitCode}`;
  return new ConnectionError(`passwordCommand ${how}`, { detail: redact(error.stderr.trim(), secrets) });
}

function inShell(command: string): string[] {
  return process.platform === "win32"
    ? [process.env.ComSpec ?? "cmd.exe", "/d", "/s", "/c", command]
    : ["/bin/sh", "-c", command];
}

/** The environment of this process, with what is connected to: so that nothing of it has to be quoted in the command. */
function environmentFor({ host, hostAddress, port, user }: Login, database: string): NodeJS.ProcessEnv {
  const { PGPASSWORD: _, ...rest } = process.env;
  return {
    ...rest,
    ...{ PGHOST: host, PGPORT: String(port), PGUSER: user, PGDATABASE: database },
    PGHOSTADDR: hostAddress,
  };
}

function late(what: string): ConnectionError {
  return new ConnectionError(`${what} took longer than connectTimeout`);
}

async function within<T>(limit: number, task: Promise<T>, error: () => Error): Promise<T> {
  if (limit === Number.POSITIVE_INFINITY) return task;
  let timer: NodeJS.Timeout | undefined;
  const expiry = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(error()), limit);
  });
  try {
    return await Promise.race([task, expiry]);
  } finally {
    clearTimeout(timer);
  }
}

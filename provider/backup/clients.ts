/** Which pg_dump, pg_restore or psql is run, and whether it is fit for the server. */

import { accessSync, constants } from "node:fs";
import { delimiter, resolve } from "node:path";
import { InvalidValueError, NotFoundError } from "../errors";
import type { ServerFacts } from "../facts";

/** A client program of PostgreSQL. */
export type Program = "pg_dump" | "pg_restore" | "psql";

/** The path of a program on this machine: in `clientPath` where that is given, else on the PATH, and nowhere else. */
export function findClient(program: Program, clientPath: string | undefined): string {
  const folders = clientPath === undefined ? (process.env.PATH ?? "").split(delimiter) : [clientPath];
  const found = folders
    .filter((folder) => folder !== "")
    .map((folder) => resolve(folder, program)) // a name alone would be looked for on the PATH
    .find(isExecutable);
  if (found === undefined) throw missing(program, clientPath, "this machine");
  return found;
}

/** The error of a program that is not there. */
export function missing(program: Program, clientPath: string | undefined, where: string): NotFoundError {
  return new NotFoundError(`${program} is not ${clientPath === undefined ? "on the PATH" : `in ${clientPath}`}`, {
    remedy: `Install PostgreSQL's client programs on ${where}, or set clientPath to the folder that holds them`,
  });
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The version from which on pg_restore begins with a setting that older servers refuse (`transaction_timeout`). */
const SETS_TRANSACTION_TIMEOUT = 17;

/** Refuses a program that the server is too new, or too old, for; `version` is what it prints about itself. */
export function refuseUnfit(program: Program, version: string, { major, version: server }: ServerFacts): void {
  const client = Number(/\s(\d+)/.exec(version)?.[1]);
  if (Number.isNaN(client)) throw new InvalidValueError(`${program} does not tell its version: ${version.trim()}`);
  if (client < major) {
    throw new InvalidValueError(`${program} ${client} is older than the server, which runs PostgreSQL ${server}`, {
      remedy: `Set clientPath to a folder with the programs of PostgreSQL ${major}${program === "pg_restore" && major < SETS_TRANSACTION_TIMEOUT ? "" : " or newer"}`,
    });
  }
  if (program !== "pg_restore" || client < SETS_TRANSACTION_TIMEOUT || major >= SETS_TRANSACTION_TIMEOUT) return;
  const newest = SETS_TRANSACTION_TIMEOUT - 1;
  throw new InvalidValueError(
    `pg_restore ${client} sends a setting that a server before PostgreSQL ${SETS_TRANSACTION_TIMEOUT} does not know (transaction_timeout); the server runs ${server}`,
    {
      remedy: `Set clientPath to a folder with the programs of PostgreSQL ${major}${major < newest ? ` to ${newest}` : ""}`,
    },
  );
}

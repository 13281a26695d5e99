/** Why pg_hba.conf could not be changed, in words that tell how to go on. */

import { InvalidValueError, ObjectInUseError, PostgresError, RefusedError, redact } from "../errors";
import { type Bytes, textOf } from "./bytes";
import type { HbaDocument } from "./document";
import { SECRET_OPTIONS } from "./methods";
import type { FileError } from "./read";
import { EXIT } from "./script";

/** Something else came first: trying again is the cure. */
export class Again extends Error {}

/** The error of a script that ended with an exit code. */
export function scriptFailure(code: number, path: Bytes): Error {
  const object = `pg_hba.conf (${textOf(path)})`;
  switch (code) {
    case EXIT.pending:
    case EXIT.changed:
      return new Again();
    case EXIT.busy:
      return new ObjectInUseError("another process goes on holding the lock for changing it", {
        object,
        remedy: "Try again. If nobody changes it, remove the file beside it that ends in .pgmob-lock",
      });
    case EXIT.owner:
      return new RefusedError("a new file in its place would not keep its owner and rights", {
        object,
        remedy: "Let it belong to the operating system's user that the server runs as",
      });
    case EXIT.mount:
      return new RefusedError("it is mounted by itself, and so cannot be renamed over", {
        object,
        remedy: "Mount the folder that it is in instead of the file",
      });
    case EXIT.rename:
      return new RefusedError("it cannot be renamed over, for the reason in the server's log", { object });
    case EXIT.interrupted:
      return new PostgresError(
        "the command on the server's host was interrupted: cancelled, or longer than it may take",
        {
          object,
          remedy: "Try again, or raise the Provider's statementTimeout",
        },
      );
    case EXIT.tools:
      return new PostgresError("the server's host has no program to compute SHA-256 with, or no readlink", { object });
    default:
      return new PostgresError("the server's user cannot write a new file beside it, or there is no room for one", {
        object,
        remedy: "Let the folder that it is in be writable for the operating system's user that the server runs as",
      });
  }
}

/**
 * The error of a file that the server cannot read.
 *
 * @param before the file as it was, to tell whose the line is
 * @param after the file that the server looked at
 * @param state what is in the file now
 */
export function unreadable(
  [first]: readonly FileError[],
  before: HbaDocument,
  after: HbaDocument,
  state: string,
): InvalidValueError {
  const { line, file, error } = first as FileError;
  const found = file === null ? after.lines.find((one) => one.line === line) : undefined;
  const same = found && before.lines.find(({ raw }) => raw === found.raw);
  const old = found === undefined ? line > 0 : same !== undefined;
  const where = line === 0 ? "" : `line ${same?.line ?? line} of ${file ?? "pg_hba.conf"}: `;
  return new InvalidValueError(where + (found === undefined ? error : errorShown({ error }, found)), {
    intent: "change pg_hba.conf",
    detail: state,
    remedy: old ? "The line is not one that is changed here: repair it, the server would not start with it" : undefined,
  });
}

/** What the server objects to in a line, without the secrets that stand in it. */
export function errorShown({ error }: Pick<FileError, "error">, { text }: { readonly text: Bytes }): string {
  return redact(error, secretsOf(text));
}

/** The values of secret options in a line, whether or not the server can read it. */
function secretsOf(text: Bytes): string[] {
  const pattern = new RegExp(`(?:${SECRET_OPTIONS.join("|")})=("(?:[^"]|"")*"?|[^\\s,]*)`, "g");
  return [...text.matchAll(pattern)].flatMap(([, value = ""]) => {
    const bare = value.replace(/^"|"$/g, "");
    return [textOf(bare), textOf(bare.replaceAll('""', '"'))];
  });
}

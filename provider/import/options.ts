/** The arguments of `pulumi-pgmob import`. */

import { parseArgs } from "node:util";
import { InvalidValueError } from "../errors";
import type { ConnectionSettings } from "../settings";

/** What `pulumi-pgmob import` is to do. */
export interface ImportOptions {
  /** How to connect; what is not given is taken from the environment, as libpq does. */
  readonly settings: ConnectionSettings;
  /** The folder for the files. */
  readonly out: string;
  /** Whether files that are there may be overwritten. */
  readonly force: boolean;
  /** Whether an object is wanted, by its type and the parts of its name. */
  readonly wanted: (type: string, path: readonly string[]) => boolean;
}

/** How it is called. */
export const USAGE = `usage: pulumi-pgmob import [options]

Reads a server, and writes a program that declares what is there, and what \`pulumi import\` needs to take it over.

  --out FOLDER        where to write (default: the current folder)
  --include PATTERN   only objects of this name, such as 'shop*' or 'Role:app_*'; can be repeated
  --exclude PATTERN   no objects of this name; can be repeated
  --force             overwrite files that are there
  --host, --port, --user, --database, --url, --ssl-mode, --become
                      how to connect; otherwise PGHOST, PGUSER, PGPASSWORD and so on
`;

/** Reads the arguments. Throws an InvalidValueError, with the usage, for those that are not known. */
export function parseOptions(args: readonly string[]): ImportOptions {
  const { values, positionals } = parsed(args);
  if (positionals.length !== 1 || positionals[0] !== "import")
    throw new InvalidValueError(`no such command\n\n${USAGE}`);
  const { out = ".", force = false, include = [], exclude = [], "ssl-mode": sslMode, ...connection } = values;
  const [included, excluded] = [include.map(patternOf), exclude.map(patternOf)];
  const given = { ...connection, ...(sslMode === undefined ? {} : { sslMode }) } as ConnectionSettings;
  return {
    ...{ settings: given, out, force },
    wanted: (type, path) =>
      (include.length === 0 || included.some((matches) => matches(type, path))) &&
      !excluded.some((matches) => matches(type, path)),
  };
}

function parsed(args: readonly string[]) {
  const text = { type: "string" } as const;
  const list = { type: "string", multiple: true } as const;
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        ...{ out: text, include: list, exclude: list, force: { type: "boolean" } as const },
        ...{ host: text, port: text, user: text, database: text, url: text, "ssl-mode": text, become: text },
      },
    });
  } catch (error) {
    throw new InvalidValueError(`${(error as Error).message}\n\n${USAGE}`);
  }
}

/** `*` stands for any characters, `?` for one; a type may stand before a colon. The database's name counts as well. */
function patternOf(pattern: string): (type: string, path: readonly string[]) => boolean {
  const [, type, names = pattern] = /^([A-Z]\w+):(.*)$/s.exec(pattern) ?? [];
  const escaped = names
    .replaceAll(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  const matcher = new RegExp(`^${escaped}$`, "su");
  return (found, path) => (type === undefined || type === found) && path.some((part) => matcher.test(part));
}

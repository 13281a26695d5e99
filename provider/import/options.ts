/** The arguments of `pulumi-pgmob import`. */

import { parseArgs } from "node:util";
import { InvalidValueError } from "../errors";
import type { ConnectionSettings } from "../settings";
import { Filter } from "./filter";
import { IMPORTED_TYPES } from "./survey";

/** What `pulumi-pgmob import` is to do. */
export interface ImportOptions {
  /** How to connect; what is not given is taken from the environment, as libpq does. */
  readonly settings: ConnectionSettings;
  /** The folder for the files. */
  readonly out: string;
  /** Whether files that are there may be overwritten. */
  readonly force: boolean;
  /** Whether the verifiers of passwords are taken over. */
  readonly passwords: boolean;
  /** Which objects are wanted. */
  readonly filter: Filter;
}

const TYPES = IMPORTED_TYPES.map(({ type }) => type);

/** How it is called. */
export const USAGE = `usage: pulumi-pgmob import [options]

Reads a server, and writes a program that declares what is there, and what \`pulumi import\` needs to take it over.
Nothing on the server is changed.

What to write:
  --out FOLDER          where to write index.ts, import.json and secrets.sh (default: the current folder)
  --force               overwrite files that are there
  --include PATTERN     only objects that match; can be repeated
  --exclude PATTERN     no objects that match; can be repeated
  --no-passwords        leave passwords out: the program then never touches them

A pattern is a name, in which * stands for any characters and ? for one, such as 'shop*'; before a colon there may be
a type, such as 'Role:app_*' or 'Sequence:*'. What is in a database or a schema of a matching name matches, too.
Types: ${TYPES.join(", ")}.

How to connect (what is not given comes from PGHOST, PGUSER, PGSERVICE and so on; a password from PGPASSWORD or the
password file, so that nobody sees it among the processes):
  --host, --port, --user, --database, --url, --password-command
  --ssl-mode, --ssl-root-cert, --ssl-cert, --ssl-key
  --connect-timeout, --statement-timeout, --become
  --max-connections N   how many at one time, so that as many databases are read side by side (default: 10)

  --help                this text
`;

const CONNECTION = {
  ...{ host: "host", port: "port", user: "user", database: "database", url: "url", become: "become" },
  ...{ "password-command": "passwordCommand", "ssl-mode": "sslMode", "ssl-root-cert": "sslRootCert" },
  ...{ "ssl-cert": "sslCert", "ssl-key": "sslKey", "connect-timeout": "connectTimeout" },
  ...{ "statement-timeout": "statementTimeout", "max-connections": "maxConnections" },
} as const satisfies Record<string, keyof ConnectionSettings>;

/** Reads the arguments; undefined where help is asked for. Throws an InvalidValueError, with the usage, for unknown ones. */
export function parseOptions(args: readonly string[]): ImportOptions | undefined {
  const { values, positionals } = parsed(args);
  if (values.help || args.length === 0) return undefined;
  if (positionals.length !== 1 || positionals[0] !== "import")
    throw new InvalidValueError(`no such command\n\n${USAGE}`);
  const { out = ".", force = false, include, exclude, "no-passwords": without = false } = values;
  const given = Object.entries(CONNECTION).flatMap(([option, setting]) => {
    const value = (values as Record<string, unknown>)[option];
    return value === undefined ? [] : [[setting, value]];
  });
  return {
    settings: Object.fromEntries(given) as ConnectionSettings,
    ...{ out, force, passwords: !without, filter: new Filter({ include, exclude }, TYPES) },
  };
}

function parsed(args: readonly string[]) {
  const text = { type: "string" } as const;
  const list = { type: "string", multiple: true } as const;
  const flag = { type: "boolean" } as const;
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        ...{ out: text, include: list, exclude: list, force: flag, "no-passwords": flag },
        help: { ...flag, short: "h" },
        ...Object.fromEntries(Object.keys(CONNECTION).map((name) => [name, text])),
      },
    });
  } catch (error) {
    throw new InvalidValueError(`${(error as Error).message}\n\n${USAGE}`);
  }
}

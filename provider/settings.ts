/** Connection settings: what is set by the user, then PG* variables for what is not set, then libpq's defaults. */

import { InvalidValueError } from "./errors";

/** How TLS is used, as libpq's `sslmode` knows it. */
export type SslMode = "disable" | "allow" | "prefer" | "require" | "verify-ca" | "verify-full";

/** A time span: milliseconds, or text with a unit: `"500ms"`, `"5s"`, `"2min"`, `"1h"`. 0 means no limit. */
export type Duration = number | string;

/** Where and how to connect. Every setting is optional; a value that is set is never overridden by the environment. */
export interface ConnectionSettings {
  /** Host name, address, or the folder of a Unix socket. Default: `PGHOST`, then `localhost`. */
  host?: string;
  /** TCP port. Default: `PGPORT`, then 5432. With `host` or `url` set, `PGHOST` and `PGPORT` are ignored. */
  port?: number | string;
  /** Role to log in as. Default: `PGUSER`, then the operating system's user name. */
  user?: string;
  /** Password, always a secret. Default: `PGPASSWORD`, then the password file. */
  password?: string;
  /** Database to connect to for what belongs to no database. Default: `PGDATABASE`, then `postgres`. */
  database?: string;
  /** A connection URL, `postgresql://user:password@host:port/database?sslmode=…`; single settings win over its parts. */
  url?: string;
  /** TLS: disable, allow, prefer, require, verify-ca, verify-full. Default: `PGSSLMODE`, then `prefer`. */
  sslMode?: SslMode;
  /** Certificates of the authorities to trust: PEM text or a path. Default: `PGSSLROOTCERT`. */
  sslRootCert?: string;
  /** Client certificate: PEM text or a path. Default: `PGSSLCERT`. */
  sslCert?: string;
  /** Key of the client certificate: PEM text or a path; always a secret. Default: `PGSSLKEY`. */
  sslKey?: string;
  /** How long to go on trying to connect while the server is not there or still starting. Default `"10s"`. */
  connectTimeout?: Duration;
  /** `statement_timeout` of every session; CREATE DATABASE and the like are exempt. Default: no limit. */
  statementTimeout?: Duration;
  /** `lock_timeout` of every session; CREATE DATABASE and the like are exempt. Default `"10s"`. */
  lockTimeout?: Duration;
  /** `application_name` of every session. Default: `PGAPPNAME`, then `pulumi-pgmob`. */
  applicationName?: string;
  /** Role to become after connecting (`SET ROLE`), on every connection. Default: none. */
  become?: string;
  /** The most connections open at one time, over all databases. Default 10. */
  maxConnections?: number | string;
  /**
   * Who turns a plaintext password into a verifier: `"scram-sha-256"` does it on the client, so that the server's log
   * never sees it; `"server"` sends the password as it is. Default `"scram-sha-256"`.
   */
  passwordEncryption?: "scram-sha-256" | "server";
}

/** The names of all settings, in the order in which they are documented. */
export const SETTING_NAMES = [
  "host",
  "port",
  "user",
  "password",
  "database",
  "url",
  "sslMode",
  "sslRootCert",
  "sslCert",
  "sslKey",
  "connectTimeout",
  "statementTimeout",
  "lockTimeout",
  "applicationName",
  "become",
  "maxConnections",
  "passwordEncryption",
] as const satisfies readonly (keyof ConnectionSettings)[];

/** Settings with every default filled in; durations in milliseconds. */
export interface ResolvedSettings {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string | undefined;
  readonly database: string;
  readonly sslMode: SslMode;
  readonly sslRootCert: string | undefined;
  readonly sslCert: string | undefined;
  readonly sslKey: string | undefined;
  readonly connectTimeout: number;
  readonly statementTimeout: number;
  readonly lockTimeout: number;
  readonly applicationName: string;
  readonly become: string | undefined;
  readonly maxConnections: number;
  readonly passwordEncryption: "scram-sha-256" | "server";
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Fills in what is not set.
 *
 * @throws InvalidValueError naming the setting, never its value.
 */
export function resolveSettings(
  given: ConnectionSettings,
  environment: Environment,
  systemUser: string,
): ResolvedSettings {
  const env = defined(environment); // libpq, too, takes an empty variable for none
  const set: ConnectionSettings = { ...parseUrl(given.url), ...defined(given) };
  const placed = set.host !== undefined; // an explicit server takes no address from the environment
  return {
    host: set.host ?? (placed ? undefined : env.PGHOST) ?? "localhost",
    port: integer("port", set.port ?? (placed ? undefined : env.PGPORT) ?? 5432, 1, 65535),
    user: set.user ?? env.PGUSER ?? systemUser,
    password: set.password ?? env.PGPASSWORD,
    database: set.database ?? env.PGDATABASE ?? "postgres",
    sslMode: oneOf("sslMode", set.sslMode ?? env.PGSSLMODE ?? "prefer", SSL_MODES),
    sslRootCert: set.sslRootCert ?? env.PGSSLROOTCERT,
    sslCert: set.sslCert ?? env.PGSSLCERT,
    sslKey: set.sslKey ?? env.PGSSLKEY,
    connectTimeout: milliseconds("connectTimeout", set.connectTimeout ?? envSeconds(env.PGCONNECT_TIMEOUT) ?? "10s"),
    statementTimeout: milliseconds("statementTimeout", set.statementTimeout ?? 0),
    lockTimeout: milliseconds("lockTimeout", set.lockTimeout ?? "10s"),
    applicationName: set.applicationName ?? env.PGAPPNAME ?? "pulumi-pgmob",
    become: set.become,
    maxConnections: integer("maxConnections", set.maxConnections ?? 10, 1, 10_000),
    passwordEncryption: oneOf("passwordEncryption", set.passwordEncryption ?? "scram-sha-256", [
      "scram-sha-256",
      "server",
    ] as const),
  };
}

const SSL_MODES = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"] as const;

const UNITS: Readonly<Record<string, number>> = { "": 1, ms: 1, s: 1000, min: 60_000, h: 3_600_000 };

/** The server's timeouts and Node's timers are 32-bit integers. */
const MAX_MILLISECONDS = 2_147_483_647;

/** Reads a {@link Duration} as milliseconds, 24 days at most. Throws an InvalidValueError that names the setting. */
export function milliseconds(setting: string, value: Duration): number {
  const match = /^\s*(\d+)\s*(ms|s|min|h|)\s*$/.exec(String(value));
  const factor = UNITS[match?.[2] ?? "?"];
  if (match === null || factor === undefined) {
    throw new InvalidValueError(`${setting} must be milliseconds or text such as "500ms", "5s", "2min" or "1h"`);
  }
  const result = Number(match[1]) * factor;
  if (result > MAX_MILLISECONDS) throw new InvalidValueError(`${setting} must be at most ${MAX_MILLISECONDS} ms`);
  return result;
}

function envSeconds(value: string | undefined): Duration | undefined {
  return value === undefined || value === "" ? undefined : `${value}s`;
}

function integer(setting: string, value: number | string, least: number, most: number): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < least || number > most || String(value).trim() === "") {
    throw new InvalidValueError(`${setting} must be a whole number from ${least} to ${most}`);
  }
  return number;
}

function oneOf<T extends string>(setting: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((candidate) => candidate === value);
  if (found === undefined) throw new InvalidValueError(`${setting} must be one of ${allowed.join(", ")}`);
  return found;
}

function defined<T extends object>(values: T): T {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined && value !== "")) as T;
}

function parseUrl(text: string | undefined): ConnectionSettings {
  if (text === undefined || text === "") return {};
  try {
    return partsOf(new URL(text));
  } catch (error) {
    if (error instanceof InvalidValueError) throw error;
    // Neither the URL's own error nor that of its percent-encoding may be shown: they can quote it.
    throw new InvalidValueError(
      "url is not a valid connection URL (postgresql://user:password@host:port/database, percent-encoded)",
    );
  }
}

const URL_PARAMETERS = new Set([
  ...["host", "port", "user", "password", "dbname", "sslmode", "sslrootcert", "sslcert", "sslkey"],
  ...["connect_timeout", "application_name"],
]);

function partsOf(url: URL): ConnectionSettings {
  if (!/^postgres(ql)?:$/.test(url.protocol)) throw new InvalidValueError("url must start with postgresql://");
  const query = url.searchParams;
  const unknown = [...query.keys()].find((name) => !URL_PARAMETERS.has(name));
  if (unknown !== undefined) throw new InvalidValueError(`url has a parameter that is not supported: ${unknown}`);
  const decode = (part: string) => (part === "" ? undefined : decodeURIComponent(part));
  return defined({
    host: decode(url.hostname.replace(/^\[(.*)\]$/, "$1")) ?? query.get("host") ?? "localhost",
    port: decode(url.port) ?? query.get("port") ?? undefined,
    user: decode(url.username) ?? query.get("user") ?? undefined,
    password: decode(url.password) ?? query.get("password") ?? undefined,
    database: decode(url.pathname.replace(/^\//, "")) ?? query.get("dbname") ?? undefined,
    sslMode: (query.get("sslmode") as SslMode | null) ?? undefined,
    sslRootCert: query.get("sslrootcert") ?? undefined,
    sslCert: query.get("sslcert") ?? undefined,
    sslKey: query.get("sslkey") ?? undefined,
    connectTimeout: envSeconds(query.get("connect_timeout") ?? undefined),
    applicationName: query.get("application_name") ?? undefined,
  });
}

/** Connection settings: what is set by the user, then PG* variables for what is not set, then libpq's defaults. */

import { type ChannelBinding, methodsOf } from "./authentication-rules";
import { type Environment, fromEnvironment, fromUrl, type LibpqValues, listOfHosts } from "./connection-parameters";
import { InvalidValueError } from "./errors";
import type { PasswordFunction } from "./password-source";
import { readService } from "./service-file";
import { withTexts } from "./settings-texts";
import { type SystemUser, userFiles } from "./user-files";

/** How TLS is used, as libpq's `sslmode` knows it. */
export type SslMode = "disable" | "allow" | "prefer" | "require" | "verify-ca" | "verify-full";

/** A time span: milliseconds, or text with a unit: `"500ms"`, `"5s"`, `"2min"`, `"1h"`. 0 means no limit. */
export type Duration = number | string;

/** Where and how to connect. Every setting is optional; a value that is set is never overridden by the environment. */
export interface ConnectionSettings {
  /**
   * Host name, address, or the folder of a Unix socket; one, not a list. Default: `PGHOST`, then `PGHOSTADDR`, then
   * `localhost`. With `host` or `url` set, `PGHOST`, `PGHOSTADDR`, `PGPORT` and `PGSERVICE` are ignored.
   */
  host?: string;
  /** TCP port. Default: `PGPORT`, then 5432. */
  port?: number | string;
  /** Role to log in as. Default: `PGUSER`, then the operating system's user name. */
  user?: string;
  /** Password, always a secret. Default: `PGPASSWORD`, then the password file (`PGPASSFILE`, then `~/.pgpass`). */
  password?: string;
  /**
   * A command line of the shell that prints the password, for tokens that are valid for a short time. It is run before
   * every connection, for `connectTimeout` at most, and not by a preview that looks at no server. Its environment has
   * `PGHOST`, `PGPORT`, `PGUSER` and `PGDATABASE` of the connection, so that nothing has to be quoted. Default: none.
   * Refused beside `password`.
   */
  passwordCommand?: string;
  /** Database to connect to for what belongs to no database. Default: `PGDATABASE`, then `postgres`. */
  database?: string;
  /**
   * A connection URL, `postgresql://user:password@host:port/database?sslmode=…`, with libpq's parameters (`service`
   * too); single settings win over its parts. Always a secret. Default: none.
   */
  url?: string;
  /**
   * TLS, as libpq has it. `disable`: none; `allow`: only where it does not go without; `prefer`: where the server has it;
   * `require`: always; `verify-ca`: and the server's certificate is signed by an authority in `sslRootCert`;
   * `verify-full`: and it is made out to `host`. With a root certificate at hand, every mode but `disable` verifies the
   * authority. Unix sockets have no TLS. Default: `PGSSLMODE`, then `prefer`, or `verify-full` with `sslRootCert: "system"`.
   */
  sslMode?: SslMode;
  /**
   * Certificates of the authorities to trust: PEM text, a path, or `"system"` for those of the operating system, which
   * takes `verify-full`. Default: `PGSSLROOTCERT`, then `~/.postgresql/root.crt` if there is one.
   */
  sslRootCert?: string;
  /** Client certificate: PEM text or a path. Default: `PGSSLCERT`, then `~/.postgresql/postgresql.crt` if there is one. */
  sslCert?: string;
  /**
   * Key of the client certificate, not encrypted: PEM text, or a path of a file that others may not read; always a secret.
   * Default: `PGSSLKEY` (unless `sslCert` is set), then `~/.postgresql/postgresql.key`.
   */
  sslKey?: string;
  /** How long to go on trying to connect while the server is not there or still starting. Default: `PGCONNECT_TIMEOUT`, then `"10s"`. */
  connectTimeout?: Duration;
  /** `statement_timeout` of every session; CREATE DATABASE and the like are exempt. Default: no limit. */
  statementTimeout?: Duration;
  /** `lock_timeout` of every session; CREATE DATABASE and the like are exempt. Default `"10s"`. */
  lockTimeout?: Duration;
  /** `application_name` of every session. Default: `PGAPPNAME`, then `pulumi-pgmob`. */
  applicationName?: string;
  /** Role to become after connecting (`SET ROLE`), on every connection. Default: none. */
  become?: string;
  /** The most sessions on the server at one time, over all databases. Default 10. */
  maxConnections?: number | string;
  /**
   * Who turns a plaintext password into a verifier: `"scram-sha-256"` does it on the client, so that the server's log
   * never sees it; `"server"` sends the password as it is. Default `"scram-sha-256"`.
   */
  passwordEncryption?: "scram-sha-256" | "server";
}

/** {@link ConnectionSettings} of a program, where the password may be a function. */
export interface CoreSettings extends Omit<ConnectionSettings, "password"> {
  /**
   * Password, or a function, async or not, that gives it: called before every connection, so that it may be a token
   * that is valid for a short time. Default: `PGPASSWORD`, then the password file.
   */
  password?: string | PasswordFunction;
}

/** The names of all settings, in the order in which they are documented. */
export const SETTING_NAMES = [
  "host",
  "port",
  "user",
  "password",
  "passwordCommand",
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
  /** The host's name or address, or a socket's folder: what certificates and the password file are about. */
  readonly host: string;
  /** The address to connect to instead of `host`, where one is given. */
  readonly hostAddress: string | undefined;
  readonly port: number;
  readonly user: string;
  readonly password: string | PasswordFunction | undefined;
  readonly passwordCommand: string | undefined;
  /** Where the password file would be. */
  readonly passwordFile: string;
  readonly database: string;
  readonly sslMode: SslMode;
  readonly sslRootCert: string | undefined;
  readonly sslCert: string | undefined;
  readonly sslKey: string | undefined;
  readonly sslCrl: string | undefined;
  readonly sslNegotiation: "postgres" | "direct";
  readonly sslMinVersion: TlsVersion;
  readonly sslMaxVersion: TlsVersion | undefined;
  /** The folder of root.crt, root.crl, postgresql.crt and postgresql.key. */
  readonly tlsFolder: string;
  readonly channelBinding: ChannelBinding;
  /** `require_auth` as it was given. */
  readonly requireAuth: string | undefined;
  /** `options` of the startup packet. */
  readonly options: string | undefined;
  /** What kind of server it has to be. */
  readonly targetSession: TargetSession;
  readonly connectTimeout: number;
  readonly statementTimeout: number;
  readonly lockTimeout: number;
  readonly applicationName: string;
  readonly become: string | undefined;
  readonly maxConnections: number;
  readonly passwordEncryption: "scram-sha-256" | "server";
}

/** `target_session_attrs`. */
export type TargetSession = (typeof TARGETS)[number];

type TlsVersion = (typeof TLS_VERSIONS)[number];

/**
 * Fills in what is not set: a service, and PG* variables, before the defaults.
 *
 * @throws InvalidValueError naming the setting, never its value.
 */
export function resolveSettings(given: CoreSettings, environment: Environment, system: SystemUser): ResolvedSettings {
  const set = defined(given);
  const url = set.url === undefined ? {} : fromUrl(set.url);
  const placed = (set.host ?? set.url) !== undefined; // an explicit server takes no address from the environment
  const env = fromEnvironment(environment, { placed });
  const files = userFiles(system.home);
  const service = url.service ?? env.service;
  const named = service === undefined ? {} : readService(service, environment, files.services);
  const from: LibpqValues = { ...env, ...defined(named), ...defined(url) };
  const host = set.host ?? from.host ?? from.hostaddr ?? "localhost";
  if (`${host}${from.hostaddr}`.includes(",")) throw listOfHosts();
  if (set.passwordCommand !== undefined && (set.password ?? url.password) !== undefined)
    throw new InvalidValueError("passwordCommand must not be set beside a password");
  return withTexts({
    ...{ host, hostAddress: set.host === undefined ? from.hostaddr : undefined },
    port: integer("port", set.port ?? from.port ?? 5432, 1, 65535),
    user: set.user ?? from.user ?? system.name ?? noUser(),
    password: set.passwordCommand === undefined ? (set.password ?? from.password) : undefined,
    passwordCommand: set.passwordCommand,
    passwordFile: from.passfile ?? files.passwords,
    database: set.database ?? from.dbname ?? "postgres",
    ...tlsSettings(set, from, files.tls),
    channelBinding: oneOf("channel_binding", from.channel_binding ?? "prefer", CHANNEL_BINDINGS),
    requireAuth: methodsOf(from.require_auth) && from.require_auth,
    options: from.options,
    targetSession: oneOf("target_session_attrs", from.target_session_attrs ?? "any", TARGETS),
    connectTimeout: milliseconds("connectTimeout", set.connectTimeout ?? seconds(from.connect_timeout) ?? "10s"),
    statementTimeout: milliseconds("statementTimeout", set.statementTimeout ?? 0),
    lockTimeout: milliseconds("lockTimeout", set.lockTimeout ?? "10s"),
    applicationName: set.applicationName ?? from.application_name ?? "pulumi-pgmob",
    become: set.become,
    maxConnections: integer("maxConnections", set.maxConnections ?? 10, 1, 10_000),
    passwordEncryption: oneOf("passwordEncryption", set.passwordEncryption ?? "scram-sha-256", PASSWORD_ENCRYPTIONS),
  });
}

function tlsSettings(set: CoreSettings, from: LibpqValues, tlsFolder: string) {
  const sslRootCert = set.sslRootCert ?? from.sslrootcert;
  const byDefault = sslRootCert === "system" ? "verify-full" : "prefer";
  const sslMode = oneOf("sslMode", set.sslMode ?? from.sslmode ?? byDefault, SSL_MODES);
  if (sslRootCert === "system" && sslMode !== "verify-full")
    throw new InvalidValueError(
      'sslMode must be verify-full with sslRootCert "system", which anybody can get a certificate of',
    );
  const sslNegotiation = oneOf("sslnegotiation", from.sslnegotiation ?? "postgres", NEGOTIATIONS);
  if (sslNegotiation === "direct" && ["disable", "allow", "prefer"].includes(sslMode))
    throw new InvalidValueError("sslMode must be require, verify-ca or verify-full with sslnegotiation direct");
  return {
    ...{ sslMode, sslRootCert, sslNegotiation, tlsFolder },
    sslCert: set.sslCert ?? from.sslcert,
    // A certificate and its key come from one place.
    sslKey: set.sslKey ?? (set.sslCert === undefined ? from.sslkey : undefined),
    sslCrl: from.sslcrl,
    sslMinVersion: tlsVersion("ssl_min_protocol_version", from.ssl_min_protocol_version) ?? "TLSv1.2",
    sslMaxVersion: tlsVersion("ssl_max_protocol_version", from.ssl_max_protocol_version),
  };
}

const CHANNEL_BINDINGS = ["disable", "prefer", "require"] as const;
const NEGOTIATIONS = ["postgres", "direct"] as const;
const PASSWORD_ENCRYPTIONS = ["scram-sha-256", "server"] as const;
const TARGETS = ["any", "read-write", "read-only", "primary", "standby", "prefer-standby"] as const;
const TLS_VERSIONS = ["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"] as const;
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

/** A timeout as libpq takes it: seconds, where 0 and less mean no limit. */
function seconds(value: string | undefined): Duration | undefined {
  if (value === undefined) return undefined;
  return /^\s*-\d+\s*$/.test(value) ? 0 : `${value}s`;
}

function tlsVersion(setting: string, value: string | undefined): TlsVersion | undefined {
  const spelled = TLS_VERSIONS.find((version) => version.toLowerCase() === value?.toLowerCase());
  return value === undefined ? undefined : oneOf(setting, spelled ?? value, TLS_VERSIONS);
}

function noUser(): never {
  throw new InvalidValueError("user must be set: the operating system has no name for who runs this");
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

/** Opens one connection: TLS as libpq means it, bounded retries while a server starts, errors that say what to do. */

import { existsSync, readFileSync } from "node:fs";
import type { ConnectionOptions } from "node:tls";
import { backOff } from "exponential-backoff";
import { Client } from "pg";
import { ConnectionError, type DriverError, isConnectionLost, type PostgresError, toConnectionError } from "./errors";
import { becomeRole, sessionStart } from "./pg-session";
import type { ResolvedSettings, SslMode } from "./settings";
import { quoted } from "./sql";

/**
 * Connects, trying again while the server is not there, still starting, or out of connection slots, for
 * `connectTimeout` at most.
 */
export async function openClient(settings: ResolvedSettings, database: string): Promise<Client> {
  const deadline = settings.connectTimeout === 0 ? Number.POSITIVE_INFINITY : Date.now() + settings.connectTimeout;
  try {
    return await backOff(() => tryTls(settings, database, deadline), {
      numOfAttempts: Number.POSITIVE_INFINITY,
      startingDelay: 50,
      maxDelay: 1000,
      jitter: "full",
      retry: (error) => isTransient(error) && Date.now() < deadline,
    });
  } catch (error) {
    throw connectError(error, settings, database);
  }
}

async function tryTls(settings: ResolvedSettings, database: string, deadline: number): Promise<Client> {
  const [first, second] = tlsAttempts(settings);
  try {
    return await open(settings, database, first ?? false, deadline);
  } catch (error) {
    if (second === undefined || isTransient(error)) throw error;
    return await open(settings, database, second, deadline);
  }
}

async function open(
  settings: ResolvedSettings,
  database: string,
  ssl: ConnectionOptions | false,
  deadline: number,
): Promise<Client> {
  const client = new Client({
    host: settings.host,
    port: settings.port,
    user: settings.user,
    password: settings.password,
    database,
    ssl,
    application_name: settings.applicationName,
    connectionTimeoutMillis: deadline === Number.POSITIVE_INFINITY ? 0 : Math.max(deadline - Date.now(), 1000),
    keepAlive: true,
  });
  client.on("error", () => {}); // a lost idle connection is noticed by whoever uses it next
  try {
    await client.connect();
    await client.query(sessionStart(settings).text);
    return client;
  } catch (error) {
    await client.end().catch(() => {});
    throw error;
  }
}

/** What to try, in order, for each mode. `allow` and `prefer` fall back; the others do not. */
function tlsAttempts(settings: ResolvedSettings): (ConnectionOptions | false)[] {
  if (settings.host.startsWith("/")) return [false]; // libpq uses no TLS over Unix sockets
  const tls: ConnectionOptions = {
    ca: pem(settings.sslRootCert),
    cert: pem(settings.sslCert),
    key: pem(settings.sslKey),
    rejectUnauthorized: verifies(settings),
    ...(settings.sslMode === "verify-full" ? {} : { checkServerIdentity: () => undefined }),
  };
  const attempts: Record<SslMode, (ConnectionOptions | false)[]> = {
    disable: [false],
    allow: [false, tls],
    prefer: [tls, false],
    require: [tls],
    "verify-ca": [tls],
    "verify-full": [tls],
  };
  return attempts[settings.sslMode];
}

/** libpq checks the chain in `require` as well when a root certificate is given. */
function verifies(settings: ResolvedSettings): boolean {
  return (
    settings.sslMode.startsWith("verify-") || (settings.sslMode === "require" && settings.sslRootCert !== undefined)
  );
}

function pem(value: string | undefined): string | undefined {
  if (value === undefined || value.includes("-----BEGIN")) return value;
  if (!existsSync(value)) throw new ConnectionError(`there is no certificate or key file at ${value}`);
  return readFileSync(value, "utf8");
}

function isTransient(error: unknown): boolean {
  const { code = "", message = "" } = error as DriverError;
  if (code === "53300" && /for (role|database)/.test(message)) return false; // a limit that somebody set
  if (["ECONNREFUSED", "ENOENT", "EAGAIN", "57P03", "53300"].includes(code)) return true;
  return isConnectionLost(error) && code !== "ETIMEDOUT";
}

function connectError(error: unknown, settings: ResolvedSettings, database: string): PostgresError {
  const { code = "", message = "" } = error as DriverError;
  const at = settings.host.startsWith("/") ? `in ${settings.host}` : `at ${settings.host}:${settings.port}`;
  const context = {
    object: `PostgreSQL ${at}`,
    intent: `connect as ${quoted(settings.user)} to database ${quoted(database)}`,
    remedy: remedyFor(code, message, settings),
    secrets: settings.password === undefined ? [] : [settings.password],
  };
  // Node reports a failed attempt on several addresses as one error without a message.
  const reason =
    message === "" && error instanceof AggregateError ? { code, message: error.errors.map(String).join("; ") } : error;
  return toConnectionError(reason, context);
}

function remedyFor(code: string, message: string, settings: ResolvedSettings): string {
  if (code === "28P01" || code === "28000")
    return "Check user and password of the Provider, and the server's pg_hba.conf";
  if (code === "3D000") return "Check the name of the database";
  if (code === "53300")
    return "Wait for other sessions to end, or raise the limit (CONNECTION LIMIT of the role or the database, max_connections)";
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return "Check the host name";
  if (code === "22023" && settings.become !== undefined) return `Check become (${becomeRole(settings.become).text})`;
  if (/SSL|certificate/i.test(message)) return "Check sslMode and the certificates";
  if (/password/.test(message)) return "Set the password of the Provider (or PGPASSWORD)";
  return "Check that the server is running there and reachable from here";
}

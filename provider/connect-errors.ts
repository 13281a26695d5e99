/** What went wrong on the way to a server, and what to do about it. */

import { ConnectionError, type DriverError, isConnectionLost, PostgresError, toConnectionError } from "./errors";
import { remedyForEnded } from "./limits";
import { becomeRole } from "./pg-session";
import type { ResolvedSettings } from "./settings";
import { quoted } from "./sql";
import { isSocket } from "./tls";

/** Whether the same may succeed in a moment. */
export function isTransient(error: unknown): boolean {
  if (error instanceof PostgresError) return false;
  const { code = "", message = "" } = error as DriverError;
  if (code === "53300" && /for (role|database)/.test(message)) return false; // a limit that somebody set
  if (["ECONNREFUSED", "ENOENT", "EAGAIN", "57P03", "53300"].includes(code)) return true;
  // 08P01 is how PgBouncer refuses a login, for whatever reason.
  return isConnectionLost(error) && code !== "ETIMEDOUT" && code !== "08P01";
}

/** Whether an attempt with TLS failed because the server has none: what `pg` says where it answers so. */
export function isWithoutTls(message: string): boolean {
  return message === "The server does not support SSL connections";
}

/** One error for an attempt with TLS and one without, of which neither was let in. */
export function bothFailed(first: unknown, second: unknown, secondHasTls: boolean): unknown {
  const [withTls, without] = secondHasTls ? [second, first] : [first, second];
  const [one, other] = [withTls as DriverError, without as DriverError];
  if (one.message === other.message || isWithoutTls(one.message)) return without;
  const { code } = /^[0-9A-Z]{5}$/.test(one.code ?? "") ? one : other;
  return { code, message: `with TLS: ${one.message}; without TLS: ${other.message}` } satisfies DriverError;
}

/** The error of a whole try to connect: where, as whom, why, and what to do. */
export function connectError(
  error: unknown,
  settings: ResolvedSettings,
  database: string,
  secrets: readonly string[],
): PostgresError {
  const { code = "", message = "" } = error as DriverError;
  const address = settings.hostAddress === undefined ? "" : ` (${settings.hostAddress})`;
  const at = isSocket(settings) ? `in ${settings.host}` : `at ${settings.host}:${settings.port}${address}`;
  const context = {
    object: `PostgreSQL ${at}`,
    intent: `connect as ${quoted(settings.user)} to database ${quoted(database)}`,
    remedy: remedyFor(code, message, settings),
    secrets,
  };
  if (error instanceof PostgresError) {
    const { reason, detail, remedy } = error;
    return new ConnectionError(reason, { ...context, detail, remedy });
  }
  // Node reports a failed attempt on several addresses as one error without a message.
  const reason =
    message === "" && error instanceof AggregateError ? { code, message: error.errors.map(String).join("; ") } : error;
  return toConnectionError(reason, context);
}

/** Codes of Node for certificates that no authority at hand has signed. */
const UNTRUSTED =
  /^(SELF_SIGNED_CERT|DEPTH_ZERO_SELF_SIGNED|UNABLE_TO_(GET_ISSUER|VERIFY_LEAF)|CERT_UNTRUSTED|INVALID_CA)/;

function remedyFor(code: string, message: string, settings: ResolvedSettings): string {
  const { sslMode } = settings;
  if (isWithoutTls(message))
    return `sslMode is ${sslMode} (PGSSLMODE): turn TLS on in the server (ssl = on), or set a sslMode that goes without`;
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID")
    return "sslMode verify-full takes a certificate that is made out to host: set host to a name in it, or sslMode to verify-ca";
  if (code === "CERT_HAS_EXPIRED") return "Give the server a new certificate";
  if (code === "CERT_REVOKED") return "Give the server a new certificate: the revocation list has this one";
  if (UNTRUSTED.test(code))
    return `sslMode ${sslMode} takes a certificate that an authority in sslRootCert has signed: set sslRootCert to the server's authority`;
  if (/^ERR_(SSL|OSSL|TLS|CRYPTO)|^CERT_|^CRL_/.test(code) || /handshake|parse CRL/i.test(message))
    return "Check sslMode, sslRootCert, sslCert and sslKey, and that the server trusts the client certificate";
  if (/certificate authentication failed|requires a valid client certificate/.test(message))
    return "Set sslCert and sslKey to a certificate for this user that the server's ssl_ca_file has signed";
  if (code === "28P01" || code === "28000" || /authentication failed/.test(message)) {
    const certificate = settings.sslCert === undefined ? "" : ", its client certificate";
    return `Check user and password of the Provider${certificate}, and the server's pg_hba.conf`;
  }
  const ended = remedyForEnded({ code, message }, undefined);
  if (ended !== undefined) return ended;
  if (code === "55000" && /not currently accepting connections/.test(message))
    return "Let it allow connections first (allowConnections of the Database, ALTER DATABASE … ALLOW_CONNECTIONS)";
  if (code === "3D000") return "Check the name of the database";
  if (code === "53300")
    return "Wait for other sessions to end, or raise the limit (CONNECTION LIMIT of the role or the database, max_connections)";
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return "Check the host name";
  if (code === "22023" && settings.become !== undefined) return `Check become (${becomeRole(settings.become).text})`;
  if (/startup parameter/.test(message)) return "A pooler is in between: leave PGOPTIONS (options) unset";
  if (/Unknown authenticationOk message/.test(message))
    return "The server asks for a method that is not supported, such as gss: use a password or a client certificate";
  if (/SSL|certificate/i.test(message)) return "Check sslMode and the certificates";
  if (message === "timeout expired")
    return "Check that the server is running there and reachable from here; a pooler may also wait for a database that does not exist";
  return "Check that the server is running there and reachable from here";
}

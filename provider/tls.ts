/** TLS as libpq means it: what each mode tries, whom it trusts, which certificate it shows. */

import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { isIP } from "node:net";
import { join } from "node:path";
import * as tls from "node:tls";
import { InvalidValueError } from "./errors";
import type { ResolvedSettings, SslMode } from "./settings";

/** One attempt to connect: without TLS (`false`), or the options of a TLS connection. */
export type Attempt = tls.ConnectionOptions | false;

/** What to try, in order. `allow` and `prefer` have a second attempt. Files are read when it is an attempt's turn. */
export function tlsAttempts(settings: ResolvedSettings): (() => Attempt)[] {
  const plain = () => false as const;
  if (isSocket(settings)) return [plain]; // libpq uses no TLS over Unix sockets
  const secure = () => tlsOptions(settings);
  const attempts: Record<SslMode, (() => Attempt)[]> = {
    disable: [plain],
    allow: [plain, secure],
    prefer: [secure, plain],
    require: [secure],
    "verify-ca": [secure],
    "verify-full": [secure],
  };
  return attempts[settings.sslMode];
}

/** Whether a connection goes through a Unix socket. */
export function isSocket({ host, hostAddress }: Pick<ResolvedSettings, "host" | "hostAddress">): boolean {
  return hostAddress === undefined && host.startsWith("/");
}

function tlsOptions(settings: ResolvedSettings): tls.ConnectionOptions {
  const ca = rootCertificates(settings);
  const full = settings.sslMode === "verify-full";
  return {
    ca,
    crl: ca === undefined ? undefined : pem("sslcrl", settings.sslCrl, join(settings.tlsFolder, "root.crl")),
    rejectUnauthorized: ca !== undefined, // a root certificate is checked against in every mode
    checkServerIdentity: (_host, certificate) => (full ? refuseOtherHost(settings.host, certificate) : undefined),
    ...(settings.hostAddress === undefined || isIP(settings.host) !== 0 ? {} : { servername: settings.host }),
    ...clientCertificate(settings),
    minVersion: settings.sslMinVersion,
    ...(settings.sslMaxVersion === undefined ? {} : { maxVersion: settings.sslMaxVersion }),
  };
}

function rootCertificates({ sslRootCert, sslMode, tlsFolder }: ResolvedSettings): string[] | undefined {
  if (sslRootCert === "system") return systemCertificates(process.env);
  const byDefault = join(tlsFolder, "root.crt");
  const found = pem("sslRootCert", sslRootCert, byDefault);
  if (found !== undefined) return [found];
  if (!sslMode.startsWith("verify-")) return undefined;
  throw new InvalidValueError(`sslMode ${sslMode} takes a root certificate, and there is none at ${byDefault}`, {
    remedy: 'Set sslRootCert: PEM text, a path, or "system" for the authorities that the operating system trusts',
  });
}

/** Where the certificates of the system are: Debian, Red Hat, SUSE, Alpine and macOS. */
const BUNDLES = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
  "/etc/ssl/ca-bundle.pem",
  "/etc/ssl/cert.pem",
];

/** The authorities that the system trusts; `SSL_CERT_FILE` and `SSL_CERT_DIR` say where else, as for OpenSSL. */
export function systemCertificates({ SSL_CERT_FILE, SSL_CERT_DIR }: NodeJS.ProcessEnv): string[] {
  const folders = (SSL_CERT_DIR ?? "").split(":").filter((folder) => folder !== "" && existsSync(folder));
  const files = folders.flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)));
  const named = [...(SSL_CERT_FILE ? [SSL_CERT_FILE] : []), ...files].filter(isFile);
  if (SSL_CERT_FILE || SSL_CERT_DIR) return named.map((file) => readFileSync(file, "utf8"));
  const bundle = BUNDLES.find(existsSync);
  if (bundle !== undefined) return [readFileSync(bundle, "utf8")];
  const { getCACertificates } = tls as { getCACertificates?: (type: "system") => string[] };
  const known = getCACertificates?.("system") ?? [];
  if (known.length > 0) return known;
  throw new InvalidValueError('sslRootCert "system": the certificates of the operating system were not found', {
    remedy: "Set SSL_CERT_FILE, or sslRootCert to a file of certificates",
  });
}

function clientCertificate({ sslCert, sslKey, tlsFolder }: ResolvedSettings): tls.ConnectionOptions {
  const cert = pem("sslCert", sslCert, join(tlsFolder, "postgresql.crt"));
  if (cert === undefined) return {};
  const keyByDefault = join(tlsFolder, "postgresql.key");
  const key = pem("sslKey", sslKey, keyByDefault);
  if (key === undefined) {
    throw new InvalidValueError("sslCert takes a key", { remedy: `Set sslKey, or put it at ${keyByDefault}` });
  }
  if (!isPem(sslKey)) refuseOpenKey(sslKey ?? keyByDefault);
  if (/ENCRYPTED/.test(key)) {
    throw new InvalidValueError("sslKey is encrypted, and there is no setting for its passphrase", {
      remedy:
        "Decrypt it (openssl pkey -in KEY -out PLAIN) and keep it as a secret, or in a file that only you can read",
    });
  }
  return { cert, key };
}

/** As libpq: a key that others may read is not used, but root's may be read by its group. */
function refuseOpenKey(file: string): void {
  if (process.platform === "win32") return;
  const { mode, uid } = statSync(file);
  if ((mode & (uid === 0 ? 0o037 : 0o077)) === 0) return;
  throw new InvalidValueError(`sslKey: others may read ${file}`, { remedy: `Run: chmod 600 ${file}` });
}

/** PEM text, given as it is or as a path. One that is named must be there; the default need not. */
function pem(setting: string, value: string | undefined, byDefault: string): string | undefined {
  if (value === undefined) return isFile(byDefault) ? readFileSync(byDefault, "utf8") : undefined;
  if (isPem(value)) return value;
  // A key that is no PEM text, because its first line was lost, is not to be shown for a path.
  const isShown = setting !== "sslKey" || /^(~|\.{0,2}\/|[A-Za-z]:\\)/.test(value);
  const shown = isShown ? value : "this path, and it is no PEM text";
  if (!isFile(value)) throw new InvalidValueError(`${setting}: there is no file at ${shown}`);
  return readFileSync(value, "utf8");
}

/** Whether a setting is the text of a certificate or key, rather than its path. */
export function isPem(value: string | undefined): value is string {
  return value?.includes("-----BEGIN") === true;
}

function isFile(path: string): boolean {
  return existsSync(path) && statSync(path).isFile();
}

/** The name in the certificate; for an address, as libpq does, also one that only the common name tells. */
function refuseOtherHost(host: string, certificate: tls.PeerCertificate): Error | undefined {
  const named = isIP(host) !== 0 && certificate.subjectaltname === undefined && certificate.subject?.CN === host;
  return named ? undefined : tls.checkServerIdentity(host, certificate);
}

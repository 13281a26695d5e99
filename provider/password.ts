/** Password verifiers: what PostgreSQL keeps instead of a password, made and checked on the client. */

import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { scramKeys } from "./scram";

const SALT_BYTES = 16;

/** Whether a password is already a verifier, which the server stores as it is. */
export function isVerifier(password: string): boolean {
  return /^md5[0-9a-f]{32}$/.test(password) || parseScram(password) !== undefined;
}

/** A new SCRAM-SHA-256 verifier of a password, as `pg_authid.rolpassword` holds it, with a random salt. */
export async function scramVerifier(password: string, iterations: number): Promise<string> {
  return scramWithSalt(password, randomBytes(SALT_BYTES), iterations);
}

/** Whether a verifier of `pg_authid` belongs to a password. The role's name is the salt of md5. */
export async function matchesVerifier(password: string, verifier: string, role: string): Promise<boolean> {
  if (isVerifier(password)) return password === verifier;
  if (verifier.startsWith("md5")) return same(verifier, `md5${md5(password + role)}`);
  const scram = parseScram(verifier);
  if (scram === undefined) return false;
  return same(verifier, await scramWithSalt(password, Buffer.from(scram.salt, "base64"), scram.iterations));
}

/**
 * A short hash of a verifier, to see later that it is still the same without deriving keys again. It tells nothing
 * about the password, because a SCRAM verifier depends on a random salt; an md5 verifier does not, and gets none.
 */
export function fingerprint(verifier: string): string | undefined {
  if (parseScram(verifier) === undefined) return undefined;
  return createHash("sha256").update(verifier).digest("base64url").slice(0, 16);
}

async function scramWithSalt(password: string, salt: Buffer, iterations: number): Promise<string> {
  const { stored, server } = await scramKeys(password, salt, iterations);
  const [saltText, storedText, serverText] = [salt, stored, server].map((bytes) => bytes.toString("base64"));
  return `SCRAM-SHA-256$${iterations}:${saltText}$${storedText}:${serverText}`;
}

function parseScram(verifier: string): { iterations: number; salt: string } | undefined {
  const match = /^SCRAM-SHA-256\$(\d+):([A-Za-z0-9+/=]+)\$([A-Za-z0-9+/]{43}=):([A-Za-z0-9+/]{43}=)$/.exec(verifier);
  return match === null ? undefined : { iterations: Number(match[1]), salt: match[2] ?? "" };
}

function md5(text: string): string {
  return createHash("md5").update(text).digest("hex");
}

function same(left: string, right: string): boolean {
  return left.length === right.length && timingSafeEqual(Buffer.from(left), Buffer.from(right));
}

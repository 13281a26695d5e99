/**
 * SASLprep (RFC 4013) as PostgreSQL has it, in the server and in libpq: which characters a password may have is asked of
 * what it was before it is normalised, and a password that SASLprep does not allow is taken as it is.
 */

import { LEFT_TO_RIGHT, NOTHING, PROHIBITED, RIGHT_TO_LEFT, SPACES, UNASSIGNED } from "./saslprep-tables";

/** Whether a password is of ASCII alone: SASLprep leaves it as it is, also one that it would not allow. */
export function isAscii(password: string): boolean {
  return [...password].every((char) => codeOf(char) < 128);
}

/** A password as SCRAM derives its keys from it. */
export function saslprep(password: string): string {
  if (isAscii(password)) return password;
  const mapped = [...password]
    .map((char) => (SPACES.has(codeOf(char)) ? " " : char))
    .filter((char) => !NOTHING.has(codeOf(char)));
  return isAllowed(mapped.map(codeOf)) ? mapped.join("").normalize("NFKC") : password;
}

function isAllowed(codes: readonly number[]): boolean {
  if (codes.length === 0 || codes.some((code) => PROHIBITED.has(code) || UNASSIGNED.has(code))) return false;
  if (!codes.some((code) => RIGHT_TO_LEFT.has(code))) return true;
  const ends = [codes.at(0), codes.at(-1)] as [number, number];
  return !codes.some((code) => LEFT_TO_RIGHT.has(code)) && ends.every((code) => RIGHT_TO_LEFT.has(code));
}

function codeOf(char: string): number {
  return char.codePointAt(0) as number;
}

/** A role's password: turned into a verifier before it is sent, compared by what `pg_authid` holds. */

import type { Observed, PrepareContext, Values, Verified } from "../definition";
import { fingerprint, isVerifier, matchesVerifier, scramVerifier } from "../password";

/** Shown for a password that is not the declared one any more. */
export const CHANGED_PASSWORD = "(changed outside of Pulumi)";

/** `rolpassword`; null for none, undefined where `pg_authid` is not readable. */
export function verifierOf(observed: Observed | undefined): string | null | undefined {
  return observed?.extra.verifier as string | null | undefined;
}

/** Replaces a plaintext password by its verifier; removes it where the server has it already. */
export async function preparePassword(desired: Values, context: PrepareContext): Promise<Values> {
  const { password, ...others } = desired;
  if (
    password === undefined ||
    (!isRotated(desired, context) && (await isThere(password as string | null, desired, context)))
  )
    return others;
  const { facts } = context;
  if (password === null || isVerifier(String(password)) || facts.serverHashesPasswords) return desired;
  return { ...others, password: await scramVerifier(String(password), facts.server.scramIterations) };
}

/** Another passwordVersion than the one that was applied last; an adopted role keeps a password that is right. */
function isRotated({ passwordVersion }: Values, { previous }: PrepareContext): boolean {
  return passwordVersion !== undefined && previous.name !== undefined && passwordVersion !== previous.passwordVersion;
}

async function isThere(password: string | null, desired: Values, { observed, previous }: PrepareContext) {
  if (observed === undefined) return password === null; // a new role has none
  const name = String(observed.values.name);
  const verifier = verifierOf(observed);
  const renamed = desired.name !== undefined && desired.name !== name;
  // Of one that nobody has looked at, md5 is not assumed: only such a one is gone with the old name.
  if (verifier === undefined) return (!renamed || observed.extra.assumed === true) && previous.password === password;
  if (verifier === null || password === null) return verifier === password;
  if (renamed && verifier.startsWith("md5")) return false; // the name is the salt: a rename clears it
  // The verifier that was made of the previous password needs no key derivation to tell another password from it.
  const known = fingerprint(verifier);
  if (known !== undefined && known === previous.passwordHash) return previous.password === password;
  return matchesVerifier(password, verifier, name);
}

/** Whether the declared password is still the server's: by fingerprint, and only on mismatch by deriving keys. */
export async function verifyPassword(observed: Observed, state: Values): Promise<Verified> {
  const verifier = verifierOf(observed);
  const { password, passwordHash } = state;
  if (password === undefined) return { values: {}, remember: {} };
  if (verifier === undefined) return { values: { password }, remember: {} };
  if (verifier === null) return { values: password === null ? { password } : {}, remember: {} };
  const hash = fingerprint(verifier);
  const remember: Values = hash === undefined ? {} : { passwordHash: hash };
  const same =
    password !== null &&
    ((hash !== undefined && hash === passwordHash) ||
      (await matchesVerifier(String(password), verifier, String(observed.values.name))));
  return same ? { values: { password }, remember } : { values: { password: CHANGED_PASSWORD }, remember: {} };
}

/** What is kept of a password that was sent: the fingerprint of its verifier. */
export function rememberPassword({ password }: Values): Values {
  const hash = typeof password === "string" ? fingerprint(password) : undefined;
  return hash === undefined ? {} : { passwordHash: hash };
}

/** The verifier, for scripts; nothing where it cannot be read or there is none. */
export function passwordForScript(observed: Observed): Values {
  const verifier = verifierOf(observed);
  return typeof verifier === "string" ? { password: verifier } : {};
}

/** How a server may ask who we are: libpq's `require_auth` and `channel_binding`. */

import { InvalidValueError } from "./errors";

/** Methods that libpq can be told to insist on. */
const METHODS = ["password", "md5", "gss", "sspi", "scram-sha-256", "oauth", "none"];

/** Whether the channel of TLS is made part of the login (SCRAM-SHA-256-PLUS). */
export type ChannelBinding = "disable" | "prefer" | "require";

/** What is asked of the server's way to authenticate. */
export interface AuthenticationRules {
  /** The methods that are fine; undefined for every one. */
  readonly requireAuth: readonly string[] | undefined;
  readonly channelBinding: ChannelBinding;
}

/** Reads `require_auth`: methods with commas between, all or none of them with a `!`, which excludes it. */
export function methodsOf(text: string | undefined): readonly string[] | undefined {
  if (text === undefined) return undefined;
  const words = text.split(",").map((word) => word.trim());
  const names = words.map((word) => word.replace(/^!/, ""));
  const excluded = words.filter((word) => word.startsWith("!")).length;
  const known = names.every((name) => METHODS.includes(name)) && new Set(names).size === names.length;
  if (!known || (excluded !== 0 && excluded !== words.length)) {
    throw new InvalidValueError(
      `require_auth (PGREQUIREAUTH) must be a list of ${METHODS.join(", ")}, or of such with a ! before each`,
    );
  }
  return excluded === 0 ? names : METHODS.filter((method) => !names.includes(method));
}

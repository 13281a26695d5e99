/** Errors in the shape that the SDK's dynamic-provider host understands. */

import type { Values } from "./definition";

/** A change that was made in part: the engine records what there is, and finishes it in the next `up`. */
export class PartialFailure extends Error {
  constructor(
    readonly id: string,
    readonly properties: Values,
    readonly reasons: [string, ...string[]],
  ) {
    super(reasons.join("; "));
  }
}

/**
 * An error as the host should print it: the host writes name, message and stack, of which only the message says
 * anything to a user. With PGMOB_DEBUG set, the original is passed on as it is.
 */
export function quietError(error: unknown): unknown {
  if (process.env.PGMOB_DEBUG) return error;
  const quiet = new Error(error instanceof Error ? error.message : String(error));
  quiet.name = "";
  quiet.stack = "";
  return quiet;
}

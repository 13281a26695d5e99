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
 * An error as the host should tell it: once. It hands the message to the engine, which shows it with the resource; but of
 * some hooks it prints name, message and stack before. With PGMOB_DEBUG set, the original is passed on as it is.
 */
export function quietError(error: unknown): unknown {
  if (process.env.PGMOB_DEBUG) return error;
  const message = error instanceof Error ? error.message : String(error);
  const quiet = new Error(message);
  quiet.name = "";
  // The host asks for the stack in the very statement that prints.
  return Object.defineProperty(quiet, "stack", { get: () => withoutLine(`${message}: \n`) });
}

/** No stack; and should the next thing that is printed be the line, it is left out. */
function withoutLine(line: string): string {
  const { stderr } = process;
  const write = stderr.write;
  stderr.write = ((chunk: unknown, ...rest: unknown[]) => {
    stderr.write = write;
    return chunk === line || Reflect.apply(write, stderr, [chunk, ...rest]);
  }) as typeof write;
  return "";
}

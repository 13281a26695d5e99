/** Stack traces while a resource is constructed: the SDK formats one for each promise it makes, which is most of its time. */

type Prepare = typeof Error.prepareStackTrace;

let usual: { readonly limit: number; readonly prepare: Prepare } | undefined;

/**
 * Leaves one frame of stack traces until {@link fullTraces}, or until the code that runs now has come to its end: enough to
 * see where an error comes from. The place where a resource is declared, for which the SDK asks for all frames, is as ever.
 */
export function shortTraces(): void {
  // What would be shown of them then is all that they are for.
  if (usual !== undefined || process.env.PULUMI_DEBUG_PROMISE_LEAKS) return;
  const prepare = Error.prepareStackTrace;
  usual = { limit: Error.stackTraceLimit, prepare };
  Error.stackTraceLimit = Math.min(usual.limit, 1);
  // Finding the line of TypeScript that a frame stands for takes most of the time.
  Error.prepareStackTrace = (error, frames) =>
    frames.length > 1 && prepare !== undefined ? prepare(error, frames) : [error, ...frames].join("\n    at ");
  queueMicrotask(fullTraces); // also when the constructor throws
}

/** Puts stack traces back as they were. */
export function fullTraces(): void {
  if (usual === undefined) return;
  Error.stackTraceLimit = usual.limit;
  Error.prepareStackTrace = usual.prepare;
  usual = undefined;
}

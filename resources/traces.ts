/** Stack traces that nobody sees: the SDK takes and formats one for each promise it makes, which is half of a program's time. */

type Prepare = NonNullable<typeof Error.prepareStackTrace>;

let limit: number | undefined;

/** How Node.js calls its own function. */
const OF_NODE = "ErrorPrepareStackTrace";

/** What leaves the SDK's promises alone. */
const sparing = new WeakSet<Prepare>();

/**
 * Leaves one frame of stack traces until {@link fullTraces}, or until the code that runs now has come to its end: enough to
 * see where an error comes from. The place where a resource is declared, for which the SDK asks for all frames, is as ever.
 * From then on the SDK's promises have no traces that have to be formatted.
 */
export function shortTraces(): void {
  // What would be shown of them then is all that they are for.
  if (limit !== undefined || process.env.PULUMI_DEBUG_PROMISE_LEAKS) return;
  sparePromises();
  limit = Error.stackTraceLimit;
  Error.stackTraceLimit = Math.min(limit, 1);
  queueMicrotask(fullTraces); // also when the constructor throws
}

/** Puts stack traces back to the length they had. */
export function fullTraces(): void {
  if (limit === undefined) return;
  Error.stackTraceLimit = limit;
  limit = undefined;
}

/**
 * Whoever formats traces finds the line of TypeScript that each frame stands for, which takes most of the time. The SDK makes
 * promises in later turns as well, so this stays. Node.js itself is fast, and asks only the function that it knows for source maps.
 */
function sparePromises(): void {
  const usual = Error.prepareStackTrace;
  if (usual === undefined || usual.name === OF_NODE || process.sourceMapsEnabled || sparing.has(usual)) return;
  const prepare: Prepare = (error, frames) => (isOfPromise(frames[0]) ? String(error) : usual(error, frames));
  sparing.add(prepare);
  Error.prepareStackTrace = prepare;
}

function isOfPromise(frame: NodeJS.CallSite | undefined): boolean {
  if (frame?.getFunctionName() !== "debuggablePromise") return false;
  const file = frame.getFileName()?.replaceAll("\\", "/") ?? "";
  return file.endsWith("@pulumi/pulumi/runtime/debuggable.js");
}

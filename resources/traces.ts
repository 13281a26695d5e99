/** Stack traces that nobody sees: the SDK takes and formats one for each promise it makes, which is half of a program's time. */

type Prepare = NonNullable<typeof Error.prepareStackTrace>;

let limit: number | undefined;

/** How Node.js calls its own function. */
const OF_NODE = "ErrorPrepareStackTrace";

/** How many places of declarations are remembered, with a trace of some kilobytes each. */
const MOST_KNOWN = 100;

/** What formats no more than somebody sees. */
const sparing = new WeakSet<Prepare>();

/**
 * Leaves one frame of stack traces until {@link fullTraces}, or until the code that runs now has come to its end: enough to
 * see where an error comes from. The place where a resource is declared, for which the SDK asks for all frames, is as ever.
 * From then on the SDK's promises have no traces that have to be formatted, and each of those places is formatted once.
 */
export function shortTraces(): void {
  // What would be shown of them then is all that they are for.
  if (limit !== undefined || process.env.PULUMI_DEBUG_PROMISE_LEAKS) return;
  spareFormatting();
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
function spareFormatting(): void {
  const usual = Error.prepareStackTrace;
  if (usual === undefined || usual.name === OF_NODE || process.sourceMapsEnabled || sparing.has(usual)) return;
  const known = new Map<string, unknown>();
  const prepare: Prepare = (error, frames) => {
    if (isOfSdk(frames[0], "debuggablePromise", "runtime/debuggable.js")) return String(error);
    if (isOfSdk(frames[0], "callsites", "resource.js"))
      return once(known, frames.join("\n"), () => usual(error, frames));
    return usual(error, frames);
  };
  sparing.add(prepare);
  Error.prepareStackTrace = prepare;
}

function isOfSdk(frame: NodeJS.CallSite | undefined, called: string, file: string): boolean {
  if (frame?.getFunctionName() !== called) return false;
  const name = frame.getFileName()?.replaceAll("\\", "/") ?? "";
  return name.endsWith(`@pulumi/pulumi/${file}`);
}

/** What a loop declares comes from the same place each time. */
function once<T>(known: Map<string, T>, place: string, format: () => T): T {
  const formatted = known.has(place) ? (known.get(place) as T) : format();
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(place, formatted);
  return formatted;
}

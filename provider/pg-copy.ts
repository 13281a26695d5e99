/** COPY streams through `pg-copy-streams`, with back-pressure, over one session. */

import { Readable, type Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setImmediate } from "node:timers/promises";
import { from, to } from "pg-copy-streams";
import type { CopySource } from "./adapter";
import type { PgQueryable } from "./pg-session";

/**
 * `COPY … TO STDOUT`: hands the bytes to a consumer, as fast as it takes them. Returns also whether everything was read:
 * only then is the connection fit for another query.
 */
export async function copyOut<T>(
  client: PgQueryable,
  text: string,
  consume: (chunks: AsyncIterable<Uint8Array>) => Promise<T>,
): Promise<{ result: T; whole: boolean }> {
  const stream = submit(client, to(text));
  let failed: Error | undefined;
  stream.once("error", (error) => {
    // Iterating that ends early is no failure.
    if (error.name !== "AbortError") failed = error;
  });
  const result = await consume(stream);
  if (failed !== undefined) throw failed; // a consumer that takes what there was for all of it does not know better
  return { result, whole: stream.readableEnded };
}

/** `COPY … FROM STDIN`: sends what the source gives, as fast as the server takes it. Returns the number of rows. */
export async function copyIn(client: PgQueryable, text: string, source: CopySource): Promise<number> {
  const stream = submit(client, from(text));
  const pieces = Readable.from(paced(source), { objectMode: false });
  // Newer versions of Node have a pipeline wait until its source has ended, which one that is silent never does.
  const refused = new Promise<never>((_, reject) => {
    stream.once("error", (error) => pieces.errored === null && reject(error));
  });
  await Promise.race([pipeline(pieces, stream), refused]);
  return stream.rowCount;
}

/** How many characters or bytes are sent at most before everything else in this process gets its turn. */
const PACE = 1 << 20;

/** A source that never waits would otherwise keep timers and other connections from running while the server is fast. */
async function* paced(source: CopySource): AsyncGenerator<string | Uint8Array> {
  let sent = 0;
  for await (const piece of source) {
    yield piece;
    sent += piece.length;
    if (sent < PACE) continue;
    sent = 0;
    await setImmediate();
  }
}

/** `pg` takes a submittable in the place of a query and gives it back. */
function submit<S extends Readable | Writable>(client: PgQueryable, stream: S): S {
  stream.on("error", () => {}); // whoever reads or writes is told; nobody may be left to
  void client.query(stream);
  return stream;
}

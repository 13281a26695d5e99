/** COPY streams through `pg-copy-streams`, with back-pressure, over one session. */

import { Readable, type Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
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
  const result = await consume(stream);
  return { result, whole: stream.readableEnded };
}

/** `COPY … FROM STDIN`: sends what the source gives, as fast as the server takes it. Returns the number of rows. */
export async function copyIn(client: PgQueryable, text: string, source: CopySource): Promise<number> {
  const stream = submit(client, from(text));
  await pipeline(Readable.from(source, { objectMode: false }), stream);
  return stream.rowCount;
}

/** `pg` takes a submittable in the place of a query and gives it back. */
function submit<S extends Readable | Writable>(client: PgQueryable, stream: S): S {
  stream.on("error", () => {}); // whoever reads or writes is told; nobody may be left to
  void client.query(stream);
  return stream;
}

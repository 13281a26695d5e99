/** What is in a large object: read and written piece by piece, each time in one transaction. */

import type { CopySource, Session } from "./adapter";

/** How much is held in memory at a time, in bytes: a multiple of the 2048 that the server keeps in a row. */
export const PIECE = 512 * 1024;

/** `INV_WRITE` of the server. */
const FOR_WRITING = 0x20000;

/** The bytes from a position on, in pieces, as fast as they are taken. */
export async function* readPieces(
  session: Session,
  oid: number,
  offset = 0,
  length = Number.POSITIVE_INFINITY,
): AsyncGenerator<Buffer, void> {
  const end = offset + length;
  for (let position = offset; position < end; ) {
    const wanted = Math.min(PIECE, end - position);
    // base64 is the shorter way, and does not depend on what the driver is set to make of bytea.
    const { rows } = await session.query(
      "SELECT encode(pg_catalog.lo_get($1::oid, $2::int8, $3::int4), 'base64') AS piece",
      [oid, position, wanted],
    );
    const piece = Buffer.from((rows[0] as { piece: string }).piece, "base64");
    if (piece.length > 0) yield piece;
    if (piece.length < wanted) return;
    position += piece.length;
  }
}

/** Writes what a source gives from a position on, as fast as the server takes it. Returns the number of bytes. */
export async function writePieces(session: Session, oid: number, source: CopySource, offset: number): Promise<number> {
  let position = offset;
  for await (const piece of inPieces(source)) {
    await session.query("SELECT pg_catalog.lo_put($1::oid, $2::int8, $3::bytea)", [oid, position, piece]);
    position += piece.length;
  }
  return position - offset;
}

/** Cuts it off, or fills it up with zero bytes. */
export async function setLength(session: Session, oid: number, length: number): Promise<void> {
  await session.query("SELECT pg_catalog.lo_truncate64(pg_catalog.lo_open($1::oid, $2), $3::int8)", [
    oid,
    FOR_WRITING,
    length,
  ]);
}

/** How long it is, in bytes. */
export async function lengthOf(session: Session, oid: number): Promise<number> {
  const [forReading, toEnd] = [0x40000, 2];
  const { rows } = await session.query(
    "SELECT pg_catalog.lo_lseek64(pg_catalog.lo_open($1::oid, $2), 0, $3)::int8 AS length",
    [oid, forReading, toEnd],
  );
  return Number((rows[0] as { length: string }).length);
}

/** Small pieces are put together and large ones cut, so that each is one statement of a fair size. */
export async function* inPieces(source: CopySource): AsyncGenerator<Buffer, void> {
  let waiting: Buffer[] = [];
  let size = 0;
  for await (const given of source) {
    let rest =
      typeof given === "string" ? Buffer.from(given) : Buffer.from(given.buffer, given.byteOffset, given.byteLength);
    while (size + rest.length >= PIECE) {
      const part = rest.subarray(0, PIECE - size);
      rest = rest.subarray(part.length);
      yield Buffer.concat([...waiting, part]);
      waiting = [];
      size = 0;
    }
    if (rest.length === 0) continue;
    waiting.push(Buffer.from(rest)); // whoever gave it may use its memory again
    size += rest.length;
  }
  if (size > 0) yield Buffer.concat(waiting);
}

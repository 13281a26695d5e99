/** The formats of a backup, and which one something is in. */

import { InvalidValueError } from "../errors";

/** `custom` and `tar`: an archive in one file; `directory`: an archive in many; `plain`: SQL. */
export type BackupFormat = "custom" | "directory" | "plain" | "tar";

/** What files of gzip, zstd, lz4, bzip2 and xz begin with. */
const COMPRESSED = ["\u001f\u008b", "\u0028\u00b5\u002f\u00fd", "\u0004\u0022\u004d\u0018", "BZh", "\u00fd7zXZ"];

/** How many bytes tell the format of a file. */
export const TELLING = 512;

/** The format of a file that begins with these bytes. */
export function formatOf(head: Uint8Array): Exclude<BackupFormat, "directory"> {
  const text = Buffer.from(head).toString("latin1");
  if (text.startsWith("PGDMP")) return "custom";
  if (text.slice(257, 262) === "ustar") return "tar";
  if (COMPRESSED.some((magic) => text.startsWith(magic))) {
    throw new InvalidValueError("the backup is a compressed file, which neither pg_restore nor psql reads", {
      remedy: 'Decompress it: { from: ["gunzip", "-c", path] }',
    });
  }
  return "plain";
}

/** Reads as much of a source as tells its format; what was read is part of the source that comes back. */
export async function peek(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<{ head: Uint8Array; whole: AsyncIterable<Uint8Array> }> {
  const iterator = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
  const read: Uint8Array[] = [];
  let bytes = 0;
  while (bytes < TELLING) {
    const { done, value } = await iterator.next();
    if (done) break;
    read.push(value);
    bytes += value.length;
  }
  async function* whole(): AsyncGenerator<Uint8Array> {
    try {
      yield* read;
      for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
    } finally {
      await iterator.return?.();
    }
  }
  return { head: Buffer.concat(read).subarray(0, TELLING), whole: whole() };
}

/** pg_hba.conf as a list of logical lines that together are the file, byte for byte. */

import type { Bytes } from "./bytes";

/** A logical line: one line, or several that are continued with a backslash. */
export interface Entry {
  /** All of its bytes, the end of line included. */
  readonly raw: Bytes;
  /** What the server reads: the lines joined, without their ends. */
  readonly text: Bytes;
  /** The number of its first line in the file, from 1, as the server counts. */
  readonly line: number;
  /** Whether a line written behind it would be one of its own, because the end of line is missing. */
  readonly unfinished: boolean;
}

/** Takes a file apart. The raw parts joined are the file. */
export function parseFile(bytes: Bytes): Entry[] {
  const entries: Entry[] = [];
  let position = 0;
  let line = 1;
  while (position < bytes.length) {
    const start = position;
    const first = line;
    let text = "";
    let joined = 0;
    let continued: boolean;
    let ended: boolean;
    do {
      const read = readLine(bytes, position);
      position = read.end;
      ended = read.ended;
      text = withoutEnd(text + read.text);
      // A second backslash, left at the end by a continuation, does not continue the line once more.
      continued = text.length > joined && text.endsWith("\\");
      if (continued) {
        text = text.slice(0, -1);
        joined = text.length;
      }
      line++;
    } while (continued && position < bytes.length);
    entries.push({ raw: bytes.slice(start, position), text, line: first, unfinished: continued || !ended });
  }
  return entries;
}

/** Without the end of line at its end, however it is written; an empty line that continues another one stays. */
export function withoutEnd(line: Bytes): Bytes {
  return line.replace(/\r*\n?$/, "");
}

/** A line up to its end. To the server, a NUL character hides the rest of its line with the end: the next one joins. */
function readLine(bytes: Bytes, start: number): { text: Bytes; end: number; ended: boolean } {
  let text = "";
  let position = start;
  while (position < bytes.length) {
    const newline = bytes.indexOf("\n", position);
    const end = newline < 0 ? bytes.length : newline + 1;
    const nul = bytes.slice(position, end).indexOf("\0");
    text += bytes.slice(position, nul < 0 ? end : position + nul);
    position = end;
    if (nul < 0) return { text, end, ended: newline >= 0 };
  }
  return { text, end: position, ended: false };
}

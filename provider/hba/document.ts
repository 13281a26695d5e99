/** pg_hba.conf while it is edited: lines come, go and change, and every byte of the others stays as it is. */

import { RefusedError } from "../errors";
import type { Bytes } from "./bytes";
import { type Entry, parseFile, withoutEnd } from "./file";
import { type Marker, readMarker } from "./marker";
import { type LineMeaning, readLine } from "./rule";
import { tokenise } from "./tokens";

/** A logical line with what it means. */
export interface Line extends Entry {
  readonly meaning: LineMeaning;
  /** The comment, from its `#` on; empty when there is none. */
  readonly comment: Bytes;
  /** What makes it one of ours. */
  readonly marker: Marker | undefined;
}

/** The lines of a file, as a server of a version reads them. Line numbers are those of the file it was made of. */
export class HbaDocument {
  readonly lines: Line[];

  constructor(
    bytes: Bytes,
    readonly major: number,
  ) {
    this.lines = parseFile(bytes).map((entry) => this.read(entry));
  }

  /** Another one with the same lines. */
  copy(): HbaDocument {
    const copy = new HbaDocument("", this.major);
    copy.lines.push(...this.lines);
    return copy;
  }

  /** The file. */
  get bytes(): Bytes {
    return this.lines.map(({ raw }) => raw).join("");
  }

  /** Where the managed rule of a name stands; -1 when there is none. */
  find(name: string): number {
    return this.lines.findIndex(({ marker }) => marker?.name === name);
  }

  /**
   * Inserts a line before the one at an index. Behind the last line of a file that has no final end of line, there is
   * none afterwards either.
   */
  insert(index: number, text: Bytes): void {
    const last = this.lines.at(-1);
    let end: Bytes = this.lines[0]?.raw.endsWith("\r\n") ? "\r\n" : "\n";
    if (index >= this.lines.length && last?.unfinished) {
      this.lines[this.lines.length - 1] = this.finished(last);
      end = "";
    }
    this.lines.splice(index, 0, this.only(text + end));
  }

  /** Takes a line out: the reverse of {@link insert}. */
  remove(index: number): void {
    const [removed] = this.lines.splice(index, 1);
    const last = this.lines.at(-1);
    if (index < this.lines.length || !removed?.unfinished || !last?.raw.endsWith("\n") || last.raw === "\n") return;
    this.lines[this.lines.length - 1] = this.only(last.raw.slice(0, -1));
  }

  /** Replaces the text of a line. Its end of line stays, and is one: behind a backslash it would not be. */
  rewrite(index: number, text: Bytes): void {
    const { raw } = this.lines[index] as Line;
    const end = raw.slice(withoutEnd(raw).length);
    this.lines[index] = this.only(`${text}${text.endsWith("\\") && end !== "" ? " " : ""}${end}`);
  }

  /** The bytes of a line without its end of line. */
  body(index: number): Bytes {
    return withoutEnd((this.lines[index] as Line).raw);
  }

  /** A line that ends where it ends. */
  private finished(last: Line): Line {
    const [line, ...more] = parseFile(`${last.raw}\n`);
    if (line === undefined || line.unfinished || more.length > 0) {
      throw new RefusedError("the last line of pg_hba.conf is to be continued, so that nothing can stand behind it", {
        remedy: "Take the backslash, or the NUL character, at the end of the file away",
      });
    }
    return this.read(line);
  }

  private only(raw: Bytes): Line {
    return this.read(parseFile(raw)[0] as Entry);
  }

  private read(entry: Entry): Line {
    const { fields, comment } = tokenise(entry.text);
    const meaning = readLine(fields, this.major);
    const words = comment === undefined ? "" : entry.text.slice(comment);
    return { ...entry, meaning, comment: words, marker: meaning.kind === "nothing" ? undefined : readMarker(words) };
  }
}

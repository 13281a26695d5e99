/** A logical line of pg_hba.conf in fields, each a list of tokens: read just as the server reads it. */

import type { Bytes } from "./bytes";

/** One value of a field. */
export interface Token {
  /** The value, without its quotes. */
  readonly value: Bytes;
  /** Whether a quote stood before its first character: it is then no keyword, group or file. */
  readonly quoted: boolean;
}

/** What a logical line consists of. */
export interface Tokens {
  /** The fields, each with at least one token: commas make lists. */
  readonly fields: readonly (readonly Token[])[];
  /** Where the comment begins (its `#`), when there is one. */
  readonly comment: number | undefined;
  /** Whether a quote is not closed, so that whatever is written behind the line falls into it. */
  readonly open: boolean;
}

/** Reads a logical line. Nothing is an error here: what makes no sense to the server shows in the fields. */
export function tokenise(line: Bytes): Tokens {
  const reader = new Reader(line);
  const fields: Token[][] = [];
  while (!reader.atEnd) {
    const field: Token[] = [];
    do {
      const token = reader.next();
      if (token === undefined) break;
      field.push(token);
    } while (reader.atComma);
    if (field.length > 0) fields.push(field);
  }
  return { fields, comment: reader.comment, open: reader.open };
}

/** Whether a token is `@file`: a file with a list of values. */
export function isFileToken({ value, quoted }: Token): boolean {
  return !quoted && value.length > 1 && value.startsWith("@");
}

/** Whether a token is an unquoted word, such as a keyword. */
export function isWord({ value, quoted }: Token, word: string): boolean {
  return !quoted && value === word;
}

/** A value in double quotes. */
export function quote(value: Bytes): Bytes {
  return `"${value.replaceAll('"', '""')}"`;
}

const BLANK = " \t\r";

class Reader {
  comment: number | undefined;
  open = false;
  private position = 0;

  constructor(private readonly line: Bytes) {}

  get atEnd(): boolean {
    return this.position >= this.line.length;
  }

  /** Whether the last token was ended by a comma, so that the next one belongs to the same list. */
  get atComma(): boolean {
    return this.line[this.position] === ",";
  }

  next(): Token | undefined {
    while (!this.atEnd && (BLANK.includes(this.char) || this.atComma)) this.position++;
    let value = "";
    let [inQuotes, quoteBefore, quoted, anyQuote] = [false, false, false, false];
    for (; !this.atEnd && (inQuotes || !(BLANK.includes(this.char) || this.atComma)); this.position++) {
      if (this.char === "#" && !inQuotes) {
        this.comment = this.position;
        this.position = this.line.length;
        break;
      }
      if (this.char !== '"' || quoteBefore) value += this.char;
      quoteBefore = this.char === '"' && inQuotes && !quoteBefore; // two quotes are one that is meant
      if (this.char !== '"') continue;
      inQuotes = !inQuotes;
      anyQuote = true;
      if (value === "") quoted = true;
    }
    this.open ||= inQuotes;
    return anyQuote || value !== "" ? { value, quoted } : undefined;
  }

  private get char(): string {
    return this.line[this.position] as string;
  }
}

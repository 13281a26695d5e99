/** SQL text, taken apart into statements as psql does it, and the places of parameters found. Pure; no SQL is understood. */

import { InvalidValueError } from "../errors";

/** A piece of a statement: text as it is, or the number of a parameter (`$1`). */
export type Piece = string | number;

/** One statement of a text. */
export interface SqlStatement {
  /** Its text, without the semicolon. */
  readonly text: string;
  /** The same in pieces, parameters apart. */
  readonly pieces: readonly Piece[];
  /** What it begins with, in upper case: as many words as there are before anything else, four at most. */
  readonly words: readonly string[];
}

const FIRST_WORDS = 4;

/** The kinds of tokens that matter, in the order in which they are tried. */
const TOKENS: readonly [kind: Token["kind"], pattern: RegExp][] = [
  ["space", /\s+|--[^\n\r]*/y],
  ["comment", /\/\*/y],
  ["quiet", /[eE]'(?:[^'\\]|\\[\s\S]|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"/y],
  ["open-ended", /[eE]?'|"/y],
  ["dollar", /\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/y],
  ["parameter", /\$\d+/y],
  ["word", /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y],
  ["end", /;/y],
  ["open", /[([]/y],
  ["close", /[)\]]/y],
  ["quiet", /\d+|[\s\S]/y],
];

interface Token {
  readonly kind:
    | "space"
    | "comment"
    | "quiet"
    | "open-ended"
    | "dollar"
    | "parameter"
    | "word"
    | "end"
    | "open"
    | "close";
  readonly text: string;
}

/**
 * The statements of a text, empty ones left out. A semicolon ends a statement unless it stands in quotes, in a comment, in
 * parentheses (CREATE RULE) or in the body of a routine (`BEGIN ATOMIC … END`).
 *
 * @throws InvalidValueError for a quote or a comment that does not end
 */
export function statementsOf(text: string): SqlStatement[] {
  const statements: SqlStatement[] = [];
  let one = new Draft();
  for (const token of tokens(text)) {
    if (token.kind === "end" && one.isComplete) {
      statements.push(...one.finished());
      one = new Draft();
    } else one.take(token);
  }
  return [...statements, ...one.finished()];
}

/** A statement that is being read. */
class Draft {
  private readonly pieces: Piece[] = [];
  private readonly words: string[] = [];
  private text = "";
  private parentheses = 0;
  /** How many END belong to the body of a routine that is being read. */
  private body = 0;
  private last = "";
  private onlyWords = true;
  private empty = true;

  get isComplete(): boolean {
    return this.parentheses === 0 && this.body === 0;
  }

  take({ kind, text }: Token): void {
    this.text += text;
    const before = this.pieces.at(-1);
    if (kind === "parameter") this.pieces.push(Number(text.slice(1)));
    else if (typeof before === "string") this.pieces[this.pieces.length - 1] = before + text;
    else this.pieces.push(text);
    if (kind === "space" || kind === "comment") return;
    this.empty = false;
    if (kind === "open") this.parentheses++;
    if (kind === "close") this.parentheses = Math.max(0, this.parentheses - 1);
    if (kind === "word") this.takeWord(text.toUpperCase());
    else this.onlyWords = false;
    this.last = kind === "word" ? text.toUpperCase() : "";
  }

  private takeWord(word: string): void {
    if (this.onlyWords && this.words.length < FIRST_WORDS) this.words.push(word);
    if (word === "ATOMIC" && this.last === "BEGIN" && this.body === 0 && this.makesRoutine) this.body = 1;
    else if (this.body > 0 && word === "CASE") this.body++;
    else if (this.body > 0 && word === "END") this.body--;
  }

  private get makesRoutine(): boolean {
    return /^CREATE (OR REPLACE )?(FUNCTION|PROCEDURE)/.test(this.words.join(" "));
  }

  finished(): SqlStatement[] {
    return this.empty ? [] : [{ text: this.text.trim(), pieces: this.pieces, words: this.words }];
  }
}

function* tokens(text: string): Generator<Token> {
  for (let at = 0; at < text.length; ) {
    const token = tokenAt(text, at);
    yield token;
    at += token.text.length;
  }
}

function tokenAt(text: string, at: number): Token {
  for (const [kind, pattern] of TOKENS) {
    pattern.lastIndex = at;
    const [found] = pattern.exec(text) ?? [];
    if (found === undefined) continue;
    if (kind === "open-ended") break;
    if (kind === "comment") return { kind, text: text.slice(at, endOfComment(text, at)) };
    if (kind === "dollar") return { kind, text: text.slice(at, endOfDollars(text, at, found)) };
    return { kind, text: found };
  }
  throw unended("quote", text, at);
}

/** Comments of this kind can hold others. */
function endOfComment(text: string, at: number): number {
  const mark = /\/\*|\*\//g;
  mark.lastIndex = at;
  let depth = 0;
  for (let found = mark.exec(text); found !== null; found = mark.exec(text)) {
    depth += found[0] === "/*" ? 1 : -1;
    if (depth === 0) return mark.lastIndex;
  }
  throw unended("comment", text, at);
}

function endOfDollars(text: string, at: number, mark: string): number {
  const end = text.indexOf(mark, at + mark.length);
  if (end < 0) throw unended(`quote ${mark}`, text, at);
  return end + mark.length;
}

function unended(what: string, text: string, at: number): InvalidValueError {
  const line = text.slice(0, at).split("\n").length;
  return new InvalidValueError(`the ${what} that begins in line ${line} does not end`);
}

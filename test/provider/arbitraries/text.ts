/** Texts and names that quoting, folding, lengths and formats go wrong with, and that anybody may declare: what may be refused is in test/hostile. */

import fc from "fast-check";
import { MAX_IDENTIFIER_BYTES } from "../../../provider/sql";
import { HOSTILE_NAMES } from "../samples";

/** Pieces of hostile texts: quotes, ends of lines, comments and templates of SQL, TypeScript and the shell, keywords. */
const PIECES: readonly string[] = [
  ...[
    '"',
    "'",
    "`",
    "''",
    '\\"',
    "\\",
    "\\n",
    "$1",
    "$",
    ["$", "{x}"].join(""),
    "$(id)",
    "`id`",
    "%s",
    "%",
    "#",
    "//",
    "/*",
    "*/",
    "--",
    ";",
  ],
  ...["\n", "\r\n", "\t", "\u0001", "\u007f", "\u0085", "\u2028", "\u00a0", "\ufeff", "\u200d", "\u202e"],
  ...[
    ".",
    "..",
    "/",
    "+",
    "@",
    ",",
    ":",
    "=",
    "-",
    "_",
    " ",
    "  ",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "<",
    ">",
    "&",
    "|",
    "*",
    "?",
  ],
  ...["a", "A", "0", "é", "ß", "İ", "🐘", "默认", "ﬁ", "a\u0301", "👩‍💻", "ｆ"],
  ...["select", "class", "await", "constructor", "__proto__", "null", "all", "END", "EOF", "pg_", "public"],
];

const piece = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...PIECES) },
  { weight: 1, arbitrary: fc.constantFrom(...HOSTILE_NAMES) },
  { weight: 1, arbitrary: fc.string({ unit: "grapheme-ascii", maxLength: 4 }) },
  { weight: 1, arbitrary: fc.string({ unit: "grapheme", maxLength: 3 }) },
);

/** Any text that PostgreSQL can hold. */
export const anyText: fc.Arbitrary<string> = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(""));

/** A text of one line, which is not empty and has no blanks around it. */
export const anyLine: fc.Arbitrary<string> = anyText
  .map((text) => text.replace(/[\r\n]/g, " ").trim())
  .filter((text) => text !== "");

/** What goes into a name beside something that is in no other name. */
const around = fc.tuple(anyText, anyText);

/** A name with a token in it, of 63 bytes at most, and of just so many now and then. */
export function anyName(token: string): fc.Arbitrary<string> {
  const cut = ([before, after]: readonly [string, string]) => {
    const room = MAX_IDENTIFIER_BYTES - Buffer.byteLength(token);
    const head = firstBytes(before, room);
    const name = `${head}${token}${firstBytes(after, room - Buffer.byteLength(head))}`;
    return name.replace(/^pg_/, "pg-");
  };
  const full = around.map(([before, after]): [string, string] => [firstBytes(before, 9), `${after}${"é".repeat(32)}x`]);
  return fc.oneof({ weight: 5, arbitrary: around }, { weight: 1, arbitrary: full }).map(cut);
}

/**
 * Different names with a token in them, among them some that are the same but for upper and lower case, or for
 * characters that no variable has.
 */
export function anyNames(token: string, minLength: number, maxLength: number): fc.Arbitrary<string[]> {
  const punctuation = fc.constantFrom("-", "_", ".", " ", "'", '"', "\n");
  const change = fc.option(fc.record({ of: fc.nat(), upper: fc.boolean(), at: punctuation }));
  return fc.array(fc.tuple(anyName(token), change), { minLength, maxLength }).map((made) => {
    const names: string[] = [];
    for (const [fresh, changed] of made) {
      const like = changed === null ? undefined : names[changed.of % names.length];
      const [before = "", after = ""] = (like ?? fresh).split(token);
      const recase = (text: string) =>
        changed?.upper ? text.toUpperCase() : text.replace(/[^\w]/u, changed?.at ?? "-");
      const name = like === undefined ? fresh : `${recase(before)}${token}${recase(after)}`;
      const fits = Buffer.byteLength(name) <= MAX_IDENTIFIER_BYTES && !/^pg_/i.test(name);
      names.push(fits && !names.includes(name) ? name : `${names.length}${token}`);
    }
    return names;
  });
}

/** As much of a text as fits into so many bytes. */
function firstBytes(text: string, most: number): string {
  let [kept, left] = ["", most];
  for (const char of text) {
    left -= Buffer.byteLength(char);
    if (left < 0) break;
    kept += char;
  }
  return kept;
}

/** Texts and names that quoting, folding, lengths and formats go wrong with. */

import fc from "fast-check";
import { MAX_IDENTIFIER_BYTES } from "../../../provider/sql";
import { hostileText, isStorable } from "../../hostile/texts";

/** Any text that PostgreSQL can hold. */
export const anyText: fc.Arbitrary<string> = hostileText.filter(isStorable);

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

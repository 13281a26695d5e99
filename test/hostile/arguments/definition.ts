/** Definitions, which are the user's own SQL: with a text in them that is written down rightly, or with SQL behind them. */

import type fc from "fast-check";
import { hostileText, isNameable, isStorable } from "../texts";
import { betweenComments, inDollars, quotedName, quotedText } from "./quoting";

/** A way in which a text stands in a definition. */
export interface Definition {
  readonly type: "View" | "Routine";
  readonly name: string;
  readonly count: number;
  readonly texts: fc.Arbitrary<string>;
  /** The definition of the view or the function `made`. */
  definition(text: string): string;
  /** A query for what is there by it: one row, one column. None: the server refuses it. */
  readonly shows?: string;
  /** What that must be. Default: the text. */
  readonly expected?: string;
}

/** Texts that are a statement, or what is none, and never only the end of another. */
const behind = hostileText.filter((text) => !/--|\/\*/.test(text) && text.replace(/[\s;]/g, "") !== "");

const made = (type: Definition["type"], shows: string) => ({ type, shows, count: 60, texts: hostileText });
const view = made("View", "SELECT c FROM made");
const routine = made("Routine", "SELECT made()");
const functionOf = (body: string) => `CREATE FUNCTION made() RETURNS text LANGUAGE sql ${body}`;

/** Every way in which a text stands in a definition. */
export const DEFINITIONS: readonly Definition[] = [
  { ...view, name: "a literal", definition: (text) => `SELECT ${quotedText(text)}::text AS c` },
  { ...view, name: "a literal in dollars", definition: (text) => `SELECT ${inDollars(text)}::text AS c` },
  {
    ...{ ...view, name: "comments", expected: "x" },
    definition: (text) => betweenComments(text, "SELECT 'x'::text AS c"),
  },
  {
    ...{ ...view, name: "a name", definition: (text) => `SELECT 1 AS ${quotedName(text)}` },
    // A longer one would be cut by the server.
    texts: hostileText.filter((text) => isNameable(text) || !isStorable(text)),
    shows: "SELECT attname::text FROM pg_attribute WHERE attrelid = 'made'::regclass",
  },
  {
    ...{ type: "View", name: "another statement behind it", count: 60, texts: behind },
    definition: (text) => `SELECT 1 AS c; ${text}`,
  },
  {
    ...{ ...routine, name: "a literal" },
    definition: (text) => functionOf(`AS ${quotedText(`SELECT ${quotedText(text)}::text`)}`),
  },
  {
    ...{ ...routine, name: "a literal in dollars" },
    definition: (text) => functionOf(`AS ${inDollars(`SELECT ${inDollars(text)}::text`)}`),
  },
  {
    ...{ ...routine, name: "comments", expected: "x" },
    definition: (text) => `CREATE FUNCTION made() ${betweenComments(text, "RETURNS text LANGUAGE sql")}\nRETURN 'x'`,
  },
  {
    ...{ type: "Routine", name: "another statement behind it", count: 60, texts: behind },
    definition: (text) => `${functionOf("AS 'SELECT NULL::text'")}; ${text}`,
  },
];

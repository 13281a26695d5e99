/** Definitions as users write them: the query of a view, the statement that makes a routine. */

import { fromUser, keyword, type Sql, sql } from "../sql";
import { isText, type Json, type ValueType } from "../values";

const SPACE = String.raw`(?:\s|--[^\n]*(?:\n|$)|/\*(?:[^*]|\*(?!/))*\*/)`;
const QUERY = new RegExp(String.raw`^${SPACE}*(?:\(|(?:SELECT|VALUES|TABLE|WITH)\b)`, "i");
const CHECK_OPTION = new RegExp(
  String.raw`\bWITH${SPACE}+(?:(?:LOCAL|CASCADED)${SPACE}+)?CHECK${SPACE}+OPTION[\s;]*$`,
  "i",
);
const ROUTINE = new RegExp(
  String.raw`^${SPACE}*CREATE${SPACE}+(?:OR${SPACE}+REPLACE${SPACE}+)?(FUNCTION|PROCEDURE)\b`,
  "i",
);

/** Without what stands behind the end of a statement, and around it: two texts that differ by that alone are one. */
function trimmed(value: Json): Json {
  return typeof value === "string" ? value.replace(/[\s;]+$/, "").trimStart() : value;
}

/** The query of a view. */
export const viewQuery: ValueType = {
  expects: "one query: SELECT, VALUES, TABLE or WITH …",
  accepts: (value) => isText(value) && QUERY.test(value) && !CHECK_OPTION.test(value),
  reason: (value) =>
    isText(value) && CHECK_OPTION.test(value)
      ? "must be the query alone: set checkOption for a check option"
      : undefined,
  normalise: trimmed,
};

/** The statement that makes a function or a procedure. */
export const routineStatement: ValueType = {
  expects: "one statement, CREATE [OR REPLACE] FUNCTION or PROCEDURE …",
  accepts: (value) => isText(value) && ROUTINE.test(value),
  normalise: trimmed,
};

/** What the statement makes: `function` or `procedure`. */
export function kindOf(text: string): string {
  return (ROUTINE.exec(text)?.[1] ?? "function").toLowerCase();
}

/** The user's statement that makes a routine, in our own first words: it fails, or replaces, where there is one. */
export function routineStatementOf(text: string, replace: boolean): Sql {
  const [start = "", kind = ""] = ROUTINE.exec(text) ?? [];
  const words = `CREATE ${replace ? "OR REPLACE " : ""}${kind.toUpperCase()}`;
  return sql`${keyword(words)}${fromUser(text.slice(start.length))}`;
}

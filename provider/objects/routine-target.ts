/** What statements call a routine. */

import type { Observed } from "../definition";
import { fromUser, identifier, join, keyword, type Sql, sql } from "../sql";

/** The word for most routines. */
export const KIND = "FUNCTION";

const WORDS: Readonly<Record<string, string>> = { procedure: "PROCEDURE", aggregate: "AGGREGATE" };

/**
 * `FUNCTION "s"."f"("pg_catalog"."int4")`: types by their own names, so that no search_path plays a part. Of a routine that
 * nobody has looked at, for people to read: as they are declared.
 */
export function routineTarget({ values, extra }: Observed, schema: string, name: string): Sql {
  const word = WORDS[String(values.kind)] ?? KIND;
  // Without IN, the types might also be read as those of input and output arguments together.
  const mode = values.kind === "procedure" ? sql`IN ` : sql``;
  const known = extra.types as [string, string][] | undefined;
  if (known === undefined)
    return sql`${keyword(word)} ${identifier(schema, name)}(${fromUser(String(values.arguments))})`;
  const types = known.map((type) => sql`${mode}${identifier(...type)}`);
  const list = values.kind === "aggregate" && types.length === 0 ? sql`*` : join(types);
  return sql`${keyword(word)} ${identifier(schema, name)}(${list})`;
}

/** The types of a routine's arguments, which tell it from others of its name: in the server's words, whatever was written. */

import type { Cluster } from "../cluster";
import { ConnectionError } from "../errors";
import { folded } from "../parameters";
import { type Sql, sql } from "../sql";
import { isText, type ValueType } from "../values";
import { inServerWords, SESSION_SETTINGS } from "./server-words";

/** The types of a routine's input arguments; `p` is its row of pg_proc. */
export const ARGUMENT_TYPES = sql`p.proargtypes::oid[]`;

/** The types of input arguments, an expression of type oid[]: in words that do not depend on the session, and by name. */
export function argumentsOf(types: Sql): Sql {
  const json = sql`
    (SELECT json_build_object(
              'text', coalesce(string_agg(
                CASE WHEN tn.nspname = 'pg_catalog' THEN pg_catalog.format_type(t.oid, NULL)
                     WHEN t.typelem <> 0 AND t.typcategory = 'A' THEN format('%I.%I[]', en.nspname, e.typname)
                     ELSE format('%I.%I', tn.nspname, t.typname) END, ', ' ORDER BY a.position), ''),
              'types', coalesce(json_agg(json_build_array(tn.nspname, t.typname) ORDER BY a.position), '[]'))::text
       FROM unnest(${types}) WITH ORDINALITY AS a (type, position)
       JOIN pg_catalog.pg_type t ON t.oid = a.type
       JOIN pg_catalog.pg_namespace tn ON tn.oid = t.typnamespace
       LEFT JOIN pg_catalog.pg_type e ON e.oid = t.typelem
       LEFT JOIN pg_catalog.pg_namespace en ON en.oid = e.typnamespace)`;
  return sql`(SELECT (${inServerWords(json)})::json FROM ${SESSION_SETTINGS})`;
}

/** What ALTER FUNCTION takes between its brackets. */
export const argumentList: ValueType = {
  expects: 'the types of the input arguments, such as "int, text[]"; "" for none',
  accepts: (value) => isText(value) && argumentsIn(value) !== undefined,
  normalise: (value) => (argumentsIn(String(value)) ?? [String(value)]).join(", "),
};

/**
 * The types in the server's words, however they are written: other names of a type, names in the search_path, a length,
 * names of the arguments and IN or VARIADIC before them. What the server does not know is left as it is written.
 */
export async function argumentTypes(cluster: Cluster, written: string): Promise<string> {
  const given = argumentsIn(written);
  if (given === undefined) return written; // nothing has such arguments
  if (given.length === 0) return "";
  const types: string[] = [];
  for (const argument of given) {
    const unnamed = argument.replace(/^(?:IN|INOUT|VARIADIC)\s+/i, "");
    const type = (await typeOf(cluster, unnamed)) ?? (await typeOf(cluster, withoutName(unnamed)));
    if (type === undefined) return written;
    types.push(type);
  }
  const [row] = await cluster.query<{ text: string }>(
    sql`SELECT a.arguments ->> 'text' AS text FROM (VALUES (${types}::oid[])) AS given (types)
         CROSS JOIN LATERAL ${argumentsOf(sql`given.types`)} AS a (arguments)`,
  );
  return row?.text ?? written;
}

/** The oid of a type; undefined for a text that is none. */
async function typeOf(cluster: Cluster, text: string): Promise<string | undefined> {
  if (/^\s*(\d+|-)\s*$/.test(text)) return undefined; // no names, but from 16 on to_regtype takes the number of a type
  try {
    const [row] = await cluster.query<{ oid: string | null }>(sql`SELECT to_regtype(${text})::oid::int8 AS oid`);
    return row?.oid ?? undefined;
  } catch (error) {
    if (error instanceof ConnectionError) throw error;
    // Syntax, or a schema that is not there or may not be used: what has a schema is found in the catalogue all the same.
    return inSchema(cluster, text);
  }
}

const NAME = String.raw`("(?:[^"]|"")+"|[^\W\d][\w$]*)`;
const IN_SCHEMA = new RegExp(String.raw`^${NAME}\s*\.\s*${NAME}\s*((?:\[\s*\d*\s*\]\s*)*)$`, "u");

async function inSchema(cluster: Cluster, text: string): Promise<string | undefined> {
  const [, schema, name, array] = IN_SCHEMA.exec(text) ?? [];
  if (schema === undefined || name === undefined) return undefined;
  const column = array === "" ? sql`t.oid` : sql`t.typarray`;
  const [row] = await cluster.query<{ oid: string }>(
    sql`SELECT ${column}::int8 AS oid FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
         WHERE n.nspname = ${plain(schema)} AND t.typname = ${plain(name)} AND ${column} <> 0`,
  );
  return row?.oid;
}

/** A name as the catalogue has it. */
function plain(name: string): string {
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : folded(name);
}

/** Without the first word, which is in quotes or not. */
function withoutName(argument: string): string {
  return argument.replace(/^(?:"(?:[^"]|"")*"|[^\s"(]+)\s+/, "");
}

/** Arguments between commas that stand neither in brackets nor in quotes; undefined where these do not close. */
function argumentsIn(text: string): string[] | undefined {
  if (text.trim() === "") return [];
  const found: string[] = [];
  let [current, depth, quoted] = ["", 0, false];
  for (const at of text) {
    if (at === '"') quoted = !quoted;
    if (!quoted && (at === "(" || at === "[")) depth++;
    if (!quoted && (at === ")" || at === "]")) depth--;
    if (depth < 0) return undefined;
    if (at === "," && !quoted && depth === 0) {
      found.push(current.trim());
      current = "";
    } else current += at;
  }
  found.push(current.trim());
  const whole = !quoted && depth === 0 && found.every((one) => one !== "");
  return whole ? found.filter((one) => !/^OUT\s/i.test(one)) : undefined;
}

/** The arguments of routines. */

import type { Json } from "../../../provider/values";
import { hostileText, isNameable, isStorable } from "../texts";
import type { Argument } from "../trial";
import { nothing } from "./common";
import { quotedName } from "./quoting";
import { type Made, readOf, takenOver } from "./taken-over";

const BODY = "RETURNS text LANGUAGE sql AS 'SELECT NULL::text'";
const FUNCTION: Made = {
  ...{ type: "Routine", sql: `CREATE FUNCTION %I.%I() ${BODY}`, catalogue: "pg_proc", columns: "pro" },
};

/** Whether what is in quotes ends, and brackets close, and there is something between commas. */
function isList(text: string): boolean {
  if (text.trim() === "") return isStorable(text);
  let left = text.replace(/"[^"]*"/g, "q");
  if (left.includes('"')) return false;
  for (let before = ""; before !== left; ) [before, left] = [left, left.replace(/[([][^()[\]]*[)\]]/g, "b")];
  return isStorable(text) && !/[()[\]]/.test(left) && left.split(",").every((part) => part.trim() !== "");
}

/** Makes the type that a text names, and a function that takes it. */
const typed = (text: string, name: string): (readonly [string, ...string[]])[] =>
  isNameable(text)
    ? [
        ["CREATE TYPE public.%I AS ENUM ()", text],
        [`CREATE FUNCTION %I(public.%I) ${BODY}`, name, text],
      ]
    : [];

/** The arguments of routines. */
export function routines(): Argument[] {
  const base = { type: "Routine", texts: hostileText, accepts: isStorable };
  const of = readOf("pg_proc");
  const type = "(SELECT to_json(t.typname) FROM pg_type t WHERE t.oid = x.proargtypes[0])";
  const unknown = (text: string) => (isNameable(text) ? undefined : "does not exist");
  return [
    ...takenOver(FUNCTION),
    {
      ...base,
      ...{ name: "arguments", count: 140, accepts: isList, adds: nothing },
      needs: (_, name) => [[FUNCTION.sql, "public", name]],
      inputs: (text, name) => ({ name, arguments: text }),
      refusal: (text) => (text.trim() === "" ? undefined : "does not exist"),
      read: of("to_json(x.pronargs)"),
      expected: (): Json => 0,
    },
    {
      ...base,
      ...{ name: "arguments (a name)", count: 140, adds: nothing, needs: typed, refusal: unknown, read: of(type) },
      inputs: (text, name) => ({ name, arguments: `public.${quotedName(text)}` }),
    },
    {
      ...base,
      ...{ name: "arguments (a schema)", count: 90, adds: nothing, read: of(type), expected: () => "t" },
      needs: (text, name) =>
        isNameable(text) && !/^(pg_|public$)/.test(text)
          ? [
              ["CREATE SCHEMA %I", text],
              ["CREATE TYPE %I.t AS ENUM ()", text],
              [`CREATE FUNCTION %I(%I.t) ${BODY}`, name, text],
            ]
          : [],
      refusal: (text) => (/^(pg_|public$)/.test(text) ? "does not exist" : unknown(text)),
      inputs: (text, name) => ({ name, arguments: `${quotedName(text)}.t` }),
    },
  ];
}

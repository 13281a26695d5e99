/** The arguments of sequences. */

import fc from "fast-check";
import type { Values } from "../../../provider/definition";
import { hostileText, isNameable, isStorable } from "../texts";
import type { Argument, Rows } from "../trial";
import { comment, isSchemaName, noSuchRole, role, schema } from "./common";

/** Bounds that a sequence has where nothing else is declared. */
function isInRange(name: string, value: bigint): boolean {
  const max = 2n ** 63n - 1n;
  if (name === "increment") return value !== 0n;
  if (name === "minValue") return value < max;
  if (name === "maxValue") return value > 1n;
  return value >= 1n;
}

/** Hostile texts, and numbers that a sequence can have, or can nearly have. */
const numbers = fc.oneof(
  hostileText,
  fc.bigInt({ min: -(2n ** 65n), max: 2n ** 65n }).map(String),
  fc.integer({ min: -3, max: 3 }).map(String),
);

/** The smallest number is the server's to know: it may have another one than is declared. */
function belowMinimum(text: string): string | undefined {
  return BigInt(text) < 1n ? "cannot be less than MINVALUE" : undefined;
}

/** The arguments of sequences. */
export function sequences(): Argument[] {
  const base = { type: "Sequence", texts: hostileText, adds: (): Rows => ({ pg_class: 1 }) };
  const of = (value: string) =>
    `SELECT c.oid AS key, ${value} AS value FROM pg_class c JOIN pg_sequence s ON s.seqrelid = c.oid WHERE c.oid = ANY ($1::oid[])`;
  const column = (part: "nspname" | "relname" | "attname") =>
    of(`(SELECT to_json(${part}) FROM pg_depend d JOIN pg_class t ON t.oid = d.refobjid JOIN pg_namespace n ON n.oid = t.relnamespace
        JOIN pg_attribute a ON (a.attrelid, a.attnum) = (t.oid, d.refobjsubid) WHERE d.objid = c.oid AND d.deptype = 'a')`);
  const isInteger = (text: string) => /^-?\d+$/.test(text) && BigInt(text) > -(2n ** 63n) && BigInt(text) < 2n ** 63n;
  const number = (name: string, more: Values = {}): Argument => ({
    ...base,
    ...{ name, count: 60, texts: numbers, accepts: (text) => isInteger(text) && isInRange(name, BigInt(text)) },
    inputs: (text, unique) => ({ name: unique, ...more, [name]: text }),
  });
  return [
    {
      ...base,
      name: "name",
      count: 240,
      accepts: isNameable,
      inputs: (name) => ({ name, schema: "public" }),
      read: of("to_json(c.relname)"),
      refusal: (text) => (text === "canary" ? "exists" : undefined),
    },
    {
      ...base,
      ...{ name: "name (renamed)", count: 100, accepts: isNameable, read: of("to_json(c.relname)") },
      before: (_, name) => ({ name }),
      inputs: (name) => ({ name }),
    },
    {
      ...base,
      ...{ name: "schema", count: 140, accepts: isSchemaName, needs: schema },
      inputs: (schema, name) => ({ name, schema }),
      read: of("(SELECT to_json(nspname) FROM pg_namespace n WHERE n.oid = c.relnamespace)"),
    },
    {
      ...base,
      ...{ name: "owner", count: 130, accepts: isNameable, refusal: noSuchRole },
      needs: (text) => [...role(text), ...role(text).map(() => ["GRANT CREATE ON SCHEMA public TO %I", text] as const)],
      inputs: (owner, name) => ({ name, owner }),
      read: of("to_json(pg_get_userbyid(c.relowner))"),
    },
    {
      ...base,
      ...{ name: "comment", count: 240, accepts: isStorable, expected: comment },
      inputs: (comment, name) => ({ name, comment }),
      read: of("to_json(obj_description(c.oid, 'pg_class'))"),
      adds: (text) => ({ pg_class: 1, pg_description: text === "" ? 0 : 1 }),
    },
    {
      ...base,
      ...{ name: "ownedBy.table", count: 130, accepts: isNameable, read: column("relname") },
      needs: (text) => [["CREATE TABLE %I (c int)", text]],
      inputs: (table, name) => ({ name, ownedBy: { table, column: "c" } }),
    },
    {
      ...base,
      ...{ name: "ownedBy.column", count: 130, accepts: isNameable, read: column("attname") },
      needs: (text, unique) => [["CREATE TABLE %I (%I int)", `${unique}t`, text]],
      inputs: (column, name) => ({ name, ownedBy: { table: `${name}t`, column } }),
    },
    {
      ...base,
      ...{ name: "ownedBy.schema", count: 130, accepts: isSchemaName, read: column("nspname") },
      needs: (text, unique) => [...schema(text), ["CREATE TABLE %I.%I (c int)", text, `${unique}t`]],
      inputs: (schema, name) => ({ name, schema, ownedBy: { schema, table: `${name}t`, column: "c" } }),
    },
    {
      ...base,
      ...{ name: "restartTrigger", count: 130, accepts: isStorable },
      before: (_, name) => ({ name, restartTrigger: "before" }),
      inputs: (restartTrigger, name) => ({ name, restartTrigger }),
    },
    {
      ...base,
      ...{ name: "database", count: 60, accepts: isNameable, refusal: () => "database .* does not exist" },
      inputs: (database, name) => ({ name, database }),
    },
    {
      ...base,
      ...{ name: "dataType", count: 50, accepts: (text) => /^(smallint|integer|bigint)$/.test(text) },
      inputs: (dataType, name) => ({ name, dataType }),
    },
    ...["increment", "cache"].map((name) => number(name)),
    // The server compares the bounds, of which one may be its own.
    ...["minValue", "maxValue"].map((name) => ({
      ...number(name),
      accepts: isInteger,
      refusal: (text: string) => (isInRange(name, BigInt(text)) ? undefined : "must be less than MAXVALUE"),
    })),
    { ...number("start"), accepts: isInteger, refusal: belowMinimum },
    {
      ...number("restartWith"),
      accepts: isInteger,
      before: (_, name) => ({ name, restartTrigger: "before" }),
      inputs: (restartWith, name) => ({ name, restartTrigger: "now", restartWith }),
      refusal: belowMinimum,
    },
  ];
}

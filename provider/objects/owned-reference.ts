/** How a program names the objects that are to have one owner. */

import type { CatalogueType, Values } from "../definition";
import { pathOf } from "../fields";
import type { Json, ValueType } from "../values";
import { databaseField } from "./common";
import { OWNED_KINDS } from "./owned-kinds";

/** A kind of objects that are the whole server's. */
export type ServerKind = "database" | "tablespace";

/** A kind of objects of a database that are in no schema. */
export type DatabaseKind =
  | "schema"
  | "publication"
  | "subscription"
  | "foreign server"
  | "foreign data wrapper"
  | "event trigger"
  | "language";

/** A kind of objects that are in a schema. `table` and `view` are all kinds of them, `type` also a domain. */
export type SchemaKind =
  | ("table" | "view" | "sequence" | "type" | "collation" | "conversion" | "statistics")
  | ("text search configuration" | "text search dictionary");

/** Where an object of a database is. */
interface InDatabase {
  /** The database that it is in; `null` is the connection's. Default: the ownership's `database`. */
  database?: string | null;
}

/** A database or a tablespace. */
export interface ServerReference {
  /** What it is, as plain text. */
  kind: ServerKind;
  /** Its name. */
  name: string;
}

/** An object of a database that is in no schema, or a schema. */
export interface DatabaseReference extends InDatabase {
  /** What it is, as plain text. */
  kind: DatabaseKind;
  /** Its name. */
  name: string;
}

/** An object in a schema. */
export interface SchemaReference extends InDatabase {
  /** What it is, as plain text. */
  kind: SchemaKind;
  /** Its name. */
  name: string;
  /** Its schema. Default `public`. */
  schema?: string;
}

/** A function, a procedure, an aggregate or a window function. */
export interface RoutineReference extends InDatabase {
  /** What it is, as plain text. */
  kind: "routine";
  /** Its name. */
  name: string;
  /** Its schema. Default `public`. */
  schema?: string;
  /** The types of its input arguments, as SQL writes them. Default `""`: none. */
  arguments?: string;
}

/** A large object. */
export interface LargeObjectReference extends InDatabase {
  /** What it is, as plain text. */
  kind: "large object";
  /** Its oid, which is its name. */
  oid: number | string;
}

/** An object that has an owner, by its kind and name. */
export type OwnedReference =
  | ServerReference
  | DatabaseReference
  | SchemaReference
  | RoutineReference
  | LargeObjectReference;

/** What is wrong with a reference; undefined for a right one. */
function flaw(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return "is no object with a kind";
  const { kind, database = null, ...path } = value as Record<string, unknown>;
  const type = OWNED_KINDS.get(String(kind));
  if (type === undefined) return `is of no kind that has an owner: ${[...OWNED_KINDS.keys()].join(", ")}`;
  if (database !== null && !(type.perDatabase && databaseField.value.accepts(database)))
    return type.perDatabase ? `: database must be ${databaseField.value.expects}` : `: a ${kind} is in no database`;
  const surplus = Object.keys(path).find((name) => path[name] !== undefined && !type.key.includes(name));
  if (surplus !== undefined) return `: a ${kind} has no ${surplus}`;
  for (const name of type.key) {
    const field = type.fields[name];
    const given = path[name];
    if (given === undefined && field?.default !== undefined) continue;
    if (given === undefined || !field?.value.accepts(given)) return `: ${name} must be ${field?.value.expects}`;
  }
  return undefined;
}

/** The attribute `objects`: a list in any order. */
export const references: ValueType = {
  expects:
    "a list of objects, each { kind, name } with the schema, arguments and database that it takes, or { kind, oid }",
  accepts: (value) => Array.isArray(value) && value.length > 0 && value.every((one) => flaw(one) === undefined),
  reason: (value) => {
    if (!Array.isArray(value)) return undefined;
    const index = value.findIndex((one) => flaw(one) !== undefined);
    if (index === -1) return undefined;
    const reason = flaw(value[index]) ?? "";
    return `${JSON.stringify(index)}${reason.startsWith(":") ? "" : " "}${reason}`;
  },
  normalise: (value) => (value as Json[]).map((one) => JSON.stringify(partsOf(one as Values))).sort(),
};

function partsOf(reference: Values): Json[] {
  const { kind = null, database } = reference;
  const type = OWNED_KINDS.get(String(kind)) as CatalogueType;
  const parts = pathOf(type, reference).map((part, index) => {
    const field = type.fields[type.key[index] as string];
    return String(field?.value.normalise(part) ?? part);
  });
  return [kind, database === undefined ? "" : database, ...parts];
}

/** The database that a reference names: the one that the object is in, or that it is. */
export function databaseOf({ kind = null, name = null, database = null }: Values): Json[] {
  return kind === "database" ? [name] : database === null ? [] : [database];
}

/** The type of the object that a reference names, and the values of its key. */
export function meaningOf(reference: Values): { readonly type: CatalogueType; readonly path: string[] } {
  const type = OWNED_KINDS.get(String(reference.kind)) as CatalogueType;
  return { type, path: pathOf(type, reference) };
}

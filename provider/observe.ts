/** Observation: many objects of a type in one query, and which of them is which. */

import type { Session } from "./adapter";
import type { Cluster } from "./cluster";
import type { CatalogueType, Key, ObjectType, Observed, Values } from "./definition";
import type { DriverError } from "./errors";
import type { ServerFacts } from "./facts";
import { pathOf } from "./fields";
import { repeatedly } from "./repeat";

/** Observes one object in the cluster's database, with what else is asked for now; undefined when it is not there. */
export function observe(cluster: Cluster, type: ObjectType, key: Key): Promise<Observed | undefined> {
  return cluster.reads.observe(cluster, type, key);
}

/** `untranslatable_character`: a name has a character that the encoding of the database has not. */
const UNTRANSLATABLE = "22P05";

/** Observes objects by their keys, wherever they are, in their order. Undefined: not there. */
export function observeMany(
  cluster: Cluster,
  type: ObjectType,
  keys: readonly Key[],
): Promise<(Observed | undefined)[]> {
  const { source } = type;
  if (source !== undefined) return repeatedly(() => source.observe(cluster, keys));
  return cluster.read((session, server) => observeInCatalogue(session, server, type, keys));
}

/** As {@link observeMany}, in the catalogue: by name first, and what is not found by oid (an object that was renamed). */
export async function observeInCatalogue(
  session: Session,
  server: ServerFacts,
  type: CatalogueType,
  keys: readonly Key[],
): Promise<(Observed | undefined)[]> {
  const { select, key: columns, keyTypes = [], oid } = type.catalogue(server);
  const ask = async (condition: string, params: readonly unknown[]) => {
    const { rows } = await session.ask(`${select} WHERE ${condition}`, params);
    return rows.map((row) => type.toObserved(row as Record<string, unknown>));
  };
  const named = keys.filter(({ path }) => path.some((part) => part !== ""));
  const pathKey = (path: readonly string[]) => JSON.stringify(path);
  let found: Observed[] = [];
  try {
    if (named.length > 0) found = await ask(...condition(columns, keyTypes, named));
  } catch (error) {
    // What has such a name is not there.
    if (keys.length > 1 || (error as DriverError).code !== UNTRANSLATABLE) throw error;
  }
  const byPath = new Map(found.map((observed) => [pathKey(pathOf(type, observed.values)), observed]));
  const left = keys.flatMap((key) => (key.oid === undefined || byPath.has(pathKey(key.path)) ? [] : [key.oid]));
  const renamed =
    oid === undefined || left.length === 0
      ? []
      : await (left.length === 1 ? ask(`${oid} = $1::oid`, left) : ask(`${oid} = ANY ($1::oid[])`, [asAnyList(left)]));
  const byOid = new Map(renamed.map((observed) => [observed.oid, observed]));
  return keys.map((key) => byPath.get(pathKey(key.path)) ?? byOid.get(key.oid ?? 0));
}

/**
 * The condition that columns have given values. One key alone is compared as it is: for that the server keeps a plan. Of one
 * column, a list of values is looked up in its index, however many objects there are.
 */
function condition(
  columns: readonly string[],
  types: readonly (string | undefined)[],
  keys: readonly Key[],
): [condition: string, params: unknown[]] {
  const parameters = columns.map((_, index) => `$${index + 1}::${types[index] ?? "name"}`);
  const [first] = keys;
  if (keys.length === 1 && first !== undefined)
    return [columns.map((column, index) => `${column} = ${parameters[index]}`).join(" AND "), [...first.path]];
  const names = columns.map((_, index) => asAnyList(keys.map(({ path }) => path[index])));
  if (columns.length === 1) return [`${columns[0]} = ANY (${parameters[0]}[])`, names];
  return [
    `(${columns.join(", ")}) IN (SELECT * FROM unnest(${parameters.map((one) => `${one}[]`).join(", ")}))`,
    names,
  ];
}

/** How long the server takes a list to be that it does not know. */
const LENGTH_OF_ANY_LIST = 10;

/**
 * The same list, its last value repeated up to the length that the server takes any list to have: for a shorter one it
 * would find the plan that it keeps too dear, and make a new one each time, which takes longer than the query.
 */
function asAnyList<T>(list: readonly T[]): T[] {
  const missing = Math.max(0, LENGTH_OF_ANY_LIST - list.length);
  return [...list, ...Array.from({ length: missing }, () => list.at(-1) as T)];
}

/** Which names are wanted, where not every one is. Conditions that are there must all hold; an empty list has no match. */
export interface NameFilter {
  /** The names. */
  readonly names?: readonly string[] | undefined;
  /** Patterns as LIKE has them, one of which must match. */
  readonly like?: readonly string[] | undefined;
  /** Patterns as LIKE has them, none of which may match. */
  readonly notLike?: readonly string[] | undefined;
}

/** Observes every object of a type, or those with the given values in their key, and such names, ordered by name. */
export async function observeAll(
  session: Session,
  server: ServerFacts,
  type: CatalogueType,
  wanted: Values = {},
  { names, like, notLike }: NameFilter = {},
): Promise<Observed[]> {
  const { select, key, keyTypes = [] } = type.catalogue(server);
  const name = key[type.key.indexOf("name")];
  const possible: [condition: (parameter: string) => string, value: unknown][] = [
    ...key.map((column, index): [(parameter: string) => string, unknown] => [
      (parameter) => `${column} = ${parameter}::name`,
      keyTypes[index] === undefined ? wanted[type.key[index] as string] : undefined,
    ]),
    [(parameter) => `${name} = ANY (${parameter}::name[])`, names],
    [(parameter) => `${name}::text LIKE ANY (${parameter}::text[])`, like],
    [(parameter) => `NOT ${name}::text LIKE ANY (${parameter}::text[])`, notLike],
  ];
  const given = possible.filter(([, value]) => typeof value === "string" || Array.isArray(value));
  const conditions = given.map(([condition], index) => condition(`$${index + 1}`));
  const { rows } = await session.query(
    `${select}${conditions.length > 0 ? ` WHERE ${conditions.join(" AND ")}` : ""} ORDER BY ${key.join(", ")}`,
    given.length > 0 ? given.map(([, value]) => value) : undefined,
  );
  return rows.map((row) => type.toObserved(row as Record<string, unknown>));
}

/** The key of an observed object, by which it is found again under whatever name it has by then. */
export function keyOf(type: ObjectType, observed: Observed): Key {
  const { oid } = observed;
  return oid === undefined ? { path: pathOf(type, observed.values) } : { path: type.key.map(() => ""), oid };
}

/** Whether an observed object is the one that has these values, as far as its type's `identity` can tell. */
export function hasIdentity(type: ObjectType, observed: Observed, values: Values): boolean {
  return (type.identity ?? []).every((name) => (observed.values[name] ?? null) === (values[name] ?? null));
}

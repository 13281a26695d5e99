/** Lookups of objects: those of a type that are on the server, with every attribute that it shows of them. */

import type { CatalogueType, Values } from "../definition";
import type { Host } from "../host";
import { roleType } from "../objects/role";
import { schemaType } from "../objects/schema";
import { observe, observeAll } from "../observe";
import { type Place, placeOf } from "../place";
import { shownState } from "../state";
import { withoutSystem } from "../system";
import { flag, isName, isText, type Json, objectName, type ValueType } from "../values";
import type { ArgumentTable, Lookup } from "./lookup";
import type { WantedInSchemas } from "./types";

/** A list of names. */
export const names: ValueType = {
  expects: "a list of names, each of 1 to 63 bytes without a NUL character",
  accepts: (value) => Array.isArray(value) && value.every(isName),
  normalise: (value) => value,
};

const patterns: ValueType = {
  expects: "a pattern as LIKE has them, or a list of patterns, each text without a NUL character",
  accepts: (value) => (Array.isArray(value) ? value : [value]).every(isText),
  normalise: (value) => value,
};

const ARGUMENTS: ArgumentTable<WantedInSchemas> = {
  names,
  like: patterns,
  notLike: patterns,
  includeSystem: flag,
  owner: objectName,
  database: objectName,
  schema: objectName,
};

/** Arguments that there are where the objects have such an attribute. */
const ATTRIBUTES = ["owner", "database", "schema"];

/** The lookup of all objects of a type. */
export function lookupOf(name: string, type: CatalogueType): Lookup {
  const isArgument = ([argument]: [string, unknown]) =>
    !ATTRIBUTES.includes(argument) || Object.hasOwn(type.fields, argument);
  return {
    name,
    arguments: Object.fromEntries(Object.entries(ARGUMENTS).filter(isArgument)),
    answer: (host, given, pending) => answer(host, type, given, pending),
  };
}

async function answer(host: Host, type: CatalogueType, given: Values, pending: boolean): Promise<Json | undefined> {
  const place = await placeOf(host, type, given);
  if (place === undefined) return undefined;
  // A name that nothing has yet may be that of something which is to be renamed.
  if (pending && !(await isThere(place, roleType, given.owner))) return undefined;
  if (pending && !(await isThere(place, schemaType, given.schema))) return undefined;
  const includeSystem = given.includeSystem ?? given.names !== undefined;
  const filter = { names: listOf(given.names), like: listOf(given.like), notLike: listOf(given.notLike) };
  const schema: Values = given.schema === undefined ? {} : { schema: given.schema };
  const found = await place.cluster.read(async (session, server) => {
    const all = await observeAll(session, server, type, schema, filter);
    return includeSystem ? all : withoutSystem(session, server, type, all);
  });
  const wanted = found.filter(({ values }) => given.owner === undefined || values.owner === given.owner);
  const where: Values = type.perDatabase ? { database: place.database } : {};
  // By oid, not as a list: where one comes or goes, or is renamed, the engine shows just that.
  return Object.fromEntries(
    wanted.map((observed) => [String(observed.oid), { ...where, ...shownState(type, observed) }]),
  );
}

async function isThere({ cluster }: Place, type: CatalogueType, name: Json | undefined): Promise<boolean> {
  return name === undefined || (await observe(cluster, type, { path: [String(name)] })) !== undefined;
}

function listOf(given: Json | undefined): string[] | undefined {
  if (given === undefined) return undefined;
  return (Array.isArray(given) ? given : [given]) as string[];
}

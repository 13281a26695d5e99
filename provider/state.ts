/** What is kept in the engine's state of an object: what is declared, as the server has it, and what it computes. */

import type { Key, ObjectType, Observed, ResourceType, Values } from "./definition";
import { InvalidValueError } from "./errors";
import { declaredOf, fieldOf, isShown, orDefault, seenValues, UNDECLARED_KEY } from "./fields";
import { type Json, sameValue } from "./values";

/** What the hooks add to an object's outputs beside its attributes. */
export interface Bookkeeping {
  /** The system identifier of the server, so that another server under the same address is noticed. */
  readonly systemIdentifier: string;
  /** Set when the object was there before: it is released, not dropped, on delete. */
  readonly adopted?: true;
  /** The database of an object that lives in one, where it is not the connection's. */
  readonly database?: string;
  /** The oid of that database: its name may change. */
  readonly databaseOid?: number;
}

/** An object's declared attributes and its outputs. */
export interface State {
  readonly inputs: Values;
  readonly outputs: Values;
}

/**
 * The state of an observed object. A declared value that means the same as the server's keeps its spelling; any other
 * is the server's. What is not declared does not appear.
 */
export async function stateOf(
  type: ObjectType,
  observed: Observed,
  properties: Values,
  bookkeeping: Bookkeeping,
): Promise<State> {
  const declared = declaredOf(type, properties);
  const seen = seenValues(type, observed, declared);
  const verified = (await type.verify?.(observed, properties)) ?? { values: {}, remember: {} };
  const inputs: Values = {};
  for (const [name, value] of Object.entries(declared)) {
    const field = type.fields[name];
    if (field === undefined) continue;
    const shown =
      field.secret || Object.hasOwn(verified.values, name)
        ? verified.values[name]
        : isShown(field, name, observed)
          ? asDeclared(field, value, seen[name])
          : value;
    if (shown !== undefined) inputs[name] = shown;
  }
  Object.assign(inputs, type.amiss?.(observed.values)); // nobody declares it, so that the engine shows it as drift
  const { database, ...kept } = bookkeeping;
  if (inputs.database !== undefined && database !== undefined && type.perDatabase) inputs.database = database;
  // What cannot be changed in place is known although nobody declares it, so that a preview refuses another declaration.
  const fixed = entriesOf(observed, (name) => type.fields[name]?.change === "guard");
  const hasOid = observed.oid !== undefined && fieldOf(type, "oid") !== undefined;
  const shown = [...Object.keys(fixed), ...(hasOid ? ["oid"] : [])];
  const undeclared = shown.filter((name) => !Object.hasOwn(inputs, name));
  const noted = undeclared.length === 0 ? {} : { [UNDECLARED_KEY]: undeclared };
  const computed = entriesOf(observed, (name) => name in type.computed);
  return {
    inputs,
    outputs: clean({ ...fixed, ...noted, ...inputs, oid: observed.oid, ...kept, ...computed, ...verified.remember }),
  };
}

/** Everything the server shows of an object: what a lookup by name answers. */
export function fullState(type: ObjectType, observed: Observed, bookkeeping: Bookkeeping): Values {
  return { ...shownState(type, observed), ...clean({ ...bookkeeping }) };
}

/** Every attribute that the server shows of an object, and what is computed; never a secret. */
export function shownState(type: ObjectType, observed: Observed): Values {
  const shown = entriesOf(observed, (name) => {
    const field = fieldOf(type, name);
    return field === undefined ? Object.hasOwn(type.computed, name) : !field.secret;
  });
  return clean({ ...shown, oid: observed.oid });
}

function entriesOf(observed: Observed, wanted: (name: string) => boolean): Values {
  return Object.fromEntries(Object.entries(observed.values).filter(([name]) => wanted(name)));
}

function asDeclared(field: Parameters<typeof orDefault>[0], declared: Json, seen: Json | undefined): Json {
  const [wanted, found] = [orDefault(field, declared), seen ?? null];
  if (sameValue(field.value, wanted, found)) return declared;
  return wanted === null || found === null ? found : (field.value.shown?.(wanted, found) ?? found);
}

/**
 * The id of a new resource: its address at creation, each part percent-encoded, so that any name survives. Resources
 * are found again by the names in state, which follow renames; an id never changes.
 */
export function idOf(type: ResourceType, path: readonly string[], database: string): string {
  return (type.perDatabase ? [database, ...path] : path).map(encodeURIComponent).join("/");
}

/** The database and key that an id names, for lookups by id. */
export function addressOf(type: ObjectType, id: string): { database: string | undefined; key: Key } {
  const parts = id.split("/").map((part) => decoded(part, id));
  const database = type.perDatabase && parts.length > type.key.length ? parts.shift() : undefined;
  const left = type.key.slice(0, Math.max(0, type.key.length - parts.length));
  const defaults = left.map((name) => type.fields[name]?.default);
  if (parts.length > type.key.length || defaults.includes(undefined)) {
    throw new InvalidValueError(`${JSON.stringify(id)} is not the id of a ${type.noun}, which is ${shapeOf(type)}`);
  }
  return { database, key: { path: [...defaults.map(String), ...parts] } };
}

/** The parts of an id, by name: `database/schema/name`. */
export function shapeOf(type: ObjectType): string {
  return [...(type.perDatabase ? ["database"] : []), ...type.key].join("/");
}

function decoded(part: string, id: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new InvalidValueError(`${JSON.stringify(id)} is not an id: names in it are percent-encoded (% is %25)`);
  }
}

/** Only what survives the way to the engine: no undefined, and no bigint, which would arrive as something else. */
export function clean(values: Readonly<Record<string, unknown>>): Values {
  return JSON.parse(
    JSON.stringify(values, (_key, value: unknown) => (typeof value === "bigint" ? value.toString() : value)),
  ) as Values;
}

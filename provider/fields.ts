/** What follows from a field table alone: the desired values, and what differs. */

import type { Field, ObjectType, Observed, ResourceType, Values } from "./definition";
import { isUnknown } from "./unknown";
import { type Json, sameValue } from "./values";

/** Whether an attribute describes the object itself, so that it is observed, compared and applied. */
export function isApplied(field: Field | undefined): field is Field {
  return field !== undefined && ["update", "guard", "identity"].includes(field.change);
}

/** Whether the server shows an attribute of an object: what is applied, and where it is found to be. */
export function isShown(field: Field, name: string, observed: Observed): boolean {
  return isApplied(field) || name in observed.values;
}

/** An attribute by its name; undefined for what is none, such as `constructor`, which every object has. */
export function fieldOf(type: ResourceType, name: string): Field | undefined {
  return Object.hasOwn(type.fields, name) ? type.fields[name] : undefined;
}

/** The output with the names of attributes that are among the outputs though nobody declares them; the engine never shows it. */
export const UNDECLARED_KEY = "__undeclared";

/** The declared attributes among the keys of inputs or outputs: those in the field table. */
export function declaredOf(type: ResourceType, properties: Readonly<Record<string, unknown>>): Values {
  const { [UNDECLARED_KEY]: undeclared = [], ...rest } = properties;
  const isDeclared = (name: string) => fieldOf(type, name) !== undefined && !(undeclared as string[]).includes(name);
  const declared = Object.entries(rest).filter(([name, value]) => isDeclared(name) && value !== undefined);
  return Object.fromEntries(declared) as Values;
}

/** `null` stands for the default, where there is one. */
export function orDefault(field: Field, value: Json): Json {
  return value === null ? (field.default ?? null) : value;
}

/** Whether a resource takes over an object that is there: because it is told to, or because its type makes none. */
export function takesOver({ found }: Pick<ObjectType, "found">, { adopt }: Values): boolean {
  return adopt === true || found === true;
}

/** The values of the key fields, in order. One that is not declared has its default, where it has one. */
export function pathOf(type: Pick<ResourceType, "fields" | "key">, values: Values): string[] {
  return type.key.map((name) => String(values[name] ?? type.fields[name]?.default));
}

/**
 * The values to enforce: every declared attribute, and the default of each that was declared before and is not any
 * more.
 */
export function desiredValues(type: ObjectType, declared: Values, previous: Values): Values {
  const desired: Values = {};
  for (const [name, field] of Object.entries(type.fields)) {
    const value = declared[name];
    if (value !== undefined) {
      desired[name] = orDefault(field, value);
    } else if (previous[name] !== undefined && isApplied(field) && field.default !== undefined && !field.kept) {
      desired[name] = field.default;
    }
  }
  return desired;
}

/** The names of attributes whose observed value is not the desired one. */
export function differences(
  type: Pick<ObjectType, "fields" | "seen">,
  observed: Observed,
  desired: Values,
): Set<string> {
  const seen = seenValues(type, observed, desired);
  const different = Object.keys(desired).filter((name) => {
    const field = type.fields[name];
    return isApplied(field) && !sameValue(field.value, seen[name] ?? null, desired[name] ?? null);
  });
  return new Set(different);
}

/** What is observed, from the point of view of what is declared. */
export function seenValues(type: Pick<ObjectType, "seen">, observed: Observed, declared: Values): Values {
  return { ...observed.values, ...type.seen?.(observed, declared) };
}

/** Whether two declared values of an attribute mean the same; an unknown value never does. */
export function sameDeclared(field: Field, before: Json | undefined, after: Json | undefined): boolean {
  if (before === undefined || after === undefined) return before === after;
  if (isUnknown(before) || isUnknown(after)) return false;
  return sameValue(field.value, orDefault(field, before), orDefault(field, after));
}

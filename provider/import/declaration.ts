/** What a program has to declare for an object to be as it is. */

import type { Field, ObjectType, Values } from "../definition";
import { desiredValues, differences, isApplied, orDefault, pathOf, seenValues } from "../fields";
import { idOf, stateOf } from "../state";
import type { Found } from "./survey";

/** An object as the engine has it in state, once a program has declared it. */
export interface Declared {
  readonly type: ObjectType;
  /** The id that its creation would have given it. */
  readonly id: string;
  readonly inputs: Values;
  readonly outputs: Values;
}

/** The declaration of what was found: attributes that are not as they are by default. */
export async function declarationOf(found: Found): Promise<Declared> {
  const { type, observed, place } = found;
  const inputs = inputsOf(found);
  const bookkeeping = { ...place.bookkeeping, adopted: true as const };
  const { outputs } = await stateOf(type, observed, inputs, bookkeeping);
  return { type, id: idOf(type, pathOf(type, observed.values), place.database), inputs, outputs };
}

function inputsOf({ type, observed, place }: Found): Values {
  const seen = seenValues(type, observed, noneDeclared(type));
  const values: Values = { ...seen, ...secretsOf(type, type.scriptValues?.(observed) ?? {}) };
  const inputs: Values = {};
  for (const [name, field] of Object.entries(type.fields)) {
    const value = values[name] ?? null;
    if (name === "database" && (type.perDatabase || value !== null))
      inputs.database = place.bookkeeping.database ?? value;
    else if (isDeclarable(field) && value !== null && !isDefault(name, field)) inputs[name] = value;
  }
  return inputs;

  function isDefault(name: string, field: Field): boolean {
    if (field.default === undefined || field.secret) return false;
    const desired = { ...observed.values, [name]: orDefault(field, null) };
    return !differences(type, observed, desired).has(name);
  }
}

/** From the point of view of somebody who declares that there is none of what others may have given. */
function noneDeclared(type: ObjectType): Values {
  const lists = Object.entries(type.fields).filter(([, { default: initial }]) => Array.isArray(initial));
  return Object.fromEntries(lists.map(([name]) => [name, []]));
}

function secretsOf(type: ObjectType, values: Values): Values {
  return Object.fromEntries(Object.entries(values).filter(([name]) => type.fields[name]?.secret));
}

function isDeclarable(field: Field): boolean {
  return isApplied(field) && !field.hidden;
}

/** Attributes that would not be as they are declared: none, unless the server changed meanwhile. */
export function unstable({ type, observed }: Found, { inputs }: Declared): string[] {
  return [...differences(type, observed, desiredValues(type, inputs, {}))].filter((name) => !type.fields[name]?.secret);
}

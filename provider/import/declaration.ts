/** What a program has to declare for an object to be as it is. */

import { isHidden } from "../check";
import type { Field, ObjectType, Values } from "../definition";
import { desiredValues, differences, isApplied, orDefault, pathOf, seenValues } from "../fields";
import { called } from "../reconcile";
import { idOf, stateOf } from "../state";
import { type Json, sameValue } from "../values";
import type { Found } from "./found";

/** An object as the engine has it in state, once a program has declared it. */
export interface Declared {
  readonly type: ObjectType;
  /** The id that its creation would have given it. */
  readonly id: string;
  readonly inputs: Values;
  readonly outputs: Values;
  /** Whether it is somebody else's still: the state has nothing of it, and the program takes it over when it is told to. */
  readonly foreign?: true;
}

/** What declarations are made for. */
export interface DeclareOptions {
  /** Whether passwords are declared. */
  readonly passwords: boolean;
  /** Whether there is a role of a name. */
  readonly isRole: (name: string) => boolean;
  /** Is told what of an object cannot be declared, and why. */
  readonly note: (text: string) => void;
}

/** The declaration of what was found: attributes that are not as they are by default. */
export async function declarationOf(found: Found, options: DeclareOptions): Promise<Declared> {
  const { type, observed, place, foreign } = found;
  const inputs = inputsOf(found, options);
  const bookkeeping = { ...place.bookkeeping, adopted: true as const };
  const { outputs } = await stateOf(type, observed, inputs, bookkeeping);
  const changing = foreign ? [] : unstable(found, inputs);
  const object = called(type, pathOf(type, observed.values));
  if (changing.length > 0) options.note(`${object}: ${changing.join(", ")} would be changed by the program`);
  const id = idOf(type, pathOf(type, observed.values), place.database);
  return foreign ? { type, id, inputs: { ...inputs, adopt: true }, outputs, foreign } : { type, id, inputs, outputs };
}

function inputsOf({ type, observed, place }: Found, { passwords, isRole, note }: DeclareOptions): Values {
  const seen = seenValues(type, observed, { ...observed.values, ...noneDeclared(type) });
  const values: Values = { ...seen, ...secretsOf(type, type.scriptValues?.(observed) ?? {}) };
  const inputs: Values = {};
  for (const [name, field] of Object.entries(type.fields)) {
    const value = values[name] ?? null;
    if (name === "database" && (type.perDatabase || value !== null))
      inputs.database = place.bookkeeping.database ?? value;
    else if (!isApplied(field) || field.hidden || value === null || isDefault(name, field)) continue;
    else if (field.secret && !passwords) continue;
    else {
      const reason = undeclarable(field, value, isRole);
      if (reason === undefined) inputs[name] = field.value.brief?.(value) ?? value;
      else note(`${called(type, pathOf(type, observed.values))}: ${name} is not declared: ${reason}`);
    }
  }
  return inputs;

  function isDefault(name: string, field: Field): boolean {
    if (field.default === undefined || field.secret) return false;
    const initial = orDefault(field, null);
    const seen = seenValues(type, observed, { ...observed.values, [name]: initial })[name] ?? null;
    return sameValue(field.value, seen, initial);
  }
}

/** From the point of view of somebody who declares that there is none of what others may have given. */
function noneDeclared(type: ObjectType): Values {
  const lists = Object.entries(type.fields).filter(([, { default: initial }]) => Array.isArray(initial));
  return Object.fromEntries(lists.map(([name]) => [name, []]));
}

function secretsOf(type: ObjectType, values: Values): Values {
  return Object.fromEntries(Object.entries(values).filter(([name]) => isHidden(type.fields[name])));
}

/** Why a program could not say so: the server holds more than a declaration takes, and names that are nobody's any more. */
function undeclarable(field: Field, value: Json, isRole: DeclareOptions["isRole"]): string | undefined {
  if (!field.value.accepts(value)) return `it is not ${field.value.expects}`;
  const nobody = field.roles?.(value).find((name) => !isRole(name));
  return nobody === undefined ? undefined : `there is no role ${JSON.stringify(nobody)}`;
}

/** Attributes that would not be as they are declared: none, unless the server changed meanwhile. */
function unstable({ type, observed }: Found, inputs: Values): string[] {
  return [...differences(type, observed, desiredValues(type, inputs, {}))].filter((name) => !type.fields[name]?.secret);
}

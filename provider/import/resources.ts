/** Objects as resources of a program: what they are called, in which order they stand, and which of them name others. */

import type { ObjectType, Values } from "../definition";
import { pathOf } from "../fields";
import { rolesOf } from "../objects/role-memberships";
import type { Declared } from "./declaration";
import { logicalName, Names, variableName } from "./names";

/** A resource of the program. */
export interface Resource extends Declared {
  /** The resource's name in Pulumi. */
  readonly name: string;
  readonly variable: string;
  /** The configuration key of each secret that it declares, by attribute, or by the attribute and a part of it. */
  readonly secrets: ReadonlyMap<string, string>;
}

/** Finds a resource by its type and the parts of the object's name, the database's first where it is in one. */
export type Lookup = (type: string, ...path: readonly string[]) => Resource | undefined;

/** The resources of a program, and the way to find one. */
export interface Resources {
  /** In the order of the program: those that others name go first. */
  readonly resources: readonly Resource[];
  readonly lookup: Lookup;
}

/** Names the declarations. */
export function resourcesOf(declared: readonly Declared[]): Resources {
  const variables = new Names();
  const byType = new Map<ObjectType, Names>();
  const keys = new Names();
  const known = new Map<string, Resource>();
  const resources = inOrder(declared).map((one): Resource => {
    const path = partsOf(one);
    const names = byType.get(one.type) ?? new Names();
    byType.set(one.type, names);
    const name = names.free(logicalName(path));
    const resource = {
      ...one,
      name,
      variable: variables.free(variableName(path, one.type.type)),
      secrets: new Map(secretsOf(one).map((secret) => [secret, keys.free(`${secret.split(".").at(-1)}-${name}`)])),
    };
    known.set(keyOf(one.type.type, path), resource);
    return resource;
  });
  return { resources, lookup: (type, ...path) => known.get(keyOf(type, path)) };
}

/** The parts of an object's name, the database's first where it has names of its own for such objects. */
export function partsOf({ type, inputs, outputs }: Declared): string[] {
  const path = pathOf(type, { ...outputs, ...inputs });
  return type.perDatabase ? [String(outputs.database), ...path] : path;
}

/** The secrets that are declared: whole attributes, and parts of them, as `options.ldapbindpasswd`. */
function secretsOf({ type, inputs }: Declared): string[] {
  return Object.entries(inputs).flatMap(([attribute, value]) => {
    const { secret, confidential } = type.fields[attribute] ?? {};
    const known = Array.isArray(confidential) ? (confidential as readonly string[]) : [];
    const parts = known.filter((part) => Object.hasOwn(value as Values, part));
    return [...(secret ? [attribute] : []), ...parts.map((part) => `${attribute}.${part}`)];
  });
}

/** Whether an attribute of a resource holds a secret, so that all of it is one in the state. */
export function isSecret({ secrets }: Resource, attribute: string): boolean {
  return [...secrets.keys()].some((secret) => secret.split(".")[0] === attribute);
}

function keyOf(type: string, path: readonly string[]): string {
  return JSON.stringify([type, ...path]);
}

/** Each behind those of its type that it names: roles behind their groups, rules behind those that they stand beside. */
function inOrder(declared: readonly Declared[]): Declared[] {
  const known = new Map(declared.map((one) => [keyOf(one.type.type, partsOf(one)), one]));
  const placed = new Set<Declared>();
  const begun = new Set<Declared>();
  const place = (first: Declared): void => {
    // No recursion: groups may be in groups, as deep as anybody likes.
    const stack = [first];
    for (let one = stack.at(-1); one !== undefined; one = stack.at(-1)) {
      const { type, inputs } = one;
      const before = begun.has(one) ? [] : named(inputs).flatMap((name) => known.get(keyOf(type.type, [name])) ?? []);
      begun.add(one);
      const left = before.filter((other) => !begun.has(other));
      if (left.length > 0) stack.push(...left.reverse());
      else {
        placed.add(one);
        stack.pop();
      }
    }
  };
  for (const one of declared) place(one);
  return [...placed];
}

/** The others of its type that a resource names. */
function named({ memberOf, before, after }: Values): string[] {
  return [...rolesOf(memberOf ?? []), ...[before, after].filter((name) => typeof name === "string")];
}

/** Objects as resources of a program: what they are called, in which order they stand, and which of them name others. */

import type { Values } from "../definition";
import { pathOf } from "../fields";
import type { Declared } from "./declaration";
import { logicalName, Names, variableName } from "./names";

/** A resource of the program. */
export interface Resource extends Declared {
  /** The resource's name in Pulumi. */
  readonly name: string;
  readonly variable: string;
  /** The configuration key of each secret that it declares, by attribute. */
  readonly secrets: ReadonlyMap<string, string>;
}

/** Finds a resource by its type and the parts of the object's name, the database's first where it is in one. */
export type Lookup = (type: string, ...path: readonly string[]) => Resource | undefined;

/** Names the declarations; what others are made of goes first. */
export function resourcesOf(declared: readonly Declared[]): { resources: Resource[]; lookup: Lookup } {
  const variables = new Names();
  const byType = new Map<string, Names>();
  const keys = new Names();
  const known = new Map<string, Resource>();
  const resources = inOrder(declared).map((one): Resource => {
    const path = partsOf(one);
    const names = byType.get(one.type.type) ?? new Names();
    byType.set(one.type.type, names);
    const name = names.free(logicalName(path));
    const secrets = Object.keys(one.inputs).filter((attribute) => one.type.fields[attribute]?.secret);
    const resource = {
      ...one,
      name,
      variable: variables.free(variableName(path, one.type.type)),
      secrets: new Map(secrets.map((attribute) => [attribute, keys.free(`${attribute}-${name}`)])),
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

function keyOf(type: string, path: readonly string[]): string {
  return JSON.stringify([type, ...path]);
}

/** Roles after the groups that they are members of; the rest as it comes. */
function inOrder(declared: readonly Declared[]): Declared[] {
  const roles = new Map(
    declared.filter(({ type }) => type.type === "Role").map((role) => [String(role.inputs.name), role]),
  );
  const placed = new Set<Declared>();
  const place = (role: Declared): void => {
    if (placed.has(role)) return;
    placed.add(role);
    for (const group of groupsOf(role.inputs)) {
      const found = roles.get(group);
      if (found !== undefined) place(found);
    }
    placed.delete(role); // it goes behind its groups
    placed.add(role);
  };
  for (const role of roles.values()) place(role);
  return [...placed, ...declared.filter((one) => !placed.has(one))];
}

function groupsOf({ memberOf }: Values): string[] {
  if (!Array.isArray(memberOf)) return [];
  return memberOf.map((one) => String(typeof one === "string" ? one : (one as Values).role));
}

/**
 * What the engine was told to replace. Of an object that is replaced with its database, a preview hears twice: of the
 * difference, and then as of a new one, which its own object is not to stand in the way of.
 */

import type { ObjectType, Values } from "../definition";
import { pathOf } from "../fields";
import type { ConnectionSettings } from "../settings";

const replaced = new Set<string>();

/** Says that an object is replaced in this run. */
export function noteReplaced(type: ObjectType, olds: Values, given: ConnectionSettings): void {
  replaced.add(keyOf(type, olds, given));
}

/** Whether the object of these values is replaced in this run. */
export function isReplaced(type: ObjectType, news: Values, given: ConnectionSettings): boolean {
  return replaced.size > 0 && replaced.has(keyOf(type, news, given));
}

function keyOf(type: ObjectType, values: Values, given: ConnectionSettings): string {
  return JSON.stringify([given, type.type, type.perDatabase ? (values.database ?? null) : null, pathOf(type, values)]);
}

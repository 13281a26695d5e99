/**
 * What was taken over in this run. A resource that has another name or parent than before, and no alias, is a new one to the
 * engine: with `adopt` it takes over what there is, and the old one is deleted afterwards. That delete must drop nothing.
 */

import type { ObjectType, Observed } from "./definition";
import { pathOf } from "./fields";
import type { Bookkeeping } from "./state";

/** Objects of any servers that are another resource's by now. */
export class TakenOver {
  private readonly keys = new Set<string>();

  /** Says that a resource has taken an object over. */
  add(type: ObjectType, observed: Observed, where: Bookkeeping): void {
    this.keys.add(keyOf(type, observed, where));
  }

  /** Whether a resource has taken it over in this run. */
  has(type: ObjectType, observed: Observed, where: Bookkeeping): boolean {
    return this.keys.has(keyOf(type, observed, where));
  }
}

function keyOf(type: ObjectType, { oid, values }: Observed, { systemIdentifier, databaseOid }: Bookkeeping): string {
  return JSON.stringify([type.type, systemIdentifier, databaseOid ?? null, oid ?? pathOf(type, values)]);
}

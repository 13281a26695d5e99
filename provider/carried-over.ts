/**
 * What others say about an object, and lose with it: kept when it is dropped, and said again of the object of its name that is
 * made in the same run. The resources of those others are unchanged to the engine: nobody else would say it again.
 */

import type { ObjectType, Observed, Values } from "./definition";
import { pathOf } from "./fields";
import type { Place } from "./place";

/** What was said about objects of any servers that were dropped in this run. */
export class CarriedOver {
  private readonly kept = new Map<string, unknown>();

  /** Drops an object, and keeps what others said about it. */
  async dropping(type: ObjectType, place: Place, observed: Observed, drop: () => Promise<void>): Promise<void> {
    // Nobody is kept from dropping it because that cannot be seen.
    const said = await type.saidByOthers?.look(place.cluster, observed).catch(() => undefined);
    await drop();
    if (said !== undefined) this.kept.set(keyOf(type, place, observed.values), said);
  }

  /** Says it again about a new object of the same name. */
  async restore(type: ObjectType, place: Place, values: Values): Promise<void> {
    const key = keyOf(type, place, values);
    const said = this.kept.get(key);
    this.kept.delete(key);
    if (said !== undefined) await type.saidByOthers?.restore(place.cluster, values, said);
  }
}

function keyOf(type: ObjectType, { bookkeeping }: Place, values: Values): string {
  const { systemIdentifier, databaseOid = null } = bookkeeping;
  return JSON.stringify([type.type, systemIdentifier, databaseOid, pathOf(type, values)]);
}

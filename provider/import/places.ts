/** Where objects are: asked once for each database, not for each object. */

import type { ObjectType, Values } from "../definition";
import type { Host } from "../host";
import { type Place, placeFor } from "../place";

/** The places of one server. */
export class Places {
  private readonly known = new Map<string, Promise<Place>>();

  constructor(private readonly host: Host) {}

  /** The place of an object with these values. */
  of(type: ObjectType, values: Values): Promise<Place> {
    const belongs = type.perDatabase || type.belongsToDatabase?.(values) === true;
    const key = JSON.stringify([type.perDatabase, belongs ? values.database : null]);
    const known = this.known.get(key) ?? placeFor(this.host, type, values);
    this.known.set(key, known);
    return known;
  }
}

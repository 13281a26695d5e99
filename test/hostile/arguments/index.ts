/** Every argument that is tried in a transaction. */

import type { Argument } from "../trial";
import type { Place } from "./common";
import { databases } from "./database";
import { roles } from "./role";
import { schemas } from "./schema";
import { sequences } from "./sequence";
import { slots } from "./slot";

export type { Place } from "./common";

/** Every argument that is tried in a transaction. */
export function trialsAt(place: Place): Argument[] {
  return [...roles(place), ...databases(place), ...schemas(), ...sequences(), ...slots()];
}

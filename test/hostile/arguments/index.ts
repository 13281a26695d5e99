/** Every argument that is tried in a transaction. */

import type { Argument } from "../trial";
import type { Place } from "./common";
import { databases } from "./database";
import { largeObjects } from "./large-object";
import { ownerships } from "./ownership";
import { roles } from "./role";
import { routines } from "./routine";
import { schemas } from "./schema";
import { sequences } from "./sequence";
import { slots } from "./slot";
import { tables } from "./table";
import { views } from "./view";

/** Every argument that is tried in a transaction. */
export function trialsAt(place: Place): Argument[] {
  const made = [...roles(place), ...databases(place), ...schemas(), ...sequences(), ...slots()];
  const found = [...tables(place), ...views(place), ...routines(), ...largeObjects(), ...ownerships(place)];
  return [...made, ...found];
}

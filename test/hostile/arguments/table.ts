/** The arguments of tables. */

import type { Argument } from "../trial";
import type { Place } from "./common";
import { type Made, tablespaceOf, takenOver } from "./taken-over";

const TABLE: Made = { type: "Table", sql: "CREATE TABLE %I.%I (c int)", catalogue: "pg_class", columns: "rel" };

/** The arguments of tables. */
export function tables(place: Place): Argument[] {
  return [...takenOver(TABLE), tablespaceOf(TABLE, place)];
}

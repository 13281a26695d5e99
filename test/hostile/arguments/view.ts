/** The arguments of views. */

import { hostileText } from "../texts";
import type { Argument } from "../trial";
import { nothing, type Place } from "./common";
import { type Made, tablespaceOf, takenOver } from "./taken-over";

const VIEW: Made = { type: "View", sql: "CREATE VIEW %I.%I AS SELECT 1", catalogue: "pg_class", columns: "rel" };
const MATERIALIZED: Made = { ...VIEW, sql: "CREATE MATERIALIZED VIEW %I.%I AS SELECT 1" };

/** The arguments of views. */
export function views(place: Place): Argument[] {
  return [
    ...takenOver(VIEW),
    tablespaceOf(MATERIALIZED, place),
    {
      ...{
        type: "View",
        name: "checkOption",
        texts: hostileText,
        count: 50,
        accepts: (text) => /^(local|cascaded)$/.test(text),
        adds: nothing,
      },
      needs: (_, name) => [["CREATE VIEW %I AS SELECT * FROM canary", name]],
      inputs: (checkOption, name) => ({ name, checkOption }),
    },
  ];
}

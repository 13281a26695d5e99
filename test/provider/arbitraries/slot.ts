/** Attributes of replication slots. */

import fc from "fast-check";
import type { Group } from "./group";

/** Of all attributes that are not made by their type alone. */
export const slotGroups: readonly Group[] = [
  {
    attributes: ["type", "plugin", "twoPhase", "failover", "immediatelyReserve"],
    make: ({ version }) => {
      const physical = fc.record(
        { type: fc.constant("physical"), immediatelyReserve: fc.boolean() },
        { requiredKeys: ["type"] },
      );
      const logical = fc.record(
        {
          ...{ type: fc.constant("logical"), plugin: fc.constant("pgoutput"), twoPhase: fc.boolean() },
          ...(version >= 17 ? { failover: fc.boolean() } : {}),
        },
        { requiredKeys: ["type", "plugin"] },
      );
      return fc.oneof(physical, { weight: 2, arbitrary: logical });
    },
  },
];

/** A name that a slot may have, with a token in it. */
export function slotNameOf(token: string): fc.Arbitrary<string> {
  return fc
    .tuple(fc.stringMatching(/^[a-z0-9_]{0,20}$/), fc.stringMatching(/^[a-z0-9_]{0,20}$/))
    .map((parts) => parts.join(token));
}

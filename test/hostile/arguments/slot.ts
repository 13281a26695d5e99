/** The arguments of replication slots: one at a time, because a server has room for few of them. */

import { hostileText, isNameable } from "../texts";
import type { Argument } from "../trial";
import { nothing } from "./common";

/** The arguments of replication slots. A transaction does not take slots back: each is dropped again. */
export function slots(): Argument[] {
  const base = { type: "ReplicationSlot", texts: hostileText, alone: true as const, adds: nothing };
  const isSlotName = (text: string) => /^[a-z0-9_]{1,63}$/.test(text);
  return [
    {
      ...base,
      ...{ name: "name", count: 140, accepts: isSlotName, deletes: true },
      inputs: (name) => ({ name, type: "physical" }),
    },
    {
      ...base,
      ...{ name: "plugin", count: 100, accepts: isNameable, refusal: () => "." },
      inputs: (plugin, name) => ({ name, type: "logical", plugin }),
    },
    {
      ...base,
      ...{ name: "database", count: 60, accepts: isNameable, refusal: () => "database .* does not exist" },
      inputs: (database, name) => ({ name, type: "logical", plugin: "pgoutput", database }),
    },
    {
      ...base,
      ...{ name: "type", count: 50, accepts: () => false },
      inputs: (type, name) => ({ name, type }),
    },
  ];
}

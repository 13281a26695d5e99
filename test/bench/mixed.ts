/** A program of many kinds of objects, for what costs round trips: each kind is read in its own way. */

import type { Properties } from "../host/host";

/** An object to declare. */
export interface Declared {
  /** What the tables call it. */
  readonly kind: Kind;
  readonly type: string;
  readonly inputs: Properties;
}

/** What there is as many of as of every other. */
export const KINDS = [
  ...["databases", "roles", "schemas", "sequences", "memberships", "slots", "rules", "settings"],
] as const satisfies readonly string[];

/** One of them. */
export type Kind = (typeof KINDS)[number];

/** The objects in the order in which an engine creates them: what is in one list waits for all of the lists before. */
export function mixedObjects(each: number): Declared[][] {
  const numbers = Array.from({ length: each }, (_, index) => index + 1);
  const of = (kind: Kind, type: string, inputs: (number: number) => Properties) =>
    numbers.map((number) => ({ kind, type, inputs: inputs(number) }));
  return [
    [
      ...of("roles", "Role", (n) => ({ name: `far_role_${n}`, login: true, comment: `role ${n}` })),
      ...of("settings", "Role", (n) => ({ name: `far_set_${n}`, config: { work_mem: "8MB", search_path: `s${n}` } })),
      ...of("databases", "Database", (n) => ({ name: `far_db_${n}` })),
      ...of("slots", "ReplicationSlot", (n) => ({ name: `far_slot_${n}`, type: "physical" })),
      ...of("rules", "HbaRule", (n) => ({
        ...{ name: `far-rule-${n}`, type: "host", databases: [`far_db_${n}`], users: [`far_role_${n}`] },
        ...{ address: "10.0.0.0/8", method: "scram-sha-256" },
      })),
    ],
    [
      ...of("memberships", "Role", (n) => ({ name: `far_member_${n}`, memberOf: [`far_role_${n}`] })),
      ...of("schemas", "Schema", (n) => ({ database: `far_db_${n}`, name: "sales" })),
    ],
    of("sequences", "Sequence", (n) => ({ database: `far_db_${n}`, schema: "sales", name: "order_no", start: 1000 })),
  ];
}

/** A rule of pg_hba.conf, declared and in the file: what the tests of rules have in common. */

import type { Observed, Values } from "../../../provider/definition";
import type { HbaRule, ObservedHbaRule } from "../../../provider/hba/types";
import { toObserved } from "../../../provider/objects/hba-rule-statements";
import { factsOf, serverFacts } from "../samples";

/** A rule that lets a user into a database. */
export const RULE: HbaRule = {
  type: "host",
  databases: ["shop"],
  users: ["app"],
  address: "10.0.0.0/8",
  method: "scram-sha-256",
};

/** The line that it is. */
export const LINE = "host shop app 10.0.0.0/8 scram-sha-256";

/** What a program declares for it. */
export const declared: Values = { name: "x", ...(RULE as unknown as Values) };

/** Everything that a plan for it depends on. */
export const facts = factsOf(serverFacts());

/** A rule in the file: the one above, unless told otherwise. */
export function found(rule: Partial<HbaRule> | undefined = {}, more: Partial<ObservedHbaRule> = {}): Observed {
  return toObserved({ name: "x", rule: { ...RULE, ...rule }, place: { order: 0 }, inPlace: true, line: 1, ...more });
}

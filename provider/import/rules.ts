/** What is in pg_hba.conf: rules that have a name, and lines of somebody else that could be given one. */

import { ConnectionError } from "../errors";
import type { HbaRule } from "../hba/types";
import { hbaRuleType } from "../objects/hba-rule";
import { toAdopt } from "../objects/hba-rule-statements";
import { observeMany } from "../observe";
import { placeFor } from "../place";
import type { Found } from "./found";
import { Names } from "./names";
import type { Survey } from "./survey";

/** How long a name is that is made of what a line says, at most. */
const LENGTH = 60;

/** The rules with a name, and behind them the lines that have none yet; of others it is said why they are left alone. */
export async function surveyRules({ host, filter, report }: Survey): Promise<Found[]> {
  if (!filter.mayWant(hbaRuleType.type)) return [];
  try {
    const { managed } = host.cluster.hbaRules;
    const taken = new Names();
    const names: string[] = [];
    for await (const { name } of managed) names.push(taken.free(name));
    const wanted = names.filter((name) => filter.wants(hbaRuleType.type, [name]));
    const keys = wanted.map((name) => ({ path: [name] }));
    const observed = await observeMany(host.cluster, hbaRuleType, keys);
    const place = await placeFor(host, hbaRuleType, {});
    const own = observed.flatMap((one) => (one === undefined ? [] : [{ type: hbaRuleType, observed: one, place }]));
    const lines = await managed.unnamed();
    const foreign = lines.flatMap((line): Found[] => {
      const name = taken.free(line.rule === undefined ? line.where : nameOf(line.rule));
      if (!filter.wants(hbaRuleType.type, [name])) return [];
      if (line.rule !== undefined)
        return [{ type: hbaRuleType, observed: toAdopt(name, line.rule), place, foreign: true }];
      report.note(`${line.where} is left alone: ${line.reason}`);
      return [];
    });
    report.progress("lines of pg_hba.conf", names.length + lines.length, names.length + lines.length);
    return [...own, ...foreign];
  } catch (error) {
    if (error instanceof ConnectionError) throw error;
    report.note(`pg_hba.conf is left out: ${(error as Error).message}`);
    return [];
  }
}

/** `host-shop-app-10-0-0-0-8`: what a rule says, as a name. */
function nameOf({ type, databases, users, address }: HbaRule): string {
  const items = [...databases, ...users].map((item) => (typeof item === "string" ? item : Object.values(item).join()));
  const words = [type, ...items, ...(address ? [address] : [])].join(" ");
  return words.replaceAll(/\W+/g, "-").slice(0, LENGTH);
}

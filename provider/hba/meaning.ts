/** When two rules, or parts of them, mean the same to the server. */

import { networkOf } from "./address";
import { KEYWORDS } from "./items";
import type { HbaRule, HbaUser } from "./types";

/** One spelling for all rules that mean the same. The comment plays no part. */
export function meaningOf(rule: HbaRule): string {
  return JSON.stringify([
    rule.type,
    itemsMeaning(rule.databases),
    itemsMeaning(rule.users),
    rule.type === "local" ? "" : addressMeaning(rule),
    methodMeaning(rule),
  ]);
}

/** One spelling for the method and its options. */
export function methodMeaning({ method, options }: Pick<HbaRule, "method" | "options">): string {
  return JSON.stringify([method, Object.entries(options ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))]);
}

/** One spelling for lists of the same items: neither their order nor a repetition says anything. */
export function itemsMeaning(items: readonly HbaUser[]): string {
  return JSON.stringify([...new Set(items.map(itemMeaning))].sort());
}

/** One spelling for addresses of the same network, with or without a netmask. */
export function addressMeaning({ address, netmask }: Pick<HbaRule, "address" | "netmask">): string {
  const network = networkOf(address ?? "", netmask);
  if (network === undefined) return (address ?? "").toLowerCase();
  return `${network.bits} ${network.value & network.mask} ${network.mask}`;
}

function itemMeaning(item: HbaUser): string {
  if (typeof item === "string") return KEYWORDS.includes(item) ? `keyword ${item}` : `name ${item}`;
  const [[kind, value] = []] = Object.entries(item);
  return `${kind} ${value}`;
}

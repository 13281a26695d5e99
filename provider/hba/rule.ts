/** A rule as a line of pg_hba.conf, and back. */

import { ADDRESS_WORDS, ipOf, isHostName, networkOf } from "./address";
import { type Bytes, bytesOf, textOf } from "./bytes";
import { REGEX_SINCE, readItem, renderItem } from "./items";
import { quote, type Token } from "./tokens";
import type { HbaConnection, HbaRule } from "./types";

/** The kinds of connections. */
export const CONNECTIONS: readonly HbaConnection[] = [
  "local",
  "host",
  "hostssl",
  "hostnossl",
  "hostgssenc",
  "hostnogssenc",
];

/** What a logical line is to the server: a rule, a directive that includes files, nothing, or an error. */
export type LineMeaning =
  | { readonly kind: "rule"; readonly rule: HbaRule }
  | { readonly kind: "include" }
  | { readonly kind: "nothing" }
  | { readonly kind: "unreadable" };

/** The line of a rule, without its comment, for a server of a version. The rule must have passed the checks. */
export function renderRule(rule: HbaRule, major: number): Bytes {
  const list = (items: HbaRule["users"]) => items.map((item) => renderItem(item, major)).join(",");
  const options = Object.entries(rule.options ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    rule.type,
    list(rule.databases),
    list(rule.users),
    rule.address,
    rule.netmask,
    rule.method,
    ...options.map(([name, value]) => `${name}=${optionValue(bytesOf(value))}`),
  ]
    .filter((field) => field !== undefined && field !== null)
    .join(" ");
}

/** What the fields of a line mean to a server of a version. */
export function readLine(fields: readonly (readonly Token[])[], major: number): LineMeaning {
  if (fields.length === 0) return { kind: "nothing" };
  if (isInclude(fields, major)) return { kind: "include" };
  const rule = readRule(fields, major);
  return rule === undefined ? { kind: "unreadable" } : { kind: "rule", rule };
}

function isInclude([first, second, ...more]: readonly (readonly Token[])[], major: number): boolean {
  if (major < REGEX_SINCE || second === undefined || more.length > 0) return false;
  return ["include", "include_if_exists", "include_dir"].includes(first?.[0]?.value ?? "");
}

function readRule(fields: readonly (readonly Token[])[], major: number): HbaRule | undefined {
  const rest = [...fields];
  const list = () => rest.shift();
  const single = () => {
    const [token, ...more] = rest.shift() ?? [];
    return more.length === 0 ? token : undefined;
  };
  const first = single()?.value;
  const type = CONNECTIONS.find((known) => known === first);
  const databases = list()?.map((token) => readItem(token, "databases", major));
  const users = list()?.map((token) => readItem(token, "users", major));
  if (type === undefined || databases === undefined || users === undefined) return undefined;
  const where = type === "local" ? {} : readAddress(single(), single);
  const method = single();
  const options = readOptions(rest.flat());
  if (where === undefined || method === undefined || options === undefined) return undefined;
  return {
    type,
    databases: databases as HbaRule["databases"],
    users,
    ...where,
    // There is no ident on the Unix socket: the server takes it for peer.
    method: type === "local" && textOf(method.value) === "ident" ? "peer" : textOf(method.value),
    ...options,
  };
}

function readAddress(
  token: Token | undefined,
  next: () => Token | undefined,
): Pick<HbaRule, "address" | "netmask"> | undefined {
  if (token === undefined) return undefined;
  const address = textOf(token.value);
  // In quotes they are no keywords but names of hosts, which nobody means.
  if (ADDRESS_WORDS.includes(address)) return token.quoted ? undefined : { address };
  if (networkOf(address) !== undefined || isHostName(address)) return { address };
  const netmask = ipOf(address) === undefined ? undefined : next();
  if (netmask === undefined || networkOf(address, textOf(netmask.value)) === undefined) return undefined;
  return { address, netmask: textOf(netmask.value) };
}

function readOptions(tokens: readonly Token[]): Pick<HbaRule, "options"> | undefined {
  const pairs = tokens.map(({ value }) => {
    const [, name = "", text] = /^([^=]*)=(.*)$/s.exec(textOf(value)) ?? [];
    return [name, text] as const;
  });
  if (pairs.some(([, value]) => value === undefined)) return undefined;
  return pairs.length === 0 ? {} : { options: Object.fromEntries(pairs) as Record<string, string> };
}

function optionValue(value: Bytes): Bytes {
  return /^[^\s",#]*$/.test(value) ? value : quote(value);
}

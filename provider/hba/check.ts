/** What a rule must be for the server to read it. Pure; unknown values pass, and no option's value is ever shown. */

import type { CheckFailure } from "../definition";
import { isUnknown } from "../unknown";
import { objectName, text, wholeNumber } from "../values";
import { ADDRESS_WORDS, type Ip, ipOf, ipText, isHostName, networkOf } from "./address";
import { type Column, isKeyword, KEYWORDS, REGEX_SINCE } from "./items";
import { readMarker, renderComment } from "./marker";
import { METHODS, OPTIONS } from "./methods";
import { CONNECTIONS } from "./rule";
import type { HbaConnection, ManagedHbaRule } from "./types";

/** Text of one line. */
const line = (value: unknown): value is string => text.accepts(value) && !/[\r\n]/.test(value as string);
const lineWith = (value: unknown): value is string => line(value) && value !== "";
const order = wholeNumber(-1_000_000_000, 1_000_000_000);

/** Why a value is not acceptable for a field of a rule, or undefined. The fields are those of ManagedHbaRule. */
const FIELDS: Readonly<Record<keyof ManagedHbaRule, (value: unknown) => string | undefined>> = {
  name: (value) => unless(text.accepts(value) && value !== "", "must be text that is not empty"),
  type: (value) => unless(CONNECTIONS.includes(value as HbaConnection), `must be one of ${CONNECTIONS.join(", ")}`),
  databases: (value) => listReason(value, "databases"),
  users: (value) => listReason(value, "users"),
  address: (value) => (value === null ? undefined : addressReason(value)),
  netmask: (value) =>
    unless(
      value === null || (typeof value === "string" && ipOf(value) !== undefined),
      "must be an IP address such as 255.0.0.0",
    ),
  method: (value) =>
    unless(
      typeof value === "string" && Object.hasOwn(METHODS, value),
      `must be one of ${Object.keys(METHODS).join(", ")}`,
    ),
  options: (value) => (value === null ? undefined : optionsReason(value)),
  comment: (value) => (value === null ? undefined : commentReason(value)),
  order: (value) => unless(value === null || order.accepts(value), `must be ${order.expects}`),
  before: (value) =>
    unless(value === null || (text.accepts(value) && value !== ""), "must be the name of another rule"),
  after: (value) => unless(value === null || (text.accepts(value) && value !== ""), "must be the name of another rule"),
};

const REQUIRED: readonly (keyof ManagedHbaRule)[] = ["name", "type", "databases", "users", "method"];

/** Everything that is not acceptable in a rule, whatever the server's version. Empty when it is fine. */
export function checkRule(rule: Readonly<Record<string, unknown>>): CheckFailure[] {
  const failures = Object.entries(rule).flatMap(([property, value]) => {
    if (value === undefined || isUnknown(value)) return [];
    const known = Object.hasOwn(FIELDS, property);
    const reason = known ? FIELDS[property as keyof ManagedHbaRule](value) : "is not an attribute of an HBA rule";
    return reason === undefined ? [] : [{ property, reason }];
  });
  for (const property of REQUIRED) {
    if (rule[property] === undefined) failures.push({ property, reason: "is missing" });
  }
  return failures.length > 0 ? failures : together(rule as unknown as ManagedHbaRule);
}

/** What a rule that passed {@link checkRule} asks for and a server of this version does not have. */
export function checkVersion({ databases, users, method }: ManagedHbaRule, major: number): CheckFailure[] {
  const needs = (version: number) => `needs PostgreSQL ${version} or newer; the server runs ${major}`;
  const since = METHODS[method]?.since ?? 0;
  const failures = major < since ? [{ property: "method", reason: `${method} ${needs(since)}` }] : [];
  if (major >= REGEX_SINCE) return failures;
  for (const [property, items] of Object.entries({ databases, users })) {
    for (const item of items) {
      const value = typeof item === "string" ? item : "name" in item ? item.name : "";
      if (typeof item === "object" && "regex" in item)
        failures.push({ property, reason: `a regex ${needs(REGEX_SINCE)}` });
      else if (value.includes("\n"))
        failures.push({ property, reason: `a name with an end of line ${needs(REGEX_SINCE)}` });
    }
  }
  return failures;
}

function unless(acceptable: boolean, reason: string): string | undefined {
  return acceptable ? undefined : reason;
}

function listReason(value: unknown, column: Column): string | undefined {
  if (!Array.isArray(value)) return "must be a list";
  if (value.length === 0) return 'must not be empty: "all" stands for all of them';
  return value
    .map((item) => (isUnknown(item) ? undefined : itemReason(item, column)))
    .find((reason) => reason !== undefined);
}

function itemReason(item: unknown, column: Column): string | undefined {
  if (typeof item === "string") {
    if (!objectName.accepts(item)) return `must hold ${objectName.expects}`;
    if (!KEYWORDS.includes(item) || isKeyword(item, column)) return undefined;
    return `${JSON.stringify(item)} is a keyword, but not of ${column}: for what is called so write { name: ${JSON.stringify(item)} }`;
  }
  const kinds = column === "users" ? ["name", "group", "regex", "file"] : ["name", "regex", "file"];
  const [[kind, value] = [], ...more] = Object.entries(item ?? {}) as [string, unknown][];
  if (kind === undefined || more.length > 0 || !kinds.includes(kind)) {
    return `must hold text, or one of ${kinds.map((known) => `{ ${known} }`).join(", ")}`;
  }
  if (kind === "name") return unless(objectName.accepts(value), `{ name } must be ${objectName.expects}`);
  if (kind === "group") {
    return unless(objectName.accepts(value) && line(value), `{ group } must be ${objectName.expects}, on one line`);
  }
  return unless(lineWith(value), `{ ${kind} } must be one line of text that is not empty`);
}

function addressReason(value: unknown): string | undefined {
  const expects =
    "must be a network such as 10.0.0.0/8, an address with netmask, a host name, .domain, all, samehost or samenet";
  if (typeof value !== "string") return expects;
  const network = networkOf(value);
  if (network !== undefined) return hostBits(network, network.mask, value.slice(value.indexOf("/")));
  return unless(ADDRESS_WORDS.includes(value) || ipOf(value) !== undefined || isHostName(value), expects);
}

/** The server ignores these bits; whoever writes them means either one address or the whole network. */
function hostBits(ip: Ip, mask: bigint, suffix: string): string | undefined {
  const network = ipText({ ...ip, value: ip.value & mask });
  return unless(
    (ip.value & mask) === ip.value,
    `is one address with the length of a network: write ${network}${suffix} for the network, or ${ipText(ip)}/${ip.bits} for the address`,
  );
}

/** A comment stays behind the line when the rule is released, and must not turn it into a managed rule again. */
function commentReason(value: unknown): string | undefined {
  if (!line(value)) return "must be one line of text";
  return unless(
    readMarker(renderComment(value)) === undefined,
    "must not end in what stands behind a managed rule (# pgmob name=…)",
  );
}

function optionsReason(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return "must be an object of texts";
  for (const [name, text] of Object.entries(value)) {
    if (!Object.hasOwn(OPTIONS, name)) return `there is no option ${JSON.stringify(name)}`;
    if (!isUnknown(text) && !line(text)) return `${name} must be one line of text`;
  }
  return undefined;
}

/** Combinations; a part that is unknown is left for later. */
function together(rule: ManagedHbaRule): CheckFailure[] {
  const known = (...values: unknown[]) => !values.some(isUnknown);
  const { type, address, netmask, method, options } = rule;
  const failures: CheckFailure[] = [];
  const refuse = (property: string, reason: string) => failures.push({ property, reason });
  if (known(type, address, netmask)) {
    const reason = whereReason(rule);
    if (reason !== undefined) refuse(netmask ? "netmask" : "address", reason);
  }
  if (known(type, method)) {
    const { only = [type], not = [] } = METHODS[method] ?? {};
    if (!only.includes(type) || not.includes(type))
      refuse("method", `${method} is not for connections of type ${type}`);
  }
  for (const name of known(type, method, options) ? Object.keys(options ?? {}) : []) {
    const methods = OPTIONS[name];
    if (methods === undefined && type !== "hostssl")
      refuse("options", `${name} is only for connections of type hostssl`);
    if (methods?.includes(method) === false)
      refuse("options", `${name} is no option of ${method}, but of ${methods.join(", ")}`);
  }
  const places = (["order", "before", "after"] as const).filter((key) => (rule[key] ?? null) !== null);
  if (places.length > 1) refuse(places[1]!, `cannot be given together with ${places[0]}`);
  for (const key of ["before", "after"] as const) {
    if (rule[key] === rule.name && known(rule.name)) refuse(key, "must be the name of another rule");
  }
  return failures;
}

function whereReason({ type, address, netmask }: ManagedHbaRule): string | undefined {
  if (type === "local") return unless(!address && !netmask, "is not for connections of type local");
  if (!address) return netmask ? "needs an address" : `is missing, which connections of type ${type} need`;
  const ip = ipOf(address);
  if (ip === undefined) return unless(!netmask, "is only for an address without a length");
  const network = networkOf(address, netmask);
  if (network !== undefined) return hostBits(ip, network.mask, ` with ${netmask}`);
  return netmask ? "must be a mask of the same kind as the address" : `needs a length: ${address}/${ip.bits}`;
}

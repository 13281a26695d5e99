/** How the attributes of an HBA rule are checked and compared: as the server reads them. */

import type { Since } from "../definition";
import { networkOf } from "../hba/address";
import { checkRule } from "../hba/check";
import { REGEX_SINCE } from "../hba/items";
import { addressMeaning, itemsMeaning } from "../hba/meaning";
import { METHODS } from "../hba/methods";
import { CONNECTIONS } from "../hba/rule";
import type { HbaUser, ManagedHbaRule } from "../hba/types";
import type { Json, ValueType } from "../values";

const NAMES = 'names, or "all"';
const OTHER_RULE = "the name of another rule";

/** Every attribute that a rule itself has. */
export const RULE_VALUES: Readonly<Record<keyof ManagedHbaRule, ValueType>> = {
  name: value("name", "text that is not empty, without a NUL character"),
  type: value("type", CONNECTIONS.join(", ")),
  databases: value(
    "databases",
    `a list that is not empty: ${NAMES}, "sameuser", "samerole", "replication", or { name }, { regex }, { file }`,
    items,
  ),
  users: value("users", `a list that is not empty: ${NAMES}, or { name }, { group }, { regex }, { file }`, items),
  address: value(
    "address",
    "a network such as 10.0.0.0/8, an address with netmask, a host name, .domain, all, samehost or samenet",
    address,
  ),
  netmask: value("netmask", "an IP address such as 255.0.0.0", mask),
  method: value("method", Object.keys(METHODS).join(", ")),
  options: value("options", "options of the method by name, each text of one line"),
  comment: value("comment", "one line of text", (text) => String(text).trim() || null),
  order: value("order", "a whole number from -1000000000 to 1000000000"),
  before: value("before", OTHER_RULE),
  after: value("after", OTHER_RULE),
};

/** The versions that read an item of a list. */
export const ITEMS_SINCE: readonly Since[] = [
  {
    version: REGEX_SINCE,
    what: "a regex",
    only: (list) => itemsOf(list).some((item) => typeof item === "object" && "regex" in item),
  },
  {
    version: REGEX_SINCE,
    what: "a name with an end of line",
    only: (list) => itemsOf(list).some((item) => nameOf(item).includes("\n")),
  },
];

/** The versions that have a method. */
export const METHOD_SINCE: readonly Since[] = Object.entries(METHODS).flatMap(([method, { since: version }]) =>
  version === undefined ? [] : [{ version, what: method, only: (value) => value === method }],
);

function value(name: keyof ManagedHbaRule, expects: string, normalise = (same: Json): Json => same): ValueType {
  // Whatever else is missing of a rule is looked at when there is one.
  const reason = (given: unknown) => checkRule({ [name]: given }).find(({ property }) => property === name)?.reason;
  return { expects, accepts: (given) => reason(given) === undefined, reason, normalise };
}

function items(list: Json): Json {
  return itemsMeaning(itemsOf(list));
}

function itemsOf(list: Json): readonly HbaUser[] {
  return list as unknown as readonly HbaUser[];
}

function nameOf(item: HbaUser): string {
  if (typeof item === "string") return item;
  return "name" in item ? item.name : "";
}

function address(text: Json): Json {
  return addressMeaning({ address: text as string });
}

function mask(text: Json): Json {
  const network = networkOf(text as string, text as string);
  return network === undefined ? text : `${network.bits} ${network.mask}`;
}

/** What is seen of an HBA rule, and what is done to it: which line is to be, and where. Pure. */

import type { Observed, Statement, Values } from "../definition";
import type { Facts } from "../facts";
import { networkOf } from "../hba/address";
import { textOf } from "../hba/bytes";
import type { ManagedHbaRules } from "../hba/managed";
import { addressMeaning } from "../hba/meaning";
import { OPTIONS, SECRET_OPTIONS } from "../hba/methods";
import { renderRule } from "../hba/rule";
import type { HbaChangeOptions, HbaPlace, HbaRule, ObservedHbaRule } from "../hba/types";
import { comment, join, keyword, quoted, type Sql, secretLiteral, sql } from "../sql";
import type { Json } from "../values";

/** What a line says; the rest is where it stands. */
const LINE = ["type", "databases", "users", "address", "netmask", "method", "options", "comment"] as const;
const PLACE = ["order", "before", "after"] as const;
/** What stands in the place of a secret that is not as declared. */
const SECRET = "[secret]";

/** What is known of a rule beside the values that may be shown. */
interface Extra {
  /** What its line says; undefined when the server cannot read it. */
  readonly rule: HbaRule | undefined;
  /** Whether it is somebody else's line, which has no name yet. */
  readonly foreign: boolean;
}

/** A rule as it is in the file. */
export function toObserved({ name, rule, place, inPlace }: ObservedHbaRule): Observed {
  return { values: { ...shown(rule), ...placeValues(place), name, inPlace }, extra: { rule, foreign: false } };
}

/** The line of somebody else, as if it had the name already. */
export function toAdopt(name: string, rule: HbaRule): Observed {
  return { values: { ...shown(rule), ...placeValues({}), name, inPlace: true }, extra: { rule, foreign: true } };
}

/** A rule as its declaration has it. */
export function assumed(declared: Values): Observed {
  const rule = ruleOf(undefined, declared);
  const place = placeValues(placeOf(declared));
  return {
    values: { ...shown(rule), ...place, name: declared.name ?? null, inPlace: true },
    extra: { rule, foreign: false },
  };
}

/** A network in other words is as declared, a secret is shown only as declared, and no order is the order 0. */
export function seen({ values, extra }: Observed, declared: Values): Values {
  const { rule } = extra as unknown as Extra;
  const found: Values = {};
  if (declared.order === null && values.order === 0) found.order = null;
  if (rule === undefined) return found;
  const { address = null, netmask = null } = declared as { address?: string | null; netmask?: string | null };
  if (address !== null && addressMeaning(rule) === addressMeaning({ address, netmask })) {
    Object.assign(found, { address, netmask });
  } else if (rule.netmask && declared.netmask === undefined) found.address = `${rule.address} ${rule.netmask}`;
  return { ...found, options: withoutSecrets(rule.options, declared.options as HbaRule["options"]) };
}

/** What a rule says, secrets and all. */
export function optionsForScript({ extra }: Observed): Values {
  const { rule } = extra as unknown as Extra;
  return rule === undefined ? {} : { options: (rule.options ?? {}) as Values };
}

/** Adds a rule. */
export function create(desired: Values, facts: Facts): Statement[] {
  const rule = { ...ruleOf(undefined, desired), ...placeOf(desired), name: String(desired.name) };
  return [statement("add", rule, rule, desired, facts, (rules, options) => rules.create(rule, options))];
}

/** Brings a rule to the desired values, of which some are changed, and to its place. Nothing when there is nothing to do. */
export function alter(observed: Observed, changed: ReadonlySet<string>, desired: Values, facts: Facts): Statement[] {
  const { rule: before, foreign } = observed.extra as unknown as Extra;
  const { name: oldName, inPlace } = observed.values;
  if (!foreign && inPlace && changed.size === 0) return [];
  const place = PLACE.some((name) => changed.has(name)) ? placeOf(desired) : {};
  const rule = { ...ruleOf(before, desired), ...place, name: String(desired.name ?? oldName) };
  if (foreign) {
    const adopt: Act = (rules, options) => rules.create(rule, { ...options, adopt: true });
    return [statement("take over", rule, rule, desired, facts, adopt)];
  }
  const where = Object.keys(place).length > 0 ? place : (observed.values as HbaPlace);
  const act: Act = (rules, options) => rules.alter(String(oldName), rule, options);
  return [statement("change to", rule, where, desired, facts, act)];
}

/** Takes a rule out, or its name alone. */
export function drop(
  what: "remove" | "release",
  { values, extra }: Observed,
  given: Values,
  facts: Facts,
): Statement[] {
  const release = what === "release";
  const { rule } = extra as unknown as Extra;
  const perform = (rules: ManagedHbaRules, options: HbaChangeOptions) =>
    rules.drop(String(values.name), { ...options, release });
  return [statement(what, rule, values as HbaPlace, given, facts, perform)];
}

type Act = (rules: ManagedHbaRules, options: HbaChangeOptions) => Promise<unknown>;

function statement(
  what: string,
  rule: HbaRule | undefined,
  place: HbaPlace,
  { allowLockout }: Values,
  { server }: Facts,
  act: Act,
): Statement {
  return {
    sql: described(what, rule, place, server.major),
    alone: true,
    perform: (cluster, deadline) => act(cluster.hbaRules.managed, { allowLockout: allowLockout === true, deadline }),
  };
}

/** What a person reads: the place and the line, without secrets. */
function described(what: string, rule: HbaRule | undefined, place: HbaPlace, major: number): Sql {
  const options = Object.entries(rule?.options ?? {});
  const isSecret = ([name]: readonly [string, string]) => SECRET_OPTIONS.includes(name);
  const open = Object.fromEntries(options.filter((one) => !isSecret(one)));
  const line =
    rule === undefined ? "a line that the server cannot read" : textOf(renderRule({ ...rule, options: open }, major));
  const secrets = options.filter(isSecret).map(([name, value]) => sql`${keyword(name)}=${secretLiteral(value)}`);
  return join([comment(`pg_hba.conf, ${what}, ${placeText(place)}: ${line}`), ...secrets], " ");
}

function placeText({ order, before, after }: HbaPlace): string {
  if (before) return `before ${quoted(before)}`;
  if (after) return `after ${quoted(after)}`;
  return typeof order === "number" ? `order ${order}` : "where it stands";
}

/** What a line is to say: all that is desired, and the rest as it is, where it still has a meaning. */
function ruleOf(before: HbaRule | undefined, desired: Values): HbaRule {
  const given = Object.fromEntries(
    LINE.flatMap((name) => (desired[name] === undefined ? [] : [[name, desired[name]]])),
  );
  const rule = { ...before, ...given } as unknown as HbaRule;
  const netmask =
    given.address !== undefined && given.netmask === undefined && !needsMask(rule) ? { netmask: null } : {};
  const where = rule.type === "local" ? { address: null, netmask: null } : netmask;
  const options = given.options === undefined ? { options: optionsFor(rule) } : {};
  return { ...rule, ...where, ...options };
}

function needsMask({ address, netmask }: HbaRule): boolean {
  return networkOf(address ?? "", netmask) !== undefined && networkOf(address ?? "") === undefined;
}

/** The options that there are, but for those that only another method has. */
function optionsFor({ type, method, options }: HbaRule): Record<string, string> {
  const fits = (name: string) => OPTIONS[name]?.includes(method) ?? type === "hostssl";
  return Object.fromEntries(Object.entries(options ?? {}).filter(([name]) => fits(name)));
}

/** Where it is to stand: an anchor goes before an order, and what has neither has order 0. */
function placeOf({ order, before, after }: Values): HbaPlace {
  if (typeof before === "string") return { before };
  if (typeof after === "string") return { after };
  return { order: typeof order === "number" ? order : 0 };
}

function placeValues({ order = null, before = null, after = null }: HbaPlace): Values {
  return { order, before, after };
}

function shown(rule: HbaRule | undefined): Values {
  const values = LINE.map((name) => [name, rule?.[name] ?? null]);
  return {
    ...(Object.fromEntries(values) as Values),
    options: rule === undefined ? null : withoutSecrets(rule.options),
  };
}

/** Options with no secret but those that are as declared. */
function withoutSecrets(options: HbaRule["options"], declared?: HbaRule["options"]): Json {
  const value = (name: string, text: string) =>
    SECRET_OPTIONS.includes(name) && declared?.[name] !== text ? SECRET : text;
  return Object.fromEntries(Object.entries(options ?? {}).map(([name, text]) => [name, value(name, text)]));
}

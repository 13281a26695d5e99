/** Configuration of roles and databases: parameters and their values, as PostgreSQL keeps them in `pg_db_role_setting`. */

import { canonicalSetting, folded, isNameList, splitNames } from "./parameters";
import { identifier, join, literal, quoted, type Sql } from "./sql";
import { isRecord, isText, type Json, objectName, type ValueType } from "./values";

/** Values of configuration parameters by name. Lists of names, such as `search_path`, may be given as lists. */
export type Config = Record<string, string | number | boolean | readonly string[]>;

type Setting = Config[string];

const EXPECTS = "configuration parameters by name, each text, a number, true, false, or a list of texts";
const BY_DATABASE = `${EXPECTS}, by the name of a database`;

/** Parameters and their values. */
export const config: ValueType = {
  expects: EXPECTS,
  accepts: isConfig,
  reason: (value) => except(EXPECTS, unfitIn(value)),
  normalise: (value) => canonical(value as Config),
  shown: (declared, seen) => shownConfig(declared as Config, seen as Config) as Json,
};

/** Parameters and their values, by database. */
export const configByDatabase: ValueType = {
  expects: BY_DATABASE,
  accepts: (value) =>
    isRecord(value) && Object.entries(value).every(([name, of]) => objectName.accepts(name) && isConfig(of)),
  reason: (value) => {
    const all = Object.entries(isRecord(value) ? value : {});
    const unfit = all.flatMap(([database, of]) => unfitIn(of).map((name) => `${name} in ${quoted(database)}`));
    return except(BY_DATABASE, unfit);
  },
  normalise: (value) => {
    const all = Object.entries(value as Record<string, Config>);
    return Object.fromEntries(
      all.map(([name, of]) => [name, canonical(of)]).filter(([, of]) => Object.keys(of ?? {}).length > 0),
    );
  },
  shown: (declared, seen) => {
    const all = Object.entries(seen as Record<string, Config>);
    const known = declared as Record<string, Config>;
    return Object.fromEntries(all.map(([name, of]) => [name, shownConfig(known[name] ?? {}, of)])) as Json;
  },
};

/** Reads `setconfig`: texts such as `statement_timeout=30s`. */
export function configOf(entries: readonly string[] | null | undefined): Config {
  const settings = (entries ?? []).map((entry): [string, Setting] => {
    const name = entry.slice(0, entry.indexOf("="));
    const value = entry.slice(name.length + 1);
    return [name, isNameList(name) ? splitNames(value) : value];
  });
  return Object.fromEntries(settings);
}

/** What has to be set, and what to be reset, to come from one configuration to another. */
export function configChanges(before: Config, after: Config): { set: [string, Sql][]; reset: string[] } {
  const [old, wanted] = [canonical(before), canonical(after)];
  const changed = Object.entries(after).filter(([name]) => !same(old[folded(name)], wanted[folded(name)]));
  return {
    set: changed.map(([name, value]) => [name, valueSql(name, value)]),
    reset: Object.keys(before).filter((name) => !Object.hasOwn(wanted, folded(name))),
  };
}

/** The name of a parameter in SQL. */
export function parameterName(name: string): Sql {
  return identifier(...name.split("."));
}

function valueSql(name: string, value: Setting): Sql {
  if (isNameList(name)) {
    const names = namesOf(value);
    return names.length === 0 ? literal("") : join(names.map(literal));
  }
  return literal(textOf(value));
}

function textOf(value: Setting): string {
  if (typeof value === "boolean") return value ? "on" : "off";
  return typeof value === "object" ? value.join(", ") : String(value);
}

/** The names of a list. An empty one is none: it is how the server spells a list without names. */
function namesOf(value: Setting): readonly string[] {
  return typeof value === "object" ? value.filter((name) => name !== "") : splitNames(textOf(value));
}

function canonicalValue(name: string, value: Setting): Json {
  return isNameList(name) ? [...namesOf(value)] : canonicalSetting(name, textOf(value));
}

/** Names of parameters have no upper and lower case. */
function canonical(value: Config): Record<string, Json> {
  const settings = Object.entries(value).map(([name, of]) => [folded(name), canonicalValue(name, of)] as const);
  return Object.fromEntries(settings.sort(([left], [right]) => (left < right ? -1 : 1)));
}

function shownConfig(declared: Config, seen: Config): Config {
  const spelled = new Map(Object.keys(declared).map((name) => [folded(name), name]));
  const settings = Object.entries(seen).map(([name, value]): [string, Setting] => {
    const known = spelled.get(folded(name));
    const own = known === undefined ? undefined : declared[known];
    if (known === undefined || own === undefined) return [name, value];
    return [known, same(canonicalValue(name, own), canonicalValue(name, value)) ? own : value];
  });
  return Object.fromEntries(settings);
}

function same(left: Json | undefined, right: Json | undefined): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}

function isConfig(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const names = Object.keys(value);
  if (new Set(names.map((name) => folded(name))).size < names.length) return false;
  return Object.entries(value).every(([name, of]) => isParameter(name) && isSetting(of));
}

/** The parameters that are not acceptable, as messages name them. */
function unfitIn(value: unknown): string[] {
  const entries = Object.entries(isRecord(value) ? value : {});
  return entries.flatMap(([name, of]) => (isParameter(name) && isSetting(of) ? [] : [quoted(name)]));
}

function except(expects: string, [unfit]: readonly string[]): string | undefined {
  return unfit === undefined ? undefined : `must be ${expects}, which ${unfit} is not`;
}

function isParameter(name: string): boolean {
  return isText(name) && name.split(".").every((part) => objectName.accepts(part));
}

function isSetting(value: unknown): boolean {
  if (Array.isArray(value)) return value.every(isText);
  return isText(value) || typeof value === "boolean" || (typeof value === "number" && Number.isFinite(value));
}

/** Every argument that can hold a text is one of those that hostile texts are tried in, or says why not. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { commandType } from "../../provider/command/definition";
import type { ResourceType } from "../../provider/definition";
import { lookups } from "../../provider/lookups";
import { objectTypes } from "../../provider/objects";
import { OWNED_KINDS } from "../../provider/objects/owned-kinds";
import { flag, type ValueType } from "../../provider/values";
import { textPaths } from "./argument-paths";
import { trialsAt } from "./arguments";
import { BACKUP_ARGUMENTS } from "./arguments/backup";
import { COMMAND_ARGUMENTS } from "./arguments/command";
import { DEFINITIONS } from "./arguments/definition";
import { HBA_ARGUMENTS } from "./arguments/hba-rule";
import { lookupArguments } from "./arguments/lookup";
import { NEW_DATABASE_ARGUMENTS } from "./arguments/new-database";

/** Arguments that are not tried against a server, with all that is in them, and why. */
const UNTRIED: Readonly<Record<string, string>> = {
  "*.customTimeouts": "one field for all types, whose texts are never sent: tried in Role",
  "Database.icuLocale": "check lets through language tags alone: letters, digits, - and _",
  "Ownership.objects": "one object is sent as a list of one: objects[]",
  "Command.update": "a step as create is, which has been tried part by part",
  "Command.delete": "a step as create is, which has been tried part by part",
};

const PLACE = { home: "home", database: "database", heir: "heir", tablespace: "tablespace" };

/** `Role.config.*` for each way into it that is tried; behind a name, the trials say in brackets what they are about. */
const tried = [
  ...trialsAt(PLACE).map(({ type, name }) => [type, name] as const),
  ...COMMAND_ARGUMENTS.map(({ name }) => ["Command", name] as const),
  ...DEFINITIONS.map(({ type }) => [type, "definition"] as const),
  ...HBA_ARGUMENTS.map(({ name }) => ["HbaRule", name] as const),
  ...lookupArguments(PLACE).map(({ lookup, name }) => [lookup, name] as const),
  ...NEW_DATABASE_ARGUMENTS.map(({ name }) => ["Database", name] as const),
  ...BACKUP_ARGUMENTS.map((name) => ["Database", name] as const),
  ["getServer", "settings[]"] as const, // in lookups.server.test.ts
].map(([type, name]) => `${type}.${name.replace(/ \((?!keys\)).*\)$/, "")}`);

/** Whether a value can have a text in it: whatever is not just true, false or a number. */
function holdsText(value: ValueType): boolean {
  const isNumber = value.expects.startsWith("a whole number") && !value.accepts("1");
  return value !== flag && !isNumber;
}

const types = [...objectTypes.values(), commandType];

/** Those of the field tables, by name alone. */
const fields: [name: string, value: ValueType][] = [
  ...types.flatMap(({ type, fields }: ResourceType) =>
    Object.entries(fields).map(([name, { value }]): [string, ValueType] => [`${type}.${name}`, value]),
  ),
  ...[...lookups.values()].flatMap((lookup) =>
    Object.entries(lookup.arguments).map(([name, value]): [string, ValueType] => [`${lookup.name}.${name}`, value]),
  ),
];

/** Those that programs can write, with whatever is in them. */
const paths = (() => {
  const names = [...types.map(({ type }) => type), ...lookups.keys()];
  const found = textPaths(names.map(argumentsOf));
  return names.flatMap((name) => (found.get(argumentsOf(name)) ?? []).map((path) => `${name}.${path}`));
})();

function argumentsOf(name: string): string {
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}Args`;
}

/** Whether a trial is about a place: `config.search_path[]` about `config.*[]`. */
function fits(path: string, trial: string): boolean {
  const pattern = path.replace(/[.[\]()]/g, "\\$&").replaceAll("*", "[\\w*]+");
  return new RegExp(`^${pattern}$`).test(trial);
}

const nameOf = (path: string) => /^\w+\.\w+/.exec(path)?.[0] ?? "";

describe("every argument that can hold a text", () => {
  test("is tried, or not for a reason", () => {
    const names = new Set(tried.map(nameOf));
    const all = fields.filter(([, value]) => holdsText(value)).map(([name]) => name);
    assert.deepEqual(
      all.filter((name) => !names.has(name) && reasonOf(name) === undefined),
      [],
    );
    assert.ok(all.length > 80, `${all.length} arguments`);
  });

  test("and so is all that is in it", () => {
    const missing = paths.filter((path) => reasonOf(path) === undefined && !tried.some((trial) => fits(path, trial)));
    assert.deepEqual(missing, []);
    for (const path of ["Role.memberOf[].role", "HbaRule.users[].regex", "Command.create.parameters[].identifier[]"])
      assert.ok(paths.includes(path), path);
    assert.ok(paths.length > 150, `${paths.length} places`);
  });

  test("is one that there is, where it is tried or is not for a reason", () => {
    const known = new Set(fields.map(([name]) => name));
    const inPrograms = new Set(paths.map(nameOf));
    assert.deepEqual(
      tried.filter((trial) =>
        inPrograms.has(nameOf(trial)) ? !paths.some((path) => fits(path, trial)) : !known.has(nameOf(trial)),
      ),
      [],
    );
    for (const untried of Object.keys(UNTRIED)) {
      const meant = [...known, ...paths].filter((name) => reasonOf(name) === UNTRIED[untried]);
      assert.ok(
        meant.some((name) => !tried.includes(name)),
        untried,
      );
    }
  });
});

test("every kind of object that changes hands is tried", () => {
  const names = trialsAt(PLACE).map(({ name }) => name);
  for (const kind of OWNED_KINDS.keys())
    assert.ok(names.includes(kind === "large object" ? "objects[].oid" : `objects[].name (${kind})`), kind);
});

/** Why a place is not tried: it, or what it is in, is not for a reason. */
function reasonOf(path: string): string | undefined {
  const untried = Object.keys(UNTRIED).find((name) => {
    const whole = name.replace("*", /^\w+/.exec(path)?.[0] ?? "");
    return path === whole || path.startsWith(`${whole}.`);
  });
  return untried && UNTRIED[untried];
}

/** Every argument that can hold a text is one of those that hostile texts are tried in, or says why not. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { commandType } from "../../provider/command/definition";
import type { ResourceType } from "../../provider/definition";
import { lookups } from "../../provider/lookups";
import { objectTypes } from "../../provider/objects";
import { OWNED_KINDS } from "../../provider/objects/owned-kinds";
import { flag, type ValueType } from "../../provider/values";
import { trialsAt } from "./arguments";
import { COMMAND_ARGUMENTS } from "./arguments/command";
import { DEFINITIONS } from "./arguments/definition";
import { HBA_ARGUMENTS } from "./arguments/hba-rule";
import { lookupArguments } from "./arguments/lookup";
import { NEW_DATABASE_ARGUMENTS } from "./arguments/new-database";

/** Arguments that are not tried against a server, and why. */
const UNTRIED: Readonly<Record<string, string>> = {
  "*.customTimeouts": "one field for all types, whose texts are never sent: tried in Role",
  "Database.icuLocale": "check lets through language tags alone: letters, digits, - and _",
  "Database.restoreFrom": "paths and arguments of programs, which are no SQL: test/provider/backup",
  "Database.finalBackup": "paths and arguments of programs, which are no SQL: test/provider/backup",
};

const PLACE = { home: "home", database: "database", heir: "heir", tablespace: "tablespace" };

/** `Role.config` for each way into it that is tried. */
const tried = new Set(
  [
    ...trialsAt(PLACE).map(({ type, name }) => [type, name] as const),
    ...COMMAND_ARGUMENTS.map(({ name }) => ["Command", name] as const),
    ...DEFINITIONS.map(({ type }) => [type, "definition"] as const),
    ...HBA_ARGUMENTS.map(({ name }) => ["HbaRule", name] as const),
    ...lookupArguments(PLACE).map(({ lookup, name }) => [lookup, name] as const),
    ...NEW_DATABASE_ARGUMENTS.map(({ name }) => ["Database", name] as const),
    ["getServer", "settings"] as const, // in lookups.server.test.ts
  ].map(([type, name]) => `${type}.${/^\w+/.exec(name)?.[0]}`),
);

/** Whether a value can have a text in it: whatever is not just true, false or a number. */
function holdsText(value: ValueType): boolean {
  const isNumber = value.expects.startsWith("a whole number") && !value.accepts("1");
  return value !== flag && !isNumber;
}

const argumentsOf: [name: string, value: ValueType][] = [
  ...[...objectTypes.values(), commandType].flatMap(({ type, fields }: ResourceType) =>
    Object.entries(fields).map(([name, { value }]): [string, ValueType] => [`${type}.${name}`, value]),
  ),
  ...[...lookups.values()].flatMap((lookup) =>
    Object.entries(lookup.arguments).map(([name, value]): [string, ValueType] => [`${lookup.name}.${name}`, value]),
  ),
];

describe("every argument that can hold a text", () => {
  const known = new Map(argumentsOf);
  test("is tried, or not for a reason", () => {
    const all = argumentsOf.filter(([, value]) => holdsText(value)).map(([name]) => name);
    const missing = all.filter((name) => !tried.has(name) && reasonOf(name) === undefined);
    assert.deepEqual(missing, []);
    assert.ok(all.length > 80, `${all.length} arguments`);
  });

  test("is one that there is, where it is tried or is not for a reason", () => {
    assert.deepEqual(
      [...tried].filter((name) => !known.has(name)),
      [],
    );
    for (const untried of Object.keys(UNTRIED)) {
      const [type = "", field = ""] = untried.split(".");
      const meant = [...known.keys()].filter(
        (name) => name.endsWith(`.${field}`) && (type === "*" || name === untried),
      );
      assert.ok(
        meant.some((name) => !tried.has(name)),
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

function reasonOf(name: string): string | undefined {
  return UNTRIED[name] ?? UNTRIED[`*.${name.split(".")[1]}`];
}

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { checkInputs, diffInputs } from "../../../provider/check";
import { commandType } from "../../../provider/command/definition";
import type { Values } from "../../../provider/definition";
import { UNKNOWN } from "../samples";

const CREATE = { sql: "SELECT 1" };
const BASE: Values = { name: "seed", create: CREATE };

describe("check", () => {
  const check = (news: Values) => checkInputs(commandType, {}, news);

  it("takes what is declared, null for none, and what is not known yet", () => {
    const table: Values[] = [
      BASE,
      { ...BASE, update: null, delete: { shell: "true" }, triggers: [1, { a: [] }, null], database: "shop" },
      { name: "seed", delete: CREATE },
      { name: "seed", create: UNKNOWN, triggers: UNKNOWN, database: UNKNOWN },
      { name: "seed", create: { sql: "SELECT $1, $2", parameters: [UNKNOWN] } },
      { ...BASE, secret: true, customTimeouts: { create: "5m" } },
    ];
    for (const news of table) assert.deepEqual(check(news), []);
  });

  const wrong: [news: Values, property: string, reason: string][] = [
    [{ name: "seed" }, "create", "is missing, and so are update and delete"],
    [{ name: "seed", create: null, triggers: [] }, "create", "is missing, and so are update and delete"],
    [{ ...BASE, triggers: "x" }, "triggers", "must be a list of any values"],
    [{ ...BASE, database: "" }, "database", "must be a name of 1 to 63 bytes without a NUL character"],
    [{ ...BASE, crate: CREATE }, "crate", "is not an attribute of a Command"],
    // The engine prints the value of a property that is named: these may hold secrets.
    [{ ...BASE, delete: { sql: "" } }, "", "delete has sql without a statement"],
    [
      { ...BASE, update: "SELECT 's3cret'" },
      "",
      "update must be { sql, parameters, transaction } or { shell, environment, stdin }",
    ],
  ];
  for (const [news, property, reason] of wrong) {
    it(reason, () => assert.deepEqual(check(news), [{ property, reason }]));
  }
});

describe("diff", () => {
  const olds: Values = { ...BASE, triggers: ["a"], delete: { sql: "SELECT 2" }, rows: [], systemIdentifier: "7" };
  const same: Values = { ...BASE, triggers: ["a"], delete: { sql: "SELECT 2" } };
  const table: [what: string, news: Values, changes: boolean | undefined, replaces: string[]][] = [
    ["nothing", same, false, []],
    ["a trigger", { ...same, triggers: ["b"] }, undefined, ["triggers"]],
    ["no trigger any more", { ...same, triggers: null }, undefined, ["triggers"]],
    ["a trigger that is not known yet", { ...same, triggers: [UNKNOWN] }, undefined, ["triggers"]],
    ["create", { ...same, create: { sql: "SELECT 1 " } }, undefined, []],
    ["update", { ...same, update: CREATE }, undefined, []],
    ["update that is null", { ...same, update: null }, undefined, []],
    ["delete", { ...same, delete: null }, undefined, []],
    ["the database", { ...same, database: "shop" }, undefined, []],
  ];
  for (const [what, news, changes, replaces] of table) {
    it(what, () =>
      assert.deepEqual(diffInputs(commandType, olds, news), { changes, replaces, deleteBeforeReplace: true }),
    );
  }

  it("no triggers are none, however that is said", () => {
    for (const triggers of [[], null] as Values[string][])
      assert.deepEqual(diffInputs(commandType, BASE, { ...BASE, triggers }).replaces, []);
  });
});

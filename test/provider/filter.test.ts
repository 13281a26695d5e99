import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { InvalidValueError } from "../../provider/errors";
import { matcherOf } from "../../provider/filter";
import { roleType } from "../../provider/objects/role";
import { tableType } from "../../provider/objects/table";
import { observedOf } from "./samples";

const table = observedOf(
  { schema: "sales", name: "orders", owner: "o", tablespace: null, rowSecurity: true, comment: null, kind: "table" },
  { defaultTablespace: "pg_default" },
);

describe("matcherOf", () => {
  const cases: [what: string, filter: Record<string, unknown>, matches: boolean][] = [
    ["no condition", {}, true],
    ["a condition that is not given", { name: undefined }, true],
    ["a value", { schema: "sales" }, true],
    ["another value", { schema: "Sales" }, false],
    ["two values", { schema: "sales", owner: "o" }, true],
    ["one of two values", { schema: "sales", owner: "p" }, false],
    ["a flag", { rowSecurity: true }, true],
    ["the other flag", { rowSecurity: false }, false],
    ["null where there is none", { comment: null }, true],
    ["null stands for the default", { schema: null }, false],
    ["compared as attributes are", { tablespace: "pg_default" }, true],
    ["a computed value", { kind: "table" }, true],
    ["another computed value", { kind: "foreign table" }, false],
    ["the oid", { oid: 16384 }, true],
    ["another oid", { oid: 16385 }, false],
    ["a regular expression", { name: /^ord/ }, true],
    ["one that does not match", { name: /^ord$/ }, false],
    ["of a computed value", { kind: /^t/ }, true],
    ["never of null", { comment: /.*/ }, false],
    ["a predicate", { name: (name: string) => name.length === 6 }, true],
    ["one that says no", { name: () => false }, false],
    ["a predicate of null", { comment: (comment: string | null) => comment === null }, true],
    ["a predicate of the oid", { oid: (oid: number) => oid > 16_000 }, true],
  ];
  for (const [what, filter, matches] of cases) {
    it(what, () => assert.equal(matcherOf(tableType, filter).matches(table), matches));
  }

  it("a regular expression means the same each time", () => {
    const { matches } = matcherOf(tableType, { name: /r/g });
    for (let time = 0; time < 3; time++) assert.ok(matches(table));
  });

  it("tells what a query can look for", () => {
    const { values } = matcherOf(tableType, { schema: "sales", name: /x/, kind: "table", owner: () => true });
    assert.deepEqual(values, { schema: "sales" });
  });

  const refused: [what: string, filter: Record<string, unknown>][] = [
    ["what is no attribute", { nam: "x" }],
    ["what every object has", { constructor: "x" }],
    ["an option", { dropCascade: true }],
    ["a value that it cannot have", { name: 5 }],
  ];
  for (const [what, filter] of refused) {
    it(`refuses ${what}`, () => assert.throws(() => matcherOf(tableType, filter), InvalidValueError));
  }
  it("refuses a secret", () => assert.throws(() => matcherOf(roleType, { password: /x/ }), InvalidValueError));
});

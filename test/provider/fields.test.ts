import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Field, ObjectType, Values } from "../../provider/definition";
import {
  declaredOf,
  desiredValues,
  differences,
  isApplied,
  orDefault,
  pathOf,
  sameDeclared,
} from "../../provider/fields";
import { objectTypes } from "../../provider/objects";
import { databaseType } from "../../provider/objects/database";
import { roleType } from "../../provider/objects/role";
import { type Json, text } from "../../provider/values";
import { membership, observedOf, TWO_PARTS, UNKNOWN } from "./samples";

const withDefault: Field = { value: roleType.fields.memberOf!.value, change: "update", default: [], postgres: "x" };
const without: Field = { value: text, change: "update", postgres: "x" };

describe("declaredOf", () => {
  it("keeps what the field table has, and what is not undefined", () => {
    const properties = {
      name: "a",
      login: undefined,
      password: null,
      oid: 1,
      __provider: "x",
      adopted: true,
      other: 1,
    };
    assert.deepEqual(declaredOf(roleType, properties), { name: "a", password: null });
  });
  it("is not taken in by what every object has", () => {
    assert.deepEqual(declaredOf(roleType, { name: "a", constructor: "x", toString: "y" }), { name: "a" });
  });
});

describe("pathOf", () => {
  const table: [type: ObjectType, values: Values, path: string[]][] = [
    [roleType, { name: "a" }, ["a"]],
    [TWO_PARTS, { schema: "s", name: "a" }, ["s", "a"]],
    [TWO_PARTS, { name: "s.a" }, ["public", "s.a"]],
    [TWO_PARTS, { schema: null, name: "a" }, ["public", "a"]],
  ];
  for (const [type, values, path] of table) {
    it(JSON.stringify(values), () => assert.deepEqual(pathOf(type, values), path));
  }
});

describe("orDefault", () => {
  const table: [field: Field, value: Json, expected: Json][] = [
    [withDefault, null, []],
    [withDefault, ["a"], ["a"]],
    [without, null, null],
    [without, "", ""],
  ];
  for (const [field, value, expected] of table) {
    it(`${JSON.stringify(value)} -> ${JSON.stringify(expected)}`, () => {
      assert.deepEqual(orDefault(field, value), expected);
    });
  }
});

describe("desiredValues", () => {
  const table: [what: string, type: ObjectType, declared: Values, previous: Values, desired: Values][] = [
    ["nothing but what is declared", roleType, { name: "a" }, {}, { name: "a" }],
    [
      "null is the default",
      roleType,
      { name: "a", login: null, memberOf: null },
      {},
      { name: "a", login: false, memberOf: [] },
    ],
    [
      "a connection limit taken away",
      roleType,
      { name: "a" },
      { name: "a", connectionLimit: 5 },
      { name: "a", connectionLimit: -1 },
    ],
    ["memberships taken away", roleType, { name: "a" }, { memberOf: ["x"] }, { name: "a", memberOf: [] }],
    ["a flag taken away", roleType, { name: "a" }, { login: true }, { name: "a", login: false }],
    ["a null taken away", roleType, { name: "a" }, { connectionLimit: null }, { name: "a", connectionLimit: -1 }],
    ["a password taken away stays", roleType, { name: "a" }, { password: "x" }, { name: "a" }],
    [
      "a null password removes it",
      roleType,
      { name: "a", password: null },
      { password: "x" },
      { name: "a", password: null },
    ],
    ["an owner taken away stays", databaseType, { name: "d" }, { owner: "o" }, { name: "d" }],
    ["an encoding taken away stays", databaseType, { name: "d" }, { encoding: "UTF8" }, { name: "d" }],
    ["options are never reset", databaseType, { name: "d" }, { forceDrop: true, template: "t" }, { name: "d" }],
    [
      "false and 0 are values",
      roleType,
      { name: "a", login: false, connectionLimit: 0 },
      {},
      { name: "a", login: false, connectionLimit: 0 },
    ],
    ["state's own keys play no part", roleType, { name: "a" }, { oid: 1, passwordHash: "x" }, { name: "a" }],
  ];
  for (const [what, type, declared, previous, desired] of table) {
    it(what, () => assert.deepEqual(desiredValues(type, declared, previous), desired));
  }

  it("resets each applied attribute with a default, for every type", () => {
    for (const type of objectTypes.values()) {
      for (const [name, field] of Object.entries(type.fields)) {
        const reset = isApplied(field) && field.default !== undefined && !field.kept;
        assert.deepEqual(desiredValues(type, {}, { [name]: "x" }), reset ? { [name]: field.default } : {}, name);
      }
    }
  });
});

describe("differences", () => {
  const role = observedOf(
    { name: "a", login: false, connectionLimit: -1, memberOf: ["x", "y"] },
    {
      memberships: [membership("x"), membership("y", { grantor: "other", ours: false })],
    },
  );
  const table: [what: string, desired: Values, names: string[]][] = [
    ["nothing desired", {}, []],
    ["all the same", { name: "a", login: false, connectionLimit: -1 }, []],
    ["one", { name: "a", login: true }, ["login"]],
    ["several", { name: "b", login: true, connectionLimit: 1 }, ["name", "login", "connectionLimit"]],
    ["another grantor's membership is not missed when it is not declared", { memberOf: ["x"] }, []],
    ["and counts when it is", { memberOf: ["y", "x"] }, []],
    ["our membership is surplus", { memberOf: [] }, ["memberOf"]],
    ["a membership is missing", { memberOf: ["x", "z"] }, ["memberOf"]],
    ["options and what is unknown to the table do not count", { adopt: true, dropOnDelete: true, oid: 5 }, []],
  ];
  for (const [what, desired, names] of table) {
    it(what, () => assert.deepEqual([...differences(roleType, role, desired)].sort(), [...names].sort()));
  }

  it("compares encodings as the server does, and leaves the template out", () => {
    const database = observedOf({ name: "d", owner: "o", encoding: "UTF8" });
    assert.deepEqual([...differences(databaseType, database, { encoding: "utf-8", template: "t" })], []);
    assert.deepEqual([...differences(databaseType, database, { encoding: "LATIN1" })], ["encoding"]);
  });
});

describe("sameDeclared", () => {
  const table: [field: Field, before: Json | undefined, after: Json | undefined, same: boolean][] = [
    [withDefault, undefined, undefined, true],
    [withDefault, undefined, null, false],
    [withDefault, undefined, [], false],
    [withDefault, [], undefined, false],
    [withDefault, null, [], true],
    [withDefault, ["a", "b"], ["b", "a"], true],
    [withDefault, ["a"], [UNKNOWN], false],
    [withDefault, [UNKNOWN], [UNKNOWN], false],
    [without, UNKNOWN, UNKNOWN, false],
    [without, "a", "a", true],
    [without, "a", null, false],
    [without, "", null, false],
  ];
  for (const [field, before, after, same] of table) {
    it(`${same}: ${JSON.stringify(before)} -> ${JSON.stringify(after)}`, () => {
      assert.equal(sameDeclared(field, before, after), same);
    });
  }
});

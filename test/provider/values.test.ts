import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { inspect } from "node:util";
import {
  encoding,
  flag,
  type Json,
  objectName,
  roleName,
  sameValue,
  schemaName,
  text,
  type ValueType,
  wholeNumber,
} from "../../provider/values";
import { HOSTILE_NAMES } from "./samples";

const LONE_SURROGATE = "a\ud800b";
const bounded = wholeNumber(-1, 10);

const table: [name: string, type: ValueType, accepted: unknown[], refused: unknown[]][] = [
  ["flag", flag, [true, false], ["true", 1, 0, [], {}]],
  ["text", text, ["", "a", "🐘", "line\nbreak"], ["a\0b", 1, true, ["a"], {}, LONE_SURROGATE]],
  [
    "objectName",
    objectName,
    [...HOSTILE_NAMES, "pg_x"],
    ["", "x".repeat(64), "é".repeat(32), "a\0", 1, ["a"], LONE_SURROGATE],
  ],
  ["roleName", roleName, [...HOSTILE_NAMES, "Public", "xpg_"], ["", "pg_x", "public", "none", "x".repeat(64)]],
  ["schemaName", schemaName, [...HOSTILE_NAMES, "public", "PG_x"], ["", "pg_x", "x".repeat(64)]],
  ["encoding", encoding, ["UTF8", "utf-8", "latin1"], ["", "UTF16", 8, ["UTF8"]]],
  ["wholeNumber", bounded, [-1, 0, 10], [-2, 11, 1.5, "5", Number.NaN, Number.POSITIVE_INFINITY, true, 5n]],
];
describe("accepts", () => {
  for (const [name, type, accepted, refused] of table) {
    it(name, () => {
      for (const value of accepted) assert.equal(type.accepts(value), true, inspect(value));
      for (const value of refused) assert.equal(type.accepts(value), false, inspect(value));
      assert.match(type.expects, /^[a-zA-Z]/);
    });
  }
  it("says the bounds of a number", () => assert.equal(bounded.expects, "a whole number from -1 to 10"));
});

describe("sameValue", () => {
  const same: [type: ValueType, left: Json, right: Json, same: boolean][] = [
    [flag, true, true, true],
    [flag, false, null, false],
    [text, "a", "a", true],
    [text, "a", "A", false],
    [text, null, null, true],
    [text, "", null, false],
    [encoding, "UTF-8", "UTF8", true],
    [encoding, "unicode", "utf8", true],
    [encoding, "UTF8", "LATIN1", false],
    [bounded, 1, 1, true],
    [bounded, 1, 2, false],
  ];
  for (const [type, left, right, expected] of same) {
    it(`${expected}: ${inspect(left)} and ${inspect(right)} (${type.expects})`, () => {
      assert.equal(sameValue(type, left, right), expected);
      assert.equal(sameValue(type, right, left), expected);
    });
  }
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { argumentList } from "../../../provider/objects/routine-arguments";

describe("a list of arguments", () => {
  const right: [text: string, normal: string][] = [
    ["", ""],
    [" ", ""],
    ["int", "int"],
    ["int,text", "int, text"],
    ["numeric(5, 2) , text", "numeric(5, 2), text"],
    ["int[3], text[][]", "int[3], text[][]"],
    ['"a,b", "c""(d"', '"a,b", "c""(d"'],
    ["a int, OUT b text, out c int, VARIADIC d text[]", "a int, VARIADIC d text[]"],
    ["OUT a int", ""],
    ["output", "output"],
  ];
  for (const [text, normal] of right) {
    it(JSON.stringify(text), () => {
      assert.ok(argumentList.accepts(text));
      assert.equal(argumentList.normalise(text), normal);
    });
  }
  for (const text of [",", "int,", "int,,text", "int)", "(int", "int]", '"int', "int) , (text", "\0", 5, null, ["int"]])
    it(`refuses ${JSON.stringify(text)}`, () => assert.ok(!argumentList.accepts(text)));
});

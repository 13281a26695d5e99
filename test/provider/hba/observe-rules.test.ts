import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { observeRules } from "../../../provider/hba/plan";
import { documentOf, shortLine as line, placesOf as places } from "./samples";

describe("what is observed", () => {
  it("is the rule, its place, and its line", () => {
    const [one, ...more] = observeRules(documentOf('# c\nlocal all "all",+g peer # why # pgmob name=a%20b order=-3\n'));
    assert.deepEqual(more, []);
    assert.deepEqual(one, {
      name: "a b",
      rule: {
        type: "local",
        databases: ["all"],
        users: [{ name: "all" }, { group: "g" }],
        method: "peer",
        comment: "why",
      },
      place: { order: -3 },
      inPlace: true,
      line: 2,
    });
  });

  const table: [what: string, file: string, places: string][] = [
    ["in place", `${line("t", " order=-1")}local x\n${line("a")}${line("b")}`, "t a b"],
    ["two that changed places", `local x\n${line("b")}${line("a")}`, "b! a"],
    ["one that was moved far", `local x\n${line("b")}${line("c")}${line("d")}${line("a")}`, "b c d a!"],
    ["a rule of others after ours", `local x\n${line("a")}${line("b")}local y\n`, "a! b!"],
    ["a rule of others before ours", `local y\n${line("t", " order=-1")}`, "t!"],
    ["comments play no part", `# c\n${line("t", " order=-1")}# c\n\nlocal x\n${line("a")}# c\n`, "t a"],
    ["away from its anchor", `${line("m")}${line("o")}${line("n", " order=0 after=m")}`, "m o! n"],
    ["a copy", `local x\n${line("a")}${line("a")}`, "a!"],
    ["adopted: it stays where it is", `local x\n${line("a", "")}local y\n${line("b", "")}`, "a b"],
  ];
  for (const [what, file, expected] of table) it(what, () => assert.equal(places(documentOf(file)), expected));

  it("a marker in a comment alone is nobody's rule", () => {
    assert.deepEqual(observeRules(documentOf("# local all all peer # pgmob name=a order=0\n")), []);
  });
  it("an unreadable line is seen, without a rule", () => {
    assert.equal(observeRules(documentOf("local all # pgmob name=a order=0\n"))[0]?.rule, undefined);
  });
});

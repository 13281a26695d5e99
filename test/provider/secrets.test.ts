import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Secrets } from "../../provider/secrets";
import { UNKNOWN } from "../../provider/unknown";

describe("Secrets", () => {
  const properties = { name: "shop", config: { work_mem: "hun'ter\"2", role: "shop" }, list: ["a", "xy"], limit: 100 };
  const secrets = new Secrets([["config", "work_mem"], ["list", 1], ["limit"]], [{}, properties]);

  const table: [what: string, text: string, withheld: string][] = [
    ["nothing of them", 'role "shop": work_mem, "a"', 'role "shop": work_mem, "a"'],
    ["one as it is", "it is hun'ter\"2 here", "it is [secret] here"],
    ["one as a literal", "'hun''ter\"2'", "'[secret]'"],
    ["one as JSON", '"hun\'ter\\"2"', '"[secret]"'],
    ["a quoted part", 'unrecognized: "hun"', 'unrecognized: "[secret]"'],
    ["a part in other quotes", "unbekannt: »hun«", "unbekannt: »[secret]«"],
    ["a short one, quoted", 'it is "xy", not xy', 'it is "[secret]", not xy'],
    ["a number", "must be below 100", "must be below [secret]"],
  ];
  for (const [what, text, withheld] of table) it(what, () => assert.equal(secrets.withheld(text), withheld));

  it("are in the properties that the paths begin with", () => {
    assert.deepEqual(
      ["config", "list", "limit", "name", "work_mem"].filter((name) => secrets.areIn(name)),
      ["config", "list", "limit"],
    );
  });

  it("that are not known yet are no text", () => {
    assert.equal(new Secrets([["a"]], [{ a: UNKNOWN }]).withheld(UNKNOWN), UNKNOWN);
  });

  it("what is declared in the open is told, also where it is part of one", () => {
    const secret = new Secrets([["comment"]], [{ name: "shop", comment: "the shop of all" }]);
    assert.equal(secret.withheld('"shop", "all", the shop of all'), '"shop", "[secret]", [secret]');
  });
});

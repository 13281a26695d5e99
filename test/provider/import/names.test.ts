import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { logicalName, Names, variableName } from "../../../provider/import/names";
import { HOSTILE_NAMES } from "../samples";

describe("names of resources and variables", () => {
  const table: [path: string[], type: string, resource: string, variable: string][] = [
    [["app"], "Role", "app", "appRole"],
    [["shop_readers"], "Role", "shop_readers", "shopReadersRole"],
    [["APP"], "Role", "APP", "appRole"],
    [["shop", "sales Q1", "order-no"], "Sequence", "shop.sales-Q1.order-no", "shopSalesQ1OrderNoSequence"],
    [["1st"], "Role", "1st", "role1st"],
    [["'; --"], "Role", "object----", "role"],
    [["naïve 🐘"], "Database", "na-ve-", "naVeDatabase"],
  ];
  for (const [path, type, resource, variable] of table) {
    it(path.join("."), () => {
      assert.equal(logicalName(path), resource);
      assert.equal(variableName(path, type), variable);
    });
  }
  it("are names whatever the object is called, and no reserved words", () => {
    for (const name of [...HOSTILE_NAMES, "class", "pulumi", "config", "pgmob", "默认"]) {
      assert.match(logicalName([name]), /^[\w.-]+$/);
      const variable = variableName([name], "Role");
      assert.match(variable, /^[a-z][A-Za-z0-9]*$/);
      assert.doesNotThrow(() => new Function(`const ${variable} = 1`));
    }
  });
  it("are all different", () => {
    const names = new Names();
    assert.deepEqual([names.free("a"), names.free("a"), names.free("a2"), names.free("a")], ["a", "a2", "a22", "a3"]);
  });
});

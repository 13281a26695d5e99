import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { InvalidValueError } from "../../../provider/errors";
import { parseOptions } from "../../../provider/import/options";

describe("pulumi-pgmob import", () => {
  it("takes everything by default, with the environment's connection", () => {
    const { settings, out, force, wanted } = parseOptions(["import"]);
    assert.deepEqual([settings, out, force, wanted("Role", ["x"])], [{}, ".", false, true]);
  });
  it("hands the connection on", () => {
    const args = ["import", "--host=h", "--port", "5", "--user=u", "--database=d", "--ssl-mode=require", "--become=b"];
    const expected = { host: "h", port: "5", user: "u", database: "d", sslMode: "require", become: "b" };
    assert.deepEqual(parseOptions(args).settings, expected);
  });

  const table: [args: string[], type: string, path: string[], wanted: boolean][] = [
    [["--include", "shop*"], "Role", ["shop_app"], true],
    [["--include", "shop*"], "Role", ["a_shop"], false],
    [["--include", "shop"], "Sequence", ["shop", "public", "no"], true],
    [["--include", "Role:shop*"], "Database", ["shop"], false],
    [["--include", "Role:shop*", "--include", "x?"], "Database", ["x1"], true],
    [["--exclude", "*_tmp"], "Role", ["a_tmp"], false],
    [["--exclude", "*_tmp"], "Role", ["tmp"], true],
    [["--include", "a.b"], "Role", ["axb"], false],
    [["--include", "a[b]"], "Role", ["a[b]"], true],
    [["--include", "a*", "--exclude", "ab"], "Role", ["ab"], false],
  ];
  for (const [args, type, path, wanted] of table) {
    it(`${args.join(" ")}: ${type} ${path.join(".")} ${wanted ? "is" : "is not"} taken`, () =>
      assert.equal(parseOptions(["import", ...args]).wanted(type, path), wanted));
  }

  for (const args of [[], ["improt"], ["import", "--incldue=x"], ["import", "x"]]) {
    it(`${JSON.stringify(args)} is refused with the usage`, () =>
      assert.throws(
        () => parseOptions(args),
        (error: Error) => {
          assert.ok(error instanceof InvalidValueError);
          assert.match(error.message, /usage: pulumi-pgmob import/);
          return true;
        },
      ));
  }
});

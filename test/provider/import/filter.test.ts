import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { InvalidValueError } from "../../../provider/errors";
import { Filter } from "../../../provider/import/filter";

const TYPES = ["Role", "Database", "Schema", "Sequence"];

/** A filter of arguments as on the command line. */
function filterOf(...args: string[]): Filter {
  const after = (name: string) => args.flatMap((arg, index) => (args[index - 1] === name ? [arg] : []));
  return new Filter({ include: after("--include"), exclude: after("--exclude") }, TYPES);
}

describe("patterns choose objects by name and type", () => {
  const table: [args: string[], type: string, path: string[], wanted: boolean][] = [
    [[], "Role", ["x"], true],
    [["--include", "shop*"], "Role", ["shop_app"], true],
    [["--include", "shop*"], "Role", ["a_shop"], false],
    [["--include", "shop"], "Sequence", ["shop", "public", "no"], true],
    [["--include", "public"], "Sequence", ["shop", "public", "no"], true],
    [["--include", "Role:shop*"], "Database", ["shop"], false],
    [["--include", "Sequence:shop"], "Schema", ["shop", "sales"], false],
    [["--include", "Role:shop*", "--include", "x?"], "Database", ["x1"], true],
    [["--include", "Role:*"], "Role", ["line\nbreak"], true],
    [["--exclude", "*_tmp"], "Role", ["a_tmp"], false],
    [["--exclude", "*_tmp"], "Role", ["tmp"], true],
    [["--exclude", "Sequence:*"], "Sequence", ["shop", "public", "no"], false],
    [["--exclude", "Sequence:*"], "Schema", ["shop", "public"], true],
    [["--include", "a.b"], "Role", ["axb"], false],
    [["--include", "a[b]"], "Role", ["a[b]"], true],
    [["--include", "?"], "Role", ["🐘"], true],
    [["--include", "a*", "--exclude", "ab"], "Role", ["ab"], false],
    [["--include", "*:Role:x"], "Role", ["Role:x"], false],
    [["--include", "*:x"], "Role", ["Role:x"], true],
    [["--include", "role:x"], "Role", ["role:x"], true],
  ];
  for (const [args, type, path, wanted] of table) {
    it(`${args.join(" ")}: ${type} ${path.join(".")} ${wanted ? "is" : "is not"} taken`, () =>
      assert.equal(filterOf(...args).wants(type, path), wanted));
  }

  it("a type that there is not is refused, with those that there are", () =>
    assert.throws(
      () => filterOf("--include", "Roles:x"),
      (error: Error) =>
        error instanceof InvalidValueError && /no type Roles .*Role, Database.*write \*:x/s.test(error.message),
    ));
});

describe("where nothing can be wanted, nothing needs to be looked at", () => {
  const table: [args: string[], type: string, database: string, looked: boolean][] = [
    [[], "Schema", "shop", true],
    [["--include", "Role:*"], "Schema", "shop", false],
    [["--include", "Role:*", "--include", "Schema:x"], "Schema", "shop", true],
    [["--include", "x*"], "Schema", "shop", true], // a schema in it may be called so
    [["--exclude", "shop"], "Schema", "shop", false],
    [["--exclude", "Sequence:shop"], "Schema", "shop", true],
    [["--exclude", "Sequence:shop"], "Sequence", "shop", false],
    [["--exclude", "Database:shop"], "Schema", "shop", true],
  ];
  for (const [args, type, database, looked] of table) {
    it(`${args.join(" ")}: ${type} in ${database} ${looked ? "may be" : "is never"} wanted`, () =>
      assert.equal(filterOf(...args).mayWantIn(database, type), looked));
  }
  it("a whole type", () => {
    assert.equal(filterOf("--include", "Role:x").mayWant("Role"), true);
    assert.equal(filterOf("--include", "Role:x").mayWant("Database"), false);
    assert.equal(filterOf("--exclude", "Role:*").mayWant("Role"), true);
  });
});

it("patterns that nothing has matched are known", () => {
  const filter = filterOf(
    "--include",
    "a*",
    "--include",
    "b*",
    "--exclude",
    "ab",
    "--exclude",
    "shop",
    "--exclude",
    "z",
  );
  assert.deepEqual(filter.unused, ["a*", "b*", "ab", "shop", "z"]);
  filter.wants("Role", ["a1"]);
  filter.wants("Role", ["ab"]);
  filter.mayWantIn("shop", "Schema");
  assert.deepEqual(filter.unused, ["b*", "z"]);
});

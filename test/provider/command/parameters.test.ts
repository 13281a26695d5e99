import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { bindParameters, type CommandParameter } from "../../../provider/command/parameters";
import { type SqlStatement, statementsOf } from "../../../provider/command/statements";
import { HOSTILE_NAMES, id } from "../samples";

function bound(sql: string, ...parameters: CommandParameter[]): [text: string, values: unknown] {
  const { text, values } = bindParameters(statementsOf(sql)[0] as SqlStatement, parameters);
  return [text, values];
}

describe("parameters in a statement", () => {
  const table: [sql: string, parameters: CommandParameter[], text: string, values: unknown[] | undefined][] = [
    ["SELECT $1", ["it's"], "SELECT $1", ["it's"]],
    ["select $2, $1, $2", ["a", 5], "select $1, $2, $1", [5, "a"]],
    ["(SELECT $1)", [null], "(SELECT $1)", [null]],
    ["WITH x AS (SELECT $1) SELECT 1", [true], "WITH x AS (SELECT $1) SELECT 1", [true]],
    [
      "SELECT * FROM $2 WHERE a = ANY ($1)",
      [["a", "b"], { identifier: "t" }],
      'SELECT * FROM "t" WHERE a = ANY ($1)',
      [["a", "b"]],
    ],
    ["INSERT INTO $1 SELECT 1", [{ identifier: ["s", 't"u'] }], 'INSERT INTO "s"."t""u" SELECT 1', undefined],
    ["CALL p($1)", [7], "CALL p($1)", [7]],
    [
      "COMMENT ON TABLE $1 IS $2",
      [{ identifier: "t" }, "it's \\ a"],
      `COMMENT ON TABLE "t" IS E'it''s \\\\ a'`,
      undefined,
    ],
    ["ALTER ROLE a CONNECTION LIMIT $1", [-1], "ALTER ROLE a CONNECTION LIMIT -1", undefined],
    ["SET x = $1", [true], "SET x = TRUE", undefined],
    ["ALTER TABLE t ALTER a SET DEFAULT -$1", [-5], "ALTER TABLE t ALTER a SET DEFAULT - -5", undefined],
    ["COMMENT ON TABLE t IS $1", [null], "COMMENT ON TABLE t IS NULL", undefined],
    [
      "ALTER TABLE t ALTER a SET DEFAULT $1",
      [["x", 'y"', null]],
      `ALTER TABLE t ALTER a SET DEFAULT E'{"x","y\\\\"",NULL}'`,
      undefined,
    ],
    ["SELECT '$1', \"$1\"", [], "SELECT '$1', \"$1\"", undefined],
    ["-- $1\nSELECT $1 -- $1", [1], "-- $1\nSELECT $1 -- $1", [1]],
  ];
  for (const [sql, parameters, text, values] of table) {
    it(sql, () => assert.deepEqual(bound(sql, ...parameters), [text, values]));
  }

  it("any name needs no quoting", () => {
    for (const name of HOSTILE_NAMES) {
      assert.deepEqual(bound("DROP TABLE $1", { identifier: name }), [`DROP TABLE ${id(name)}`, undefined]);
    }
  });

  it("none are put in where none are given", () => {
    const [statement] = statementsOf("PREPARE p AS SELECT $1") as [SqlStatement];
    assert.deepEqual(bindParameters(statement, undefined), { text: "PREPARE p AS SELECT $1", values: undefined });
  });
});

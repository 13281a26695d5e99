import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { step } from "../../../provider/command/step";

describe("what a step can be", () => {
  const fine: unknown[] = [
    { sql: "SELECT 1" },
    { sql: "SELECT 1; SELECT 2", transaction: true },
    { sql: "VACUUM", transaction: false },
    { sql: "BEGIN; SELECT 1; COMMIT", transaction: false },
    { sql: "SAVEPOINT a; ROLLBACK TO a; ROLLBACK WORK TO SAVEPOINT a; RELEASE a" },
    { sql: "SELECT '$1'; PREPARE p AS SELECT $1" },
    { sql: "SELECT $1, $2; SELECT $1", parameters: ["a", [1, null, "x"]] },
    { sql: "GRANT ALL ON SCHEMA $1 TO $2", parameters: [{ identifier: "s" }, { identifier: ["a", "b"] }] },
    { sql: "SELECT 1", parameters: [] },
    { sql: "DO $$ BEGIN COMMIT; END $$", transaction: true },
    { shell: "true" },
    { shell: "cat", stdin: "x", environment: { A_1: "", b: "it's" } },
  ];
  for (const value of fine) {
    it(JSON.stringify(value), () => {
      assert.equal(step.reason?.(value), undefined);
      assert.ok(step.accepts(value));
    });
  }

  const table: [value: unknown, reason: string][] = [
    [{}, "must have either sql or shell"],
    [{ sql: "SELECT 1", shell: "true" }, "must have either sql or shell"],
    [{ sql: 1 }, "must have sql that is text without a NUL character"],
    [{ sql: "SELECT '\0'" }, "must have sql that is text without a NUL character"],
    [{ sql: " ; -- nothing" }, "has sql without a statement"],
    [{ sql: "SELECT 'a" }, "has sql that cannot be read: the quote that begins in line 1 does not end"],
    [{ sql: "SELECT 1;\n\\i file" }, "has a command of psql in its sql (\\…), which the server does not know"],
    [{ sql: "COMMIT" }, "has COMMIT in its sql, which is one transaction unless transaction is false"],
    [{ sql: "begin; select 1; end" }, "has BEGIN in its sql, which is one transaction unless transaction is false"],
    [{ sql: "ROLLBACK" }, "has ROLLBACK in its sql, which is one transaction unless transaction is false"],
    [
      { sql: "PREPARE TRANSACTION 'x'" },
      "has PREPARE in its sql, which is one transaction unless transaction is false",
    ],
    [{ sql: "SELECT 1", transaction: "no" }, "must have transaction: true or false"],
    [{ sql: "SELECT 1", stdin: "x" }, "has stdin, which is nothing for SQL"],
    [{ sql: "SELECT $1", parameters: "x" }, "must have parameters that are a list"],
    [{ sql: "SELECT $2", parameters: ["x"] }, "sql has $2, but there is 1 parameter"],
    [{ sql: "SELECT $0, $1", parameters: ["x"] }, "sql has $0, but there is 1 parameter"],
    [{ sql: "SELECT $1", parameters: [] }, "sql has $1, but there are 0 parameters"],
    [{ sql: "SELECT $1; SELECT $3", parameters: [1, 2, 3] }, "sql has no $2, but there is such a parameter"],
    [
      { sql: "SELECT $1", parameters: [{ a: 1 }] },
      "has a parameter $1 that is neither text, a number, true, false or null, nor a list of these, nor { identifier }",
    ],
    [
      { sql: "SELECT $1", parameters: [[["x"]]] },
      "has a parameter $1 that is neither text, a number, true, false or null, nor a list of these, nor { identifier }",
    ],
    [
      { sql: "SELECT $1", parameters: [{ identifier: "n".repeat(64) }] },
      "has a parameter $1 that has an identifier that is no name of 1 to 63 bytes",
    ],
    [
      { sql: "SELECT $1", parameters: [{ identifier: [] }] },
      "has a parameter $1 that has an identifier that is no name of 1 to 63 bytes",
    ],
    [{ shell: " " }, "must have shell that is text, not empty, without a NUL character"],
    [{ shell: "cat", stdin: 5 }, "must have stdin that is text without a NUL character"],
    [{ shell: "cat", parameters: [] }, "has parameters, which is nothing for a shell"],
    [{ shell: "cat", environment: { "a-b": "x" } }, "must have environment that is texts by the name of a variable"],
    [{ shell: "cat", environment: { A: 5 } }, "must have environment that is texts by the name of a variable"],
  ];
  for (const [value, reason] of table) {
    it(JSON.stringify(value), () => {
      assert.equal(step.reason?.(value), reason);
      assert.ok(!step.accepts(value));
    });
  }

  it("anything else is no step at all", () => {
    for (const value of ["SELECT 1", ["SELECT 1"], 5]) {
      assert.equal(step.reason?.(value), undefined);
      assert.ok(!step.accepts(value));
    }
  });
});

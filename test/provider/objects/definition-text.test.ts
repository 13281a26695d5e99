import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { routineStatement, routineStatementOf, viewQuery } from "../../../provider/objects/definition-text";
import { sameValue } from "../../../provider/values";

describe("the query of a view", () => {
  const right = [
    "SELECT 1",
    "select 1;",
    "\n-- what it is for\n/* and\n why * so ** */ VALUES (1)",
    "TABLE t",
    "WITH a AS (SELECT 1) SELECT * FROM a",
    "(SELECT 1) UNION SELECT 2",
    "SELECT 'with check option'",
    "SELECT with_check_option FROM t",
    "--\nSELECT 1",
    "SELECT 1; DROP TABLE t", // the server refuses it
  ];
  for (const text of right) it(JSON.stringify(text), () => assert.ok(viewQuery.accepts(text)));
  const wrong = [
    "",
    " ",
    "DROP TABLE t",
    "SELECTED",
    "-- SELECT 1",
    "/* SELECT 1",
    "INSERT INTO t SELECT 1",
    "SELECT 1\0",
    5,
    ["SELECT 1"],
  ];
  for (const text of wrong) it(`refuses ${JSON.stringify(text)}`, () => assert.ok(!viewQuery.accepts(text)));

  for (const text of [
    "SELECT 1 WITH CHECK OPTION",
    "select 1 with\nlocal /* x */ check option ;",
    "SELECT 1 WITH CASCADED CHECK OPTION",
  ]) {
    it(`has its check option elsewhere: ${JSON.stringify(text)}`, () => {
      assert.ok(!viewQuery.accepts(text));
      assert.match(viewQuery.reason?.(text) ?? "", /set checkOption/);
    });
  }
  it("gives no other reason than what it must be", () => assert.equal(viewQuery.reason?.("DROP TABLE t"), undefined));
});

describe("the statement that makes a routine", () => {
  const table: [text: string, replacing: string, creating: string][] = [
    ["CREATE FUNCTION f() …", "CREATE OR REPLACE FUNCTION f() …", "CREATE FUNCTION f() …"],
    ["create or replace function f()", "CREATE OR REPLACE FUNCTION f()", "CREATE FUNCTION f()"],
    ['-- x\nCREATE/* y */OR\nREPLACE PROCEDURE"p"()', 'CREATE OR REPLACE PROCEDURE"p"()', 'CREATE PROCEDURE"p"()'],
  ];
  for (const [text, replacing, creating] of table) {
    it(JSON.stringify(text), () => {
      assert.ok(routineStatement.accepts(text));
      assert.equal(routineStatementOf(text, true).text, replacing);
      assert.equal(routineStatementOf(text, false).text, creating);
    });
  }
  const wrong = [
    "",
    "CREATE AGGREGATE a(int) ()",
    "CREATE FUNCTIONAL",
    "DROP FUNCTION f()",
    "SELECT 1; CREATE FUNCTION f()",
    "CREATE OR FUNCTION f()",
    "/* CREATE FUNCTION f() */",
    "/* /* */ DROP TABLE t /* */ CREATE FUNCTION",
    5,
  ];
  for (const text of wrong) it(`refuses ${JSON.stringify(text)}`, () => assert.ok(!routineStatement.accepts(text)));
});

describe("two texts", () => {
  const table: [one: string, other: string, same: boolean][] = [
    ["SELECT 1", "\n SELECT 1 ;\n", true],
    ["SELECT 1", "SELECT 1;;", true],
    ["SELECT 1", "SELECT  1", false],
    ["SELECT 1", "select 1", false],
  ];
  for (const [one, other, same] of table)
    it(`${JSON.stringify(one)} and ${JSON.stringify(other)} are ${same ? "one" : "two"}`, () =>
      assert.equal(sameValue(viewQuery, one, other), same));
});

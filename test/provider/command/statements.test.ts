import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { statementsOf } from "../../../provider/command/statements";

const texts = (sql: string) => statementsOf(sql).map(({ text }) => text);

/** Undefined for what has no end, such as the quote in `a$$;$$`, behind a name that takes two dollars to itself. */
function parsed(sql: string) {
  try {
    return statementsOf(sql);
  } catch {
    return undefined;
  }
}

describe("statements of a text", () => {
  const table: [sql: string, expected: string[]][] = [
    ["", []],
    [" ; ;\n-- nothing; here\n/* nor; /* here; */ ; */ ;", []],
    ["SELECT 1", ["SELECT 1"]],
    ["SELECT 1; SELECT 2;", ["SELECT 1", "SELECT 2"]],
    ["SELECT ';'; SELECT \";\" FROM t", ["SELECT ';'", 'SELECT ";" FROM t']],
    ["SELECT 'it''s;' ; x", ["SELECT 'it''s;'", "x"]],
    ["SELECT E'a\\';b' ; x", ["SELECT E'a\\';b'", "x"]],
    ["SELECT e'\\\\' ; x", ["SELECT e'\\\\'", "x"]],
    ["SELECT 'a\\' ; x", ["SELECT 'a\\'", "x"]],
    ["SELECT some_e'b;c' ; x", ["SELECT some_e'b;c'", "x"]],
    ["SELECT U&'d\\0061;' ; N';'; B'1' ; x", ["SELECT U&'d\\0061;'", "N';'", "B'1'", "x"]],
    ['SELECT "a"";b" ; x', ['SELECT "a"";b"', "x"]],
    ["DO $$ BEGIN; END $$; x", ["DO $$ BEGIN; END $$", "x"]],
    ["DO $a$ $b$;$$; $A$; $a$; x", ["DO $a$ $b$;$$; $A$; $a$", "x"]],
    ["DO $été$;$été$; x", ["DO $été$;$été$", "x"]],
    ["SELECT a$b$c; x; y$b$", ["SELECT a$b$c", "x", "y$b$"]],
    ["SELECT $1; SELECT $2$3; x", ["SELECT $1", "SELECT $2$3", "x"]],
    ["a -- b; c\n; d", ["a -- b; c", "d"]],
    ["a -- b; c\r\n; d", ["a -- b; c", "d"]],
    ["a /* ; /* ; */ ; */ ; b", ["a /* ; /* ; */ ; */", "b"]],
    ["a --/* ;\n; b", ["a --/* ;", "b"]],
    ["a - - /*;*/ 1; b", ["a - - /*;*/ 1", "b"]],
    [
      "CREATE RULE r AS ON INSERT TO t DO (INSERT INTO u VALUES (1); DELETE FROM v); x",
      ["CREATE RULE r AS ON INSERT TO t DO (INSERT INTO u VALUES (1); DELETE FROM v)", "x"],
    ],
    [
      "create or replace function f() returns int begin atomic select case when true then 1 end; select 2; end; x",
      ["create or replace function f() returns int begin atomic select case when true then 1 end; select 2; end", "x"],
    ],
    ["CREATE PROCEDURE p() BEGIN ATOMIC END; x", ["CREATE PROCEDURE p() BEGIN ATOMIC END", "x"]],
    ["BEGIN; SELECT 1; END; x", ["BEGIN", "SELECT 1", "END", "x"]],
    ["SELECT begin atomic; x", ["SELECT begin atomic", "x"]],
    ["SELECT ) ; x", ["SELECT )", "x"]],
    ["SELECT a[1:2]; x", ["SELECT a[1:2]", "x"]],
    ["SELECT 'naïve 🐘;'; x", ["SELECT 'naïve 🐘;'", "x"]],
  ];
  for (const [sql, expected] of table) it(JSON.stringify(sql), () => assert.deepEqual(texts(sql), expected));

  const unended: [sql: string, message: string][] = [
    ["SELECT 1;\nSELECT 'a;", "the quote that begins in line 2 does not end"],
    ['SELECT "a;', "the quote that begins in line 1 does not end"],
    ["SELECT E'a\\'", "the quote that begins in line 1 does not end"],
    ["\n\n/* /* */", "the comment that begins in line 3 does not end"],
    ["DO $a$ $$ $b$", "the quote $a$ that begins in line 1 does not end"],
  ];
  for (const [sql, message] of unended) {
    it(`${JSON.stringify(sql)} has no end`, () => assert.throws(() => statementsOf(sql), { message }));
  }

  it("lose nothing of a text but what is between them", () => {
    const part = fc.constantFrom(
      "a",
      " ",
      ";",
      "'x;'",
      '"y;"',
      "$$;$$",
      "$t$ ; $t$",
      "-- ;\n",
      "/* ; */",
      "(",
      ")",
      "$1",
      "E'\\''",
    );
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        const sql = parts.join("");
        const all = parsed(sql);
        fc.pre(all !== undefined);
        for (const { text, pieces } of all) {
          assert.equal(
            pieces
              .map((one) => (typeof one === "number" ? `$${one}` : one))
              .join("")
              .trim(),
            text,
          );
          assert.ok(sql.includes(text));
        }
        assert.deepEqual(
          all.flatMap(({ text }) => texts(text)),
          all.map(({ text }) => text),
          "each is one statement",
        );
      }),
    );
  });
});

describe("parameters of a statement", () => {
  const table: [sql: string, pieces: (string | number)[]][] = [
    ["SELECT $1, $12", ["SELECT ", 1, ", ", 12]],
    ["$2", [2]],
    ["SELECT '$1', \"$2\", $$ $3 $$, a$4 -- $5\n/* $6 */", ["SELECT '$1', \"$2\", $$ $3 $$, a$4 -- $5\n/* $6 */"]],
    ["SELECT $1::text", ["SELECT ", 1, "::text"]],
  ];
  for (const [sql, pieces] of table) {
    it(sql, () => assert.deepEqual(statementsOf(sql)[0]?.pieces, pieces));
  }
});

describe("what a statement begins with", () => {
  const table: [sql: string, words: string[]][] = [
    ["-- first\n  insert /* x */ into t values (1)", ["INSERT", "INTO", "T", "VALUES"]],
    ["(SELECT 1)", []],
    ["select 'x' from y", ["SELECT"]],
    ["start transaction", ["START", "TRANSACTION"]],
    ["\\copy t from x", []],
  ];
  for (const [sql, words] of table) it(sql, () => assert.deepEqual(statementsOf(sql)[0]?.words, words));
});

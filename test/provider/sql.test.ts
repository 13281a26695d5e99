import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { inspect } from "node:util";
import fc from "fast-check";
import {
  identifier,
  join,
  keyword,
  literal,
  MAX_IDENTIFIER_BYTES,
  quoted,
  type Sql,
  type SqlValue,
  secretLiteral,
  sql,
} from "../../provider/sql";
import { HOSTILE_NAMES, id } from "./samples";

/** Reads one string constant or quoted identifier as PostgreSQL's scanner does; it must be the whole text. */
function read(text: string): string {
  const [start, quote] = text.startsWith("E'") ? [2, "'"] : text.startsWith('"') ? [1, '"'] : [1, "'"];
  assert.equal(text[start - 1], quote);
  let value = "";
  let at = start;
  for (;;) {
    assert.ok(at < text.length, `not closed: ${text}`);
    const char = text[at++] as string;
    if (char === "\\" && start === 2) {
      const escaped = text[at++];
      assert.equal(escaped, "\\", "the only escape in use is a doubled backslash");
      value += "\\";
    } else if (char !== quote) {
      // With standard_conforming_strings off, a plain constant would read backslashes as escapes.
      assert.ok(char !== "\\" || quote === '"', `a backslash in a plain constant: ${text}`);
      value += char;
    } else if (text[at] === quote) {
      value += char;
      at++;
    } else {
      assert.equal(at, text.length, `text after the end: ${text}`);
      return value;
    }
  }
}

type Read = string | null | Read[];

/** Reads an array constant, `{"a",NULL,{"b"}}`, as array_in does. */
function readArray(text: string): Read[] {
  let at = 0;
  const list = (): Read[] => {
    assert.equal(text[at++], "{");
    const values: Read[] = [];
    while (text[at] !== "}") {
      if (values.length > 0) assert.equal(text[at++], ",");
      if (text[at] === "{") values.push(list());
      else if (text.startsWith("NULL", at)) {
        values.push(null);
        at += 4;
      } else values.push(element());
    }
    at++;
    return values;
  };
  const element = (): string => {
    assert.equal(text[at++], '"');
    let value = "";
    for (; text[at] !== '"'; at++) {
      if (text[at] === "\\") at++;
      assert.ok(at < text.length);
      value += text[at];
    }
    at++;
    return value;
  };
  const values = list();
  assert.equal(at, text.length);
  return values;
}

const anyText = fc.string({ unit: "binary" }).filter((value) => !value.includes("\0"));
const awkward = fc.string({
  unit: fc.constantFrom("'", '"', "\\", "a", " ", "\n", "$", "{", "}", ",", "é", "🐘", "-"),
});

describe("literal", () => {
  const table: [value: SqlValue, text: string][] = [
    ["", "''"],
    ["it's", "'it''s'"],
    ["back\\slash", "E'back\\\\slash'"],
    ["\\'", "E'\\\\'''"],
    ["'; drop table x; --", "'''; drop table x; --'"],
    ["naïve 🐘", "'naïve 🐘'"],
    ["line\nbreak", "'line\nbreak'"],
    [0, "0"],
    [-1, "-1"],
    [1.5, "1.5"],
    [9007199254740991, "9007199254740991"],
    [9223372036854775807n, "9223372036854775807"],
    [true, "TRUE"],
    [false, "FALSE"],
    [null, "NULL"],
    [[], "'{}'"],
    [["a", "b"], `'{"a","b"}'`],
    [["NULL", null, ""], `'{"NULL",NULL,""}'`],
    [[1, 2n, true], `'{"1","2","true"}'`],
    [[["a"], ["b"]], `'{{"a"},{"b"}}'`],
    [["it's"], `'{"it''s"}'`],
    [['a"b'], `E'{"a\\\\"b"}'`],
    [["a\\b"], `E'{"a\\\\\\\\b"}'`],
    [["a,b", "{c}"], `'{"a,b","{c}"}'`],
  ];
  for (const [value, text] of table) {
    it(`writes ${inspect(value)}`, () => assert.equal(literal(value).text, text));
  }

  it("can always be read back", () => {
    fc.assert(fc.property(fc.oneof(anyText, awkward), (value) => assert.equal(read(literal(value).text), value)));
  });

  it("can always be read back from a list, at any depth", () => {
    const { value: anyList } = fc.letrec<{ value: SqlValue[]; item: SqlValue }>((tie) => ({
      value: fc.array(tie("item"), { maxLength: 4 }) as fc.Arbitrary<SqlValue[]>,
      item: fc.oneof({ depthSize: "small" }, anyText, awkward, fc.constant(null), tie("value")),
    }));
    fc.assert(fc.property(anyList, (list) => assert.deepEqual(readArray(read(literal(list).text)), list)));
  });

  for (const value of ["a\0b", ["a\0b"], [["\0"]], Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    it(`refuses ${inspect(value)}`, () => assert.throws(() => literal(value), TypeError));
  }
});

describe("identifier", () => {
  for (const name of HOSTILE_NAMES) {
    it(`quotes ${JSON.stringify(name)}`, () => {
      assert.equal(identifier(name).text, id(name));
      assert.equal(identifier(name).display, id(name));
      assert.equal(quoted(name), id(name));
    });
  }

  it("joins several parts with dots", () => assert.equal(identifier("s.x", 't"y').text, `"s.x"."t""y"`));

  it("can always be read back", () => {
    const name = fc.oneof(anyText, awkward).filter((text) => text !== "" && Buffer.byteLength(text) <= 63);
    fc.assert(fc.property(name, (value) => assert.equal(read(identifier(value).text), value)));
  });

  const refused: [name: string, reason: RegExp][] = [
    ["", /must not be empty/],
    ["a\0b", /NUL/],
    ["x".repeat(64), /at most 63 bytes, this one has 64/],
    ["é".repeat(32), /at most 63 bytes, this one has 64/],
    ["🐘".repeat(16), /at most 63 bytes, this one has 64/],
  ];
  for (const [name, reason] of refused) {
    it(`refuses ${JSON.stringify(name)}`, () => {
      assert.throws(() => identifier(name), { name: "TypeError", message: reason });
      assert.throws(() => identifier("fine", name), TypeError);
    });
  }

  it("takes 63 bytes", () => {
    for (const name of ["x".repeat(MAX_IDENTIFIER_BYTES), `${"é".repeat(31)}x`, `${"🐘".repeat(15)}abc`]) {
      assert.equal(Buffer.byteLength(name), 63);
      assert.equal(identifier(name).text, `"${name}"`);
    }
  });
});

describe("sql, join and keyword", () => {
  const table: [what: string, piece: () => Sql, text: string][] = [
    ["plain text", () => sql`SELECT 1`, "SELECT 1"],
    ["values become literals", () => sql`SELECT ${"a'b"}, ${1}, ${null}, ${["x"]}`, `SELECT 'a''b', 1, NULL, '{"x"}'`],
    ["pieces are spliced in", () => sql`DROP ROLE ${identifier("a")}${sql``}`, 'DROP ROLE "a"'],
    ["nothing is read twice", () => sql`${"$1"} ${identifier("$1")}`, `'$1' "$1"`],
    ["join", () => join([sql`a`, sql`b`, sql`c`]), "a, b, c"],
    ["join with a separator", () => join([sql`a`, sql`b`], " "), "a b"],
    ["join of one", () => join([sql`a`]), "a"],
    ["join of nothing", () => join([]), ""],
    ["keyword", () => keyword("CONNECTION LIMIT"), "CONNECTION LIMIT"],
    ["a negative number after a minus is no comment", () => sql`SELECT 1 -${-5}`, "SELECT 1 - -5"],
    ["the same across pieces", () => sql`SELECT 1${sql` -`}${literal(-5n)}`, "SELECT 1 - -5"],
    ["the same in a join", () => join([sql`1`, literal(-5)], "-"), "1- -5"],
  ];
  for (const [what, piece, text] of table) it(what, () => assert.equal(piece().text, text));

  for (const words of ["", "1A", "A;B", "A'", "A--", "A/*", 'A"', "naïve", "A\nB", "-", " A"]) {
    it(`keyword refuses ${JSON.stringify(words)}`, () => assert.throws(() => keyword(words), TypeError));
  }
});

describe("secretLiteral", () => {
  const secret = "pa'ss\\word";
  const statement = sql`ALTER ROLE ${identifier("a")} PASSWORD ${secretLiteral(secret)} LOGIN`;

  it("is sent whole", () => assert.equal(statement.text, `ALTER ROLE "a" PASSWORD E'pa''ss\\\\word' LOGIN`));
  it("is shown as [secret]", () => assert.equal(statement.display, 'ALTER ROLE "a" PASSWORD [secret] LOGIN'));
  it("is listed for redaction", () => assert.deepEqual(statement.secrets, [secret]));
  it("survives join", () => {
    const joined = join([statement, sql`SELECT ${secretLiteral("two")}`], "; ");
    assert.deepEqual(joined.secrets, [secret, "two"]);
    assert.equal(joined.display, 'ALTER ROLE "a" PASSWORD [secret] LOGIN; SELECT [secret]');
  });
  it("does not show when the statement is converted, printed or serialised by accident", () => {
    const accidents = [`${statement}`, String(statement), inspect(statement, { depth: 9 }), JSON.stringify(statement)];
    for (const text of accidents) assert.doesNotMatch(text, /pa'|word'/, text);
    for (const text of accidents) assert.ok(!text.includes("pa") || text.includes("PASSWORD [secret]"), text);
  });
  it("refuses a NUL character", () => assert.throws(() => secretLiteral("a\0b"), TypeError));
});

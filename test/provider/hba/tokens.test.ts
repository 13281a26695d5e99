import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { isFileToken, quote, tokenise } from "../../../provider/hba/tokens";

/** Fields as text: tokens joined by `|`, an initial quote shown as `'`. */
function fields(line: string): string[] {
  return tokenise(line).fields.map((field) =>
    field.map(({ value, quoted }) => (quoted ? `'${value}` : value)).join("|"),
  );
}

describe("a line is read in fields and lists", () => {
  const table: [line: string, fields: string[]][] = [
    ["", []],
    [" \t\r ", []],
    ["local all all trust", ["local", "all", "all", "trust"]],
    ["\tlocal\tall \r all   trust ", ["local", "all", "all", "trust"]],
    ["a,b c", ["a|b", "c"]],
    ["a, b c", ["a|b", "c"]],
    ["a ,b", ["a", "b"]],
    [",,a,,b", ["a|b"]],
    ["a,", ["a"]],
    ['"a b",c', ["'a b|c"]],
    ['"a""b"', ["'a\"b"]],
    ['""', ["'"]],
    ['a"b c"d', ["ab cd"]],
    ['x="a, b"', ["x=a, b"]],
    ['x="a""b"', ['x=a"b']],
    ['+"a b"', ["+a b"]],
    ['"+a"', ["'+a"]],
    ['"a#b" c', ["'a#b", "c"]],
    ["a #b c", ["a"]],
    ["a#b c", ["a"]],
    ["# a", []],
    ["a,#b", ["a"]],
    ['"a b', ["'a b"]],
    ["a\\b", ["a\\b"]],
  ];
  for (const [line, expected] of table) {
    it(JSON.stringify(line), () => assert.deepEqual(fields(line), expected));
  }
});

describe("comments and quotes", () => {
  it("a comment begins at the first # outside of quotes", () => {
    assert.equal(tokenise('a "#" b #c # d').comment, 8);
    assert.equal(tokenise("a#b").comment, 1);
    assert.equal(tokenise('a "# b').comment, undefined);
  });

  it("a quote that is not closed is seen", () => {
    assert.equal(tokenise('a "b c').open, true);
    assert.equal(tokenise('a "b" # "c').open, false);
    assert.equal(tokenise('a "b""').open, true);
  });

  it("only an unquoted @ names a file", () => {
    const [tokens] = tokenise('@f,@"f g","@f",@,x@f').fields;
    assert.deepEqual(tokens?.map(isFileToken), [true, true, false, false, false]);
  });

  it("what is quoted is read back as it was", () => {
    const value = fc.string({ unit: fc.constantFrom(...'ab "#,\\\t\r+@/') });
    fc.assert(
      fc.property(value, value, (one, two) => {
        const { fields, open, comment } = tokenise(`${quote(one)},${quote(two)} x`);
        assert.deepEqual(fields[0], [
          { value: one, quoted: true },
          { value: two, quoted: true },
        ]);
        assert.deepEqual([fields.length, open, comment], [2, false, undefined]);
      }),
    );
  });
});

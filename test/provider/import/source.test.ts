import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, it } from "node:test";
import fc from "fast-check";
import { format, integerOf, literalOf, quoted, Source } from "../../../provider/import/source";
import { HOSTILE_NAMES } from "../samples";

const BIOME = join(__dirname, "..", "..", "..", "..", "node_modules", ".bin", "biome");

/** A program as Biome formats it where it is set to what is usual. */
function formatted(text: string): string {
  const { stdout, stderr, status } = spawnSync(
    BIOME,
    ["format", "--indent-style=space", "--line-width=80", "--stdin-file-path=program.ts"],
    { input: text, encoding: "utf8", cwd: "/" },
  );
  assert.equal(status, 0, stderr);
  return stdout;
}

describe("values as source", () => {
  it("mean what they were", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 3 }), (value) => {
        const plain = JSON.parse(JSON.stringify(value)) as unknown;
        fc.pre(!JSON.stringify(plain).includes("__proto__"));
        assert.deepEqual(evaluated(format(literalOf(plain))), plain);
      }),
    );
  });
  it("any text is itself", () => {
    for (const text of [...HOSTILE_NAMES, "\u2028\u2029", "\ud800", "\u0000\u0007\r\n"])
      assert.equal(evaluated(quoted(text)), text);
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => evaluated(quoted(text)) === text));
  });
  it("a number of 64 bits has all its digits", () => {
    const table: [string, string][] = [
      ["0", "0"],
      ["-9007199254740991", "-9007199254740991"],
      ["9007199254740992", "9007199254740992n"],
      ["-9223372036854775808", "-9223372036854775808n"],
    ];
    for (const [digits, source] of table) assert.equal(integerOf(digits).text, source);
  });
  it("keys have no quotes where every compiler can do without", () => {
    const table: [string, string][] = [
      ["größe_1", "größe_1"],
      ["默认", "默认"],
      ["a.b", '"a.b"'],
      ["1é", '"1é"'],
      ["a-𞁍", '"a-𞁍"'],
      ["_𞁍ʄ", '"_\\ud838\\udc4dʄ"'],
      ["\u0870", '"\\u0870"'],
    ];
    const text = table.map(([name, source]) => {
      const literal = format(literalOf({ [name]: 1 }));
      assert.equal(literal, `{ ${source}: 1 }`);
      assert.deepEqual(evaluated(literal), { [name]: 1 });
      return `f(${literal});\n`;
    });
    assert.equal(formatted(text.join("")), text.join(""));
  });
  it("have the usual format, whatever their size", () => {
    const texts = fc.string({ unit: "grapheme-ascii", maxLength: 40 });
    const names = fc.oneof(
      { weight: 5, arbitrary: fc.stringMatching(/^[a-z]{1,20}$/) },
      { weight: 1, arbitrary: fc.stringMatching(/^[a-z-]{66,90}$/) },
    );
    const value = fc.letrec((tie) => ({
      any: fc.oneof({ depthSize: "small" }, texts, fc.integer(), fc.boolean(), tie("list"), tie("object")),
      list: fc.array(texts, { maxLength: 6 }),
      object: fc.dictionary(names, tie("any"), { minKeys: 1, maxKeys: 5 }),
    })).object;
    const programs = fc.sample(value, { numRuns: 200, seed: 4 }).map((one) => `f(${format(literalOf(one), 0, 4)});`);
    const text = `${programs.join("\n")}\n`;
    assert.equal(formatted(text), text);
  });
  it("source stands for itself", () => assert.equal(format({ a: new Source("b.name") }), "{ a: b.name }"));
});

function evaluated(source: string): unknown {
  return JSON.parse(JSON.stringify(new Function(`return (${source})`)()));
}

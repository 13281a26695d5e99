import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { bytesOf } from "../../../provider/hba/bytes";
import { HbaDocument } from "../../../provider/hba/document";
import { withoutMarker } from "../../../provider/hba/marker";
import { createRule, dropRule } from "../../../provider/hba/plan";
import type { FileError } from "../../../provider/hba/read";
import { unnamedLines } from "../../../provider/hba/unnamed";
import { anyFile, rule as sampleRule, shortLine } from "./samples";

/** What becomes of the lines of a file: `+` and what is declared, or `-` and why not. */
function outcome(bytes: string, errors: readonly FileError[] = [], major = 18): string[] {
  return unnamedLines(new HbaDocument(bytes, major), errors).map(({ where, rule, reason }) => {
    const line = where.replace(/^line (\d+) of pg_hba\.conf$/, "$1");
    return rule === undefined ? `${line} - ${reason}` : `${line} + ${JSON.stringify(rule)}`;
  });
}

describe("a line that nobody has named yet is declared in words that a declaration takes", () => {
  const rule = (changes: object) =>
    JSON.stringify({ type: "host", databases: ["all"], users: ["all"], address: "10.0.0.0/8", ...changes });
  const local = (changes: object) =>
    JSON.stringify({ type: "local", databases: ["all"], users: ["all"], method: "peer", ...changes });
  const table: [line: string, expected: string][] = [
    ["host all all 10.0.0.0/8 md5", rule({ method: "md5" })],
    ["host all all 10.1.2.3/8 md5", rule({ method: "md5" })],
    ["host all all 10.1.2.3 255.0.0.0 md5", rule({ address: "10.0.0.0", netmask: "255.0.0.0", method: "md5" })],
    ["host all all 10.1.2.3/32 md5", rule({ address: "10.1.2.3/32", method: "md5" })],
    ["host all all FE80::1/10 md5", rule({ address: "fe80::/10", method: "md5" })],
    ["host all all FE80::/10 md5", rule({ address: "FE80::/10", method: "md5" })],
    ["host all all .example.com md5", rule({ address: ".example.com", method: "md5" })],
    ["host all all samenet trust", rule({ address: "samenet", method: "trust" })],
    ["host all all 10.0.0.0/8 md5 # the office", rule({ method: "md5", comment: "the office" })],
    ["host all all \\\n  10.0.0.0/8 \\\n md5", rule({ method: "md5" })],
    ["local all all ident", local({})],
    ["local samegroup all peer", local({ databases: ["samerole"] })],
    [
      'local "all",/^x shop,+readers,@names peer',
      local({
        databases: [{ name: "all" }, { regex: "^x" }],
        users: ["shop", { group: "readers" }, { file: "names" }],
      }),
    ],
    [
      "host all all 10.0.0.0/8 ldap ldapserver=x ldapbindpasswd=s3cret",
      rule({ method: "ldap", options: { ldapserver: "x", ldapbindpasswd: "s3cret" } }),
    ],
    [`local all all peer # ${bytesOf("é")}`, local({ comment: "é" })],
    ["local all all peer # caf\xe9", local({})], // what is no UTF-8 stays as it is: nothing of it is declared
  ];
  for (const [line, expected] of table) {
    it(JSON.stringify(line), () => assert.deepEqual(outcome(`${line}\n`), [`1 + ${expected}`]));
  }
});

describe("a line that cannot be taken over is left alone, with the reason", () => {
  const table: [name: string, file: string, expected: string[], errors?: FileError[], major?: number][] = [
    ["comments and empty lines are no lines", "# a\n\n  # b\\\nc\n", []],
    ["a rule that has a name", shortLine("x"), []],
    ["include", 'include "x"\n', ["1 - it includes other files, whose lines are nobody's here"]],
    ["what is no rule", "nonsense\n", ["1 - it is no rule of a kind that is known here"]],
    [
      "the same once more",
      "local all a,b peer\nlocal all b,a peer\n",
      [
        '1 + {"type":"local","databases":["all"],"users":["a","b"],"method":"peer"}',
        "2 - line 1, which comes first, says the same",
      ],
    ],
    ["a name that is not UTF-8", "local all caf\xe9 peer\n", ["1 - it is not UTF-8"]],
    ["an unknown option", "local all all peer mpa=x\n", ['1 - its options there is no option "mpa"']],
    [
      "a name that is too long for any role",
      `local all ${"n".repeat(64)} peer\n`,
      ["1 - its users must hold a name of 1 to 63 bytes without a NUL character"],
    ],
    [
      "a line that takes what is written behind it as its own",
      'local all all peer map="x\n',
      ["1 - no name can stand behind it"],
    ],
    [
      "what the server objects to, without secrets",
      "local all all ldap ldapbindpasswd=s3cret\nlocal all all peer\n",
      [
        "1 - the server cannot read it (what is [secret]), and takes no change of the file before it is repaired",
        '2 + {"type":"local","databases":["all"],"users":["all"],"method":"peer"}',
        "line 7 of /etc/more.conf - the server cannot read it (no), and takes no change of the file before it is repaired",
      ],
      [
        { line: 1, file: null, error: "what is s3cret" },
        { line: 7, file: "/etc/more.conf", error: "no" },
      ],
    ],
    ["what this version reads as a name", "local all /x peer\n", [`1 + ${JSON.stringify(slash("/x"))}`], [], 15],
    ["what is an expression from 16 on", "local all /x peer\n", [`1 + ${JSON.stringify(slash({ regex: "x" }))}`]],
  ];
  for (const [name, file, expected, errors, major] of table)
    it(name, () => assert.deepEqual(outcome(file, errors, major), expected));

  function slash(user: unknown) {
    return { type: "local", databases: ["all"], users: [user], method: "peer" };
  }
});

describe("what is declared of any file takes just these lines over", () => {
  const major = fc.constantFrom(14, 16, 18);
  it("each gets its name behind it, in whatever order, and nothing else changes; released, the file is as it was", () => {
    let adopted = 0;
    fc.assert(
      fc.property(anyFile, major, fc.infiniteStream(fc.nat()), (bytes, version, numbers) => {
        const document = new HbaDocument(bytes, version);
        const before = document.lines.map(({ raw }) => raw);
        const rules = unnamedLines(document, []).flatMap(({ rule }) => rule ?? []);
        const named = rules.map((rule, index) => ({ ...rule, name: `rule ${index}` }));
        for (const [, one] of named.map((one) => [numbers.next().value, one] as const).sort(([a], [b]) => a - b))
          createRule(document, one, true);
        assert.deepEqual(
          document.lines.map(({ raw }) => raw.replace(/\r*\n?$/, "")).map(withoutMarker),
          before.map((raw) => raw.replace(/\r*\n?$/, "")),
        );
        const order = document.lines.flatMap(({ marker }) => (marker?.name.startsWith("rule ") ? [marker.name] : []));
        assert.deepEqual(
          order,
          named.map(({ name }) => name),
        );
        for (const { name } of named) dropRule(document, name, true);
        assert.equal(document.bytes, bytes);
        adopted += named.length;
      }),
      { numRuns: 1500 },
    );
    assert.ok(adopted > 500, `only ${adopted} lines were taken over`);
  });

  it("also beside rules that have a name and a place", () => {
    const file = `${shortLine("first", " order=-1")}local all all trust\n# about\nlocal a b peer\n${shortLine("last")}`;
    const document = new HbaDocument(file, 18);
    for (const [index, { rule }] of unnamedLines(document, []).entries())
      createRule(document, sampleRule({ address: null, ...rule, name: `r${index}` }), true);
    assert.equal(
      document.bytes,
      file.replace("trust", "trust # pgmob name=r0").replace("b peer", "b peer # pgmob name=r1"),
    );
  });
});

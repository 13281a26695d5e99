import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { bigintOf, INT64_MAX, INT64_MIN, int64 } from "../../provider/int64";
import type { Json } from "../../provider/values";

const any = int64();
const positive = int64(1n);
const nonzero = int64(INT64_MIN, INT64_MAX, 0n);

describe("int64", () => {
  const table: [value: unknown, accepted: boolean][] = [
    ["9223372036854775807", true],
    ["9223372036854775808", false],
    ["-9223372036854775808", true],
    ["-9223372036854775809", false],
    [INT64_MAX, true],
    [INT64_MAX + 1n, false],
    [INT64_MIN, true],
    [INT64_MIN - 1n, false],
    [0, true],
    ["0", true],
    [-0, true],
    ["-0", true],
    ["007", true],
    [Number.MAX_SAFE_INTEGER, true],
    [Number.MAX_SAFE_INTEGER + 1, false],
    [Number.MIN_SAFE_INTEGER - 1, false],
    [1.5, false],
    [Number.NaN, false],
    [Number.POSITIVE_INFINITY, false],
    ["1.0", false],
    ["1e3", false],
    ["0x10", false],
    ["", false],
    [" 1", false],
    ["1\n", false],
    ["--1", false],
    ["one", false],
    ["٣", false],
    ["9".repeat(100_000), false],
    [true, false],
    [[1], false],
    [{}, false],
  ];
  for (const [value, accepted] of table) {
    it(`${accepted}: ${typeof value} ${String(value).slice(0, 30)}`, () => assert.equal(any.accepts(value), accepted));
  }

  it("keeps to its bounds, and leaves out what it is told to", () => {
    for (const [type, value, accepted] of [
      [positive, 1, true],
      [positive, 0, false],
      [positive, "-1", false],
      [nonzero, 0, false],
      [nonzero, "-0", false],
      [nonzero, -1, true],
    ] as const) {
      assert.equal(type.accepts(value), accepted, String(value));
    }
    assert.match(positive.expects, /^a whole number from 1 to 9223372036854775807 \(beyond 9007199254740991: a bigint/);
    assert.match(nonzero.expects, /to 9223372036854775807, but not 0 \(/);
  });

  it("every spelling of a number is one, and no digit is lost", () => {
    fc.assert(
      fc.property(fc.bigInt(INT64_MIN, INT64_MAX), fc.nat(5), (number, zeros) => {
        const padded = `${number < 0n ? "-" : ""}${"0".repeat(zeros)}${number < 0n ? -number : number}`;
        for (const spelling of [String(number), padded]) {
          assert.ok(any.accepts(spelling), spelling);
          assert.equal(any.normalise(spelling), String(number));
          assert.equal(bigintOf(spelling), number);
        }
        assert.equal(bigintOf(number), number);
      }),
    );
    assert.deepEqual(
      [-0, "-0", "000", 0].map((value) => any.normalise(value)),
      ["0", "0", "0", "0"],
    );
  });

  it("what is no number has no value", () => {
    for (const value of ["x", 0.5, null, []] as Json[]) assert.throws(() => bigintOf(value), TypeError);
  });
});

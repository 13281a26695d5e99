import assert from "node:assert/strict";
import { it } from "node:test";
import { inspect } from "node:util";
import { isUnknown } from "../../provider/unknown";
import { UNKNOWN } from "./samples";

const table: [value: unknown, unknown: boolean][] = [
  [UNKNOWN, true],
  [["a", UNKNOWN], true],
  [{ a: { b: [UNKNOWN] } }, true],
  ["a", false],
  [`${UNKNOWN}x`, false],
  ["", false],
  [0, false],
  [null, false],
  [undefined, false],
  [[], false],
  [{}, false],
  [["a", null, { b: 1 }], false],
];
for (const [value, unknown] of table) {
  it(`${unknown}: ${inspect(value, { breakLength: Number.POSITIVE_INFINITY })}`, () => {
    assert.equal(isUnknown(value), unknown);
  });
}

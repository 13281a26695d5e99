import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { pointInTime, spanInMilliseconds, timeouts } from "../../provider/times";
import { sameValue } from "../../provider/values";

describe("pointInTime", () => {
  const same: [left: string | null, right: string | null, same: boolean][] = [
    ["2030-01-01", "2030-01-01T00:00:00Z", true],
    ["2030-01-01T02:00:00+02:00", "2030-01-01 00:00 UTC", true],
    ["2029-12-31T19:00:00-05", "2030-01-01T00:00:00.000000Z", true],
    ["2030-01-01T00:00:00.5Z", "2030-01-01T00:00:00.500000Z", true],
    ["2030-01-01T00:00:00.000001Z", "2030-01-01T00:00:00Z", false],
    ["infinity", null, true],
    ["-infinity", null, false],
    ["-infinity", "-infinity", true],
    ["2030-01-01", null, false],
    // Beyond what a program may declare, but not beyond the server.
    ["12030-01-01T00:00:00.000000Z", "2030-01-01", false],
  ];
  for (const [left, right, expected] of same) {
    it(`${left} ${expected ? "is" : "is not"} ${right}`, () =>
      assert.equal(sameValue(pointInTime, left, right), expected));
  }
  it("refuses what is no time", () => {
    const wrong = ["", "tomorrow", "now", "2030-02-30", "2030-01-01T24:00:00Z", "2030-01-01T00:00:60Z", "30-01-01", 5];
    for (const value of wrong) assert.ok(!pointInTime.accepts(value), String(value));
    for (const value of ["2028-02-29", "infinity", "-infinity"]) assert.ok(pointInTime.accepts(value), value);
  });
});

describe("spanInMilliseconds", () => {
  const table: [text: string, milliseconds: number | undefined][] = [
    ["5m", 300_000],
    ["1h30m", 5_400_000],
    ["1.5s", 1500],
    ["250ms", 250],
    ["5 minutes", undefined],
    ["5", undefined],
    ["", undefined],
    ["1d", undefined],
    ["1.2.3s", undefined],
  ];
  for (const [text, milliseconds] of table) it(text, () => assert.equal(spanInMilliseconds(text), milliseconds));
});

it("timeouts are of create, update and delete", () => {
  assert.ok(timeouts.accepts({ create: "5m", update: "1s", delete: "2h" }));
  for (const wrong of [{ read: "5m" }, { create: 5 }, { create: "soon" }, "5m", null]) {
    assert.ok(!timeouts.accepts(wrong), JSON.stringify(wrong));
  }
});

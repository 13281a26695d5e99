import assert from "node:assert/strict";
import test from "node:test";
import { median, type Timings, table, verdict } from "./report";
import { STEPS } from "./steps";

/** Every step with the same seconds; the plain client's where the step sends something. */
function timings(ours: number[], noOp: number[], plain: number): Timings[] {
  return STEPS.map((step) => ({ step, ours, noOp, plain: step.script === undefined ? [] : [plain] }));
}

test("the median is the middle one, or half-way between the two in the middle", () => {
  assert.equal(median([7]), 7);
  assert.equal(median([10, 9, 1]), 9);
  assert.equal(median([4, 100, 1, 2]), 3);
  assert.throws(() => median([]), /median of nothing/);
});

test("the table has a line for each step and one for the state, with medians", () => {
  const text = table(1000, timings([3, 1, 2.2], [2, 2, 9], 0.25), { ours: [1500.4], noOp: [1200] }, "psql");
  assert.deepEqual(text.split("\n"), [
    "| step | ours | no-op | ratio | psql |",
    "| --- | --- | --- | --- | --- |",
    "| preview of 1,000 creates | 2.20 s | 2.00 s | 1.10 | — |",
    "| up | 2.20 s | 2.00 s | 1.10 | 0.25 s |",
    "| preview, nothing to do | 2.20 s | 2.00 s | 1.10 | — |",
    "| update of 500 passwords | 2.20 s | 2.00 s | 1.10 | 0.25 s |",
    "| refresh | 2.20 s | 2.00 s | 1.10 | 0.25 s |",
    "| destroy | 2.20 s | 2.00 s | 1.10 | 0.25 s |",
    "| state, bytes per resource | 1,500 | 1,200 | 1.25 | — |",
  ]);
});

/** The limits of a verdict, and for each whether it holds. */
function limits(text: string): Record<string, boolean> {
  const parts = text.replace(/^Limits: /, "").split("; ");
  return Object.fromEntries(
    parts.map((part) => [part.split(": ")[0], /: holds/.test(part)] as const).map(([name, is]) => [name, is]),
  );
}

test("on the CLI, the verdict judges every ratio, and every difference where there are statements", () => {
  const found = limits(verdict(1000, "cli", timings([12], [10], 1.5)));
  assert.deepEqual(found, {
    "preview of 1,000 creates at most 1.10 times": false,
    "up at most 1.10 times": false,
    "up, ours minus no-op at most the plain client's": false,
    "preview, nothing to do at most 1.10 times": false,
    "update of 500 passwords at most 1.10 times": false,
    "update of 500 passwords, ours minus no-op at most the plain client's": false,
    "refresh at most 1.30 times": true,
    "refresh, ours minus no-op at most the plain client's": false,
    "destroy at most 1.40 times": true,
    "destroy, ours minus no-op at most the plain client's": false,
  });
});

test("what is measured is judged, not what is printed: 1.104 times is more than 1.10 times", () => {
  const up = "up at most 1.10 times";
  assert.equal(limits(verdict(1000, "cli", timings([11.04], [10], 9)))[up], false);
  assert.equal(limits(verdict(1000, "cli", timings([10.99], [10], 9)))[up], true);
});

test("on the test engine, the verdict is about the differences alone", () => {
  const text = verdict(1000, "engine", timings([12], [10], 2));
  assert.doesNotMatch(text, /at most \d/);
  assert.deepEqual(
    Object.values(limits(text)).filter((is) => is),
    [true, true, true, true],
  );
});

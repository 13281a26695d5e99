import assert from "node:assert/strict";
import test from "node:test";
import { parseOptions } from "./options";

test("without arguments, a thousand roles once, on the CLI where there is one", () => {
  assert.deepEqual(parseOptions([], ["engine", "cli"]), { count: 1000, runs: 1, engine: "cli" });
  assert.deepEqual(parseOptions([], ["engine"]), { count: 1000, runs: 1, engine: "engine" });
});

test("the arguments say how many, how often and on what", () => {
  const args = ["--count", "300", "--runs=3", "--engine", "engine"];
  assert.deepEqual(parseOptions(args, ["engine", "cli"]), { count: 300, runs: 3, engine: "engine" });
});

const wrong: [args: string[], reason: RegExp][] = [
  [["--count", "0"], /--count must be a whole number/],
  [["--count", "1e3"], /--count must be a whole number/],
  [["--count", "7"], /--count must be even/],
  [["--runs", "many"], /--runs must be a whole number/],
  [["--engine", "other"], /--engine is cli or engine/],
  [["--engine", "cli"], /no `pulumi` on the PATH/],
  [["--fast"], /--fast[\s\S]*usage: npm run bench/],
];

for (const [args, reason] of wrong) {
  test(`${args.join(" ")} is refused with the reason`, () => {
    assert.throws(() => parseOptions(args, ["engine"]), reason);
  });
}

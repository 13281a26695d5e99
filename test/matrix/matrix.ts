/** `npm run test:matrix`: the tests on every supported PostgreSQL, Node.js, Pulumi SDK and TypeScript. */

import { setMaxListeners } from "node:events";
import { parseArgs } from "node:util";
import { type Outcome, runCell } from "./cell";
import { axes, type Cell, cells, describeCell, values } from "./cells";

const USAGE = `npm run test:matrix -- [part of a test's path …]
  all tests, or these, on each of:
    ${cells.map(describeCell).join("\n    ")}
npm run test:matrix -- [--postgres 16] [--node 22] [--sdk 3.216.0] [--typescript 5.2] [part of a test's path …]
  on this one: ${axes.map((axis) => `--${axis} ${values[axis].join(" | ")}`).join(", ")}`;

function wanted(): { chosen: readonly Cell[]; tests: string[] } {
  const value = { type: "string" } as const;
  const options = { postgres: value, node: value, sdk: value, typescript: value };
  const { values: cell, positionals: tests } = parseArgs({ allowPositionals: true, options });
  const named = axes.filter((axis) => cell[axis] !== undefined);
  if (named.some((axis) => !values[axis].includes(cell[axis] ?? ""))) throw new Error(USAGE);
  return { chosen: named.length === 0 ? cells : [cell], tests };
}

function row({ cell, passed, numbers, seconds }: Outcome): string {
  return `${passed ? "✔" : "✖"} ${describeCell(cell)}: ${numbers} (${seconds} s)`;
}

async function main(): Promise<number> {
  const { chosen, tests } = wanted();
  const stop = new AbortController();
  setMaxListeners(0, stop.signal);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => stop.abort());
  const outcomes: Outcome[] = [];
  for (const cell of chosen) {
    if (stop.signal.aborted) break;
    console.log(`\n=== ${describeCell(cell)} ===`);
    outcomes.push(await runCell(cell, tests, stop.signal));
  }
  console.log(`\n${outcomes.map(row).join("\n")}`);
  return outcomes.length === chosen.length && outcomes.every(({ passed }) => passed) ? 0 : 1;
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  },
);

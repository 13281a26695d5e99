/** `npm run test:matrix`: the tests on every supported PostgreSQL, Node.js, Pulumi SDK and TypeScript. */

import { setMaxListeners } from "node:events";
import { parseArgs } from "node:util";
import { type Outcome, runCell } from "./cell";
import { axes, type Cell, cells } from "./cells";

const USAGE = `npm run test:matrix -- [--postgres 16] [--node 22] [--sdk 3.216.0] [--typescript 5.2] [part of a test's path …]
Without an axis: all of ${cells.map(({ axis, value }) => `${axis} ${value}`).join(", ")}.`;

function wanted(): { chosen: Cell[]; tests: string[] } {
  const several = { type: "string", multiple: true } as const;
  const options = { postgres: several, node: several, sdk: several, typescript: several };
  const { values, positionals } = parseArgs({ allowPositionals: true, options });
  for (const axis of axes) {
    for (const value of values[axis] ?? []) {
      if (!cells.some((cell) => cell.axis === axis && cell.value === value)) throw new Error(USAGE);
    }
  }
  const any = axes.some((axis) => values[axis] !== undefined);
  return { chosen: cells.filter(({ axis, value }) => !any || values[axis]?.includes(value)), tests: positionals };
}

function row({ cell, passed, numbers, seconds }: Outcome): string {
  return `${passed ? "✔" : "✖"} ${cell.axis.padEnd(10)} ${cell.value.padEnd(8)} ${numbers} (${seconds} s)`;
}

async function main(): Promise<number> {
  const { chosen, tests } = wanted();
  const stop = new AbortController();
  setMaxListeners(0, stop.signal);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => stop.abort());
  const outcomes: Outcome[] = [];
  for (const cell of chosen) {
    if (stop.signal.aborted) break;
    console.log(`\n=== ${cell.axis} ${cell.value} ===`);
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

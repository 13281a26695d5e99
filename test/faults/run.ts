/**
 * `npm run test:faults`: all faults, and the table of what became of them. `PGMOB_SEED` repeats a run, `--every` lets
 * each kind loose at every single moment of every phase, `--only TEXT` takes the kinds whose names contain the text.
 */

import { parseArgs } from "node:util";
import { seed } from "../support/seed";
import { GROUNDS, type Report, run, Tally } from "./campaign";
import type { Kind } from "./kind";
import { KINDS } from "./kinds";
import type { Counts } from "./round";

/** How many grounds are in use at one time. */
const AT_ONCE = 2;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { every: { type: "boolean" }, only: { type: "string" } },
  });
  console.log(`PGMOB_SEED=${seed}`);
  const rounds = ({ name, cost, counts: counted = "requests" }: Kind, counts: Counts) => {
    if (values.only !== undefined && !name.includes(values.only)) return 0;
    const most = counted === "nothing" ? 1 : Math.max(...Object.values(counts).map((each) => each[counted]));
    const few = cost > 6 ? 1 : 3;
    return values.every ? Math.max(few, Math.ceil(most / GROUNDS.length)) : few;
  };
  const left = GROUNDS.map(([version, who], index) => async () => {
    const onRound = ({ name }: Kind, error?: Error) =>
      console.log(error === undefined ? `PostgreSQL ${version}, ${who}: ${name}` : `FAILED: ${error.message}`);
    return run({ version, who, seed: seed + index, rounds, onRound });
  });
  const reports: Report[] = [];
  const worker = async () => {
    for (let task = left.shift(); task !== undefined; task = left.shift()) reports.push(await task());
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  const all = new Tally();
  for (const { tally } of reports) all.merge(tally);
  console.log(`\n${all}\nPGMOB_SEED=${seed}`);
  const wanted = KINDS.filter(({ name }) => values.only === undefined || name.includes(values.only));
  const failures = [
    ...reports.flatMap((report) => report.failures.map(({ message }) => message)),
    ...all.missing(wanted),
  ];
  for (const failure of failures) console.error(failure);
  return failures.length === 0 ? 0 : 1;
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error) => {
    console.error(error);
    process.exitCode = 1;
  },
);

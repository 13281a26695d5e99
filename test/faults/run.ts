/**
 * `npm run test:faults`: all faults, and the table of what became of them. `PGMOB_SEED` repeats a run, `--every` lets
 * each kind loose at every single moment of every phase, `--only TEXT` takes the kinds whose names contain the text.
 * Fails when something was not well in the end, and when there were too few faults of a kind in a phase, or in all.
 */

import { parseArgs } from "node:util";
import { sideBySide } from "../../provider/side-by-side";
import { seed } from "../support/seed";
import { GROUNDS, run, Tally } from "./campaign";
import type { Kind } from "./kind";
import { KINDS } from "./kinds";
import type { Counts } from "./round";

/** How many grounds are in use at one time. */
const AT_ONCE = 2;
/** How many faults of each kind have to happen in each phase that it makes sense in. */
const EACH = 10;
/** How many faults have to happen in all. */
const TOTAL = 500;

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { every: { type: "boolean" }, only: { type: "string", default: "" } } });
  const kinds = KINDS.filter(({ name }) => name.includes(values.only));
  if (kinds.length === 0) throw new Error(`--only ${values.only}: there is no such kind. There are: ${names(KINDS)}`);
  console.log(`PGMOB_SEED=${seed}`);
  const enough = Math.ceil(EACH / GROUNDS.length);
  const rounds = ({ counts: counted = "requests" }: Kind, counts: Counts) => {
    if (!values.every || counted === "nothing") return enough;
    const most = Math.max(...Object.values(counts).map((each) => each[counted]));
    return Math.max(enough, Math.ceil(most / GROUNDS.length));
  };
  const reports = await sideBySide(AT_ONCE, [...GROUNDS.entries()], ([index, [version, who]]) => {
    const onRound = ({ name }: Kind, error?: Error) =>
      console.log(error === undefined ? `PostgreSQL ${version}, ${who}: ${name}` : `FAILED: ${error.message}`);
    return run({ version, who, seed: seed + index, kinds, enough, rounds, onRound });
  });
  const all = new Tally();
  for (const { tally } of reports) all.merge(tally);
  console.log(`\n${all}\nPGMOB_SEED=${seed}`);
  const failures = [
    ...reports.flatMap((report) => report.failures.map(({ message }) => message)),
    ...all.short(kinds, EACH),
    ...(kinds.length === KINDS.length && all.total < TOTAL ? [`${all.total} faults, which should be ${TOTAL}`] : []),
  ];
  for (const failure of failures) console.error(failure);
  return failures.length === 0 ? 0 : 1;
}

function names(kinds: readonly Kind[]): string {
  return kinds.map(({ name }) => name).join("; ");
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

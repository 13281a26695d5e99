import { parseArgs } from "node:util";
import type { EngineKind } from "../support/workspace";

/** What to measure. */
export interface BenchOptions {
  /** How many roles, and as many resources that do nothing. An even number; default 1000. */
  readonly count: number;
  /** How many times to measure everything; with more than one, the table shows medians. Default 1. */
  readonly runs: number;
  /** What runs the programs. Default: the Pulumi CLI where there is one, otherwise the test engine. */
  readonly engine: EngineKind;
}

const USAGE = `usage: npm run bench [-- --count NUMBER] [-- --runs NUMBER] [-- --engine cli|engine]
   or: npm run bench -- core|far|straight|levers [--count NUMBER] [--runs NUMBER]`;

/** The count and the number of runs of one of the other benches. Throws with the usage, as {@link parseOptions}. */
export function parseCounts(args: string[], usual: { count: number; runs: number }): { count: number; runs: number } {
  const { values } = parsed(args);
  if (values.engine !== undefined) throw new Error(USAGE);
  return {
    count: values.count === undefined ? usual.count : wholeNumber("count", values.count),
    runs: values.runs === undefined ? usual.runs : wholeNumber("runs", values.runs),
  };
}

/**
 * Reads the arguments of `npm run bench`.
 * @throws with the usage, for an argument that is not known, a number that is none, or an engine that is not there.
 */
export function parseOptions(args: string[], available: readonly EngineKind[]): BenchOptions {
  const { values } = parsed(args);
  const count = wholeNumber("count", values.count ?? "1000");
  if (count % 2 !== 0) throw new Error(`--count must be even, because half of the roles are updated\n${USAGE}`);
  const engine = values.engine ?? (available.includes("cli") ? "cli" : "engine");
  if (engine !== "cli" && engine !== "engine") throw new Error(`--engine is cli or engine\n${USAGE}`);
  if (!available.includes(engine)) throw new Error("--engine cli: there is no `pulumi` on the PATH");
  return { count, runs: wholeNumber("runs", values.runs ?? "1"), engine };
}

function parsed(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        count: { type: "string" },
        runs: { type: "string" },
        engine: { type: "string" },
      },
    });
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${USAGE}`);
  }
}

function wholeNumber(name: string, text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new Error(`--${name} must be a whole number from 1 to 999999\n${USAGE}`);
  return Number(text);
}

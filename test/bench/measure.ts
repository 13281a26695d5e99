/** Takes the steps, on both sides and through the plain client, and writes down how long each takes. */

import pg from "pg";
import { PgSession } from "../../provider/pg-session";
import type { OperationResult } from "../engine";
import type { Server } from "../support/postgres";
import type { WorkspaceOptions } from "../support/workspace";
import type { BenchOptions } from "./options";
import type { PlainClient } from "./plain-client";
import { Contender } from "./programs";
import type { Bytes, Timings } from "./report";
import { Statements } from "./statements";
import { STEPS, type Step } from "./steps";

/** Everything that was measured. */
export interface Measured {
  readonly timings: readonly Timings[];
  readonly bytes: Bytes;
  /** The version of PostgreSQL. */
  readonly server: string;
}

/** What a measurement runs on. */
export interface Setting {
  readonly options: BenchOptions;
  readonly server: Server;
  readonly plain: PlainClient;
  /** Ends the measurement early: what is under way is ended in order, and the promise is rejected. */
  readonly signal: AbortSignal;
  /** Is told of each number as soon as it is there. */
  readonly progress: (text: string) => void;
}

/** Measures as often as the options say. */
export async function measure(setting: Setting): Promise<Measured> {
  const { options, server } = setting;
  const admin = new pg.Client({ connectionString: server.url(), ssl: false });
  admin.on("error", () => undefined); // an interruption may take the server away first
  await admin.connect();
  try {
    const statements = await Statements.on(new PgSession(admin, "postgres"), options.count);
    const timings = STEPS.map((step) => ({ step, ours: [], noOp: [], plain: [] }));
    const bytes = { ours: [], noOp: [] };
    await warmUp(setting);
    for (let run = 0; run < options.runs; run++) await oneRun(setting, statements, run, timings, bytes);
    return { timings, bytes, server: statements.version };
  } finally {
    await admin.end();
  }
}

type Growing<T> = { -readonly [K in keyof T]: T[K] extends readonly number[] ? number[] : T[K] };

/** The two take turns, and who begins changes from run to run, so that what else the machine does meets both. */
async function oneRun(
  setting: Setting,
  statements: Statements,
  run: number,
  timings: Growing<Timings>[],
  bytes: Growing<Bytes>,
): Promise<void> {
  const { options, server, plain, signal, progress } = setting;
  await withBoth(setting, async (both) => {
    const turns = run % 2 === 0 ? both : [...both].reverse();
    for (const timing of timings) {
      const { step } = timing;
      const say = (who: string, seconds: number) =>
        progress(`run ${run + 1} of ${options.runs}, ${step.title(options.count)}, ${who}: ${seconds.toFixed(2)} s`);
      for (const contender of turns) {
        await contender.declare(options.count, step.rotated);
        const seconds = await timed(contender, step, options.count, signal);
        timing[contender.side].push(seconds);
        say(contender.side === "ours" ? "ours" : "no-op", seconds);
        if (step.script === "create") bytes[contender.side].push(await contender.bytesPerResource());
      }
      if (step.script === undefined) continue;
      const seconds = await plain.run(server, await statements.of(step.script));
      timing.plain.push(seconds);
      say(plain.title, seconds);
    }
  });
}

/** The first program of all reads everything from the disk; neither side shall be charged with that. */
async function warmUp(setting: Setting): Promise<void> {
  await withBoth(setting, async (both) => {
    for (const contender of both) {
      await contender.declare(2, false);
      await timed(contender, STEPS[0]!, 2, setting.signal);
    }
  });
}

async function withBoth(
  { options, server, signal }: Setting,
  task: (both: Contender[]) => Promise<void>,
): Promise<void> {
  const both: Contender[] = [];
  try {
    for (const side of ["ours", "noOp"] as const) {
      signal.throwIfAborted();
      both.push(await Contender.create(side, options.engine, server));
    }
    await task(both);
  } finally {
    for (const { workspace } of both) await workspace.close();
  }
}

/** The seconds that an operation takes. Rejects when it fails, or did not do what the step is about. */
async function timed({ side, workspace }: Contender, step: Step, count: number, signal: AbortSignal): Promise<number> {
  signal.throwIfAborted();
  // The CLI hears of an interruption by itself; the test engine is told by the signal.
  const options: WorkspaceOptions & { signal: AbortSignal } = { signal };
  const begin = performance.now();
  const result = await workspace[step.operation](options);
  const seconds = (performance.now() - begin) / 1000;
  signal.throwIfAborted();
  const wrong = whatIsWrong(result, step.changes(count));
  if (wrong !== undefined) throw new Error(`${step.title(count)}, ${side}: ${wrong}\n${result.output}`);
  return seconds;
}

function whatIsWrong({ exitCode, summary }: OperationResult, expected: Record<string, number>): string | undefined {
  if (exitCode !== 0) return `it failed with exit code ${exitCode}`;
  const changes = JSON.stringify(Object.entries(summary).filter(([verb]) => verb !== "same"));
  const wanted = JSON.stringify(Object.entries(expected));
  return changes === wanted ? undefined : `it changed ${changes} instead of ${wanted}`;
}

/** What the engine's own levers do to a program of roles, on the real CLI. */

import type { Server } from "../support/postgres";
import { secondsOf } from "./clock";
import { Contender, WITHOUT_CHECKPOINTS } from "./programs";
import { markdown, median } from "./report";
import { inWords } from "./steps";

interface Lever {
  readonly title: string;
  /** Variables of the environment; undefined takes one out. */
  readonly env?: Record<string, string | undefined>;
  /** Options of node for the program. */
  readonly nodeArguments?: string;
}

const CHECKPOINTS = Object.fromEntries(Object.keys(WITHOUT_CHECKPOINTS).map((name) => [name, undefined]));

const LEVERS: readonly Lever[] = [
  { title: "file backend, checkpoints off" },
  { title: "checkpoints on (the default)", env: CHECKPOINTS },
  { title: "`nodeargs: --stack-trace-limit=0`", nodeArguments: "--stack-trace-limit=0" },
  { title: "`--parallel 1`", env: { PULUMI_PARALLEL: "1" } },
  { title: "`--parallel 64`", env: { PULUMI_PARALLEL: "64" } },
  { title: "`PULUMI_PARALLEL_DIFF=true`", env: { PULUMI_PARALLEL_DIFF: "true" } },
];

const OPERATIONS = ["up", "refresh", "destroy"] as const;

/** Measures `up`, `refresh` and `destroy` of the same roles with each lever. */
export async function levers(server: Server, count: number, runs: number): Promise<string[]> {
  await one(server, 2, { title: "warming up" });
  const measured = LEVERS.map((): number[][] => []);
  for (let run = 0; run < runs; run++)
    for (const [index, lever] of LEVERS.entries()) measured[index]?.push(await one(server, count, lever));
  const rows = LEVERS.map(({ title }, row) => {
    const of = (column: number) => median((measured[row] ?? []).map((times) => times[column] ?? 0));
    return [title, ...OPERATIONS.map((_, column) => `${of(column).toFixed(2)} s`)];
  });
  return [`${inWords(count)} roles with passwords:`, "", markdown(["lever", ...OPERATIONS], rows)];
}

async function one(server: Server, count: number, { env, nodeArguments }: Lever): Promise<number[]> {
  const contender = await Contender.create("ours", "cli", server);
  const { workspace } = contender;
  try {
    Object.assign(workspace.env, env);
    if (nodeArguments !== undefined) await contender.nodeArguments(nodeArguments);
    await contender.declare(count, false);
    const times: number[] = [];
    for (const operation of OPERATIONS) {
      const seconds = await secondsOf(async () => {
        const { exitCode, output } = await workspace[operation]();
        if (exitCode !== 0) throw new Error(`${operation} failed:\n${output}`);
      });
      times.push(seconds);
    }
    return times;
  } finally {
    await workspace.close();
  }
}

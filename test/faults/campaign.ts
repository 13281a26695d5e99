/** Which faults are let loose where and when, and the table of what became of them. */

import fc from "fast-check";
import { Draws } from "../support/draws";
import { versions } from "../support/versions";
import { Ground, type Who } from "./ground";
import { type Kind, PHASES, type Phase } from "./kind";
import { KINDS } from "./kinds";
import { type Counts, type Course, type Expected, type Result, Round, rehearse } from "./round";

/** The servers and roles that faults happen to. */
export const GROUNDS: readonly (readonly [number, Who])[] = versions.flatMap((version) =>
  (["superuser", "restricted role"] as const).map((who) => [version, who] as const),
);

/** At how many places of a phase the moments of a kind can begin. */
const FINE = 1_000_000;

/** What is to be done on one ground. */
export interface Campaign {
  readonly version: number;
  readonly who: Who;
  /** What chance begins with: the same number leads to the same faults. */
  readonly seed: number;
  /** How many rounds each kind gets. */
  rounds(kind: Kind, counts: Counts): number;
  /** Is told of each round that has been played, and of one that failed. */
  onRound?(kind: Kind, error?: Error): void;
}

/** What became of all faults, by kind and phase. */
export class Tally {
  private readonly cells = new Map<string, Record<"injected" | "survived" | "converged" | "adopted", number>>();

  /** Counts a result: it is told when everything was well in the end. */
  add(kind: Kind, { phase, injected, survived, adopted }: Result): void {
    if (!injected) return;
    const cell = this.cell(kind, phase);
    cell.injected += 1;
    if (survived) cell.survived += 1;
    if (adopted) cell.adopted += 1;
    else cell.converged += 1;
  }

  /** The kinds of which no fault has happened, in no phase. */
  missing(kinds: readonly Kind[]): string[] {
    const happened = (kind: Kind) => PHASES.some((phase) => this.cell(kind, phase).injected > 0);
    return kinds.filter((kind) => !happened(kind)).map(({ name }) => `${name} has never happened`);
  }

  /** How many there were. */
  get total(): number {
    return [...this.cells.values()].reduce((sum, { injected }) => sum + injected, 0);
  }

  /** The counts of another one, too. */
  merge(other: Tally): void {
    for (const [key, cell] of other.cells) {
      const mine = this.cells.get(key) ?? { injected: 0, survived: 0, converged: 0, adopted: 0 };
      this.cells.set(key, mine);
      for (const name of ["injected", "survived", "converged", "adopted"] as const) mine[name] += cell[name];
    }
  }

  /** A table: for each kind and phase how many were injected, how many of them the operation itself got over, after how many a plain `up` converged, and after how many it took `adopt`. */
  toString(): string {
    const rows = KINDS.map((kind) => [
      kind.name,
      ...PHASES.map((phase) => {
        const { injected, survived, converged, adopted } = this.cell(kind, phase);
        return injected === 0 ? "-" : `${injected} (${survived}) ${converged} + ${adopted}`;
      }),
    ]);
    const head = ["injected (survived) converged + adopted", ...PHASES];
    const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)));
    const lines = [head, ...rows].map((row) => row.map((text, column) => text.padEnd(widths[column] ?? 0)).join("  "));
    return [...lines.map((line) => line.trimEnd()), `${this.total} faults`].join("\n");
  }

  private cell(kind: Kind, phase: Phase): Record<"injected" | "survived" | "converged" | "adopted", number> {
    const key = `${kind.name}, ${phase}`;
    const cell = this.cells.get(key) ?? { injected: 0, survived: 0, converged: 0, adopted: 0 };
    this.cells.set(key, cell);
    return cell;
  }
}

/** What a campaign has come to. */
export interface Report {
  readonly tally: Tally;
  /** Rounds after which not all was well, or in which something was said that should not be. */
  readonly failures: readonly Error[];
}

/**
 * Runs a campaign: the moments of each kind are spread evenly over each phase, from one at random on. After a round that
 * failed it goes on with another server.
 */
export async function run(campaign: Campaign): Promise<Report> {
  const { version, who, seed, rounds, onRound } = campaign;
  const [tally, failures] = [new Tally(), [] as Error[]];
  const draws = new Draws(seed);
  const random = (below: number) => draws.of(fc.noBias(fc.nat(below - 1)));
  let stage: Stage | undefined;
  try {
    for (const kind of KINDS) {
      const offset = random(FINE) / FINE;
      for (let round = 0, many = 1; round < many; round++) {
        stage ??= await prepare(version, who);
        const { ground, expected, counts } = stage;
        many = rounds(kind, counts);
        if (many === 0) break;
        const course: Course = { random, at: (phase) => moment(kind, counts, phase, (round + offset) / many) };
        try {
          const results = await new Round(ground, expected).play(kind, course);
          for (const result of results) tally.add(kind, result);
          onRound?.(kind);
        } catch (error) {
          const where = `PostgreSQL ${version}, ${who}, seed ${seed}, round ${round + 1} of ${many}`;
          const failure = new Error(`${where}: ${(error as Error).message}`, { cause: error });
          failures.push(failure);
          onRound?.(kind, failure);
          await ground.close();
          stage = undefined;
        }
      }
    }
    return { tally, failures };
  } finally {
    await stage?.ground.close();
  }
}

interface Stage {
  readonly ground: Ground;
  readonly expected: Expected;
  readonly counts: Counts;
}

async function prepare(version: number, who: Who): Promise<Stage> {
  const ground = new Ground(version, who);
  try {
    await ground.start();
    return { ground, ...(await rehearse(ground)) };
  } catch (error) {
    await ground.close();
    throw error;
  }
}

/** The moment at a share of a phase, from 1 on. */
function moment({ counts: counted = "requests" }: Kind, counts: Counts, phase: Phase, share: number): number {
  if (counted === "nothing") return 1;
  return 1 + Math.floor((share % 1) * counts[phase][counted]);
}

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
/** How many times the rounds of a kind are played over, at other moments, while too few of its faults happen. */
const PASSES = 4;
/** What lays point after point of a line far from all before. */
const GOLDEN = (Math.sqrt(5) - 1) / 2;

/** What is to be done on one ground. */
export interface Campaign {
  readonly version: number;
  readonly who: Who;
  /** What chance begins with: the same number leads to the same faults, whichever other kinds there are. */
  readonly seed: number;
  /** The kinds that are let loose. */
  readonly kinds: readonly Kind[];
  /** How many faults of each kind have to happen in each phase. More rounds are played while there are fewer, but not forever. */
  readonly enough: number;
  /** How many rounds each kind gets in any case. Default: as many as could be {@link enough}. */
  rounds?(kind: Kind, counts: Counts): number;
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

  /** The kinds of which fewer faults than that many have happened in a phase that they make sense in, each as a sentence. */
  short(kinds: readonly Kind[], least: number): string[] {
    return kinds.flatMap((kind) =>
      (kind.phases ?? PHASES)
        .map((phase) => ({ phase, injected: this.cell(kind, phase).injected }))
        .filter(({ injected }) => injected < least)
        .map(({ phase, injected }) => `${kind.name}, ${phase}: ${injected} faults, which should be at least ${least}`),
    );
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

  /** A table: for each kind that has happened, and each phase, how many were injected, how many of them the operation itself got over, after how many a plain `up` converged, and after how many it took `adopt`. */
  toString(): string {
    const happened = KINDS.filter((kind) => PHASES.some((phase) => this.cell(kind, phase).injected > 0));
    const rows = happened.map((kind) => [
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
 * Runs a campaign: the moments of each kind are spread evenly over each phase, from one at random on. A moment may miss:
 * then there are more rounds, at moments in between. After a round that failed it goes on with another server.
 */
export async function run(campaign: Campaign): Promise<Report> {
  const { version, who, seed, kinds, enough, rounds = () => enough, onRound } = campaign;
  const [tally, failures] = [new Tally(), [] as Error[]];
  let stage: Stage | undefined;
  try {
    for (const kind of kinds) {
      const draws = new Draws(seed + GROUNDS.length * KINDS.indexOf(kind));
      const random = (below: number) => draws.of(fc.noBias(fc.nat(below - 1)));
      const offset = random(FINE) / FINE;
      const missed = () => tally.short([kind], enough).length > 0;
      for (let round = 0, many = 1; round < many || (round < PASSES * many && missed()); round++) {
        stage ??= await prepare(version, who);
        const { ground, expected, counts } = stage;
        many = rounds(kind, counts);
        const share = ((round % many) + ((offset + Math.floor(round / many) * GOLDEN) % 1)) / many;
        const course: Course = { random, at: (phase) => moment(kind, counts, phase, share) };
        try {
          const results = await new Round(ground, expected).play(kind, course);
          for (const result of results) tally.add(kind, result);
          onRound?.(kind);
        } catch (error) {
          const where = `PostgreSQL ${version}, ${who}, seed ${seed}, round ${round + 1}`;
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

/** The moment at a share (less than 1) of a phase, from 1 on. */
function moment({ counts: counted = "requests" }: Kind, counts: Counts, phase: Phase, share: number): number {
  if (counted === "nothing") return 1;
  return 1 + Math.floor(share * counts[phase][counted]);
}

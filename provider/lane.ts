/**
 * Short transactions that arrive together are one. Most of what a small statement takes is the way to the server and the
 * transaction around it; a program with a thousand objects has a thousand of these.
 */

import type { Adapter } from "./adapter";
import { Batch, Batches } from "./batch";
import { isConnectionLost, PostgresError } from "./errors";
import { writingAtOnce, writingOutright } from "./transaction";

/** Nobody waits longer than so many milliseconds for what another one's statement is about: that one then runs alone. */
const PATIENCE = { lockTimeout: 250, statementTimeout: 1000 } as const;
/** How many share a transaction at most. */
const MOST = 50;
/** How many transactions are made at a time of statements that nobody waits for. */
const SIDE_BY_SIDE = 2;

/** Whether a transaction was committed along with others; if not, nothing of it was done. */
type Taken = boolean;

/** What is known of all statements of a transaction. */
export interface Nature {
  /** Whether they lock nothing that those of other objects need. */
  readonly beside?: boolean;
  /** Whether it shows by itself if they were done: they are sent with their COMMIT then, and their outcome may stay open. */
  readonly evident?: boolean;
}

/** The lanes of one server: for each database and nature one, twice as wide for statements that nobody waits for. */
export class Lanes {
  private readonly lanes = new Batches<readonly string[], Taken>();
  private readonly limits: readonly string[];

  /** @param limits those of the sessions, in milliseconds; 0 means none */
  constructor(
    private readonly adapter: Adapter,
    { lockTimeout, statementTimeout }: { readonly lockTimeout: number; readonly statementTimeout: number },
  ) {
    this.limits = [
      `SET LOCAL lock_timeout = ${Math.min(PATIENCE.lockTimeout, lockTimeout || PATIENCE.lockTimeout)}`,
      `SET LOCAL statement_timeout = ${Math.min(PATIENCE.statementTimeout, statementTimeout || PATIENCE.statementTimeout)}`,
    ];
  }

  /** Runs the statements of one transaction, all or none of them. */
  async run(database: string, statements: readonly string[], { beside = false, evident = false }: Nature = {}) {
    const send = evident ? writingOutright : writingAtOnce;
    const together = (all: readonly (readonly string[])[]) =>
      this.together(all, (texts) => send(this.adapter, database, texts));
    const width = { most: MOST, underWay: beside ? SIDE_BY_SIDE : 1 };
    const lane = this.lanes.about([database, beside, evident], () => new Batch(together, width));
    if (!(await lane.load(statements))) await send(this.adapter, database, statements);
  }

  private async together(
    all: readonly (readonly string[])[],
    send: (statements: readonly string[]) => Promise<void>,
  ): Promise<Taken[]> {
    try {
      await send([...this.limits, ...all.flat()]);
      return all.map(() => true);
    } catch (error) {
      // What became of it is not known, or it is known whose fault it is.
      if (error instanceof PostgresError || isConnectionLost(error) || (all.length === 1 && !isTooLong(error)))
        throw error;
      return all.map(() => false);
    }
  }
}

function isTooLong(error: unknown): boolean {
  const { code } = error as { code?: string };
  return code === "55P03" || code === "57014";
}

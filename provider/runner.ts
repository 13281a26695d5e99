/** Runs statements: transactions, timeouts, retries, redaction. Every statement that changes a server goes through here. */

import { backOff } from "exponential-backoff";
import type { Adapter } from "./adapter";
import type { Cluster } from "./cluster";
import type { ServerError, Statement } from "./definition";
import {
  ConnectionError,
  isConflict,
  isConnectionLost,
  NotFoundError,
  type PostgresError,
  toPostgresError,
  withContext,
} from "./errors";
import { type Deadline, isPlain, refuseLate, sendAlone, sendInTransaction } from "./limits";
import { isToldLost } from "./repeat";
import { writing } from "./transaction";

/** What is being done, for errors. */
export interface Purpose {
  /** The object, such as `role "app"`. */
  readonly object: string;
  /** `create`, `alter`, `drop`. */
  readonly intent: string;
  /** When it must have ended. Default: the session's own timeouts alone. */
  readonly deadline?: Deadline | undefined;
  /**
   * Whether the object shows that it was done already: asked before it is done again because a connection was lost. Default:
   * the server is asked what became of the transaction.
   */
  readonly isDone?: (() => Promise<boolean>) | undefined;
  /** What the reader can do about an error, where that is known. */
  readonly remedy?: (error: ServerError) => string | undefined;
}

/** How far a run came, so that a half-done change can be told from one that did nothing. */
export interface Progress {
  /** Whether anything was committed. */
  committed: boolean;
}

const ATTEMPTS = 12;

/**
 * Runs statements in order: those that can stand in a transaction together in one, the others alone. Conflicts over one
 * catalogue row, and connections lost before COMMIT, are tried again.
 *
 * @throws PostgresError that says object, intent, reason and what to do, with secrets removed
 */
export async function run(
  cluster: Cluster,
  statements: readonly Statement[],
  purpose: Purpose,
  progress: Progress = { committed: false },
): Promise<void> {
  const { deadline } = purpose;
  for (const group of groups(statements)) {
    try {
      await awayFrom(cluster.adapter, group, () => {
        refuseLate(deadline);
        return retrying(group, purpose, () => runGroup(cluster, group, purpose));
      });
      progress.committed = true;
    } catch (error) {
      const undo = group.flatMap((statement) => statement.undo ?? []);
      throw await takingBack(cluster, undo, purpose, explain(error, group, purpose));
    }
  }
}

/** Takes back what came before a failure, which says what is left to do by hand when that fails as well. */
export async function takingBack(
  cluster: Cluster,
  undo: readonly Statement[],
  purpose: Purpose,
  failure: PostgresError,
): Promise<PostgresError> {
  try {
    await run(cluster, undo, { ...purpose, deadline: undefined, isDone: undefined });
    return failure;
  } catch (error) {
    // The answer of a drop was lost, not the drop.
    if (failure instanceof ConnectionError && error instanceof NotFoundError) return failure;
    const left = undo.map(({ sql }) => sql.display).join("; ");
    return failure.adding(`What came before could not be taken back (${(error as PostgresError).reason}): run ${left}`);
  }
}

/** Consecutive statements that share a transaction; the others each by themselves. */
export function groups(statements: readonly Statement[]): Statement[][] {
  const result: Statement[][] = [];
  for (const statement of statements) {
    const last = result.at(-1);
    const [first] = last ?? [];
    const apart = statement.alone || first?.alone || statement.database !== first?.database;
    if (last === undefined || apart) result.push([statement]);
    else last.push(statement);
  }
  return result;
}

async function runGroup(cluster: Cluster, group: readonly Statement[], { deadline, isDone }: Purpose): Promise<void> {
  const { adapter } = cluster;
  const [first] = group;
  const database = first?.database ?? cluster.currentDatabase;
  if (first?.perform) {
    await first.perform(cluster, deadline);
  } else if (first?.alone) {
    await adapter.use(database, (session) => sendAlone(session, first, deadline));
  } else if (group.every((statement) => isPlain(statement, deadline))) {
    const texts = group.map(({ sql }) => sql.text);
    const beside = group.every((statement) => statement.beside);
    await cluster.lanes.run(database, texts, { beside, evident: isDone !== undefined });
  } else {
    await writing(adapter, database, async (session) => {
      for (const statement of group) await sendInTransaction(session, statement, deadline);
    });
  }
}

function awayFrom<T>(adapter: Adapter, group: readonly Statement[], task: () => Promise<T>): Promise<T> {
  const databases = new Set(group.flatMap(({ without }) => (without === undefined ? [] : [without])));
  return [...databases].reduce<() => Promise<T>>((inner, database) => () => adapter.without(database, inner), task)();
}

function retrying(
  group: readonly Statement[],
  { deadline, isDone }: Purpose,
  task: () => Promise<void>,
): Promise<void> {
  // Without a transaction nobody knows whether the statement took effect before the connection went.
  const { alone, repeatable } = group[0] ?? {};
  const isLost = (error: unknown) => (repeatable ?? !alone) && isConnectionLost(error);
  let lost = false;
  const attempt = async () => {
    if (!(lost && (await isDone?.()))) await task();
  };
  return backOff(attempt, {
    numOfAttempts: ATTEMPTS,
    startingDelay: 20,
    maxDelay: 1000,
    jitter: "full",
    retry: (error) => {
      lost ||= isLost(error);
      return (
        repeatable !== false &&
        (deadline === undefined || Date.now() < deadline.at) &&
        (isConflict(error) || isLost(error) || isTemplateBusy(error) || isUndone(group, error))
      );
    },
  });
}

/** What is no SQL comes to an end by itself: this is about the time before it began. */
function isUndone([first]: readonly Statement[], error: unknown): boolean {
  return first?.perform !== undefined && isToldLost(error);
}

/** Another session may stand in the template for a moment: an autovacuum worker, or another CREATE DATABASE. */
function isTemplateBusy(error: unknown): boolean {
  const { code, message = "" } = error as { code?: string; message?: string };
  return code === "55006" && message.startsWith("source database");
}

function explain(error: unknown, group: readonly Statement[], purpose: Purpose): PostgresError {
  const { object, intent } = purpose;
  const known = toPostgresError(error, {
    object,
    intent,
    remedy: purpose.remedy?.(error as ServerError),
    secrets: group.flatMap((statement) => statement.sql.secrets),
  });
  return withContext(known, { object, intent });
}

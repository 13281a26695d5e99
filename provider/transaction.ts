/** Transactions: rolled back on error, and an outcome that is always known, even when the connection dies at COMMIT. */

import { backOff } from "exponential-backoff";
import type { Adapter, QueryResult, Session } from "./adapter";
import { ConnectionError, isConnectionLost, PostgresError, toPostgresError } from "./errors";
import { sharedSession } from "./pooler";

/** How long to go on asking what became of a transaction whose connection was lost at COMMIT. */
const RESOLVE_MS = 30_000;

const XID = "SELECT pg_catalog.pg_current_xact_id()::text AS xid, pg_catalog.pg_backend_pid() AS pid";

/** Runs a task in a transaction of its own: COMMIT when it returns, ROLLBACK when it throws. */
export function inTransaction<T>(
  adapter: Adapter,
  database: string | undefined,
  task: (session: Session) => Promise<T>,
): Promise<T> {
  return committing(adapter, database, async (session) => {
    await session.query("BEGIN");
    return { result: await task(session) };
  });
}

/**
 * As {@link inTransaction}, for what changes something: a connection that is lost at COMMIT does not leave the outcome
 * open, because a new connection asks the server (`pg_xact_status`) whether the transaction was committed.
 */
export function writing<T>(
  adapter: Adapter,
  database: string | undefined,
  task: (session: Session) => Promise<T>,
): Promise<T> {
  return committing(adapter, database, async (session) => {
    const xid = xidOf(session, await session.query(`BEGIN; ${XID}`));
    return { result: await task(session), xid };
  });
}

/** As {@link writing}, for statements that need nothing between them: all in one round trip. */
export function writingAtOnce(
  adapter: Adapter,
  database: string | undefined,
  statements: readonly string[],
): Promise<void> {
  return committing(adapter, database, async (session) => {
    const xid = xidOf(session, await session.query(["BEGIN", ...statements, XID].join("; ")));
    return { result: undefined, xid };
  });
}

/** The transaction's id. Throws when it is not in the session that was connected to. */
function xidOf({ backend }: Session, { rows }: QueryResult): string {
  const { xid, pid } = rows[0] as { xid: string; pid: number };
  if (backend !== undefined && pid !== backend) throw sharedSession();
  return xid;
}

async function committing<T>(
  adapter: Adapter,
  database: string | undefined,
  task: (session: Session) => Promise<{ result: T; xid?: string }>,
): Promise<T> {
  let done: { result: T; xid?: string } | undefined;
  try {
    return await adapter.use(database, async (session) => {
      try {
        done = await task(session);
      } catch (error) {
        await session.query("ROLLBACK").catch(() => {}); // a lost connection rolls back by itself
        throw error;
      }
      const { command } = await session.query("COMMIT");
      if (command === "ROLLBACK") {
        throw new PostgresError("the transaction was rolled back, because a statement in it had failed");
      }
      return done.result;
    });
  } catch (error) {
    if (done?.xid === undefined || !isConnectionLost(error)) throw error;
    const committed = await wasCommitted(adapter, database, done.xid).catch((reason: Error) => {
      throw new ConnectionError(
        "the connection was lost at COMMIT, and it could not be found out whether the transaction was committed",
        { detail: reason.message, remedy: "Look at the server, or run the same again: what is there already is found" },
      );
    });
    if (committed) return done.result;
    throw error;
  }
}

function wasCommitted(adapter: Adapter, database: string | undefined, xid: string): Promise<boolean> {
  const deadline = Date.now() + RESOLVE_MS;
  return backOff(
    async () => {
      const status = await adapter.use(database, async (session) => {
        const { rows } = await session.query("SELECT pg_catalog.pg_xact_status($1::text::xid8) AS status", [xid]);
        return (rows[0] as { status: string | null }).status;
      });
      if (status === "in progress") throw new ConnectionError("the transaction is still in progress");
      return status === "committed";
    },
    {
      numOfAttempts: Number.POSITIVE_INFINITY,
      startingDelay: 20,
      maxDelay: 500,
      jitter: "full",
      retry: (error) => toPostgresError(error) instanceof ConnectionError && Date.now() < deadline,
    },
  );
}

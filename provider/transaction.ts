/** Transactions: rolled back on error, and an outcome that is always known, even when the connection dies at COMMIT. */

import { backOff } from "exponential-backoff";
import type { Adapter, Session } from "./adapter";
import { ConnectionError, isConnectionLost, PostgresError, toPostgresError } from "./errors";

/** How long to go on asking what became of a transaction whose connection was lost at COMMIT. */
const RESOLVE_MS = 30_000;

/**
 * Runs a task in a transaction of its own: COMMIT when it returns, ROLLBACK when it throws.
 *
 * With `writes`, a connection that is lost at COMMIT does not leave the outcome open: a new connection asks the server
 * (`pg_xact_status`) whether the transaction was committed.
 */
export async function inTransaction<T>(
  adapter: Adapter,
  database: string | undefined,
  task: (session: Session) => Promise<T>,
  { writes = false } = {},
): Promise<T> {
  let commit: { xid: string; result: T } | undefined;
  try {
    return await adapter.use(database, async (session) => {
      const begun = await session.query(
        writes ? "BEGIN; SELECT pg_catalog.pg_current_xact_id()::text AS xid" : "BEGIN",
      );
      let result: T;
      try {
        result = await task(session);
      } catch (error) {
        await session.query("ROLLBACK").catch(() => {}); // a lost connection rolls back by itself
        throw error;
      }
      if (writes) commit = { xid: (begun.rows[0] as { xid: string }).xid, result };
      const { command } = await session.query("COMMIT");
      if (command === "ROLLBACK") {
        throw new PostgresError("the transaction was rolled back, because a statement in it had failed");
      }
      return result;
    });
  } catch (error) {
    if (commit === undefined || !isConnectionLost(error)) throw error;
    const committed = await wasCommitted(adapter, database, commit.xid).catch((reason: Error) => {
      throw new ConnectionError(
        "the connection was lost at COMMIT, and it could not be found out whether the transaction was committed",
        { detail: reason.message, remedy: "Look at the server, or run the same again: what is there already is found" },
      );
    });
    if (committed) return commit.result;
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

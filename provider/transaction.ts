/** Transactions: rolled back on error, and an outcome that is always known, even when the connection dies at COMMIT. */

import { backOff } from "exponential-backoff";
import type { Adapter, QueryResult, Session } from "./adapter";
import { ConnectionError, isConnectionLost, PostgresError, toPostgresError } from "./errors";
import { sharedSession } from "./pooler";

/** How long to go on asking what became of a transaction whose connection was lost at COMMIT. */
const RESOLVE_MS = 30_000;

/** A transaction that has begun, with what tells whether the server has gone on without a break since. */
interface Begun {
  readonly xid: string;
  /** When the server was started, and when the transaction began, by the server's clock. */
  readonly server: string;
  readonly began: string;
}

const BEGUN =
  "SELECT pg_catalog.pg_current_xact_id()::text AS xid, pg_catalog.pg_backend_pid() AS pid, " +
  "extract(epoch FROM pg_catalog.pg_postmaster_start_time())::text AS server, " +
  "extract(epoch FROM pg_catalog.now())::text AS began";

/**
 * A server that comes back from a crash, or a standby in its place, gives ids out once more that it had not written down. It is
 * another process then or, where only its children are, has begun its statistics anew.
 */
const STATUS =
  "SELECT pg_catalog.pg_xact_status($1::text::xid8) AS status, " +
  "extract(epoch FROM pg_catalog.pg_postmaster_start_time())::text = $2 AND " +
  "coalesce((SELECT extract(epoch FROM stats_reset) < $3::numeric FROM pg_catalog.pg_stat_bgwriter), true) AS same";

/** What the server says of an id that it has not given out (yet, or again). */
const NOT_GIVEN_OUT = "22023";

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
    const begun = begunIn(session, await session.query(`BEGIN; ${BEGUN}`));
    return { result: await task(session), begun };
  });
}

/** As {@link writing}, for statements that need nothing between them: all in one round trip. */
export function writingAtOnce(
  adapter: Adapter,
  database: string | undefined,
  statements: readonly string[],
): Promise<void> {
  return committing(adapter, database, async (session) => {
    const begun = begunIn(session, await session.query(["BEGIN", ...statements, BEGUN].join("; ")));
    return { result: undefined, begun };
  });
}

/**
 * As {@link writingAtOnce}, and the COMMIT with them: for what shows by itself whether it was done. When the connection is
 * lost meanwhile, the outcome is open.
 */
export function writingOutright(
  adapter: Adapter,
  database: string | undefined,
  statements: readonly string[],
): Promise<void> {
  return committing(adapter, database, async (session) => {
    const text = ["BEGIN", ...onlyIn(session), ...statements, "COMMIT"].join("; ");
    const { command } = await session.query(text).catch((error: Error) => {
      throw error.message.includes(ANOTHER_SESSION) ? sharedSession() : error;
    });
    return { result: undefined, command };
  });
}

const ANOTHER_SESSION = "not the session that was connected to";

/** Fails in the server, before it does anything, when the transaction is not in the session that was connected to. */
function onlyIn({ backend }: Session): string[] {
  if (backend === undefined) return [];
  return [
    `SELECT CASE pg_catalog.pg_backend_pid() WHEN ${backend} THEN '0' ELSE '${ANOTHER_SESSION}' END::pg_catalog.int4`,
  ];
}

/** Throws when the transaction is not in the session that was connected to. */
function begunIn({ backend }: Session, { rows }: QueryResult): Begun {
  const { pid, ...begun } = rows[0] as Begun & { pid: number };
  if (backend !== undefined && pid !== backend) throw sharedSession();
  return begun;
}

/** What a task has come to before its COMMIT. */
interface Done<T> {
  readonly result: T;
  readonly begun?: Begun;
  /** What the server says to the COMMIT, where that was sent already. */
  readonly command?: string;
}

async function committing<T>(
  adapter: Adapter,
  database: string | undefined,
  task: (session: Session) => Promise<Done<T>>,
): Promise<T> {
  let done: Done<T> | undefined;
  try {
    return await adapter.use(database, async (session) => {
      try {
        done = await task(session);
      } catch (error) {
        await session.query("ROLLBACK").catch(() => {}); // a lost connection rolls back by itself
        throw error;
      }
      const command = done.command ?? (await session.query("COMMIT")).command;
      if (command === "ROLLBACK") {
        throw new PostgresError("the transaction was rolled back, because a statement in it had failed");
      }
      return done.result;
    });
  } catch (error) {
    if (done?.begun === undefined || !isConnectionLost(error)) throw error;
    const committed = await wasCommitted(adapter, database, done.begun).catch((reason: Error) => {
      throw new ConnectionError(
        "the connection was lost at COMMIT, and it could not be found out whether the transaction was committed",
        { detail: reason.message, remedy: "Look at the server, or run the same again: what is there already is found" },
      );
    });
    if (committed) return done.result;
    throw error;
  }
}

function wasCommitted(adapter: Adapter, database: string | undefined, { xid, server, began }: Begun): Promise<boolean> {
  const deadline = Date.now() + RESOLVE_MS;
  return backOff(
    async () => {
      const { status, same } = await adapter.use(database, async (session) => {
        const { rows } = await session.query(STATUS, [xid, server, began]).catch((error: { code?: string }) => {
          if (error.code !== NOT_GIVEN_OUT) throw error;
          return { rows: [{ status: null, same: false }] };
        });
        return rows[0] as { status: string | null; same: boolean };
      });
      if (status === "committed" && !same) throw new PostgresError("the server has crashed since, or is another one");
      if (status === "in progress" && same) throw new ConnectionError("the transaction is still in progress");
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

/**
 * Poolers, such as PgBouncer, between us and the server. With a session of the server for each connection
 * (`pool_mode = session`) all is well, but for sessions that they keep when we have left; with one for each transaction,
 * SET ROLE, timeouts and kept plans are lost, or somebody else's.
 */

import type { Client } from "pg";
import { ConnectionError } from "./errors";

/** What is thrown when two transactions of one connection, or two connections, had not a session each. */
export function sharedSession(): ConnectionError {
  return new ConnectionError(
    "a pooler gives each transaction a session of the server that others use as well, so that SET ROLE, timeouts and " +
      "prepared statements would be lost, or reach other users of the pooler",
    {
      object: "the connection",
      intent: "be used",
      remedy: "Use pool_mode = session in PgBouncer for this database or user, or connect to the server itself",
    },
  );
}

/**
 * Ends the server's session together with the connection: a pooler would keep it, and it would stand in the way of DROP
 * DATABASE and the like. Returns when the connection has ended.
 */
export async function endSession(client: Client): Promise<void> {
  // As the login, who may do so in any case.
  await client.query("RESET ROLE").catch(() => {});
  await client.query("SELECT pg_catalog.pg_terminate_backend(pg_catalog.pg_backend_pid())").catch(() => {});
  await client.end().catch(() => {});
}

/** How many sessions that a pooler keeps are ended, at most. */
const MOST_KEPT = 100;

/**
 * Ends the sessions in a database that a pooler keeps for our login although nobody uses them: those of processes that
 * have ended, say. A pooler hands out what it keeps before it makes a new one, so that each connection gets one of them.
 *
 * @param withConnection runs a task with a connection to the database, which the task may end
 */
export async function endKeptSessions(
  withConnection: <T>(task: (opened: { client: Client }) => Promise<T>) => Promise<T>,
): Promise<void> {
  let before = "infinity";
  for (let ended = 0; ended < MOST_KEPT; ended++) {
    const found = await withConnection(async ({ client }) => {
      const { rows } = await client.query<{ now: string; fresh: boolean; others: boolean }>(KEPT, [before]);
      await endSession(client);
      return rows[0];
    });
    if (found === undefined || found.fresh || !found.others) return;
    if (ended === 0) before = found.now;
  }
}

/** Whether the session began after a time, and whether our login has others in its database. */
const KEPT = `
  SELECT pg_catalog.clock_timestamp()::text AS now, a.backend_start >= $1::timestamptz AS fresh,
         EXISTS (SELECT FROM pg_catalog.pg_stat_activity o
                  WHERE o.datid = a.datid AND o.usesysid = a.usesysid AND o.pid <> a.pid) AS others
    FROM pg_catalog.pg_stat_activity a WHERE a.pid = pg_catalog.pg_backend_pid()`;

/** Ending other sessions: which ones are meant, the rights that it takes, and waiting until they are gone. */

import { setTimeout as sleep } from "node:timers/promises";
import type { Cluster } from "./cluster";
import { InvalidValueError } from "./errors";
import { withRightsOf } from "./rights";
import { factsOfRoles } from "./role-facts";
import { run } from "./runner";
import { type Duration, milliseconds } from "./settings";
import { join, literal, type Sql, sql } from "./sql";

/**
 * Which sessions {@link Cluster.terminate} ends. A session has to match every filter that is set. One of
 * `allConnections`, `databases`, `roles`, `pids` and `excludeRoles` has to be there: the others only narrow.
 */
export interface TerminateOptions {
  /** Every session, but for what the other filters leave out. Default false. */
  allConnections?: boolean;
  /** Sessions in one of these databases. An empty list matches none. */
  databases?: readonly string[];
  /** Sessions of one of these roles (the login, whatever it has become). An empty list matches none. */
  roles?: readonly string[];
  /** Sessions with one of these process ids. An empty list matches none. */
  pids?: readonly number[];
  /** No session in these databases. */
  excludeDatabases?: readonly string[];
  /** No session of these roles. */
  excludeRoles?: readonly string[];
  /** None of these process ids. */
  excludePids?: readonly number[];
  /** How long to wait for the sessions to end: what is still there then is left out of the result. Default `"10s"`. */
  timeout?: Duration;
}

/** Kinds of what is connected: which they are, and where that can be told, for a lesser role cannot see everything. */
interface Kinds {
  readonly filter: Sql;
  readonly told: Sql;
}

interface Target {
  readonly pid: number;
  readonly role: string;
  /** When the session began, which tells it from a later one with its pid; null where that may not be seen. */
  readonly began: string | null;
  /** Whether the current role may end it, and see what kind of session it is. */
  readonly mine: boolean;
}

/** Ends sessions for {@link Cluster.terminate}, or whatever else of these kinds matches. */
export async function terminate(
  cluster: Cluster,
  options: TerminateOptions,
  kinds: Kinds = SESSIONS,
): Promise<number[]> {
  const patience = milliseconds("timeout", options.timeout ?? "10s");
  const filter = filterOf(options);
  const listed = await targets(cluster, filter, kinds);
  // Asked for after the list, so that it knows every connection of ours that is in it.
  const own = new Set(cluster.adapter.pids);
  const others = listed.filter(({ pid }) => !own.has(pid));
  const signalled = await signal(cluster, sql`${filter} AND ${kinds.filter}`, others);
  return gone(cluster, signalled, Date.now() + patience);
}

/** @throws InvalidValueError when nothing says which sessions are meant. */
function filterOf(options: TerminateOptions): Sql {
  const { allConnections, databases, roles, pids, excludeDatabases, excludeRoles, excludePids } = options;
  const meant = [databases, roles, pids].some((list) => list !== undefined) || (excludeRoles ?? []).length > 0;
  if (!meant && allConnections !== true) {
    throw new InvalidValueError("nothing says which sessions are meant", {
      intent: "terminate sessions",
      remedy: "Set databases, roles, pids or excludeRoles, or allConnections: true",
    });
  }
  // A session without a database, such as a physical replication, is in none of them.
  const among = (column: Sql, list: readonly (string | number)[], type: Sql) =>
    sql`coalesce(${column} = ANY (${literal(list)}::${type}), false)`;
  const filters: [column: Sql, list: readonly (string | number)[] | undefined, out: boolean, type: Sql][] = [
    [sql`datname::text`, databases, false, sql`text[]`],
    [sql`usename::text`, roles, false, sql`text[]`],
    [sql`pid`, pids, false, sql`int[]`],
    [sql`datname::text`, excludeDatabases, true, sql`text[]`],
    [sql`usename::text`, excludeRoles, true, sql`text[]`],
    [sql`pid`, excludePids, true, sql`int[]`],
  ];
  return join(
    [
      sql`pid <> pg_catalog.pg_backend_pid()`,
      ...filters.flatMap(([column, list, out, type]) =>
        list === undefined ? [] : [sql`${out ? sql`NOT ` : sql``}${among(column, list, type)}`],
      ),
    ],
    " AND ",
  );
}

/** The sessions that match. Of those that we may not look into, only the role is seen, and not the kind. */
function targets(cluster: Cluster, filter: Sql, { filter: kinds, told }: Kinds): Promise<Target[]> {
  return cluster.query<Target>(
    sql`SELECT pid, usename::text AS role, backend_start::text AS began,
          pg_catalog.pg_has_role(usesysid, 'USAGE') OR
            (NOT r.rolsuper AND ${told} AND pg_catalog.pg_has_role('pg_signal_backend', 'USAGE')) AS mine
        FROM pg_catalog.pg_stat_activity JOIN pg_catalog.pg_roles r ON r.oid = usesysid
        WHERE ${filter} AND (backend_type IS NULL OR ${kinds})`,
  );
}

/** Neither autovacuum nor a worker that belongs to somebody's query. */
const SESSIONS: Kinds = {
  filter: sql`backend_type IN ('client backend', 'walsender')`,
  told: sql`backend_type IS NOT NULL`,
};

/** Sessions, and workers of extensions and of replication, which come back of their own accord. */
export const SESSIONS_AND_WORKERS: Kinds = { filter: sql`usename IS NOT NULL`, told: sql`TRUE` };

/** Sends the signals, in one transaction with the rights that have to be lent for it; none when one cannot be had. */
async function signal(cluster: Cluster, filter: Sql, others: readonly Target[]): Promise<Target[]> {
  if (others.length === 0) return [];
  const foreign = [...new Set(others.flatMap(({ mine, role }) => (mine ? [] : [role])))];
  const facts = await factsOfRoles(cluster, foreign);
  let sent: Target[] = [];
  const statement = {
    // Not a condition: conditions are evaluated in any order.
    sql: sql`SELECT pid, backend_start::text AS began, pg_catalog.pg_terminate_backend(pid) AS sent
      FROM pg_catalog.pg_stat_activity
      WHERE ${filter} AND pid = ANY (${literal(others.map(({ pid }) => pid))}::int[])`,
    rows: (rows: readonly unknown[]) => {
      sent = (rows as (Target & { sent: boolean })[]).filter((row) => row.sent);
    },
  };
  await run(cluster, withRightsOf(foreign, facts, [statement]), {
    object: "sessions",
    intent: "terminate",
    remedy: ({ code }) =>
      code === "42501" ? "Leave them out (excludeRoles), or connect as a superuser or the role itself" : undefined,
  });
  return sent;
}

/** Those that are gone before a deadline, in the order of their numbers. */
async function gone(cluster: Cluster, signalled: readonly Target[], deadline: number): Promise<number[]> {
  let left = new Set(signalled.map(({ pid }) => pid));
  for (let pause = 5; left.size > 0; pause = Math.min(pause * 2, 200)) {
    const rows = await cluster.execute(
      `SELECT a.pid FROM pg_catalog.pg_stat_activity a JOIN unnest($1::int[], $2::timestamptz[]) AS s (pid, began) USING (pid)
        WHERE a.backend_start IS NULL OR a.backend_start = s.began`,
      [signalled.map(({ pid }) => pid), signalled.map(({ began }) => began)],
    );
    left = new Set(rows.map(([pid]) => Number(pid)));
    if (Date.now() >= deadline) break;
    if (left.size > 0) await sleep(pause);
  }
  return signalled
    .map(({ pid }) => pid)
    .filter((pid) => !left.has(pid))
    .sort((one, other) => one - other);
}

/** What stands in the way of DROP DATABASE: tables in it, replication slots, sessions, and what else holds on to it. */

import { setTimeout as sleep } from "node:timers/promises";
import type { Cluster } from "../cluster";
import type { Observed, Statement, Values } from "../definition";
import { ObjectInUseError, type PostgresError, RefusedError } from "../errors";
import { isToldLost, repeatedly } from "../repeat";
import { finalBackupOf } from "./database-backup";
import { dropSlot, type SlotInUse, slotsInUse } from "./replication-slot-drop";

const NAMED = 10;
/** The `datconnlimit` of a database that a DROP DATABASE was interrupted in: it can be dropped, and nothing else. */
const INVALID = -2;
/** The SQLSTATEs of a statement that was cancelled or took too long, or waited too long for a lock. */
const ENDED = /^(57014|55P03)$/;
/** How long sessions that are just ending may take. */
const SETTLE_MS = 2000;

/**
 * Refuses to drop a database that holds tables or replication slots (unless `dropNonEmpty`) or has sessions (unless
 * `forceDrop`). DROP DATABASE takes inactive slots with it, without a word; active ones FORCE does not end, so that they
 * are dropped before.
 */
export async function refuseDatabaseInUse(cluster: Cluster, observed: Observed, options: Values): Promise<Statement[]> {
  const name = String(observed.values.name);
  await refuseSubscriptions(cluster, observed);
  await refusePrepared(cluster, name);
  const slots = await slotsInUse(cluster, { database: name });
  if (options.dropNonEmpty !== true) {
    if (observed.values.connectionLimit !== INVALID) await refuseTables(cluster, name);
    refuseSlots(slots);
  }
  if (options.forceDrop !== true) {
    await refuseSessions(cluster, name);
    return [];
  }
  // Consumers are ended before the last backup, and kept out from then on.
  if (finalBackupOf(options) !== undefined) return [];
  return slots.filter(({ consumer }) => consumer !== null).map((slot) => dropSlot(slot.name, true));
}

function refuseSlots(slots: readonly SlotInUse[]): void {
  if (slots.length === 0) return;
  const named = slots.map(({ name, consumer }) => (consumer === null ? name : `${name}: ${consumer} reads from it`));
  throw new RefusedError(`it has replication slots, whose position in the stream would be lost (${named.join(", ")})`, {
    remedy: "Drop them first, or set dropNonEmpty: true (and apply it) to drop them with the database",
  });
}

async function refuseTables(cluster: Cluster, name: string): Promise<void> {
  const tables = await repeatedly(() => userTables(cluster, name)).catch((error: PostgresError) => {
    if (isToldLost(error) || ENDED.test(error.sqlstate ?? "")) throw error; // another time it can be seen
    throw new RefusedError(`it cannot be seen whether it holds tables (${error.message})`, {
      remedy: "Set dropNonEmpty: true (and apply it) to drop it all the same",
    });
  });
  if (tables.length === 0) return;
  throw new RefusedError(`it holds data (${listed(tables)})`, {
    remedy: "Set dropNonEmpty: true (and apply it) to drop them with the database",
  });
}

/** Tables, materialized views, foreign tables and large objects, those of extensions left out. */
async function userTables(cluster: Cluster, name: string): Promise<string[]> {
  const rows = await cluster.in(name).query<{ name: string }>(`
    SELECT format('%I.%I', n.nspname, c.relname) AS name
      FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p', 'm', 'f') AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
       AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e
                        WHERE e.classid = 'pg_catalog.pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e')
     UNION ALL
    SELECT 'large object ' || oid FROM pg_catalog.pg_largeobject_metadata
     ORDER BY 1`);
  return rows.map((row) => row.name);
}

/** How a session that is in the way is ended. */
const END_THEM = "End them, or set forceDrop: true (and apply it) to terminate them with the drop";

/** Refuses when anybody is in a database, our own sessions with these process ids left out. */
export async function refuseSessions(
  cluster: Cluster,
  name: string,
  own: readonly number[] = [],
  remedy = END_THEM,
): Promise<void> {
  const sessions = await cluster.adapter.without(name, async () => {
    const deadline = Date.now() + SETTLE_MS;
    for (;;) {
      const found = await sessionsIn(cluster, name, own);
      if (found.length === 0 || Date.now() > deadline) return found;
      await sleep(50);
    }
  });
  if (sessions.length === 0) return;
  throw new ObjectInUseError(`other sessions are in it: ${sessions.map(({ text }) => text).join(", ")}`, { remedy });
}

/** A session in a database. */
export interface SessionIn {
  /** Its login. */
  readonly role: string;
  /** What it calls itself; null where that may not be seen. */
  readonly program: string | null;
  /** All of it, for messages. */
  readonly text: string;
}

/** Who is in a database, workers of extensions and of replication among them. */
export function sessionsIn(cluster: Cluster, name: string, own: readonly number[] = []): Promise<SessionIn[]> {
  // A lesser role sees of other roles' sessions only that they are there.
  return cluster.query(
    `SELECT usename::text AS role, application_name AS program,
            format('pid %s of %I (%s)', pid, usename, coalesce(nullif(application_name, ''), 'unnamed')) AS text
       FROM pg_catalog.pg_stat_activity
      WHERE datname = $1 AND pid <> pg_backend_pid() AND pid <> ALL ($2::int[]) AND usename IS NOT NULL
        AND backend_type IS DISTINCT FROM 'parallel worker'
      ORDER BY pid`,
    [name, own],
  );
}

/** Refuses prepared transactions: they hold what they have done, and the server drops no database with them. */
export async function refusePrepared(cluster: Cluster, name: string): Promise<void> {
  const rows = await cluster.query<{ gid: string }>(
    "SELECT gid FROM pg_catalog.pg_prepared_xacts WHERE database = $1 ORDER BY prepared",
    [name],
  );
  if (rows.length === 0) return;
  throw new ObjectInUseError(`it has prepared transactions: ${listed(rows.map(({ gid }) => gid))}`, {
    remedy: "COMMIT PREPARED or ROLLBACK PREPARED them first",
  });
}

async function refuseSubscriptions(cluster: Cluster, observed: Observed): Promise<void> {
  const rows = await cluster.query<{ name: string }>(
    "SELECT subname::text AS name FROM pg_catalog.pg_subscription WHERE subdbid = $1 ORDER BY 1",
    observed.oid,
  );
  if (rows.length === 0) return;
  throw new ObjectInUseError(`it has subscriptions: ${listed(rows.map(({ name }) => name))}`, {
    remedy: "DROP SUBSCRIPTION in it first, which also drops their slots on the publisher",
  });
}

function listed(names: readonly string[]): string {
  const more = names.length > NAMED ? `, and ${names.length - NAMED} more` : "";
  return `${names.slice(0, NAMED).join(", ")}${more}`;
}

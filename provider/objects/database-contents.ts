/** What stands in the way of DROP DATABASE: tables in it, replication slots, and sessions. */

import { setTimeout as sleep } from "node:timers/promises";
import type { Cluster } from "../cluster";
import type { Observed, Statement, Values } from "../definition";
import { ObjectInUseError, type PostgresError, RefusedError } from "../errors";
import { dropSlot, type SlotInUse, slotsInUse } from "./replication-slot-drop";

const NAMED = 10;
/** How long sessions that are just ending may take. */
const SETTLE_MS = 2000;

/**
 * Refuses to drop a database that holds tables or replication slots (unless `dropNonEmpty`) or has sessions (unless
 * `forceDrop`). DROP DATABASE takes inactive slots with it, without a word; active ones FORCE does not end, so that they
 * are dropped before.
 */
export async function refuseDatabaseInUse(cluster: Cluster, observed: Observed, options: Values): Promise<Statement[]> {
  const name = String(observed.values.name);
  const slots = await slotsInUse(cluster, { database: name });
  if (options.dropNonEmpty !== true) {
    await refuseTables(cluster, name);
    refuseSlots(slots);
  }
  if (options.forceDrop !== true) {
    await refuseSessions(cluster, name);
    return [];
  }
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
  const tables = await userTables(cluster, name).catch((error: PostgresError) => {
    throw new RefusedError(`it cannot be seen whether it holds tables (${error.message})`, {
      remedy: "Set dropNonEmpty: true (and apply it) to drop it all the same",
    });
  });
  if (tables.length === 0) return;
  const named = tables.slice(0, NAMED).join(", ");
  const more = tables.length > NAMED ? `, and ${tables.length - NAMED} more` : "";
  throw new RefusedError(`it holds data (${named}${more})`, {
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

async function refuseSessions(cluster: Cluster, name: string): Promise<void> {
  const sessions = await cluster.adapter.without(name, async () => {
    const deadline = Date.now() + SETTLE_MS;
    for (;;) {
      // A lesser role sees of other roles' sessions only that they are there.
      const found = await cluster.query<{ text: string }>(
        `SELECT format('pid %s of %I (%s)', pid, usename, coalesce(nullif(application_name, ''), 'unnamed')) AS text
           FROM pg_catalog.pg_stat_activity
          WHERE datname = $1 AND pid <> pg_backend_pid() AND usename IS NOT NULL
            AND coalesce(backend_type, 'client backend') IN ('client backend', 'walsender')
          ORDER BY pid`,
        [name],
      );
      if (found.length === 0 || Date.now() > deadline) return found;
      await sleep(50);
    }
  });
  if (sessions.length === 0) return;
  throw new ObjectInUseError(`other sessions are in it: ${sessions.map(({ text }) => text).join(", ")}`, {
    remedy: "End them, or set forceDrop: true (and apply it) to terminate them with the drop",
  });
}

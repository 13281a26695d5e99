/** Dropping replication slots, and who reads from them. */

import type { Cluster } from "../cluster";
import type { Observed, Statement, Values } from "../definition";
import { ObjectInUseError } from "../errors";
import { literal, sql } from "../sql";

/** A slot and its consumer, as `pid 42 of app (debezium) at 10.0.0.5`; null for a slot that is not active. */
export interface SlotInUse {
  readonly name: string;
  readonly consumer: string | null;
}

/** The slots of a name, or in a database, ordered by name. Temporary ones are left out. */
export function slotsInUse(cluster: Cluster, { name, database }: { name?: string; database?: string }) {
  // A lesser role is not told where another role's session comes from.
  return cluster.query<SlotInUse>(
    `SELECT s.slot_name::text AS name,
            CASE WHEN s.active THEN format('pid %s%s%s%s', s.active_pid, ' of ' || quote_ident(a.usename),
              ' (' || nullif(a.application_name, '') || ')', ' at ' || host(a.client_addr)) END AS consumer
       FROM pg_catalog.pg_replication_slots s LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = s.active_pid
      WHERE NOT s.temporary AND (s.slot_name = $1::name OR s.database = $2::name) ORDER BY s.slot_name`,
    [name ?? null, database ?? null],
  );
}

/** Refuses to drop a slot from which somebody reads, unless `terminateOnDelete`. */
export async function refuseActive(cluster: Cluster, observed: Observed, options: Values): Promise<Statement[]> {
  if (options.terminateOnDelete === true) return [];
  const [slot] = await slotsInUse(cluster, { name: String(observed.values.name) });
  if (!slot?.consumer) return [];
  throw new ObjectInUseError(`it is active: ${slot.consumer} reads from it`, {
    remedy: "Stop the consumer, or set terminateOnDelete: true (and apply it) to end it with the drop",
  });
}

/** The statement that drops a slot; `terminate`: also one that is active. */
export function dropSlot(name: string, terminate: boolean): Statement {
  const slot = literal(name);
  if (!terminate) return { sql: sql`SELECT pg_catalog.pg_drop_replication_slot(${slot})`, alone: true };
  // On the server itself, so that no consumer is faster: a try each millisecond, beginning with one that asks for the
  // rights. Whoever has got hold of the slot again meanwhile is told to end in its turn.
  const body = sql`
DECLARE
  consumer integer;
  told integer;
  ends timestamptz := pg_catalog.clock_timestamp() + interval '30 seconds';
BEGIN
  LOOP
    BEGIN
      PERFORM pg_catalog.pg_drop_replication_slot(${slot});
      RETURN;
    EXCEPTION
      WHEN undefined_object THEN RETURN;
      WHEN object_in_use THEN IF pg_catalog.clock_timestamp() > ends THEN RAISE; END IF;
    END;
    SELECT s.active_pid INTO consumer FROM pg_catalog.pg_replication_slots s WHERE s.slot_name = ${slot};
    IF consumer IS DISTINCT FROM told THEN
      PERFORM pg_catalog.pg_terminate_backend(consumer);
      told := consumer;
    END IF;
    PERFORM pg_catalog.pg_sleep(0.001);
  END LOOP;
END`;
  return { sql: sql`DO ${body.text}`, alone: true };
}

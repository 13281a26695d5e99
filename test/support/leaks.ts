import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";

const inventorySql = `
  SELECT 'role ' || rolname FROM pg_roles
  UNION ALL SELECT 'database ' || datname FROM pg_database
  UNION ALL SELECT 'replication slot ' || slot_name FROM pg_replication_slots
  UNION ALL SELECT 'prepared transaction ' || gid || ' of ' || owner || ' in ' || database FROM pg_prepared_xacts
  UNION ALL SELECT 'tablespace ' || spcname FROM pg_tablespace
  UNION ALL SELECT 'schema ' || nspname || ' of database ' || current_database() FROM pg_namespace WHERE nspname !~ '^pg_'
  UNION ALL SELECT format('connection of %s to %s, application_name %s', usename, datname, application_name)
    FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()`;

/** A line for each thing on the server that a test could have left there. Schemas: of the client's own database. */
export async function inventory(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<[string]>({ text: inventorySql, rowMode: "array" });
  return rows.map(([line]) => line);
}

/**
 * What of the inventory satisfies `suspect`, as it is once it stops shrinking: a backend takes a moment to notice that
 * its client has gone. Waits at most two seconds.
 */
export async function leaks(client: pg.Client, suspect: (line: string) => boolean): Promise<string[]> {
  const deadline = Date.now() + 2_000;
  for (;;) {
    const found = (await inventory(client)).filter(suspect);
    if (found.length === 0 || Date.now() > deadline) return found;
    await sleep(50);
  }
}

/** Replication slots in whole programs: a program role that may use them, a published table, and consumers. */

import { Consumer } from "../support/consumer";
import { onEveryStack, type Program, type Stack, uniqueName } from "./stack";

/** As {@link onEveryStack}, with the REPLICATION attribute for the restricted role. */
export function onEveryReplicatingStack(name: string, body: (stack: Stack) => Promise<void>): void {
  onEveryStack(name, async (stack) => {
    const { role } = stack;
    if (role.superuser) return body(stack);
    await stack.sql(`ALTER ROLE ${role.name} REPLICATION`);
    try {
      await body(stack);
    } finally {
      await stack.sql(`ALTER ROLE ${role.name} NOREPLICATION`);
    }
  });
}

/** A database with a slot in it, both of one unique name. */
export function databaseWithSlot(prefix: string): { name: string; declared: Required<Program> } {
  const name = uniqueName(prefix);
  const declared: Program = {
    shop: { type: "Database", args: { name, dropNonEmpty: true } },
    cdc: { type: "ReplicationSlot", args: { type: "logical", name, database: "$shop", plugin: "pgoutput" } },
  };
  return { name, declared };
}

/** Publishes a table in a database. Returns a way to insert numbers into it. */
export async function publish(stack: Stack, database: string): Promise<(from: number, to: number) => Promise<unknown>> {
  await stack.sql("CREATE TABLE t (a int); CREATE PUBLICATION p FOR TABLE t", [], database);
  return (from, to) => stack.sql("INSERT INTO t SELECT generate_series($1::int, $2)", [from, to], database);
}

/** Runs a body while a consumer reads from a slot; `reconnect`: it comes back at once, whatever happens. */
export async function whileReading<T>(
  stack: Stack,
  o: { database: string; slot: string; reconnect?: boolean },
  body: (consumer: Consumer, reader: string) => Promise<T>,
): Promise<T> {
  const { host, port } = stack.server;
  const reader = { user: uniqueName("reader"), password: "reads" };
  await stack.sql(`CREATE ROLE ${reader.user} LOGIN REPLICATION PASSWORD '${reader.password}'`);
  const consumer = new Consumer({ ...{ host, port, publication: "p", applicationName: "feed" }, ...reader, ...o });
  try {
    await consumer.until(() => consumer.streams > 0);
    return await body(consumer, reader.user);
  } finally {
    await consumer.stop();
    await stack.sql(`DROP ROLE ${reader.user}`);
  }
}

/** What the catalogue says of a slot, if it is there. */
export async function slotOf(stack: Stack, name: string) {
  const [slot] = await stack.sql<Record<"type" | "plugin" | "database" | "position", string> & { pid: number | null }>(
    `SELECT slot_type AS type, plugin, database, confirmed_flush_lsn::text AS position, active_pid AS pid
       FROM pg_replication_slots WHERE slot_name = $1`,
    [name],
  );
  return slot;
}

/** The outputs that the state holds of a resource, without what the provider notes there for itself. */
export async function outputsOf(stack: Stack, resource: string): Promise<Record<string, unknown>> {
  const { deployment } = await stack.workspace.export();
  const found = deployment.resources?.find(({ urn }) => urn.endsWith(`::${resource}`))?.outputs ?? {};
  return Object.fromEntries(Object.entries(found).filter(([name]) => !name.startsWith("__")));
}

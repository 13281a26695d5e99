/** Makes what was drawn on a real server. */

import type { Cluster } from "../../provider";
import { sideBySide } from "../../provider/side-by-side";
import { identifier, sql } from "../../provider/sql";
import { Engine, type Resource } from "../provider/through-hooks";
import { inTurn } from "../support/in-turn";
import type { AnyServer, Thing } from "./any-server";

/** How many are made at one time. */
const AT_ONCE = 6;

/** Makes everything of these servers on one, connected as a superuser. */
export async function make(cluster: Cluster, servers: readonly AnyServer[]): Promise<void> {
  const engine = new Engine(cluster);
  await sideBySide(AT_ONCE, servers, (server) => makeOne(cluster, engine, server));
  // A logical slot waits for the end of every transaction that it finds.
  for (const { slots } of servers) await inTurn(slots, (slot) => create(engine, slot));
}

async function makeOne(cluster: Cluster, engine: Engine, server: AnyServer): Promise<void> {
  const { roles, databases, schemas, tables, sequences, rules } = server;
  // Databases have owners, and roles settings in databases.
  const made: [Thing, Resource][] = [];
  await inTurn(roles, async (role) => {
    const { configInDatabase: _, ...inputs } = role.inputs;
    made.push([role, await create(engine, { ...role, inputs })]);
  });
  await inTurn(databases, (database) => create(engine, database));
  await inTurn(
    made.filter(([{ inputs }]) => inputs.configInDatabase !== undefined),
    ([{ inputs }, resource]) => engine.update(resource, inputs),
  );
  await inTurn(schemas, (schema) => create(engine, schema));
  await inTurn(tables, async ({ database, schema, table, column, owner }) => {
    const name = identifier(schema, table);
    const there = cluster.in(database);
    await there.execute(sql`CREATE TABLE ${name} (${identifier(column)} int8)`);
    await there.execute(sql`ALTER TABLE ${name} OWNER TO ${identifier(owner)}`);
  });
  await inTurn(sequences, (sequence) => create(engine, sequence));
  await inTurn(rules, (rule) => create(engine, rule));
}

async function create(engine: Engine, { type, inputs }: Thing): Promise<Resource> {
  try {
    return await engine.create(type.type, inputs);
  } catch (error) {
    throw new Error(`${type.type} ${JSON.stringify(inputs)} cannot be made`, { cause: error });
  }
}

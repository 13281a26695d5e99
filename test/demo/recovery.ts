import pg from "pg";
import type { Server } from "../support/postgres";
import type { Deployer } from "./deployer";
import { type Item, inventory, withAdmin, withCluster } from "./inventory";
import type { Marker } from "./marker";

function label({ type, name, database }: Pick<Item, "type" | "name" | "database">): string {
  return `${type.toLowerCase()} ${name}${database === undefined ? "" : ` of database ${database}`}`;
}

/** What goes first: what is in a database before the database, and that before the role that owns it. */
const order: Item["type"][] = ["HbaRule", "ReplicationSlot", "Sequence", "Schema", "Database", "Role"];

async function drop(server: Server, item: Item): Promise<void> {
  if (item.type === "HbaRule") {
    await withCluster(server, (cluster) => cluster.hbaRules.managed.drop(item.name));
    return;
  }
  if (item.type === "ReplicationSlot") {
    await withAdmin(server, (client) => client.query("SELECT pg_drop_replication_slot($1)", [item.name]));
    return;
  }
  const name = item.name.split(".").map(pg.escapeIdentifier).join(".");
  const force = item.type === "Database" ? " WITH (FORCE)" : "";
  await withAdmin(server, (client) => client.query(`DROP ${item.type} IF EXISTS ${name}${force}`), item.database);
}

/**
 * Puts the stack in order after the command that worked on it was killed: its lock goes, and so does what the killed
 * engine had created on the server but not yet written into its state. Whatever was there before that command, or is in
 * the state, or has something in it by now, stays.
 */
export async function recover(server: Server, deployer: Deployer, { before }: Marker): Promise<void> {
  console.log("The last command was killed half way: its lock is removed.");
  await deployer.unlock();
  await withAdmin(server, (client) =>
    client.query(
      "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'pulumi-pgmob'",
    ),
  );
  const older = new Set(before.map(({ type, oid }) => `${type} ${oid}`));
  const recorded = new Set((await deployer.state()).objects.map(label));
  const leftovers = (await inventory(server))
    .filter((item) => !older.has(`${item.type} ${item.oid}`) && !recorded.has(label(item)))
    .sort((a, b) => order.indexOf(a.type) - order.indexOf(b.type));
  for (const item of leftovers) {
    try {
      await drop(server, item);
      console.log(`Dropped the ${label(item)}, which it had created and not recorded.`);
    } catch (error) {
      console.log(`The ${label(item)}, which it had created and not recorded, stays: ${(error as Error).message}`);
    }
  }
}

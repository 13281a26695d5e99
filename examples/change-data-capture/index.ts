import * as pulumi from "@pulumi/pulumi";
import * as pgmob from "pulumi-pgmob";

// The server to connect to is in the stack's config: pgmob:host, pgmob:port, pgmob:user and pgmob:password.
// It runs with wal_level = logical.
const config = new pulumi.Config();

// What the reader of the changes logs in as: Debezium, for one, or a replica of a few tables elsewhere.
const reader = new pgmob.Role("reader", {
  name: "orders_reader",
  login: true,
  replication: true,
  password: config.requireSecret("readerPassword"),
});

const orders = new pgmob.Database("orders", { name: "orders" });

// How far the reader has come. What it has not confirmed yet stays on the server, so a slot without a reader fills the disk.
const changes = new pgmob.ReplicationSlot("order-changes", {
  type: "logical",
  name: "order_changes",
  database: orders,
  plugin: "pgoutput",
  // Taken out of the program, the slot is dropped even while the reader is connected.
  terminateOnDelete: true,
});

// What the reader has to know, beside the host. The publication is made with the tables, by their migrations.
export const user = reader.name;
export const database = orders.name;
export const slot = changes.name;

// Where the reader was at the last `pulumi up` or `pulumi refresh`, and whether the WAL that it needs is still there.
export const position = changes.confirmedFlushLsn;
export const wal = changes.walStatus;

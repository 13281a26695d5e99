import * as pulumi from "@pulumi/pulumi";
import * as pgmob from "pulumi-pgmob";

// The server to connect to is in the stack's config: pgmob:host, pgmob:port, pgmob:user and pgmob:password.
const config = new pulumi.Config();

const owner = new pgmob.Role("owner", { name: "billing_owner" });
const billing = new pgmob.Database("billing", { name: "billing", owner: owner.name });
const sales = new pgmob.Schema("sales", { database: billing, name: "sales", owner: owner.name });
const place = { database: billing, schema: sales.name, owner: owner.name };

// Numbers of orders have five digits at least. Each session takes twenty at a time, so that they are not in order.
const orders = new pgmob.Sequence("orders", { ...place, name: "order_no", start: 10_000, cache: 20 });

// Numbers of invoices begin anew with each year: when the year in the stack's config changes, the sequence is restarted.
const year = config.getNumber("year") ?? 2030;
const first = year * 1_000_000 + 1;
const invoices = new pgmob.Sequence("invoices", {
  ...place,
  name: "invoice_no",
  start: first,
  restartWith: first,
  restartTrigger: String(year),
  comment: `Invoices of ${year}`,
});

// The newest event has the least number. A number of 64 bits is a bigint, or text, where a JavaScript number is too short.
const events = new pgmob.Sequence("events", {
  ...place,
  name: "event_id",
  increment: -1,
  minValue: 0,
  maxValue: 9223372036854775807n,
});

export const database = billing.name;
export const sequences = [orders.name, invoices.name, events.name];

// Text, with every digit.
export const newestEvent = events.maxValue;

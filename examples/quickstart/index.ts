import * as pulumi from "@pulumi/pulumi";
import * as pgmob from "pulumi-pgmob";

// The server to connect to is in the stack's config: pgmob:host, pgmob:port, pgmob:user and pgmob:password.
const config = new pulumi.Config();

// Owns the database and what is in it. Nobody logs in as this role.
const owner = new pgmob.Role("owner", { name: "shop_owner" });

// What the application logs in as. As a member of the owner it may do all that the owner may.
const app = new pgmob.Role("app", {
  name: "shop_app",
  login: true,
  password: config.requireSecret("appPassword"),
  connectionLimit: 20,
  memberOf: [owner.name],
});

const shop = new pgmob.Database("shop", { name: "shop", owner: owner.name });

const sales = new pgmob.Schema("sales", { database: shop, name: "sales", owner: owner.name });

// Numbers of orders start at 1000. The current number is never touched.
const orderNumbers = new pgmob.Sequence("order-numbers", {
  database: shop,
  schema: sales.name,
  name: "order_no",
  start: 1000,
  owner: owner.name,
});

// Lets the application in from the private network, and nobody else's line of pg_hba.conf changes by a byte.
const access = new pgmob.HbaRule("app-from-vpc", {
  type: "host",
  databases: [shop.name],
  users: [app.name],
  address: "10.0.0.0/8",
  method: "scram-sha-256",
});

// Keeps the changes of the database for a consumer, such as a search index.
const changes = new pgmob.ReplicationSlot("changes", { type: "logical", database: shop, plugin: "pgoutput" });

export const database = shop.name;
export const login = app.name;
export const schema = sales.name;
export const sequence = orderNumbers.name;
export const rule = access.name;
export const slot = changes.name;

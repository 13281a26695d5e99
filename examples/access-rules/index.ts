import * as pulumi from "@pulumi/pulumi";
import * as pgmob from "pulumi-pgmob";

// The server to connect to is in the stack's config: pgmob:host, pgmob:port, pgmob:user and pgmob:password.
const config = new pulumi.Config();

const readers = new pgmob.Role("readers", { name: "shop_readers" });
const app = new pgmob.Role("app", { name: "shop_app", login: true, password: config.requireSecret("appPassword") });
const shop = new pgmob.Database("shop", { name: "shop" });

// The application, from its own network alone. The first rule that matches a connection decides.
const fromApp = new pgmob.HbaRule("app", {
  type: "host",
  databases: [shop.name],
  users: [app.name],
  address: config.get("network") ?? "10.0.0.0/8",
  method: "scram-sha-256",
  comment: "the shop itself",
  order: -10,
});

// Whoever is a member of shop_readers, from the office. A text is always a name; { group } says that it is more.
const fromOffice = new pgmob.HbaRule("readers", {
  type: "host",
  databases: [shop.name],
  users: [{ group: readers.name }],
  address: "192.0.2.0",
  netmask: "255.255.255.0",
  method: "scram-sha-256",
  after: fromApp,
});

// Nobody else. Administrators go on as the rules say that were there before.
const nobodyElse = new pgmob.HbaRule("nobody-else", {
  type: "host",
  databases: [shop.name],
  users: [app.name, { group: readers.name }],
  address: "all",
  method: "reject",
  after: fromOffice,
});

export const rules = [fromApp.name, fromOffice.name, nobodyElse.name];

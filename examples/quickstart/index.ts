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

export const database = shop.name;
export const login = app.name;
export const schema = sales.name;

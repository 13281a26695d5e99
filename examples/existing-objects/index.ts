import * as pulumi from "@pulumi/pulumi";
import * as pgmob from "pulumi-pgmob";

// The server to connect to is in the stack's config: pgmob:host, pgmob:port, pgmob:user and pgmob:password.
const config = new pulumi.Config();

// The database and the tables in it are made by migrations, which run before: this program only takes them over. Taken
// out of it again, they stay as they are.
const database = config.get("database") ?? "crm";
const owner = new pgmob.Role("owner", { name: "crm_owner" });
const schema = new pgmob.Schema("app", { database, name: "app", adopt: true, owner: owner.name });
const place = { database, schema: schema.name, owner: owner.name };

// Whatever a migration does, policies hold for everybody, the owner too.
const customers = new pgmob.Table("customers", {
  ...place,
  rowSecurity: true,
  forceRowSecurity: true,
  comment: "One row per customer; policies decide who sees which",
});

// A view and a function that belong to this program: they are made by it where they are not there, and a change of their
// text is an update. Names in it are written with their schema.
const active = new pgmob.View("active_customers", {
  ...place,
  securityBarrier: true,
  definition: pulumi.interpolate`SELECT id, name FROM ${schema.name}.${customers.name} WHERE NOT closed`,
});
const rename = new pgmob.Routine("rename_customer", {
  ...place,
  arguments: "int, text",
  securityDefiner: true,
  definition: pulumi.interpolate`
    CREATE FUNCTION ${schema.name}.rename_customer(customer int, new_name text) RETURNS void
    LANGUAGE sql SET search_path = pg_catalog AS $$
      UPDATE ${schema.name}.${customers.name} SET name = new_name WHERE id = customer
    $$`,
});

// The rest only needs to have one owner.
const rest = new pgmob.Ownership("the-rest", {
  owner: owner.name,
  database,
  objects: [
    { kind: "type", schema: schema.name, name: "standing" },
    { kind: "table", schema: schema.name, name: "visits" },
    { kind: "routine", schema: schema.name, name: "close_customer", arguments: "int" },
  ],
});

// What somebody who has left still owns, in whichever database, now and whenever it is looked at.
const left = new pgmob.Ownership("left-by-alice", { owner: owner.name, reassignOwnedBy: "alice", databases: "all" });

export const takenOver = [customers.kind, active.kind, rename.kind];
export const ownedByOthers = [rest.notOwned, left.notOwned];

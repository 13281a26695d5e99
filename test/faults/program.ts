/** What the faults happen to: programs with every type, and the same program later. */

import type { Declared as InPrograms } from "../e2e/stack";
import type { PropertyMap } from "../engine/values";

/** A declared resource. `"$other.attribute"` in its inputs is an output of another one. */
export interface Declared {
  readonly type: InPrograms["type"];
  readonly inputs: PropertyMap;
  /** Resources that come before it, beside those whose outputs it has (`dependsOn`). */
  readonly after?: readonly string[];
}

/** What a program declares, by resource name. */
export type Program = Readonly<Record<string, Declared>>;

const rule = (changes: PropertyMap): Declared => ({
  type: "HbaRule",
  inputs: {
    type: "host",
    databases: ["$shop.name"],
    users: ["$app.name"],
    address: "10.0.0.0/8",
    method: "scram-sha-256",
    ...changes,
  },
});

const OID = 4711;
const inStock: PropertyMap = { database: "$shop.name", schema: "$stock.name" };

const price = (name: string, body: string) =>
  `CREATE FUNCTION stock.${name}(id int) RETURNS int LANGUAGE sql AS $$ SELECT ${body} $$`;

/** What makes the table and the large object, which have to be there. It may be run again after it was interrupted. */
const making = (tables: string, step: PropertyMap): PropertyMap => ({
  name: "making",
  database: "$shop.name",
  create: {
    sql: `CREATE TABLE IF NOT EXISTS $1.goods (id int, amount int);
      SELECT lo_create(oid) FROM (VALUES ($4::oid)) AS wanted (oid)
       WHERE NOT EXISTS (SELECT FROM pg_largeobject_metadata m WHERE m.oid = wanted.oid);
      GRANT USAGE, CREATE ON SCHEMA $1 TO $2, $3`,
    parameters: [{ identifier: "$stock.name" }, { identifier: "$owner.name" }, { identifier: "$app.name" }, OID],
  },
  delete: {
    sql: `DROP TABLE IF EXISTS ${tables} CASCADE; REVOKE ALL ON SCHEMA stock FROM $1;
      SELECT lo_unlink(oid) FROM pg_largeobject_metadata WHERE oid = $2`,
    parameters: [{ identifier: "$app.name" }, OID],
  },
  ...step,
});

/** The program at first. */
export const FIRST: Program = {
  owner: { type: "Role", inputs: { name: `o'wner "x"` } },
  app: {
    type: "Role",
    inputs: {
      name: "app\\role",
      login: true,
      password: "s3cret' one",
      memberOf: ["$owner.name"],
      config: { work_mem: "8MB" },
      comment: "it's the application",
    },
  },
  auditor: { type: "Role", inputs: { name: "auditor", memberOf: ["$owner.name", "$app.name"] } },
  shop: {
    type: "Database",
    inputs: { name: 'shop "é"', owner: "$owner.name", connectionLimit: 50, comment: "the shop" },
  },
  sales: { type: "Schema", inputs: { database: "$shop.name", name: "Sales", owner: "$owner.name" } },
  order: {
    type: "Sequence",
    inputs: { database: "$shop.name", schema: "$sales.name", name: "order_no", owner: "$owner.name", start: 1000 },
  },
  ticket: { type: "Sequence", inputs: { database: "$shop.name", schema: "$sales.name", name: "ticket_no" } },
  cdc: {
    type: "ReplicationSlot",
    inputs: { type: "logical", name: "cdc", database: "$shop.name", plugin: "pgoutput" },
  },
  wal: { type: "ReplicationSlot", inputs: { type: "physical", name: "wal" } },
  rule: rule({ name: "app from vpc" }),
  stock: { type: "Schema", inputs: { database: "$shop.name", name: "stock", dropCascade: true } },
  making: { type: "Command", inputs: making("stock.goods", {}) },
  goods: { type: "Table", inputs: { ...inStock, name: "goods", rowSecurity: true }, after: ["making"] },
  left: {
    type: "View",
    inputs: {
      ...inStock,
      name: "left",
      owner: "$owner.name",
      definition: "SELECT id FROM stock.goods WHERE amount > 0",
      comment: "what is left",
    },
    after: ["goods"],
  },
  price: {
    type: "Routine",
    inputs: { ...inStock, name: "price", arguments: "int", owner: "$owner.name", definition: price("price", "id * 2") },
    after: ["making"],
  },
  photo: {
    type: "LargeObject",
    inputs: { database: "$shop.name", oid: OID, comment: "the shop's front" },
    after: ["making"],
  },
  keeper: {
    type: "Ownership",
    inputs: {
      owner: "$owner.name",
      database: "$shop.name",
      objects: [{ kind: "table", schema: "$stock.name", name: "$goods.name" }],
    },
  },
};

const { ticket: _, wal: __, ...rest } = FIRST;

const changed = (name: keyof typeof FIRST, changes: PropertyMap): Declared => ({
  ...(FIRST[name] as Declared),
  inputs: { ...FIRST[name]?.inputs, ...changes },
});

/** The program after somebody has worked on it: renames, changes, something new, and something taken away. */
export const SECOND: Program = {
  ...rest,
  owner: changed("owner", { name: "owner 2" }),
  app: changed("app", {
    password: "s3cret' two",
    memberOf: [],
    config: { work_mem: "16MB", search_path: "public" },
    comment: null,
    connectionLimit: 3,
  }),
  shop: changed("shop", { name: "shop 2", connectionLimit: 60, comment: "the same shop" }),
  sales: changed("sales", { name: "sales", comment: "in place" }),
  order: changed("order", { name: "order no", increment: 5, cache: 10 }),
  rule: rule({ name: "app from vpc", address: "10.1.0.0/16", method: "md5" }),
  another: rule({ name: "app from home", address: "192.168.0.0/16", comment: "while at home" }),
  guest: { type: "Role", inputs: { name: "guest", memberOf: ["$auditor.name"], validUntil: "2040-01-01T00:00:00Z" } },
  making: {
    type: "Command",
    inputs: making("stock.wares, stock.returns", {
      update: {
        sql: "CREATE TABLE IF NOT EXISTS $1.returns (id int)",
        parameters: [{ identifier: "$stock.name" }],
      },
    }),
  },
  goods: changed("goods", { name: "wares", forceRowSecurity: true, comment: "renamed" }),
  left: changed("left", {
    definition: "SELECT id, amount FROM stock.wares WHERE amount > 0",
    securityBarrier: true,
    comment: null,
  }),
  price: changed("price", { name: "cost", definition: price("cost", "id * 3"), securityDefiner: true }),
  photo: changed("photo", { comment: null }),
  keeper: changed("keeper", { owner: "$app.name" }),
};

/** What somebody does to the objects of {@link SECOND} by hand, by the database that they are in. */
export const DRIFT: Readonly<Record<string, string>> = {
  postgres: `ALTER ROLE "app\\role" CONNECTION LIMIT 9; ALTER ROLE guest VALID UNTIL 'infinity'; REVOKE "owner 2" FROM auditor;
    ALTER DATABASE "shop 2" CONNECTION LIMIT 9; COMMENT ON DATABASE "shop 2" IS 'by hand'`,
  "shop 2": `ALTER TABLE stock.wares OWNER TO "owner 2"; ALTER TABLE stock.wares DISABLE ROW LEVEL SECURITY;
    CREATE OR REPLACE VIEW stock.left AS SELECT id, amount FROM stock.wares; ALTER FUNCTION stock.cost(int) SECURITY INVOKER;
    COMMENT ON LARGE OBJECT ${OID} IS 'by hand'`,
};

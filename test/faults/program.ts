/** What the faults happen to: programs with every type, and the same program later. */

import type { PropertyMap } from "../engine/values";

/** A declared resource. `"$other.attribute"` in its inputs is an output of another one. */
export interface Declared {
  readonly type: "Role" | "Database" | "Schema" | "Sequence" | "HbaRule" | "ReplicationSlot";
  readonly inputs: PropertyMap;
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
};

const { ticket: _, wal: __, ...rest } = FIRST;

const changed = (name: keyof typeof FIRST, changes: PropertyMap): Declared => ({
  type: (FIRST[name] as Declared).type,
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
};

/** What somebody does to the objects of {@link SECOND} by hand. */
export const DRIFT = `ALTER ROLE "app\\role" CONNECTION LIMIT 9; ALTER ROLE guest VALID UNTIL 'infinity'; REVOKE "owner 2" FROM auditor;
  ALTER DATABASE "shop 2" CONNECTION LIMIT 9; COMMENT ON DATABASE "shop 2" IS 'by hand'`;

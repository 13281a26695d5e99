/**
 * Large objects: `pg_largeobject_metadata`. They are made by SQL and by scripts, and taken over and let go of here. What is
 * in them is read and written elsewhere; this is what is around it.
 */

import type { CatalogueType, Fields, Observed, Statement, Values } from "../definition";
import type { Facts } from "../facts";
import { differences } from "../fields";
import { withRightsOf } from "../rights";
import { type Sql, sql } from "../sql";
import { GREATEST_OID } from "../system";
import type { ValueType } from "../values";
import { alterStatements, commentField, databaseField, everyField, ownerField, ownerTo } from "./common";
import { involved, refuseCreate } from "./in-schema";

/** What a server shows of a large object that can be changed. */
export interface LargeObjectAttributes {
  /** The role that owns it. Changed in place (`OWNER TO`). */
  owner?: string;
  /** Comment on the object (`COMMENT ON LARGE OBJECT`). Default none. Changed in place. */
  comment?: string | null;
}

/** What can be declared of a large object. */
export interface LargeObjectProperties extends LargeObjectAttributes {
  /** The database it is in. Default: the connection's. Follows a rename; it cannot move to another database. */
  database?: string;
  /** Its oid, which is its name: a number, or text. With another one, another large object is taken over. */
  oid: number | string;
}

/** What the server knows of a large object beside what is declared. */
export interface LargeObjectComputed {
  /** The oid of the large object, as a number. */
  oid: number;
}

/** An oid, as a number or as text. */
const oid: ValueType = {
  expects: `an oid: a whole number from 1 to ${GREATEST_OID}, or text of its digits`,
  accepts: (value) =>
    (typeof value === "number" || (typeof value === "string" && /^[1-9]\d*$/.test(value))) &&
    Number.isInteger(Number(value)) &&
    Number(value) >= 1 &&
    Number(value) <= GREATEST_OID,
  normalise: Number,
};

const KIND = "LARGE OBJECT";

const fields: Fields<LargeObjectProperties & { customTimeouts: unknown }> = {
  database: databaseField,
  oid: { value: oid, change: "identity", postgres: "pg_largeobject_metadata.oid" },
  owner: ownerField(KIND),
  comment: commentField(KIND),
  ...everyField,
};

const CATALOGUE = {
  select: `
    SELECT m.oid::int8 AS oid, pg_catalog.pg_get_userbyid(m.lomowner)::text AS owner,
           pg_catalog.obj_description(m.oid, 'pg_largeobject') AS comment
      FROM pg_catalog.pg_largeobject_metadata m`,
  key: ["m.oid"],
  keyTypes: ["oid"],
  oid: "m.oid",
};

const target = ({ oid = 0 }: Observed): Sql => sql`LARGE OBJECT ${oid}`;

function alter(observed: Observed, desired: Values, facts: Facts): Statement[] {
  const changed = differences(largeObjectType, observed, desired);
  const owner = String(desired.owner);
  const handed = changed.has("owner");
  const statements = [
    ...(handed ? [ownerTo(target(observed), owner)] : []),
    ...alterStatements(fields, target(observed), changed, observed, desired, facts),
  ];
  return withRightsOf([String(observed.values.owner), ...(handed ? [owner] : [])], facts, statements);
}

function drop(observed: Observed, _options: Values, facts: Facts): Statement[] {
  const statement = { sql: sql`SELECT pg_catalog.lo_unlink(${observed.oid ?? 0})` };
  return withRightsOf([String(observed.values.owner)], facts, [statement]);
}

/** The definition of large objects. */
export const largeObjectType: CatalogueType = {
  ...involved,
  fields,
  key: ["oid"],
  type: "LargeObject",
  noun: "large object",
  shown: ([oid = ""]) => oid,
  perDatabase: true,
  computed: {
    oid: "The oid of the large object, which is its name.",
    databaseOid: "The oid of the database that it is in.",
  },
  catalogue: () => CATALOGUE,
  toObserved: ({ oid, ...values }) => ({
    oid: Number(oid),
    values: { ...(values as Values), oid: Number(oid) },
    extra: {},
  }),
  found: true,
  assumed: (values) => ({ oid: Number(values.oid), values, extra: {} }),
  create: () => refuseCreate("large object"),
  alter,
  drop,
};

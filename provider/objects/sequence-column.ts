/** The column that a sequence belongs to: `OWNED BY`, or an identity column. */

import type { Cluster } from "../cluster";
import type { Field, Observed, Values } from "../definition";
import { InvalidValueError, NotFoundError, RefusedError } from "../errors";
import { identifier, quoted, type Sql, sql } from "../sql";
import { isUnknown } from "../unknown";
import { isName, type Json, objectName, sameValue } from "../values";

/** A column of a table that a sequence belongs to. */
export interface SequenceColumn {
  /** The schema of the table, which is that of the sequence. Default: the sequence's. */
  schema?: string;
  /** The table. */
  table: string;
  /** The column. */
  column: string;
}

const PARTS = ["schema", "table", "column"];

/** The attribute `ownedBy`. A sequence and its table are always in one schema, so that the schema is not compared. */
export const ownedByField: Field = {
  value: {
    expects: `{ schema, table, column }, each ${objectName.expects}; without schema: the sequence's`,
    accepts: (value) =>
      typeof value === "object" &&
      value !== null &&
      "table" in value &&
      "column" in value &&
      Object.entries(value).every(([part, name]) => PARTS.includes(part) && isName(name)),
    normalise: (value) => {
      const { table, column } = value as Record<string, Json>;
      return { table: table ?? null, column: column ?? null };
    },
    brief: (value) => {
      const { schema: _, ...rest } = value as Record<string, Json>;
      return rest;
    },
  },
  change: "update",
  default: null,
  clause: (value) => sql`OWNED BY ${columnOf(value)}`,
  postgres: "OWNED BY",
};

function columnOf(value: Json): Sql {
  if (value === null) return sql`NONE`;
  const { schema, table, column } = value as unknown as Required<SequenceColumn>;
  return identifier(schema, table, column);
}

/** A declared column with the schema, which is the sequence's; null for none. */
export function inSchema(column: Json | undefined, schema: string): Values | null {
  return column === undefined || column === null ? null : { ...(column as Values), schema };
}

/** Whether two declared or observed columns are one. */
export function sameColumn(one: Json | undefined, other: Json | undefined): boolean {
  return sameValue(ownedByField.value, one ?? null, other ?? null);
}

/** The expression that reads the column as json; `c` is the sequence's row of pg_class. */
export const OWNED_BY_COLUMN = `(
  SELECT json_build_object('schema', tn.nspname, 'table', t.relname, 'column', a.attname, 'identity', d.deptype = 'i')
    FROM pg_catalog.pg_depend d
    JOIN pg_catalog.pg_class t ON t.oid = d.refobjid
    JOIN pg_catalog.pg_namespace tn ON tn.oid = t.relnamespace
    JOIN pg_catalog.pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
   WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.objsubid = 0
     AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.deptype IN ('a', 'i'))`;

/** A column for people to read. */
function shown({ schema, table, column }: Values): string {
  return [schema, table, column].map((part) => quoted(String(part))).join(".");
}

/** Refuses to do anything to the sequence of an identity column, which is part of the column. */
export function refuseIdentity(observed: Observed | undefined): void {
  if (observed?.extra.identity !== true) return;
  throw new RefusedError(`it is part of the identity column ${shown(observed.values.ownedBy as Values)}`, {
    remedy:
      "Change it through its column (ALTER TABLE … ALTER COLUMN … SET GENERATED, SET INCREMENT, …), where the column " +
      "is declared",
  });
}

/** Refuses to tear a sequence from its table: it has the schema and the owner of that table, and follows them. */
export function refuseTearing(observed: Observed, moved: readonly string[], ownedBy: Json | undefined): void {
  const column = observed.values.ownedBy;
  if (column === null || column === undefined || moved.length === 0 || ownedBy !== undefined) return;
  const ways = moved.map((attribute) => (attribute === "schema" ? "SET SCHEMA" : "OWNER TO"));
  throw new RefusedError(
    `it belongs to ${shown(column as Values)}, so that its ${moved.join(" and ")} cannot change without the table's`,
    { remedy: `Change the table's (ALTER TABLE … ${ways.join(", ")}), or set ownedBy` },
  );
}

/** Refuses a table in another schema, where both are known. */
export function checkColumn({ schema, ownedBy }: Values): { property: string; reason: string }[] {
  if (ownedBy === undefined || ownedBy === null || isUnknown(ownedBy) || isUnknown(schema)) return [];
  const { schema: other = null } = ownedBy as Values;
  const own = schema ?? "public";
  if (other === null || other === own) return [];
  return [{ property: "ownedBy", reason: `must be in the schema of the sequence, ${quoted(String(own))}` }];
}

/** Refuses, before the first statement, a table that is not there, or not owned by the role that owns the sequence. */
export async function refuseTable(cluster: Cluster, column: Values, owner: string): Promise<void> {
  const table = `${quoted(String(column.schema))}.${quoted(String(column.table))}`;
  const [found] = await cluster.query<TableFacts>(
    `SELECT c.relkind AS kind, pg_catalog.pg_get_userbyid(c.relowner) AS owner,
            EXISTS (SELECT FROM pg_catalog.pg_attribute a
                     WHERE a.attrelid = c.oid AND a.attname = $3 AND a.attnum > 0 AND NOT a.attisdropped) AS "hasColumn"
       FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = $1 AND c.relname = $2`,
    [column.schema, column.table, column.column],
  );
  if (found === undefined) {
    throw new NotFoundError(`ownedBy: table ${table} does not exist`, {
      remedy: "Create it first, or leave ownedBy out until it is there",
    });
  }
  if (!["r", "p", "f", "v"].includes(found.kind)) throw new InvalidValueError(`ownedBy: ${table} is no table`);
  if (!found.hasColumn)
    throw new NotFoundError(`ownedBy: table ${table} has no column ${quoted(String(column.column))}`);
  if (found.owner !== owner) {
    throw new InvalidValueError(
      `ownedBy: table ${table} is owned by ${quoted(found.owner)}, and the sequence by ${quoted(owner)}: it must be one role`,
      { remedy: `Set owner: ${JSON.stringify(found.owner)}` },
    );
  }
}

/** What the catalogue says of a table. */
interface TableFacts {
  readonly kind: string;
  readonly owner: string;
  readonly hasColumn: boolean;
}

/** Tables: `pg_class`. They are made by SQL, and taken over, changed and let go of here; by hand, also dropped. */

import type { CatalogueType, Fields, ObjectType, Observed, Statement, Values } from "../definition";
import type { Facts } from "../facts";
import type { ObjectMethods, Shown, WithOid } from "../managed-object";
import { join, keyword, type Sql, sql } from "../sql";
import { flag, objectName } from "../values";
import {
  alterClauses,
  alterStatements,
  type CascadingDrop,
  commentField,
  databaseField,
  everyField,
  nameField,
  option,
  ownerField,
  targetOf,
} from "./common";
import { alterInSchema, dependentsRemedy, dropInSchema, involved, refuseCreate, schemaField } from "./in-schema";
import { tableScript } from "./table-script";
import { assumedInTablespace, sameTablespace, TABLESPACE_COLUMNS, tablespaceField, withTablespace } from "./tablespace";

/** What a server shows of a table that can be changed. */
export interface TableAttributes {
  /** The schema it is in. Changed in place (`SET SCHEMA`), with its indexes, constraints and own sequences. */
  schema?: string | null;
  /** Name of the table, at most 63 bytes. Changing it renames in place. */
  name: string;
  /** The role that owns it. Changed in place (`OWNER TO`). */
  owner?: string;
  /** The tablespace it is in; `null` is the database's. Changed in place, which moves its files (`SET TABLESPACE`). */
  tablespace?: string | null;
  /** Whether policies hold for it (`ENABLE ROW LEVEL SECURITY`). Default false. Changed in place. */
  rowSecurity?: boolean | null;
  /** Whether policies hold for its owner as well (`FORCE ROW LEVEL SECURITY`). Default false. Changed in place. */
  forceRowSecurity?: boolean | null;
  /** Whether it is not written to the log, and empty after a crash (`SET UNLOGGED`). Default false. Changed in place. */
  unlogged?: boolean | null;
  /** Comment on the table (`COMMENT ON TABLE`). Default none. Changed in place. */
  comment?: string | null;
}

/** What can be declared of a table. */
export interface TableProperties extends TableAttributes {
  /** The database it is in. Default: the connection's. Follows a rename; a table cannot move to another database. */
  database?: string;
}

/** What the server knows of a table beside what is declared. */
export interface TableComputed {
  /** The table's oid in `pg_class`. */
  oid: number;
  /** What it is: `table`, `partitioned table` or `foreign table`. */
  kind: TableKind;
}

/** What kind of table it is. */
export type TableKind = "table" | "partitioned table" | "foreign table";

/** What can be changed of a table in a script. */
export type TableChanges = Omit<TableProperties, "database">;

/** A table of the current database. */
export type TableObject = WithOid &
  Pick<TableComputed, "kind"> &
  ObjectMethods<TableChanges, CascadingDrop> &
  Shown<TableAttributes, "tablespace" | "comment">;

const KIND = "TABLE";

/** A flag that clauses of ALTER TABLE set and take back. */
function switchField(on: string, off: string) {
  const clause = (value: unknown) => keyword(value === true ? on : off);
  return { value: flag, change: "update", default: false, clause, postgres: `ALTER TABLE … ${on} | ${off}` } as const;
}

const fields: Fields<TableProperties & { customTimeouts: unknown }> = {
  database: databaseField,
  schema: schemaField(KIND),
  name: nameField(objectName, KIND),
  owner: ownerField(KIND),
  tablespace: tablespaceField(KIND),
  rowSecurity: switchField("ENABLE ROW LEVEL SECURITY", "DISABLE ROW LEVEL SECURITY"),
  forceRowSecurity: switchField("FORCE ROW LEVEL SECURITY", "NO FORCE ROW LEVEL SECURITY"),
  unlogged: switchField("SET UNLOGGED", "SET LOGGED"),
  comment: commentField(KIND),
  ...everyField,
};

/** What takes as long as the table is large, because its files are written anew. */
const REWRITES = ["tablespace", "unlogged"];

const CATALOGUE = {
  select: `
    SELECT c.oid::int8 AS oid, n.nspname::text AS schema, c.relname::text AS name,
           pg_catalog.pg_get_userbyid(c.relowner)::text AS owner,
           ${TABLESPACE_COLUMNS},
           c.relrowsecurity AS "rowSecurity", c.relforcerowsecurity AS "forceRowSecurity",
           c.relpersistence = 'u' AS unlogged, pg_catalog.obj_description(c.oid, 'pg_class') AS comment,
           CASE c.relkind WHEN 'p' THEN 'partitioned table' WHEN 'f' THEN 'foreign table' ELSE 'table' END AS kind
      FROM pg_catalog.pg_class c
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace AND c.relkind IN ('r', 'p', 'f') AND c.relpersistence <> 't'`,
  key: ["n.nspname", "c.relname"],
  oid: "c.oid",
  table: "pg_class",
};

const target = ({ values }: Observed, schema: string, name: string): Sql =>
  targetOf(values.kind === "foreign table" ? "FOREIGN TABLE" : KIND, schema, name);

const table = {
  fields,
  key: ["schema", "name"],
  seen: sameTablespace,
} satisfies Pick<ObjectType, "fields" | "key" | "seen">;

function alter(observed: Observed, desired: Values, facts: Facts): Statement[] {
  return alterInSchema(table, target, observed, desired, facts, (target, changed) => {
    const clauses = alterClauses(fields, (name) => changed.has(name), withTablespace(observed, desired));
    const rewrites = REWRITES.some((name) => changed.has(name)) ? { unlimited: true as const } : {};
    const altered = clauses.length === 0 ? [] : [{ sql: sql`ALTER ${target} ${join(clauses)}`, ...rewrites }];
    return [...altered, ...alterStatements(fields, target, changed, observed, desired, facts)];
  });
}

/** The definition of tables. */
export const tableType: CatalogueType = {
  ...table,
  ...involved,
  type: "Table",
  noun: "table",
  perDatabase: true,
  computed: {
    oid: "The table's oid in pg_class.",
    databaseOid: "The oid of the database that it is in.",
    kind: "What it is: table, partitioned table or foreign table.",
  },
  catalogue: () => CATALOGUE,
  toObserved: ({ oid, defaultTablespace, ...values }) => ({
    oid: Number(oid),
    values: values as Values,
    extra: { defaultTablespace },
  }),
  found: true,
  assumed: assumedInTablespace,
  dropOptions: { dropCascade: option("DROP TABLE … CASCADE") },
  create: () => refuseCreate("table"),
  script: tableScript,
  alter,
  drop: (observed, options, facts) => dropInSchema(table, target, observed, options, facts),
  remedy: dependentsRemedy,
};

/** Views and materialized views: `pg_class`. They are made by SQL, and found, changed and dropped here. */

import type { CatalogueType, Fields, ObjectType, Observed, Statement, Values } from "../definition";
import { InvalidValueError } from "../errors";
import type { Facts } from "../facts";
import type { ObjectMethods, Shown, WithOid } from "../managed-object";
import { type Sql, sql } from "../sql";
import { objectName } from "../values";
import {
  type Adoption,
  alterClauses,
  alterStatements,
  commentField,
  commonFields,
  nameField,
  option,
  ownerField,
  targetOf,
} from "./common";
import { alterInSchema, dependentsRemedy, dropInSchema, involved, refuseCreate, schemaField } from "./in-schema";
import { sameTablespace, TABLESPACE_COLUMNS, tablespaceField, withTablespace } from "./tablespace";
import { viewScript } from "./view-script";

/** What a server shows of a view that can be changed. */
export interface ViewAttributes {
  /** The schema it is in. Changed in place (`SET SCHEMA`). */
  schema?: string | null;
  /** Name of the view, at most 63 bytes. Changing it renames in place. */
  name: string;
  /** The role that owns it, with whose rights it reads. Changed in place (`OWNER TO`). */
  owner?: string;
  /** The tablespace of a materialized view; `null` is the database's. Changed in place (`SET TABLESPACE`). */
  tablespace?: string | null;
  /** Comment on the view (`COMMENT ON VIEW`). Default none. Changed in place. */
  comment?: string | null;
}

/** What can be declared of a view. */
export interface ViewProperties extends ViewAttributes, Adoption {
  /** The database it is in. Default: the connection's. Follows a rename; a view cannot move to another database. */
  database?: string;
  /** Drop what depends on it with it (`DROP VIEW … CASCADE`). Default false: the drop is refused, with the list. */
  dropCascade?: boolean | null;
}

/** What the server knows of a view beside what is declared. */
export interface ViewComputed {
  /** The view's oid in `pg_class`. */
  oid: number;
  /** `view` or `materialized view`. */
  kind: "view" | "materialized view";
  /** The query behind it, in the server's words; names are qualified where the session's `search_path` takes it. */
  definition: string;
}

/** What can be changed of a view in a script. */
export type ViewChanges = Omit<ViewProperties, "database" | keyof Adoption>;

/** A view or materialized view of the current database. */
export type ViewObject = WithOid &
  Omit<ViewComputed, "oid"> &
  ObjectMethods<ViewChanges> &
  Shown<ViewAttributes, "tablespace" | "comment">;

const KIND = "VIEW";

const fields: Fields<ViewProperties & { customTimeouts: unknown }> = {
  database: { value: objectName, change: "address", postgres: "current_database()" },
  schema: schemaField(KIND),
  name: nameField(objectName, KIND),
  owner: ownerField(KIND),
  tablespace: tablespaceField("MATERIALIZED VIEW"),
  comment: commentField(KIND),
  dropCascade: option("DROP VIEW … CASCADE"),
  ...commonFields,
};

const CATALOGUE = {
  select: `
    SELECT c.oid::int8 AS oid, n.nspname::text AS schema, c.relname::text AS name,
           pg_catalog.pg_get_userbyid(c.relowner)::text AS owner, ${TABLESPACE_COLUMNS},
           pg_catalog.obj_description(c.oid, 'pg_class') AS comment,
           CASE c.relkind WHEN 'm' THEN 'materialized view' ELSE 'view' END AS kind,
           pg_catalog.pg_get_viewdef(c.oid) AS definition
      FROM pg_catalog.pg_class c
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace AND c.relkind IN ('v', 'm') AND c.relpersistence <> 't'`,
  key: ["n.nspname", "c.relname"],
  oid: "c.oid",
};

const target = ({ values }: Observed, schema: string, name: string): Sql =>
  targetOf(values.kind === "materialized view" ? "MATERIALIZED VIEW" : KIND, schema, name);

const view = {
  fields,
  key: ["schema", "name"],
  seen: sameTablespace,
} satisfies Pick<ObjectType, "fields" | "key" | "seen">;

function alter(observed: Observed, desired: Values, facts: Facts): Statement[] {
  return alterInSchema(view, target, observed, desired, facts, (target, changed) => {
    if (changed.has("tablespace") && observed.values.kind === "view")
      throw new InvalidValueError("tablespace: a view that is not materialized has none");
    const clauses = alterClauses(fields, (name) => changed.has(name), withTablespace(observed, desired));
    const altered = clauses.map((clause) => ({ sql: sql`ALTER ${target} ${clause}`, unlimited: true as const }));
    return [...altered, ...alterStatements(fields, target, changed, observed, desired, facts)];
  });
}

/** The definition of views. */
export const viewType: CatalogueType = {
  ...view,
  ...involved,
  type: "View",
  noun: "view",
  perDatabase: true,
  computed: {
    oid: "The view's oid in pg_class.",
    databaseOid: "The oid of the database that it is in.",
    kind: "What it is: view or materialized view.",
    definition: "The query behind it.",
  },
  catalogue: () => CATALOGUE,
  toObserved: ({ oid, defaultTablespace, ...values }) => ({
    oid: Number(oid),
    values: values as Values,
    extra: { defaultTablespace },
  }),
  create: () => refuseCreate("view"),
  script: viewScript,
  alter,
  drop: (observed, options, facts) => dropInSchema(view, target, observed, options, facts),
  remedy: dependentsRemedy,
};

/** Views and materialized views: `pg_class`. They are taken over where they are, or made here by their definition. */

import type { CatalogueType, Observed, Values } from "../definition";
import type { ServerFacts } from "../facts";
import type { ObjectMethods, Shown, WithOid } from "../managed-object";
import { sql } from "../sql";
import { fromJson } from "../values";
import { type CascadingDrop, option } from "./common";
import { extraOf, prepareDefinition, rememberDefinition, verifyDefinition } from "./definition-drift";
import { dependentsRemedy, dropInSchema, involved } from "./in-schema";
import { inServerWords, SESSION_SETTINGS } from "./server-words";
import { TABLESPACE_COLUMNS } from "./tablespace";
import { viewTable } from "./view-fields";
import { anew, instead, viewRemedy } from "./view-replacement";
import { viewScript } from "./view-script";
import { alter, assumedView, create, viewTarget } from "./view-statements";

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
  /** Whether conditions of its users see only rows that it shows (`security_barrier`). Default false. Changed in place. */
  securityBarrier?: boolean | null;
  /** Whether it reads with the rights of who uses it (`security_invoker`, 15 and newer). Default false. Changed in place. */
  securityInvoker?: boolean | null;
  /** Which rows can be written through it: those that it, or what it reads too, shows (`check_option`). Default any. */
  checkOption?: "local" | "cascaded" | null;
  /** Comment on the view (`COMMENT ON VIEW`). Default none. Changed in place. */
  comment?: string | null;
  /**
   * Whether it is a materialized view: which one a definition makes. Default: what is there, or else no. A change takes
   * `allowReplace`.
   */
  materialized?: boolean;
  /**
   * The query behind it, alone. Where there is no view, it is made. Compared by how the server wrote it after the last
   * change. Changed with `CREATE OR REPLACE VIEW`, which can add columns at the end and change no others: that takes
   * `allowReplace`, as every change of a materialized view does. Unqualified names are found as in any session of the
   * Provider. In scripts, it is in the server's words, with every name qualified.
   */
  definition?: string;
}

/** What can be declared of a view. */
export interface ViewProperties extends ViewAttributes {
  /** The database it is in. Default: the connection's. Follows a rename; a view cannot move to another database. */
  database?: string;
  /**
   * Drop it and create it anew where it cannot be changed in place, in one transaction: with its owner, comment, privileges,
   * options, indexes, triggers and what its columns have. Refused while something depends on it. Default false: refused.
   */
  allowReplace?: boolean | null;
}

/** What the server knows of a view beside what is declared. */
export interface ViewComputed {
  /** The view's oid in `pg_class`. */
  oid: number;
  /** What it is: `view` or `materialized view`. */
  kind: "view" | "materialized view";
  /** A fingerprint of the definition as the server writes it, where one is declared: another one is drift. */
  definitionHash: string;
}

/** What can be changed of a view in a script. */
export type ViewChanges = Omit<ViewProperties, "database">;

/** A view or materialized view of the current database. */
export type ViewObject = WithOid &
  Pick<ViewComputed, "kind"> &
  ObjectMethods<ViewChanges, CascadingDrop> &
  Shown<ViewAttributes, "tablespace" | "checkOption" | "comment">;

const optionValue = (name: string) =>
  `(SELECT o.option_value FROM pg_catalog.pg_options_to_table(c.reloptions) o WHERE o.option_name = '${name}')`;

const catalogue = ({ major }: ServerFacts) => ({
  select: `
    SELECT c.oid::int8 AS oid, n.nspname::text AS schema, c.relname::text AS name,
           pg_catalog.pg_get_userbyid(c.relowner)::text AS owner, ${TABLESPACE_COLUMNS},
           coalesce(${optionValue("security_barrier")}::boolean, false) AS "securityBarrier",
           coalesce(${optionValue("security_invoker")}::boolean, false) AS "securityInvoker",
           ${optionValue("check_option")} AS "checkOption",
           pg_catalog.obj_description(c.oid, 'pg_class') AS comment, c.relkind = 'm' AS materialized,
           CASE c.relkind WHEN 'm' THEN 'materialized view' ELSE 'view' END AS kind,
           ${inServerWords(sql`pg_catalog.pg_get_viewdef(c.oid)`).text} AS definition,
           ${major} AS major, to_json(c.reloptions) AS options,
           (SELECT a.amname::text FROM pg_catalog.pg_am a WHERE a.oid = c.relam AND a.amname <> 'heap') AS method
      FROM pg_catalog.pg_class c
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace AND c.relkind IN ('v', 'm') AND c.relpersistence <> 't'
      CROSS JOIN ${SESSION_SETTINGS.text}`,
  key: ["n.nspname", "c.relname"],
  oid: "c.oid",
});

function toObserved(row: Readonly<Record<string, unknown>>): Observed {
  const { oid, defaultTablespace, major, options, method, ...values } = row as Values;
  const text = values.definition as string;
  return {
    oid: Number(oid),
    values,
    extra: {
      defaultTablespace,
      making: { options: fromJson(options), method },
      ...extraOf({ text, major: Number(major) }),
    },
  };
}

/** The definition of views. */
export const viewType: CatalogueType = {
  ...viewTable,
  ...involved,
  type: "View",
  noun: "view",
  perDatabase: true,
  found: true,
  dropOptions: { dropCascade: option("DROP VIEW … CASCADE") },
  computed: {
    oid: "The view's oid in pg_class.",
    databaseOid: "The oid of the database that it is in.",
    kind: "What it is: view or materialized view.",
    definitionHash: "A fingerprint of its declared definition as the server writes it.",
  },
  catalogue,
  toObserved,
  assumed: assumedView,
  prepare: async (desired, context) => {
    const { materialized } = desired;
    const other = materialized !== undefined && materialized !== context.observed?.values.materialized;
    return prepareDefinition(viewTable.fields.definition.value, desired, context, other);
  },
  verify: async (observed, state) => verifyDefinition(observed, state),
  remember: rememberDefinition,
  create,
  script: viewScript,
  alter,
  anew,
  instead,
  drop: (observed, options, facts) => dropInSchema(viewTable, viewTarget, observed, options, facts),
  remedy: (error, intent) => dependentsRemedy(error, intent) ?? viewRemedy(error),
};

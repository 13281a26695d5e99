/** The field table of views. */

import type { Field, Fields, ObjectType } from "../definition";
import { keyword, type Sql, sql } from "../sql";
import { flag, type Json, objectName, oneOf, type ValueType } from "../values";
import { commentField, databaseField, everyField, nameField, option, ownerField } from "./common";
import { definitionField } from "./definition-drift";
import { viewQuery } from "./definition-text";
import { schemaField } from "./in-schema";
import { sameTablespace, tablespaceField } from "./tablespace";
import type { ViewProperties } from "./view";

/** The word for a view in statements. */
export const KIND = "VIEW";

/** An option of plain views, which ALTER VIEW sets and takes back. */
function viewOption(name: string, value: ValueType, initial: Json, more: Partial<Field> = {}): Field {
  const clause = (wanted: Json): Sql =>
    wanted === initial ? sql`RESET (${keyword(name)})` : sql`SET (${keyword(name)} = ${wanted as string | boolean})`;
  return { value, change: "update", default: initial, clause, postgres: `ALTER VIEW … SET (${name})`, ...more };
}

const fields = {
  database: databaseField,
  schema: schemaField(KIND),
  name: nameField(objectName, KIND),
  owner: ownerField(KIND),
  tablespace: tablespaceField("MATERIALIZED VIEW"),
  securityBarrier: viewOption("security_barrier", flag, false),
  securityInvoker: viewOption("security_invoker", flag, false, {
    since: [{ version: 15, only: (value) => value === true }],
  }),
  checkOption: viewOption("check_option", oneOf("local", "cascaded"), null),
  comment: commentField(KIND),
  materialized: {
    value: flag,
    change: "update",
    changeSays: "refused, or with `allowReplace` dropped and created anew",
    postgres: "MATERIALIZED",
  },
  definition: definitionField(viewQuery, "CREATE OR REPLACE VIEW, pg_get_viewdef"),
  allowReplace: option("DROP VIEW; CREATE VIEW"),
  ...everyField,
} satisfies Fields<ViewProperties & { customTimeouts: unknown }>;

/** The options that only plain views have. */
export const PLAIN_ONLY = ["securityBarrier", "securityInvoker", "checkOption"] as const;

/** What is compared, and by what a view is found. */
export const viewTable = {
  fields,
  key: ["schema", "name"],
  seen: sameTablespace,
} satisfies Pick<ObjectType, "fields" | "key" | "seen">;

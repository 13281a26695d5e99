/** The field table of routines. */

import type { Fields, ObjectType } from "../definition";
import { objectName } from "../values";
import { attributeField, commentField, databaseField, everyField, nameField, option, ownerField } from "./common";
import { definitionField } from "./definition-drift";
import { routineStatement } from "./definition-text";
import { schemaField } from "./in-schema";
import type { RoutineProperties } from "./routine";
import { argumentList } from "./routine-arguments";
import { KIND } from "./routine-target";

const fields = {
  database: databaseField,
  schema: schemaField(KIND),
  name: nameField(objectName, KIND),
  arguments: {
    value: argumentList,
    change: "update",
    default: "",
    changeSays: "refused, or with `definition` and `allowReplace` dropped and created anew",
    postgres: "pg_proc.proargtypes",
  },
  owner: ownerField(KIND),
  securityDefiner: attributeField("SECURITY DEFINER", "SECURITY INVOKER", false),
  comment: commentField(KIND),
  definition: definitionField(routineStatement, "CREATE OR REPLACE FUNCTION, pg_get_functiondef"),
  allowReplace: option("DROP FUNCTION; CREATE FUNCTION"),
  ...everyField,
} satisfies Fields<RoutineProperties & { customTimeouts: unknown }>;

/** What is compared, and by what a routine is found. */
export const routineTable = {
  fields,
  key: ["schema", "name", "arguments"],
} satisfies Pick<ObjectType, "fields" | "key">;

/** Functions, procedures, aggregates and window functions: `pg_proc`. They are made by SQL, and found and changed here. */

import type { CatalogueType, Fields, ObjectType, Observed, Statement, Values } from "../definition";
import { InvalidValueError } from "../errors";
import type { Facts } from "../facts";
import type { ObjectMethods, Shown, WithOid } from "../managed-object";
import { quoted, sql } from "../sql";
import { fromJson, objectName } from "../values";
import {
  type Adoption,
  alterClauses,
  alterStatements,
  attributeField,
  commentField,
  commonFields,
  nameField,
  option,
  ownerField,
} from "./common";
import { alterInSchema, dependentsRemedy, dropInSchema, involved, refuseCreate, schemaField } from "./in-schema";
import { routineScript } from "./routine-script";
import { KIND, routineTarget } from "./routine-target";

/** What a server shows of a routine that can be changed. */
export interface RoutineAttributes {
  /** The schema it is in. Changed in place (`SET SCHEMA`). */
  schema?: string | null;
  /** Name of the routine, at most 63 bytes. Changing it renames in place. */
  name: string;
  /** The role that owns it. Changed in place (`OWNER TO`). */
  owner?: string;
  /** Whether it runs with its owner's rights (`SECURITY DEFINER`). Default false. Changed in place; no aggregate's. */
  securityDefiner?: boolean | null;
  /** Comment on the routine (`COMMENT ON FUNCTION`). Default none. Changed in place. */
  comment?: string | null;
}

/** What can be declared of a routine. */
export interface RoutineProperties extends RoutineAttributes, Adoption {
  /** The database it is in. Default: the connection's. Follows a rename; a routine cannot move to another database. */
  database?: string;
  /** Drop what depends on it with it (`DROP FUNCTION … CASCADE`). Default false: the drop is refused, with the list. */
  dropCascade?: boolean | null;
}

/** What the server knows of a routine beside what is declared. */
export interface RoutineComputed {
  /** The routine's oid in `pg_proc`. */
  oid: number;
  /** The types of its input arguments, which tell it from others of its name: `integer, shop.mood[]`. */
  arguments: string;
  /** What kind of routine it is. */
  kind: RoutineKind;
  /** The type of its result, in the server's words; null for a procedure. */
  returns: string | null;
  /** The language it is written in. */
  language: string;
  /** Whether its result depends on its arguments alone. */
  volatility: "immutable" | "stable" | "volatile";
  /** Whether it may run in a parallel worker. */
  parallel: "safe" | "restricted" | "unsafe";
  /** Whether null for any argument makes its result null. */
  strict: boolean;
  /** Whether it tells nothing of its arguments but its result. */
  leakproof: boolean;
}

/** What kind of routine it is. */
export type RoutineKind = "function" | "procedure" | "aggregate" | "window function";

/** What can be changed of a routine in a script. */
export type RoutineChanges = Omit<RoutineProperties, "database" | keyof Adoption>;

/** A function, procedure, aggregate or window function of the current database. */
export type RoutineObject = WithOid &
  Readonly<Omit<RoutineComputed, "oid">> &
  ObjectMethods<RoutineChanges> &
  Shown<RoutineAttributes, "comment">;

const fields: Fields<RoutineProperties & { customTimeouts: unknown }> = {
  database: { value: objectName, change: "address", postgres: "current_database()" },
  schema: schemaField(KIND),
  name: nameField(objectName, KIND),
  owner: ownerField(KIND),
  securityDefiner: attributeField("SECURITY DEFINER", "SECURITY INVOKER", false),
  comment: commentField(KIND),
  dropCascade: option("DROP FUNCTION … CASCADE"),
  ...commonFields,
};

/** The types of the input arguments: in words that do not depend on the session, and as parts of names. */
const ARGUMENTS = `
  (SELECT json_build_object(
            'text', coalesce(string_agg(
              CASE WHEN tn.nspname = 'pg_catalog' THEN pg_catalog.format_type(t.oid, NULL)
                   WHEN t.typelem <> 0 AND t.typcategory = 'A' THEN format('%I.%I[]', en.nspname, e.typname)
                   ELSE format('%I.%I', tn.nspname, t.typname) END, ', ' ORDER BY a.position), ''),
            'types', coalesce(json_agg(json_build_array(tn.nspname, t.typname) ORDER BY a.position), '[]'))
     FROM unnest(p.proargtypes::oid[]) WITH ORDINALITY AS a (type, position)
     JOIN pg_catalog.pg_type t ON t.oid = a.type
     JOIN pg_catalog.pg_namespace tn ON tn.oid = t.typnamespace
     LEFT JOIN pg_catalog.pg_type e ON e.oid = t.typelem
     LEFT JOIN pg_catalog.pg_namespace en ON en.oid = e.typnamespace)`;

const CATALOGUE = {
  select: `
    SELECT p.oid::int8 AS oid, n.nspname::text AS schema, p.proname::text AS name, a.arguments AS "argumentTypes",
           pg_catalog.pg_get_userbyid(p.proowner)::text AS owner, p.prosecdef AS "securityDefiner",
           pg_catalog.obj_description(p.oid, 'pg_proc') AS comment,
           CASE p.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' WHEN 'w' THEN 'window function'
                          ELSE 'function' END AS kind,
           pg_catalog.pg_get_function_result(p.oid) AS returns,
           (SELECT l.lanname::text FROM pg_catalog.pg_language l WHERE l.oid = p.prolang) AS language,
           CASE p.provolatile WHEN 'i' THEN 'immutable' WHEN 's' THEN 'stable' ELSE 'volatile' END AS volatility,
           CASE p.proparallel WHEN 's' THEN 'safe' WHEN 'r' THEN 'restricted' ELSE 'unsafe' END AS parallel,
           p.proisstrict AS strict, p.proleakproof AS leakproof
      FROM pg_catalog.pg_proc p
      JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace AND n.nspname <> 'pg_catalog'
      CROSS JOIN LATERAL ${ARGUMENTS} AS a (arguments)`,
  key: ["n.nspname", "p.proname", "a.arguments ->> 'text'"],
  keyTypes: [undefined, undefined, "text"],
  oid: "p.oid",
};

const routine = {
  fields,
  key: ["schema", "name", "arguments"],
} satisfies Pick<ObjectType, "fields" | "key">;

function alter(observed: Observed, desired: Values, facts: Facts): Statement[] {
  return alterInSchema(routine, routineTarget, observed, desired, facts, (target, changed) => {
    if (changed.has("securityDefiner") && observed.values.kind === "aggregate")
      throw new InvalidValueError("securityDefiner: an aggregate runs with the rights of its functions");
    const clauses = alterClauses(fields, (name) => changed.has(name), desired);
    const altered = clauses.map((clause) => ({ sql: sql`ALTER ${target} ${clause}` }));
    return [...altered, ...alterStatements(fields, target, changed, observed, desired, facts)];
  });
}

function toObserved({ oid, argumentTypes, ...values }: Readonly<Record<string, unknown>>): Observed {
  const { text, types } = fromJson<{ text: string; types: [string, string][] }>(argumentTypes);
  return {
    oid: Number(oid),
    values: { ...(values as Values), arguments: text },
    extra: { types, schemas: [...new Set(types.map(([schema]) => schema))] },
  };
}

/** The definition of routines. */
export const routineType: CatalogueType = {
  ...routine,
  ...involved,
  type: "Routine",
  noun: "routine",
  shown: ([schema = "", name = "", types = ""]) => `${quoted(schema)}.${quoted(name)}(${types})`,
  perDatabase: true,
  computed: {
    oid: "The routine's oid in pg_proc.",
    databaseOid: "The oid of the database that it is in.",
    arguments: "The types of its input arguments.",
    kind: "What it is: function, procedure, aggregate or window function.",
    returns: "The type of its result.",
    language: "The language it is written in.",
    volatility: "Whether its result depends on its arguments alone.",
    parallel: "Whether it may run in a parallel worker.",
    strict: "Whether null for any argument makes its result null.",
    leakproof: "Whether it tells nothing of its arguments but its result.",
  },
  catalogue: () => CATALOGUE,
  toObserved,
  create: () => refuseCreate("routine"),
  script: routineScript,
  alter,
  drop: (observed, options, facts) => dropInSchema(routine, routineTarget, observed, options, facts),
  remedy: dependentsRemedy,
};

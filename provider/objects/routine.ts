/** Functions, procedures, aggregates and window functions: `pg_proc`. Taken over, or made here by their definition. */

import type { Cluster } from "../cluster";
import type { CatalogueType, Observed, Values, Verified } from "../definition";
import { NotFoundError } from "../errors";
import { pathOf } from "../fields";
import type { ObjectMethods, Shown, WithOid } from "../managed-object";
import { quoted, sql } from "../sql";
import { fromJson } from "../values";
import { type CascadingDrop, option } from "./common";
import { extraOf, prepareDefinition, rememberDefinition, verifyDefinition } from "./definition-drift";
import { dependentsRemedy, dropInSchema, involved } from "./in-schema";
import { ARGUMENT_TYPES, argumentsOf, argumentTypes } from "./routine-arguments";
import { routineTable } from "./routine-fields";
import { anew, instead, routineRemedy } from "./routine-replacement";
import { routineScript } from "./routine-script";
import { alter, assumedRoutine, create } from "./routine-statements";
import { routineTarget } from "./routine-target";
import { inServerWords, SESSION_SETTINGS } from "./server-words";

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
  /**
   * The whole statement that makes it, CREATE [OR REPLACE] FUNCTION or PROCEDURE, with its schema, its name and its
   * arguments as they are declared. Where there is no such routine, it is made. Compared by how the server wrote it after the
   * last change. Changed with `CREATE OR REPLACE`, which cannot change the type of the result, or names and defaults of
   * arguments: that takes `allowReplace`. In scripts, it is in the server's words; null for an aggregate.
   */
  definition?: string;
}

/** What can be declared of a routine. */
export interface RoutineProperties extends RoutineAttributes {
  /** The database it is in. Default: the connection's. Follows a rename; a routine cannot move to another database. */
  database?: string;
  /**
   * The types of its input arguments, which tell it from others of its name, as SQL writes them: `int, shop.mood[]`. Default
   * `""`: none. Other types are another routine; with a `definition` and `allowReplace`, that one takes its place.
   */
  arguments?: string | null;
  /**
   * Drop it and create it anew where it cannot be changed in place, in one transaction, with its owner, comment and
   * privileges. Refused while something depends on it. Default false: refused.
   */
  allowReplace?: boolean | null;
}

/** What the server knows of a routine beside what is declared. */
export interface RoutineComputed {
  /** The routine's oid in `pg_proc`. */
  oid: number;
  /** The types of its input arguments in the server's words: `integer, shop.mood[]`. */
  argumentTypes: string;
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
  /** A fingerprint of the definition as the server writes it, where one is declared: another one is drift. */
  definitionHash: string;
}

/** What kind of routine it is. */
export type RoutineKind = "function" | "procedure" | "aggregate" | "window function";

/** What can be changed of a routine in a script. */
export type RoutineChanges = Omit<RoutineProperties, "database" | "arguments">;

/** What of a routine is for resources alone. */
type InStates = "oid" | "argumentTypes" | "definitionHash";

/** A function, procedure, aggregate or window function of the current database. */
export type RoutineObject = WithOid &
  Readonly<Omit<RoutineComputed, InStates>> & {
    /** The types of its input arguments, which tell it from others of its name: `integer, shop.mood[]`. */
    readonly arguments: string;
  } & ObjectMethods<RoutineChanges, CascadingDrop> &
  Shown<RoutineAttributes, "comment" | "definition">;

/** How the server writes it, and how long the part is that its name is in. */
const WRITTEN = inServerWords(sql`CASE WHEN p.prokind <> 'a' THEN json_build_object(
  'definition', pg_catalog.pg_get_functiondef(p.oid),
  'head', length(format('CREATE OR REPLACE %s %I.%I', CASE p.prokind WHEN 'p' THEN 'PROCEDURE' ELSE 'FUNCTION' END,
                        n.nspname, p.proname)))::text END`);

const catalogue = ({ major }: { readonly major: number }) => ({
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
           p.proisstrict AS strict, p.proleakproof AS leakproof, ${WRITTEN.text} AS written, ${major} AS major
      FROM pg_catalog.pg_proc p
      JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace AND n.nspname <> 'pg_catalog'
      CROSS JOIN LATERAL ${argumentsOf(ARGUMENT_TYPES).text} AS a (arguments)
      CROSS JOIN ${SESSION_SETTINGS.text}`,
  key: ["n.nspname", "p.proname", "a.arguments ->> 'text'"],
  keyTypes: [undefined, undefined, "text"],
  oid: "p.oid",
});

function toObserved(row: Readonly<Record<string, unknown>>): Observed {
  const { oid, argumentTypes: given, written, major, ...values } = row as Values;
  const { text, types } = fromJson<{ text: string; types: [string, string][] }>(given);
  const { definition, head } = fromJson<{ definition: string | null; head: number }>(
    written ?? { definition: null, head: 0 },
  );
  return {
    oid: Number(oid),
    values: { ...values, arguments: text, definition },
    extra: {
      types,
      schemas: [...new Set(types.map(([schema]) => schema))],
      // Without its name: a rename is no other definition.
      ...extraOf({ text: definition === null ? null : definition.slice(head), major: Number(major) }),
    },
  };
}

async function spelled(cluster: Cluster, properties: Values): Promise<string[]> {
  const [schema = "", name = "", written = ""] = pathOf(routineTable, properties);
  const { argumentTypes: known } = properties;
  return [schema, name, typeof known === "string" ? known : await argumentTypes(cluster, written)];
}

async function verify(observed: Observed, state: Values): Promise<Verified> {
  const { values, remember } = verifyDefinition(observed, state);
  const { arguments: declared, argumentTypes: known = null } = state;
  const found = observed.values.arguments ?? null;
  const same = known === null || known === found;
  return {
    values: { ...values, ...(declared === undefined ? {} : { arguments: same ? declared : found }) },
    remember: { ...remember, argumentTypes: found },
  };
}

/** Says which routines of the name there are, where none has the declared arguments. */
async function refuseUnknown(cluster: Cluster, observed: Observed | undefined, desired: Values): Promise<void> {
  if (observed !== undefined || desired.definition !== undefined) return;
  const [schema = "", name = ""] = pathOf(routineTable, desired);
  const rows = await cluster.query<{ text: string }>(
    `SELECT a.arguments ->> 'text' AS text
       FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
      CROSS JOIN LATERAL ${argumentsOf(ARGUMENT_TYPES).text} AS a (arguments)
      WHERE n.nspname = $1 AND p.proname = $2 ORDER BY 1`,
    [schema, name],
  );
  if (rows.length === 0) return;
  const all = rows.map(({ text }) => `${quoted(name)}(${text})`).join(", ");
  throw new NotFoundError(`it does not exist; of this name there is ${all}`, {
    intent: "take over",
    remedy: `Say which: arguments: ${JSON.stringify(rows[0]?.text)}`,
  });
}

/** The definition of routines. */
export const routineType: CatalogueType = {
  ...routineTable,
  ...involved,
  type: "Routine",
  noun: "routine",
  shown: ([schema = "", name = "", types = ""]) => `${quoted(schema)}.${quoted(name)}(${types})`,
  perDatabase: true,
  found: true,
  dropOptions: { dropCascade: option("DROP FUNCTION … CASCADE") },
  computed: {
    oid: "The routine's oid in pg_proc.",
    databaseOid: "The oid of the database that it is in.",
    argumentTypes: "The types of its input arguments in the server's words.",
    kind: "What it is: function, procedure, aggregate or window function.",
    returns: "The type of its result.",
    language: "The language it is written in.",
    volatility: "Whether its result depends on its arguments alone.",
    parallel: "Whether it may run in a parallel worker.",
    strict: "Whether null for any argument makes its result null.",
    leakproof: "Whether it tells nothing of its arguments but its result.",
    definitionHash: "A fingerprint of its declared definition as the server writes it.",
  },
  catalogue,
  toObserved,
  assumed: assumedRoutine,
  spelled,
  prepare: async (desired, context) => {
    // The text says what it is called: where that changes, the text is looked at again.
    const other = routineTable.key.some(
      (name) => desired[name] !== undefined && desired[name] !== context.observed?.values[name],
    );
    return prepareDefinition(routineTable.fields.definition.value, desired, context, other);
  },
  verify,
  remember: (prepared) => ({ ...rememberDefinition(prepared), argumentTypes: null }),
  beforeChange: refuseUnknown,
  create,
  script: routineScript,
  alter,
  anew,
  instead,
  drop: (observed, options, facts) => dropInSchema(routineTable, routineTarget, observed, options, facts),
  remedy: (error, intent) => dependentsRemedy(error, intent) ?? routineRemedy(error),
};

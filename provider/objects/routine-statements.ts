/** The statements that make and change a routine. */

import type { Observed, Statement, Values } from "../definition";
import { InvalidValueError, NotInPlaceError, RefusedError } from "../errors";
import type { Facts } from "../facts";
import { pathOf } from "../fields";
import { literal, type Sql, sql } from "../sql";
import { fromJson } from "../values";
import { alterClauses, alterStatements, createStatements, ownerTo, textOf } from "./common";
import { kindOf, routineStatementOf } from "./definition-text";
import { alterInSchema, createInSchema, refuseCreate } from "./in-schema";
import { refuseOthers } from "./made-alone";
import { REPLACE } from "./replacement";
import { ARGUMENT_TYPES, argumentsOf } from "./routine-arguments";
import { routineTable } from "./routine-fields";
import { routineTarget } from "./routine-target";

const { fields } = routineTable;

/** What is done with a new routine at last. */
export type Rest = (target: Sql, oid: Sql) => Statement[];

/** A routine that nobody has looked at. */
export function assumedRoutine(values: Values, _server: unknown, wanted: Values): Observed {
  const text = values.definition ?? wanted.definition;
  return { values: { ...values, kind: typeof text === "string" ? kindOf(text) : "function" }, extra: {} };
}

/** Makes a routine by its definition. */
export function create(desired: Values, facts: Facts): Statement[] {
  if (desired.definition === undefined) refuseCreate("routine", "; or declare its definition");
  const [schema = ""] = pathOf(routineTable, desired);
  return createInSchema(
    desired,
    schema,
    facts,
    creation(desired, facts, () => []),
  );
}

/** The statements of a creation, without the rights that they take. */
export function creation(desired: Values, facts: Facts, rest: Rest): Statement[] {
  const [schema = "", name = "", types = ""] = pathOf(routineTable, desired);
  const owner = textOf(desired, "owner");
  const around = (target: Sql) => [
    ...(owner === undefined || owner === facts.server.user ? [] : [ownerTo(target, owner)]),
    ...alterClauses(fields, () => true, desired).map((clause) => ({ sql: sql`ALTER ${target} ${clause}` })),
    ...createStatements(fields, target, desired, facts),
  ];
  const assumed = { values: { kind: kindOf(String(desired.definition)), arguments: types }, extra: {} };
  return [
    ...written(desired, false, oidOfRoutine(schema, name, types)),
    {
      sql: sql`
        SELECT p.oid::int8 AS oid, CASE p.prokind WHEN 'p' THEN 'procedure' ELSE 'function' END AS kind, a.arguments
          FROM pg_catalog.pg_proc p CROSS JOIN LATERAL ${argumentsOf(ARGUMENT_TYPES)} AS a (arguments)
         WHERE p.oid = ${oidOfRoutine(schema, name, types)}`,
      next: (rows) =>
        (rows as { oid: string; kind: string; arguments: unknown }[]).flatMap(({ oid, kind, arguments: given }) => {
          const { types } = fromJson<{ types: [string, string][] }>(given);
          const target = routineTarget({ values: { kind }, extra: { types } }, schema, name);
          return [...around(target), ...rest(target, literal(Number(oid)))];
        }),
      foreseen: around(routineTarget(assumed, schema, name)),
    },
  ];
}

/** The user's statement, and the look at what came of it. */
function written({ definition }: Values, replace: boolean, oid: Sql): Statement[] {
  const remedy = "Write schema, name and arguments in it as they are declared";
  return [{ sql: routineStatementOf(String(definition), replace), single: true }, refuseOthers("pg_proc", oid, remedy)];
}

/** The oid of a routine by its name and arguments, for which it takes no right to its schema. */
function oidOfRoutine(schema: string, name: string, types: string): Sql {
  return sql`(SELECT p.oid FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
               CROSS JOIN LATERAL ${argumentsOf(ARGUMENT_TYPES)} AS a (arguments)
               WHERE n.nspname = ${schema} AND p.proname = ${name} AND a.arguments ->> 'text' = ${types})`;
}

/** Brings a routine to the desired values in place. */
export function alter(observed: Observed, desired: Values, facts: Facts): Statement[] {
  return alterInSchema(routineTable, routineTarget, observed, desired, facts, (target, changed) => {
    if (changed.has("arguments")) refuseArguments(observed.values, desired);
    if (changed.has("securityDefiner") && observed.values.kind === "aggregate")
      throw new InvalidValueError("securityDefiner: an aggregate runs with the rights of its functions");
    const replaced = changed.has("definition") ? written(desired, true, literal(observed.oid ?? 0)) : [];
    // What a definition does not say it takes back: what is declared beside it is said after it.
    const said = (name: string) => changed.has(name) || (replaced.length > 0 && desired[name] !== undefined);
    const clauses = alterClauses(fields, said, desired);
    const altered = clauses.map((clause) => ({ sql: sql`ALTER ${target} ${clause}` }));
    return [...replaced, ...altered, ...alterStatements(fields, target, changed, observed, desired, facts)];
  });
}

function refuseArguments({ arguments: before }: Values, { arguments: after, definition }: Values): never {
  const reason = `its arguments are (${before}) and cannot become (${after}) in place`;
  if (definition !== undefined) throw new NotInPlaceError(reason, { remedy: REPLACE });
  throw new RefusedError(reason, { remedy: "That is another routine: declare another resource for it" });
}

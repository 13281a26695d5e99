/** The statements that make and change a view. */

import type { Observed, Statement, Values } from "../definition";
import { InvalidValueError, NotInPlaceError } from "../errors";
import type { Facts } from "../facts";
import { pathOf } from "../fields";
import { fromUser, identifier, type Sql, sql } from "../sql";
import type { Json } from "../values";
import { alterClauses, alterStatements, createStatements, ownerTo, targetOf, textOf } from "./common";
import { alterInSchema, createInSchema, refuseCreate } from "./in-schema";
import { refuseOthers } from "./made-alone";
import { REPLACE } from "./replacement";
import { withOptions } from "./script";
import { assumedInTablespace, withTablespace } from "./tablespace";
import { KIND, PLAIN_ONLY, viewTable } from "./view-fields";

const { fields } = viewTable;

const NOTHING: Making = { options: null, method: null };

/** `VIEW "s"."v"`, or `MATERIALIZED VIEW "s"."v"`. */
export function viewTarget({ values }: Pick<Observed, "values">, schema: string, name: string): Sql {
  return targetOf(values.materialized === true ? `MATERIALIZED ${KIND}` : KIND, schema, name);
}

/** What a view is made with beside what is declared of it. */
export interface Making {
  /** Options of the server, `fillfactor=70`. */
  readonly options: readonly string[] | null;
  /** The access method of a materialized view, where it is not the usual one. */
  readonly method: string | null;
}

/** What an observed view was made with. */
export function makingOf({ extra }: Observed): Making {
  return extra.making as Making;
}

/** A view that nobody has looked at. Which kind it is follows from what is declared, where that says it. */
export function assumedView(values: Values, _server: unknown, wanted: Values): Observed {
  const { securityBarrier, securityInvoker, checkOption } = values;
  const options = [
    ...(securityBarrier === true ? ["security_barrier=true"] : []),
    ...(securityInvoker === true ? ["security_invoker=true"] : []),
    ...(typeof checkOption === "string" ? [`check_option=${checkOption}`] : []),
  ];
  const hasTablespace = (values.tablespace ?? wanted.tablespace ?? null) !== null;
  const materialized = values.materialized ?? wanted.materialized ?? (hasTablespace ? true : null);
  const making: Making = { options: options.length > 0 ? options : null, method: null };
  const assumed = assumedInTablespace({ ...values, materialized });
  return { ...assumed, extra: { ...assumed.extra, making } };
}

/** Makes a view by its definition. */
export function create(desired: Values, facts: Facts): Statement[] {
  if (desired.definition === undefined) refuseCreate("view", "; or declare its definition");
  return createInSchema(desired, pathOf(viewTable, desired)[0] as string, facts, creation(desired, facts));
}

/** The statements of a creation, without the rights that they take. */
export function creation(desired: Values, facts: Facts, { options, method }: Making = NOTHING): Statement[] {
  const [schema, name] = pathOf(viewTable, desired) as [string, string];
  const target = viewTarget({ values: desired }, schema, name);
  refuseMisfits(desired.materialized === true, (attribute) => desired[attribute] ?? fields[attribute].default);
  const using = method === null ? sql`` : sql` USING ${identifier(method)}`;
  const owner = textOf(desired, "owner");
  const clauses = alterClauses(
    fields,
    (attribute) => desired[attribute] !== fields[attribute as "owner"].default,
    desired,
  );
  return [
    ...written(sql`CREATE ${target}${using}${withOptions(options)}`, desired, schema, name),
    ...(owner === undefined || owner === facts.server.user ? [] : [ownerTo(target, owner)]),
    ...clauses.map((clause) => ({ sql: sql`ALTER ${target} ${clause}`, unlimited: true as const })),
    ...createStatements(fields, target, desired, facts),
  ];
}

/** A statement that ends with the user's query, and the look at what came of it. */
function written(start: Sql, { definition, materialized }: Values, schema: string, name: string): Statement[] {
  const statement = { sql: sql`${start} AS\n${fromUser(String(definition))}`, single: true } as const;
  const oid = oidOfRelation(schema, name);
  return [
    materialized === true ? { ...statement, unlimited: true } : statement,
    refuseOthers("pg_class", oid, "Write the query alone, without anything that makes other objects"),
  ];
}

/** The oid of a relation by its name, for which it takes no right to its schema. */
export function oidOfRelation(schema: string, name: string): Sql {
  return sql`(SELECT c.oid FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
               WHERE n.nspname = ${schema} AND c.relname = ${name})`;
}

/** Brings a view to the desired values in place. */
export function alter(observed: Observed, desired: Values, facts: Facts): Statement[] {
  const { values } = observed;
  return alterInSchema(viewTable, viewTarget, observed, desired, facts, (target, changed) => {
    if (changed.has("materialized")) refuseKind(values, desired);
    refuseMisfits(values.materialized === true, (name) => (changed.has(name) ? desired[name] : fields[name].default));
    const [schema, name] = pathOf(viewTable, { ...values, ...desired }) as [string, string];
    if (changed.has("definition") && values.materialized === true)
      throw new NotInPlaceError("a materialized view cannot get another definition in place", { remedy: REPLACE });
    const replaced = changed.has("definition")
      ? written(sql`CREATE OR REPLACE ${target}${withOptions(makingOf(observed).options)}`, desired, schema, name)
      : [];
    const clauses = alterClauses(fields, (name) => changed.has(name), withTablespace(observed, desired));
    const altered = clauses.map((clause) => ({ sql: sql`ALTER ${target} ${clause}`, unlimited: true as const }));
    return [...replaced, ...altered, ...alterStatements(fields, target, changed, observed, desired, facts)];
  });
}

function refuseKind({ materialized: before }: Values, { materialized, definition }: Values): never {
  const reason = `materialized is ${before} and cannot become ${materialized} in place`;
  const remedy = definition === undefined ? "Declare its definition as well, and allowReplace: true" : REPLACE;
  throw new NotInPlaceError(reason, { remedy });
}

/** Refuses what views of this kind have not; `wanted` is the value that an attribute is to get. */
function refuseMisfits(
  materialized: boolean,
  wanted: (name: (typeof PLAIN_ONLY)[number] | "tablespace") => Json | undefined,
): void {
  if (!materialized && (wanted("tablespace") ?? null) !== null)
    throw new InvalidValueError("tablespace: a view that is not materialized has none");
  const misfit = PLAIN_ONLY.find((name) => wanted(name) !== fields[name].default);
  if (materialized && misfit !== undefined)
    throw new InvalidValueError(`${misfit}: a materialized view has no such option`);
}

/** The script of a function, procedure or aggregate. */

import type { Cluster } from "../cluster";
import type { Observed, Values } from "../definition";
import { InvalidValueError } from "../errors";
import { fromServer, identifier, join, keyword, literal, type Sql, sql } from "../sql";
import { fromJson } from "../values";
import { ownerTo, textOf } from "./common";
import { routineTarget } from "./routine-target";
import { type Ask, commentOn, readForScript } from "./script";

/** The statements that create a routine again, or one like it. */
export async function routineScript(cluster: Cluster, observed: Observed, as: Values): Promise<Sql[]> {
  const { values } = observed;
  const schema = textOf(as, "schema") ?? String(values.schema);
  const name = textOf(as, "name") ?? String(values.name);
  const path = identifier(schema, name);
  const created = await readForScript(cluster, (ask) =>
    values.kind === "aggregate" ? aggregate(ask, observed, path) : definition(ask, observed, path),
  );
  const target = routineTarget(observed, schema, name);
  return [created, ...commentOn(target, values.comment as string | null), ownerTo(target, String(values.owner)).sql];
}

/** The server's own definition, which begins with the name. */
async function definition(ask: Ask, { oid, values }: Observed, path: Sql): Promise<Sql> {
  const [row] = await ask<{ text: string; name: string }>(
    `SELECT pg_catalog.pg_get_functiondef(p.oid) AS text, format('%I.%I', n.nspname, p.proname) AS name
       FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace WHERE p.oid = $1`,
    [oid],
  );
  const word = values.kind === "procedure" ? "PROCEDURE" : "FUNCTION";
  const start = `CREATE OR REPLACE ${word} ${row?.name}`;
  if (row === undefined || !row.text.startsWith(start))
    throw new InvalidValueError("the server gives no definition of it");
  return sql`CREATE ${keyword(word)} ${path}${fromServer(row.text.slice(start.length).trimEnd())}`;
}

interface Aggregate {
  readonly arguments: string;
  readonly kind: "n" | "o" | "h";
  readonly functions: unknown;
  readonly stype: string;
  readonly sspace: number;
  readonly mstype: string | null;
  readonly msspace: number;
  readonly finalextra: boolean;
  readonly mfinalextra: boolean;
  readonly finalmodify: string;
  readonly mfinalmodify: string;
  readonly initial: string | null;
  readonly minitial: string | null;
  readonly operator: string | null;
  readonly parallel: string;
}

const MODIFY: Readonly<Record<string, string>> = { r: "READ_ONLY", s: "SHAREABLE", w: "READ_WRITE" };

/** Assembled from `pg_aggregate`: the server has no definition of its own. */
async function aggregate(ask: Ask, { oid }: Observed, path: Sql): Promise<Sql> {
  const [row] = await ask<Aggregate>(AGGREGATE, [oid]);
  if (row === undefined) throw new InvalidValueError("the server gives no definition of it");
  const of = (name: string, value: Sql | null): Sql[] => (value === null ? [] : [sql`${keyword(name)} = ${value}`]);
  const server = (text: string | null | undefined) => (typeof text === "string" ? fromServer(text) : null);
  const constant = (text: string | null) => (text === null ? null : literal(text));
  const positive = (number: number) => (number > 0 ? literal(number) : null);
  const usual = row.kind === "n" ? "r" : "w";
  const modify = (code: string) => (code === usual ? null : keyword(MODIFY[code] ?? "READ_WRITE"));
  const functions = fromJson<Record<string, string | null>>(row.functions);
  const moving = row.mstype !== null;
  const clauses = [
    ...of("SFUNC", server(functions.sfunc)),
    ...of("STYPE", fromServer(row.stype)),
    ...of("SSPACE", positive(row.sspace)),
    ...of("FINALFUNC", server(functions.finalfunc)),
    ...(row.finalextra ? [sql`FINALFUNC_EXTRA`] : []),
    ...of("FINALFUNC_MODIFY", functions.finalfunc === null ? null : modify(row.finalmodify)),
    ...of("COMBINEFUNC", server(functions.combinefunc)),
    ...of("SERIALFUNC", server(functions.serialfunc)),
    ...of("DESERIALFUNC", server(functions.deserialfunc)),
    ...of("INITCOND", constant(row.initial)),
    ...of("MSFUNC", server(functions.msfunc)),
    ...of("MINVFUNC", server(functions.minvfunc)),
    ...of("MSTYPE", server(row.mstype)),
    ...of("MSSPACE", positive(row.msspace)),
    ...of("MFINALFUNC", server(functions.mfinalfunc)),
    ...(row.mfinalextra ? [sql`MFINALFUNC_EXTRA`] : []),
    ...of("MFINALFUNC_MODIFY", moving && functions.mfinalfunc !== null ? modify(row.mfinalmodify) : null),
    ...of("MINITCOND", constant(row.minitial)),
    ...of("SORTOP", server(row.operator)),
    ...of("PARALLEL", row.parallel === "u" ? null : keyword(row.parallel === "s" ? "SAFE" : "RESTRICTED")),
    ...(row.kind === "h" ? [sql`HYPOTHETICAL`] : []),
  ];
  return sql`CREATE AGGREGATE ${path}(${fromServer(row.arguments === "" ? "*" : row.arguments)}) (${join(clauses)})`;
}

const FUNCTIONS: Readonly<Record<string, string>> = {
  ...{ sfunc: "aggtransfn", finalfunc: "aggfinalfn", combinefunc: "aggcombinefn", serialfunc: "aggserialfn" },
  ...{ deserialfunc: "aggdeserialfn", msfunc: "aggmtransfn", minvfunc: "aggminvtransfn", mfinalfunc: "aggmfinalfn" },
};

// regproc writes a function that has overloads as a name that only fits where it is not followed by arguments: here.
const nameOf = (column: string) =>
  `(SELECT format('%I.%I', n.nspname, f.proname) FROM pg_catalog.pg_proc f
      JOIN pg_catalog.pg_namespace n ON n.oid = f.pronamespace WHERE f.oid = ${column})`;

const AGGREGATE = `
  SELECT pg_catalog.pg_get_function_arguments(p.oid) AS arguments, a.aggkind AS kind,
         json_build_object(${Object.entries(FUNCTIONS).map(([name, column]) => `'${name}', ${nameOf(`a.${column}`)}`)}) AS functions,
         pg_catalog.format_type(a.aggtranstype, NULL) AS stype, a.aggtransspace AS sspace,
         CASE a.aggmtranstype WHEN 0 THEN NULL ELSE pg_catalog.format_type(a.aggmtranstype, NULL) END AS mstype,
         a.aggmtransspace AS msspace, a.aggfinalextra AS finalextra, a.aggmfinalextra AS mfinalextra,
         a.aggfinalmodify AS finalmodify, a.aggmfinalmodify AS mfinalmodify,
         a.agginitval AS initial, a.aggminitval AS minitial, p.proparallel AS parallel,
         (SELECT format('OPERATOR(%I.%s)', n.nspname, o.oprname) FROM pg_catalog.pg_operator o
            JOIN pg_catalog.pg_namespace n ON n.oid = o.oprnamespace WHERE o.oid = a.aggsortop) AS operator
    FROM pg_catalog.pg_aggregate a JOIN pg_catalog.pg_proc p ON p.oid = a.aggfnoid WHERE p.oid = $1`;

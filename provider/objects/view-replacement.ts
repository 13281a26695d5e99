/** A view that is dropped and created anew in one transaction, with everything around it. */

import type { Cluster } from "../cluster";
import type { Observed, Statement, Values } from "../definition";
import type { PostgresError } from "../errors";
import type { Facts } from "../facts";
import { type Sql, sql } from "../sql";
import { targetOf } from "./common";
import { replaceInSchema } from "./in-schema";
import { grants, type Privileges, privilegesOf, revokeAll } from "./privileges";
import { relationNames } from "./relation-names";
import { definitionRemedy, mayBeMadeAnew, REPLACE, refuseLosses } from "./replacement";
import { type Ask, readForScript } from "./script";
import { columnComments, indexes, triggers } from "./table-parts";
import { PLAIN_ONLY } from "./view-fields";
import { columnDefaults } from "./view-script";
import { creation, makingOf, oidOfRelation, viewTarget } from "./view-statements";

const CANNOT_REPLACE = "42P16"; // invalid_table_definition

/** The statements that make a view anew where CREATE OR REPLACE VIEW was refused, if that is allowed. */
export async function instead(
  cluster: Cluster,
  observed: Observed,
  desired: Values,
  facts: Facts,
  refusal: PostgresError,
): Promise<Statement[] | undefined> {
  if (!mayBeMadeAnew(desired, refusal, ({ code }) => code === CANNOT_REPLACE)) return undefined;
  const wanted = finalValues(observed, desired);
  const losses = wanted.materialized === observed.values.materialized ? LOSSES : `${LOSSES} ${OF_THE_OTHER_KIND}`;
  await refuseLosses(cluster, losses, observed.oid);
  const around = await readForScript(cluster, (ask) => readAround(ask, observed, wanted));
  const held = await privilegesOf(cluster, "pg_class", observed.oid);
  return anew(observed, desired, facts, restored(around, held, observed, wanted));
}

/** The statements that make a view anew; `restored` are those that give it what was around the old one. */
export function anew(
  observed: Observed,
  desired: Values,
  facts: Facts,
  restored: readonly Statement[] = [],
): Statement[] {
  const wanted = finalValues(observed, desired);
  // The options of a plain view are among what is declared and observed of it.
  const both = wanted.materialized === true && observed.values.materialized === true;
  const made = creation(wanted, facts, both ? makingOf(observed) : undefined);
  return replaceInSchema(viewTarget, observed, wanted, facts, [...made, ...restored]);
}

/** What only views have of the kind that it was: a materialized view its indexes, another one its triggers. */
const OF_THE_OTHER_KIND = `
   UNION ALL SELECT 'index ' || i.indexrelid::regclass::text FROM pg_catalog.pg_index i WHERE i.indrelid = $1
   UNION ALL SELECT 'trigger ' || quote_ident(t.tgname) FROM pg_catalog.pg_trigger t WHERE t.tgrelid = $1`;

/** What is declared, and else what there is. Options that the other kind has not go with the old view. */
function finalValues({ values }: Observed, { allowReplace: _, ...desired }: Values): Values {
  const { oid: _oid, kind: _kind, ...before } = values;
  const wanted: Values = { ...before, ...desired };
  const gone = wanted.materialized === values.materialized ? [] : [...PLAIN_ONLY, "tablespace"];
  for (const name of gone) if (desired[name] === undefined) delete wanted[name];
  return wanted;
}

/** What is around a view, as statements that make it again. */
interface Around {
  readonly whole: readonly Sql[];
  /** Of single columns, by their names. */
  readonly columns: readonly (readonly [name: string, sql: Sql])[];
}

async function readAround(ask: Ask, observed: Observed, wanted: Values): Promise<Around> {
  const [schema, name] = [String(wanted.schema), String(wanted.name)];
  const names = await relationNames(ask, observed, { schema, name });
  // The indexes keep their names: those that bear them now are gone by then.
  const same = { ...names, part: (before: string) => before };
  const target = viewTarget({ values: wanted }, schema, name);
  return {
    whole: [...(await indexes(ask, observed, same)), ...(await triggers(ask, observed, same))],
    columns: [...(await columnDefaults(ask, observed, target)), ...(await columnComments(ask, observed, same))],
  };
}

/** What neither a definition nor the attributes say of a view, and what is not read of it. */
const LOSSES = `
  SELECT 'rule ' || quote_ident(r.rulename) AS text FROM pg_catalog.pg_rewrite r
   WHERE r.ev_class = $1 AND r.rulename <> '_RETURN'
   UNION ALL SELECT 'extended statistics ' || quote_ident(s.stxname) FROM pg_catalog.pg_statistic_ext s WHERE s.stxrelid = $1
   UNION ALL SELECT 'security label by ' || l.provider FROM pg_catalog.pg_seclabel l
   WHERE l.objoid = $1 AND l.classoid = 'pg_catalog.pg_class'::regclass`;

function restored(around: Around, held: readonly Privileges[], { values }: Observed, wanted: Values): Statement[] {
  const [schema, name] = [String(wanted.schema), String(wanted.name)];
  const oid = oidOfRelation(schema, name);
  const on = targetOf("TABLE", schema, name);
  const view = { catalogue: "pg_class", oid, on, owner: String(wanted.owner) } as const;
  return [
    ...around.whole.map((statement) => ({ sql: statement, unlimited: true as const })),
    revokeAll(view),
    {
      sql: sql`SELECT a.attname::text AS name FROM pg_catalog.pg_attribute a
                WHERE a.attrelid = ${oid} AND a.attnum > 0 AND NOT a.attisdropped`,
      next: (rows) => {
        const columns = new Set((rows as { name: string }[]).map((row) => row.name));
        const left = held.filter(({ column }) => column === null || columns.has(column));
        const parts = around.columns.filter(([column]) => columns.has(column));
        return [...grants(left, view, String(values.owner)), ...parts.map(([, statement]) => ({ sql: statement }))];
      },
    },
  ];
}

/** What to do about an error of the server that is about a definition. */
export function viewRemedy({ code }: { readonly code?: string }): string | undefined {
  if (code === CANNOT_REPLACE) return `CREATE OR REPLACE VIEW can only add columns at the end. ${REPLACE}`;
  return definitionRemedy(code, "query");
}

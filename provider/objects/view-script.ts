/** The script of a view, or of a materialized view with its indexes. */

import type { Cluster } from "../cluster";
import type { Observed, Values } from "../definition";
import { fromServer, identifier, keyword, type Sql, sql } from "../sql";
import { ownerTo, targetOf } from "./common";
import { relationNames } from "./relation-names";
import { type Ask, commentOn, readForScript, withOptions } from "./script";
import { columnComments, indexes, triggers } from "./table-parts";

interface Facts {
  readonly definition: string;
  readonly options: string[] | null;
  readonly method: string | null;
  readonly populated: boolean;
}

/** The statements that create a view again, or one like it. */
export async function viewScript(cluster: Cluster, observed: Observed, as: Values): Promise<Sql[]> {
  return readForScript(cluster, async (ask) => {
    const [facts] = await ask<Facts>(
      `SELECT pg_catalog.pg_get_viewdef(c.oid) AS definition, c.reloptions AS options, c.relispopulated AS populated,
              (SELECT a.amname::text FROM pg_catalog.pg_am a WHERE a.oid = c.relam AND a.amname <> 'heap') AS method
         FROM pg_catalog.pg_class c WHERE c.oid = $1`,
      [observed.oid],
    );
    return facts === undefined ? [] : statements(ask, observed, as, facts);
  });
}

async function statements(ask: Ask, observed: Observed, as: Values, facts: Facts): Promise<Sql[]> {
  const { values } = observed;
  const names = await relationNames(ask, observed, as);
  const materialized = values.kind === "materialized view";
  const target = targetOf(materialized ? "MATERIALIZED VIEW" : "VIEW", names.schema, names.name);
  const query = fromServer(facts.definition.replace(/;\s*$/, ""));
  const method = facts.method === null ? sql`` : sql` USING ${identifier(facts.method)}`;
  const tablespace = typeof values.tablespace === "string" ? sql` TABLESPACE ${identifier(values.tablespace)}` : sql``;
  const data = materialized && !facts.populated ? sql` ${keyword("WITH NO DATA")}` : sql``;
  return [
    sql`CREATE ${target}${method}${withOptions(facts.options)}${tablespace} AS\n${query}${data}`,
    ...(materialized
      ? await indexes(ask, observed, names)
      : (await columnDefaults(ask, observed, target)).map(([, one]) => one)),
    ...(await triggers(ask, observed, names)),
    ...commentOn(target, values.comment as string | null),
    ...(await columnComments(ask, observed, names)).map(([, one]) => one),
    ownerTo(target, String(values.owner)).sql,
  ];
}

/** Defaults of the columns of a view, by the columns' names. */
export async function columnDefaults(ask: Ask, { oid }: Observed, target: Sql): Promise<[name: string, sql: Sql][]> {
  const rows = await ask<{ name: string; value: string }>(
    `SELECT a.attname::text AS name, pg_catalog.pg_get_expr(d.adbin, d.adrelid) AS value
       FROM pg_catalog.pg_attrdef d JOIN pg_catalog.pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
      WHERE d.adrelid = $1 ORDER BY a.attnum`,
    [oid],
  );
  return rows.map(({ name, value }) => [
    name,
    sql`ALTER ${target} ALTER COLUMN ${identifier(name)} SET DEFAULT ${fromServer(value)}`,
  ]);
}

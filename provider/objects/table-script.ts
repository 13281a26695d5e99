/** The script of a table, from the catalogues. */

import type { Cluster } from "../cluster";
import type { Observed, Values } from "../definition";
import { fromServer, identifier, join, keyword, type Sql, sql } from "../sql";
import { fromJson } from "../values";
import { ownerTo, targetOf } from "./common";
import { type RelationNames, relationNames } from "./relation-names";
import { commentOn, readForScript, withOptions } from "./script";
import {
  type Column,
  columnChanges,
  columnClause,
  columnsOf,
  foreignOptions,
  type OwnedSequence,
  rangeOf,
  sequenceOf,
} from "./table-columns";
import { columnComments, constraints, indexes, policies, triggers } from "./table-parts";

interface Facts {
  readonly options: unknown;
  readonly method: string | null;
  readonly partitionBy: string | null;
  readonly bound: string | null;
  readonly parents: unknown;
  readonly type: string | null;
  readonly identity: string;
  readonly identityIndex: string | null;
  readonly server: string | null;
  readonly foreignOptions: unknown;
}

const FACTS = `
  SELECT to_json(coalesce(c.reloptions, '{}')
           || ARRAY(SELECT 'toast.' || o FROM pg_catalog.pg_class x, unnest(x.reloptions) AS o WHERE x.oid = c.reltoastrelid)) AS options,
         (SELECT a.amname::text FROM pg_catalog.pg_am a WHERE a.oid = c.relam AND a.amname <> 'heap') AS method,
         CASE c.relkind WHEN 'p' THEN pg_catalog.pg_get_partkeydef(c.oid) END AS "partitionBy",
         CASE WHEN c.relispartition THEN pg_catalog.pg_get_expr(c.relpartbound, c.oid) END AS bound,
         (SELECT json_agg(i.inhparent::regclass::text ORDER BY i.inhseqno) FROM pg_catalog.pg_inherits i
           WHERE i.inhrelid = c.oid) AS parents,
         CASE c.reloftype WHEN 0 THEN NULL ELSE pg_catalog.format_type(c.reloftype, NULL) END AS type,
         c.relreplident::text AS identity,
         (SELECT x.relname::text FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
           WHERE i.indrelid = c.oid AND i.indisreplident) AS "identityIndex",
         (SELECT s.srvname::text FROM pg_catalog.pg_foreign_table f JOIN pg_catalog.pg_foreign_server s ON s.oid = f.ftserver
           WHERE f.ftrelid = c.oid) AS server,
         (SELECT json_agg(json_build_array(o.option_name, o.option_value)) FROM pg_catalog.pg_foreign_table f,
            pg_catalog.pg_options_to_table(f.ftoptions) o WHERE f.ftrelid = c.oid) AS "foreignOptions"
    FROM pg_catalog.pg_class c WHERE c.oid = $1`;

/** The statements that create a table again, or one like it, without what is in it. */
export async function tableScript(cluster: Cluster, observed: Observed, as: Values): Promise<Sql[]> {
  return readForScript(cluster, async (ask) => {
    const [facts] = await ask<Facts>(FACTS, [observed.oid]);
    if (facts === undefined) return [];
    const names = await relationNames(ask, observed, as);
    const columns = await columnsOf(ask, observed, cluster.version.major);
    const { values } = observed;
    const owner = ownerTo(sql`TABLE ${names.target}`, String(values.owner)).sql;
    const foreign = values.kind === "foreign table";
    const comment = commentOn(
      targetOf(foreign ? "FOREIGN TABLE" : "TABLE", names.schema, names.name),
      values.comment as string | null,
    );
    return [
      ...sequences(columns, names),
      creation(observed, facts, columns, names),
      ...columns.flatMap((column) => owned(column, names)),
      ...columns.flatMap((column) => columnChanges(column, names)),
      ...(await constraints(ask, observed, names, "cnpux")),
      ...(await indexes(ask, observed, names)),
      ...afterwards(facts, names),
      ...(await constraints(ask, observed, names, "f")),
      ...(await triggers(ask, observed, names)),
      ...(await policies(ask, observed, names)),
      ...security(observed, names),
      ...comment,
      ...(await columnComments(ask, observed, names)).map(([, one]) => one),
      owner,
    ];
  });
}

function creation({ values }: Observed, facts: Facts, columns: readonly Column[], names: RelationNames): Sql {
  const foreign = facts.server !== null;
  const words = foreign ? "CREATE FOREIGN TABLE" : values.unlogged === true ? "CREATE UNLOGGED TABLE" : "CREATE TABLE";
  const local = columns.filter((column) => column.local).map((column) => sql`\n  ${columnClause(column, names)}`);
  const parents = facts.bound === null ? fromJson<string[] | null>(facts.parents) : null;
  const parts = [sql`${keyword(words)} ${names.target} (${join(local, ",")}${local.length > 0 ? sql`\n` : sql``})`];
  if (parents !== null) parts.push(sql`INHERITS (${join(parents.map(fromServer))})`);
  if (facts.partitionBy !== null) parts.push(sql`PARTITION BY ${fromServer(facts.partitionBy)}`);
  if (facts.server !== null) parts.push(sql`SERVER ${identifier(facts.server)}`);
  const options = foreignOptions(facts.foreignOptions);
  if (options !== undefined) parts.push(options);
  if (facts.method !== null) parts.push(sql`USING ${identifier(facts.method)}`);
  const storage = withOptions(fromJson<string[]>(facts.options));
  const tablespace = typeof values.tablespace === "string" ? sql` TABLESPACE ${identifier(values.tablespace)}` : sql``;
  return sql`${join(parts, " ")}${storage}${tablespace}`;
}

/** The sequences of serial columns, which come before the defaults that use them. */
function sequences(columns: readonly Column[], names: RelationNames): Sql[] {
  return columns.flatMap((column) => {
    const sequence = serialOf(column);
    if (sequence === null) return [];
    const path = identifier(names.schema, names.part(sequence.name));
    return [sql`CREATE SEQUENCE ${path} AS ${fromServer(sequence.type)} ${rangeOf(sequence)}`];
  });
}

function serialOf(column: Column): OwnedSequence | null {
  return column.identity === "" ? sequenceOf(column) : null;
}

function owned(column: Column, names: RelationNames): Sql[] {
  const sequence = serialOf(column);
  if (sequence === null) return [];
  const path = identifier(names.schema, names.part(sequence.name));
  return [sql`ALTER SEQUENCE ${path} OWNED BY ${names.target}.${identifier(column.name)}`];
}

function afterwards(facts: Facts, names: RelationNames): Sql[] {
  const table = sql`ALTER TABLE ${names.target}`;
  const statements: Sql[] = [];
  if (facts.type !== null) statements.push(sql`${table} OF ${fromServer(facts.type)}`);
  if (facts.identity === "f") statements.push(sql`${table} REPLICA IDENTITY FULL`);
  if (facts.identity === "n" && facts.server === null) statements.push(sql`${table} REPLICA IDENTITY NOTHING`);
  if (facts.identity === "i" && facts.identityIndex !== null)
    statements.push(sql`${table} REPLICA IDENTITY USING INDEX ${identifier(names.part(facts.identityIndex))}`);
  const [parent] = facts.bound === null ? [] : (fromJson<string[] | null>(facts.parents) ?? []);
  // A clone has its place taken, by the original.
  if (parent !== undefined && facts.bound !== null && !names.clone)
    statements.push(sql`ALTER TABLE ${fromServer(parent)} ATTACH PARTITION ${names.target} ${fromServer(facts.bound)}`);
  return statements;
}

function security({ values }: Observed, names: RelationNames): Sql[] {
  const table = sql`ALTER TABLE ${names.target}`;
  return [
    ...(values.rowSecurity === true ? [sql`${table} ENABLE ROW LEVEL SECURITY`] : []),
    ...(values.forceRowSecurity === true ? [sql`${table} FORCE ROW LEVEL SECURITY`] : []),
  ];
}

/** What scripts of tables and views have in common: indexes, triggers, comments on columns. */

import type { Observed } from "../definition";
import { fromServer, identifier, keyword, quoted, type Sql, sql } from "../sql";
import type { RelationNames } from "./relation-names";
import { type Ask, commentOn, retarget } from "./script";

interface Index {
  readonly name: string;
  readonly server: string;
  readonly definition: string;
  readonly tablespace: string | null;
  readonly clustered: boolean;
  readonly comment: string | null;
}

/** The indexes that no constraint brings along. */
export async function indexes(ask: Ask, { oid, values }: Observed, names: RelationNames): Promise<Sql[]> {
  const rows = await ask<Index>(
    `SELECT c.relname::text AS name, format('%I', c.relname) AS server, i.indisclustered AS clustered,
            pg_catalog.pg_get_indexdef(c.oid) AS definition,
            (SELECT t.spcname::text FROM pg_catalog.pg_tablespace t WHERE t.oid = c.reltablespace) AS tablespace,
            pg_catalog.obj_description(c.oid, 'pg_class') AS comment
       FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
      WHERE i.indrelid = $1 AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint k
             WHERE k.conindid = i.indexrelid AND k.conrelid = i.indrelid AND k.contype IN ('p', 'u', 'x'))
      ORDER BY c.relname`,
    [oid],
  );
  const only = values.kind === "partitioned table" ? " ONLY" : "";
  return rows.flatMap((index) => {
    const name = names.part(index.name);
    const start = index.definition.startsWith("CREATE UNIQUE") ? "CREATE UNIQUE INDEX" : "CREATE INDEX";
    const rest = index.definition.slice(`${start} ${index.server} ON${only} ${names.server}`.length);
    const path = identifier(names.schema, name);
    return [
      sql`${keyword(start)} ${identifier(name)} ON ${names.target}${fromServer(rest)}`,
      ...(index.tablespace === null ? [] : [sql`ALTER INDEX ${path} SET TABLESPACE ${identifier(index.tablespace)}`]),
      ...(index.clustered ? [clusterOn(names, name)] : []),
      ...commentOn(sql`INDEX ${path}`, index.comment),
    ];
  });
}

/** `ALTER TABLE … CLUSTER ON index`. */
export function clusterOn(names: RelationNames, index: string): Sql {
  return sql`ALTER TABLE ${names.target} CLUSTER ON ${identifier(index)}`;
}

interface Trigger {
  readonly name: string;
  readonly definition: string;
  readonly enabled: string;
  readonly comment: string | null;
}

const ENABLED: Readonly<Record<string, string>> = {
  D: "DISABLE TRIGGER",
  R: "ENABLE REPLICA TRIGGER",
  A: "ENABLE ALWAYS TRIGGER",
};

/** The triggers that were made on the relation itself: not those of constraints, nor those of a partitioned table. */
export async function triggers(ask: Ask, { oid }: Observed, names: RelationNames): Promise<Sql[]> {
  const rows = await ask<Trigger>(
    `SELECT t.tgname::text AS name, pg_catalog.pg_get_triggerdef(t.oid) AS definition, t.tgenabled::text AS enabled,
            pg_catalog.obj_description(t.oid, 'pg_trigger') AS comment
       FROM pg_catalog.pg_trigger t WHERE t.tgrelid = $1 AND NOT t.tgisinternal AND t.tgparentid = 0 ORDER BY t.tgname`,
    [oid],
  );
  return rows.flatMap(({ name, definition, enabled, comment }) => {
    const state = ENABLED[enabled];
    return [
      retarget(definition, "ON", names),
      ...(state === undefined ? [] : [sql`ALTER TABLE ${names.target} ${keyword(state)} ${identifier(name)}`]),
      ...commentOn(sql`TRIGGER ${identifier(name)} ON ${names.target}`, comment),
    ];
  });
}

/** Comments on columns, by the columns' names. */
export async function columnComments(
  ask: Ask,
  { oid }: Observed,
  names: RelationNames,
): Promise<[name: string, sql: Sql][]> {
  const rows = await ask<{ name: string; comment: string }>(
    `SELECT a.attname::text AS name, d.description AS comment
       FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_description d
         ON d.objoid = a.attrelid AND d.objsubid = a.attnum AND d.classoid = 'pg_catalog.pg_class'::regclass
      WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`,
    [oid],
  );
  return rows.map(({ name, comment }) => [
    name,
    sql`COMMENT ON COLUMN ${names.target}.${identifier(name)} IS ${comment}`,
  ]);
}

interface Policy {
  readonly name: string;
  readonly permissive: boolean;
  readonly command: string;
  readonly roles: string;
  readonly using: string | null;
  readonly check: string | null;
  readonly comment: string | null;
}

/** Row security policies. */
export async function policies(ask: Ask, { oid }: Observed, names: RelationNames): Promise<Sql[]> {
  const rows = await ask<Policy>(
    `SELECT p.polname::text AS name, p.polpermissive AS permissive, pg_catalog.obj_description(p.oid, 'pg_policy') AS comment,
            CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE'
                          ELSE 'ALL' END AS command,
            (SELECT string_agg(CASE r WHEN 0 THEN 'PUBLIC' ELSE format('%I', pg_catalog.pg_get_userbyid(r)) END, ', ')
               FROM unnest(p.polroles) AS r) AS roles,
            pg_catalog.pg_get_expr(p.polqual, p.polrelid) AS using, pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid) AS check
       FROM pg_catalog.pg_policy p WHERE p.polrelid = $1 ORDER BY p.polname`,
    [oid],
  );
  return rows.flatMap((policy) => {
    const clause = (words: string, text: string | null) =>
      text === null ? sql`` : sql` ${keyword(words)} (${fromServer(text)})`;
    const name = identifier(policy.name);
    const kind = keyword(policy.permissive ? "PERMISSIVE" : "RESTRICTIVE");
    const what = sql`CREATE POLICY ${name} ON ${names.target} AS ${kind} FOR ${keyword(policy.command)}`;
    return [
      sql`${what} TO ${fromServer(policy.roles)}${clause("USING", policy.using)}${clause("WITH CHECK", policy.check)}`,
      ...commentOn(sql`POLICY ${name} ON ${names.target}`, policy.comment),
    ];
  });
}

interface Constraint {
  readonly name: string;
  readonly kind: string;
  readonly definition: string;
  readonly index: boolean;
  readonly self: boolean;
  readonly clustered: boolean;
  readonly tablespace: string | null;
  readonly comment: string | null;
}

/**
 * Constraints of these kinds, but those that come with a parent (a partition has them before it is attached), and NOT
 * NULL that holds: that stands with its column.
 */
export async function constraints(ask: Ask, { oid }: Observed, names: RelationNames, kinds: string): Promise<Sql[]> {
  const rows = await ask<Constraint>(
    `SELECT k.conname::text AS name, k.contype::text AS kind, pg_catalog.pg_get_constraintdef(k.oid) AS definition,
            k.contype IN ('p', 'u', 'x') AS index, k.confrelid = k.conrelid AS self,
            coalesce(i.indisclustered, false) AS clustered,
            (SELECT t.spcname::text FROM pg_catalog.pg_tablespace t WHERE t.oid = x.reltablespace) AS tablespace,
            pg_catalog.obj_description(k.oid, 'pg_constraint') AS comment
       FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
       LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = k.conindid AND k.contype IN ('p', 'u', 'x')
       LEFT JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
      WHERE k.conrelid = $1 AND strpos($2, k.contype::text) > 0
        AND (k.contype <> 'n' OR NOT k.convalidated)
        AND CASE WHEN c.relispartition THEN k.contype <> 'f' OR k.conparentid = 0 ELSE k.conislocal END
      ORDER BY k.conname`,
    [oid, kinds],
  );
  return rows.flatMap((one) => {
    const name = one.index ? names.part(one.name) : one.name;
    const definition = one.self ? retarget(one.definition, "REFERENCES", names) : fromServer(one.definition);
    const index = identifier(names.schema, name);
    return [
      sql`ALTER TABLE ${names.target} ADD CONSTRAINT ${identifier(name)} ${definition}`,
      ...(one.tablespace === null ? [] : [sql`ALTER INDEX ${index} SET TABLESPACE ${identifier(one.tablespace)}`]),
      ...(one.clustered ? [clusterOn(names, name)] : []),
      ...commentOn(sql`CONSTRAINT ${identifier(name)} ON ${names.target}`, one.comment),
    ];
  });
}

/** A name as the server would write it in a literal of regclass: only used to find it in a default. */
export function regclassLiteral(server: string): string {
  return `'${server.replaceAll("'", "''")}'::regclass`;
}

/** The literal for a name that is to be found. */
export function newRegclass(schema: string, name: string): string {
  return regclassLiteral(`${quoted(schema)}.${quoted(name)}`);
}

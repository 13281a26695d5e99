/** The columns in the script of a table. */

import type { Observed } from "../definition";
import { fromServer, identifier, join, keyword, literal, type Sql, sql } from "../sql";
import { fromJson } from "../values";
import type { RelationNames } from "./relation-names";
import { type Ask, option } from "./script";
import { newRegclass, regclassLiteral } from "./table-parts";

/** A column as the catalogue has it. */
export interface Column {
  readonly name: string;
  readonly type: string;
  readonly collation: string | null;
  readonly local: boolean;
  readonly notNull: boolean;
  readonly notNullName: string | null;
  readonly notNullInherits: boolean;
  readonly value: string | null;
  readonly generated: "" | "s" | "v";
  readonly identity: "" | "a" | "d";
  readonly sequence: unknown;
  readonly storage: string | null;
  readonly compression: string | null;
  readonly statistics: number | null;
  readonly options: unknown;
  readonly foreignOptions: unknown;
}

/** A sequence that a column owns. */
export interface OwnedSequence {
  readonly schema: string;
  readonly name: string;
  readonly server: string;
  readonly type: string;
  readonly start: string;
  readonly increment: string;
  readonly min: string;
  readonly max: string;
  readonly cache: string;
  readonly cycle: boolean;
}

/** Reads the columns, in order. */
export function columnsOf(ask: Ask, { oid }: Observed, major: number): Promise<Column[]> {
  const named = major >= 18 ? "k.conname::text" : "NULL";
  const inherits = major >= 18 ? "coalesce(NOT k.connoinherit, true)" : "true";
  const constraint = `LEFT JOIN pg_catalog.pg_constraint k
         ON k.conrelid = a.attrelid AND k.contype = 'n' AND k.conkey = ARRAY[a.attnum] AND k.convalidated`;
  return ask<Column>(
    `SELECT a.attname::text AS name, pg_catalog.format_type(a.atttypid, a.atttypmod) AS type,
            (SELECT format('%I.%I', n.nspname, l.collname) FROM pg_catalog.pg_collation l
               JOIN pg_catalog.pg_namespace n ON n.oid = l.collnamespace
              WHERE l.oid = a.attcollation AND a.attcollation <> t.typcollation) AS collation,
            a.attislocal OR c.relispartition AS local, a.attnotnull${major >= 18 ? " AND k.oid IS NOT NULL" : ""} AS "notNull",
            ${named} AS "notNullName", ${inherits} AS "notNullInherits",
            pg_catalog.pg_get_expr(d.adbin, d.adrelid) AS value, a.attgenerated::text AS generated,
            a.attidentity::text AS identity,
            (SELECT json_build_object('schema', sn.nspname, 'name', s.relname, 'server', s.oid::regclass::text,
                      'type', pg_catalog.format_type(q.seqtypid, NULL), 'start', q.seqstart::text, 'increment', q.seqincrement::text, 'min', q.seqmin::text,
                      'max', q.seqmax::text, 'cache', q.seqcache::text, 'cycle', q.seqcycle)
               FROM pg_catalog.pg_depend e JOIN pg_catalog.pg_class s ON s.oid = e.objid AND s.relkind = 'S'
               JOIN pg_catalog.pg_sequence q ON q.seqrelid = s.oid
               JOIN pg_catalog.pg_namespace sn ON sn.oid = s.relnamespace
              WHERE e.classid = 'pg_catalog.pg_class'::regclass AND e.refclassid = e.classid AND e.refobjid = a.attrelid
                AND e.refobjsubid = a.attnum AND e.deptype IN ('a', 'i') ORDER BY s.relname LIMIT 1) AS sequence,
            CASE WHEN a.attstorage <> t.typstorage THEN CASE a.attstorage WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL'
              WHEN 'x' THEN 'EXTENDED' ELSE 'MAIN' END END AS storage,
            CASE a.attcompression WHEN 'p' THEN 'pglz' WHEN 'l' THEN 'lz4' END AS compression,
            nullif(a.attstattarget, -1)::int AS statistics, to_json(a.attoptions) AS options,
            (SELECT json_agg(json_build_array(o.option_name, o.option_value))
               FROM pg_catalog.pg_options_to_table(a.attfdwoptions) o) AS "foreignOptions"
       FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
       JOIN pg_catalog.pg_class c ON c.oid = a.attrelid ${major >= 18 ? constraint : ""}
       LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
      WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`,
    [oid],
  );
}

/** The sequence of a column, if it has one. */
export function sequenceOf(column: Column): OwnedSequence | null {
  return column.sequence === null ? null : fromJson<OwnedSequence>(column.sequence);
}

/** A column in CREATE TABLE. */
export function columnClause(column: Column, names: RelationNames): Sql {
  const parts = [identifier(column.name), fromServer(column.type)];
  const options = foreignOptions(column.foreignOptions);
  if (options !== undefined) parts.push(options);
  if (column.collation !== null) parts.push(sql`COLLATE ${fromServer(column.collation)}`);
  if (column.notNull) {
    const inherits = column.notNullInherits ? sql`` : sql` NO INHERIT`;
    const named = column.notNullName === null ? sql`` : sql`CONSTRAINT ${identifier(column.notNullName)} `;
    parts.push(sql`${named}NOT NULL${inherits}`);
  }
  if (column.identity !== "") parts.push(identity(column, names));
  else if (column.value !== null && column.generated !== "") {
    const stored = keyword(column.generated === "v" ? "VIRTUAL" : "STORED");
    parts.push(sql`GENERATED ALWAYS AS (${fromServer(column.value)}) ${stored}`);
  } else if (column.value !== null) parts.push(sql`DEFAULT ${defaultOf(column, names)}`);
  return join(parts, " ");
}

function identity(column: Column, names: RelationNames): Sql {
  const when = keyword(column.identity === "a" ? "ALWAYS" : "BY DEFAULT");
  const sequence = sequenceOf(column);
  if (sequence === null) return sql`GENERATED ${when} AS IDENTITY`;
  const name = identifier(names.schema, names.part(sequence.name));
  return sql`GENERATED ${when} AS IDENTITY (SEQUENCE NAME ${name} ${rangeOf(sequence)})`;
}

/** What `CREATE SEQUENCE` and identity columns say of the numbers. */
export function rangeOf({ start, increment, min, max, cache, cycle }: OwnedSequence): Sql {
  const number = (text: string) => literal(BigInt(text));
  const range = sql`INCREMENT BY ${number(increment)} MINVALUE ${number(min)} MAXVALUE ${number(max)}`;
  return sql`START WITH ${number(start)} ${range} CACHE ${number(cache)} ${keyword(cycle ? "CYCLE" : "NO CYCLE")}`;
}

/** A default; the clone of a serial column takes its numbers from the clone of the sequence. */
function defaultOf(column: Column, names: RelationNames): Sql {
  const sequence = sequenceOf(column);
  const value = column.value ?? "";
  if (sequence === null) return fromServer(value);
  const clone = newRegclass(names.schema, names.part(sequence.name));
  return fromServer(value.replaceAll(regclassLiteral(sequence.server), () => clone));
}

/** What takes an ALTER of its own: storage, compression, statistics, options, and the defaults of inherited columns. */
export function columnChanges(column: Column, names: RelationNames): Sql[] {
  const alter = sql`ALTER TABLE ONLY ${names.target} ALTER COLUMN ${identifier(column.name)}`;
  const changes: Sql[] = [];
  if (!column.local && column.value !== null && column.generated === "")
    changes.push(sql`${alter} SET DEFAULT ${defaultOf(column, names)}`);
  if (column.storage !== null) changes.push(sql`${alter} SET STORAGE ${keyword(column.storage)}`);
  if (column.compression !== null) changes.push(sql`${alter} SET COMPRESSION ${keyword(column.compression)}`);
  if (column.statistics !== null) changes.push(sql`${alter} SET STATISTICS ${column.statistics}`);
  const options = fromJson<string[] | null>(column.options) ?? [];
  if (options.length > 0) changes.push(sql`${alter} SET (${join(options.map(option))})`);
  return changes;
}

/** `OPTIONS (name 'value')` of foreign tables and their columns. */
export function foreignOptions(options: unknown): Sql | undefined {
  const pairs = fromJson<[string, string][] | null>(options) ?? [];
  if (pairs.length === 0) return undefined;
  return sql`OPTIONS (${join(pairs.map(([name, value]) => sql`${identifier(name)} ${value}`))})`;
}

/** Privileges of an object that is dropped and created anew: read before, and granted again after. */

import type { Cluster } from "../cluster";
import type { Statement } from "../definition";
import { identifier, join, keyword, type Sql, sql } from "../sql";
import { fromJson } from "../values";

/** Privileges of one role on an object, or on one of its columns. */
export interface Privileges {
  /** Null for the object as a whole. */
  readonly column: string | null;
  /** Null for PUBLIC. */
  readonly grantee: string | null;
  readonly privileges: readonly string[];
  readonly grantable: boolean;
}

/** Entries of the access lists of an object. The default of one without a list is spelled out. */
const ENTRIES = {
  pg_class: (oid: Sql) => sql`
    SELECT NULL AS column, 0 AS position, e.* FROM pg_catalog.pg_class c,
           aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) AS e WHERE c.oid = ${oid}
     UNION ALL
    SELECT a.attname::text, a.attnum, e.* FROM pg_catalog.pg_attribute a, aclexplode(a.attacl) AS e
     WHERE a.attrelid = ${oid} AND NOT a.attisdropped`,
  pg_proc: (oid: Sql) => sql`
    SELECT NULL AS column, 0 AS position, e.* FROM pg_catalog.pg_proc p,
           aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS e WHERE p.oid = ${oid}`,
} as const;

/** A catalogue of objects that have privileges here. */
export type Catalogue = keyof typeof ENTRIES;

/** Who holds which privileges on an object. What another than the owner has granted counts as the owner's grant. */
export async function privilegesOf(cluster: Cluster, catalogue: Catalogue, oid = 0): Promise<Privileges[]> {
  const rows = await cluster.query<Privileges>(sql`
    SELECT e.column, CASE e.grantee WHEN 0 THEN NULL ELSE pg_catalog.pg_get_userbyid(e.grantee)::text END AS grantee,
           e.is_grantable AS grantable, to_json(array_agg(DISTINCT e.privilege_type)) AS privileges
      FROM (${ENTRIES[catalogue](sql`${oid}`)}) AS e GROUP BY e.column, e.position, 2, 3 ORDER BY e.position, 2, 3`);
  return rows.map((row) => ({ ...row, privileges: fromJson<string[]>(row.privileges) }));
}

/** Which object gets privileges. */
export interface Holder {
  readonly catalogue: Catalogue;
  /** Its oid, as an expression. */
  readonly oid: Sql;
  /** As GRANT calls it. */
  readonly on: Sql;
  readonly owner: string;
}

/** The statements that grant privileges; those of the owner that there was go to the one there is. */
export function grants(held: readonly Privileges[], { on, owner }: Holder, ownerBefore: string): Statement[] {
  return held.map(({ column, grantee, privileges, grantable }) => {
    const of = column === null ? sql`` : sql` (${identifier(column)})`;
    const words = join(privileges.map((privilege) => sql`${keyword(privilege)}${of}`));
    const option = grantable ? sql` WITH GRANT OPTION` : sql``;
    return { sql: sql`GRANT ${words} ON ${on} TO ${role(grantee === ownerBefore ? owner : grantee)}${option}` };
  });
}

/** Revokes what a new object begins with: what everybody gets, and what default privileges say. */
export function revokeAll({ catalogue, oid, on }: Holder): Statement {
  return {
    sql: sql`
      SELECT DISTINCT CASE e.grantee WHEN 0 THEN NULL ELSE pg_catalog.pg_get_userbyid(e.grantee)::text END AS grantee
        FROM (${ENTRIES[catalogue](oid)}) AS e`,
    next: (rows) =>
      (rows as { grantee: string | null }[]).map(({ grantee }) => ({
        sql: sql`REVOKE ALL ON ${on} FROM ${role(grantee)}`,
      })),
  };
}

function role(name: string | null): Sql {
  return name === null ? keyword("PUBLIC") : identifier(name);
}

/** What stands in the way of DROP ROLE: `pg_shdepend`, described in the databases where the objects are. */

import type { Cluster } from "../cluster";
import type { Observed } from "../definition";
import { DependentObjectsError } from "../errors";
import { quoted } from "../sql";

/** How many objects of one database are described by name. */
const NAMED = 20;

/** Something that depends on a role: an object that it owns, or that it has privileges on. */
export interface Dependency {
  /** The database it is in; null for what all databases share. */
  readonly database: string | null;
  readonly how: string;
  /** Whether the role owns it. */
  readonly owner: boolean;
  /** Whose rights it takes to revoke the role's privileges on it; null for what needs none. */
  readonly grantor: string | null;
  readonly classid: string;
  readonly objid: string;
  readonly objsubid: number;
}

/** Whether anything depends on a role `r`: most that are dropped have nothing, and need no question of their own. */
export const DEPENDED_ON = `EXISTS (SELECT FROM pg_catalog.pg_shdepend s
    WHERE s.refclassid = 'pg_catalog.pg_authid'::regclass AND s.refobjid = r.oid)`;

/** Everything that depends on a role, in all databases. */
export async function dependenciesOf(cluster: Cluster, observed: Observed): Promise<Dependency[]> {
  if (observed.extra.dependedOn === false) return [];
  return cluster.query<Dependency>(
    `SELECT d.datname::text AS database, s.classid::text, s.objid::text, s.objsubid, s.deptype = 'o' AS owner,
            CASE WHEN s.deptype = 'a' AND s.classid <> 'pg_catalog.pg_auth_members'::regclass
                 -- What the bootstrap superuser (oid 10) owns is not recorded.
                 THEN pg_catalog.pg_get_userbyid(coalesce(o.refobjid, 10))::text END AS grantor,
            CASE s.deptype WHEN 'o' THEN 'owner of' WHEN 'r' THEN 'target of' ELSE 'privileges for' END AS how
       FROM pg_catalog.pg_shdepend s LEFT JOIN pg_catalog.pg_database d ON d.oid = s.dbid
       LEFT JOIN pg_catalog.pg_shdepend o
         ON (o.dbid, o.classid, o.objid, o.deptype) = (s.dbid, s.classid, s.objid, 'o') AND s.deptype = 'a'
      WHERE s.refclassid = 'pg_catalog.pg_authid'::regclass AND s.refobjid = $1
      ORDER BY d.datname NULLS FIRST, s.deptype DESC, s.classid, s.objid`,
    [observed.oid],
  );
}

/** Refuses to drop a role, with the list of what stands in the way, database by database. */
export async function refuseDependencies(
  cluster: Cluster,
  dependencies: readonly Dependency[],
  remedy: string,
): Promise<never> {
  const lines: string[] = [];
  for (const database of new Set(dependencies.map((dependency) => dependency.database))) {
    const here = dependencies.filter((dependency) => dependency.database === database);
    const named = await describe(cluster, database, here.slice(0, NAMED));
    const unseen = `${here.length} ${here.length === 1 ? "object" : "objects"}, which cannot be seen from here`;
    const more = here.length > named.length ? [`and ${here.length - named.length} more`] : [];
    const list = named.length === 0 ? unseen : [...named, ...more].join(", ");
    lines.push(`${database === null ? "on the server" : `in database ${quoted(database)}`}: ${list}`);
  }
  throw new DependentObjectsError(`objects depend on it (${lines.join("; ")})`, {
    remedy,
  });
}

async function describe(cluster: Cluster, database: string | null, dependencies: Dependency[]): Promise<string[]> {
  const objects = await described(cluster, database, dependencies);
  return objects.map((object, index) => `${dependencies[index]?.how} ${object}`);
}

/** What these objects of one database, or of the whole server, are called, in their order; nothing where that cannot be seen. */
export async function described(
  cluster: Cluster,
  database: string | null,
  dependencies: readonly Dependency[],
): Promise<string[]> {
  try {
    const rows = await cluster.in(database ?? cluster.currentDatabase).query<{ text: string }>(
      `SELECT pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid) AS text
         FROM unnest($1::oid[], $2::oid[], $3::int[]) WITH ORDINALITY AS d (classid, objid, objsubid, position)
        ORDER BY d.position`,
      [
        dependencies.map(({ classid }) => classid),
        dependencies.map(({ objid }) => objid),
        dependencies.map(({ objsubid }) => objsubid),
      ],
    );
    return rows.map(({ text }) => text);
  } catch {
    return []; // a database that we may not connect to: the number of objects is all that can be said
  }
}

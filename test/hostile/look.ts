/** What there is in a database and on its server, as far as a statement too many would change it. */

import type pg from "pg";

/** Catalogues in which something would be found that a statement too many has made. */
const CATALOGUES = [
  ...[
    "pg_authid",
    "pg_auth_members",
    "pg_database",
    "pg_db_role_setting",
    "pg_shdescription",
    "pg_namespace",
    "pg_class",
  ],
  ...[
    "pg_proc",
    "pg_description",
    "pg_type",
    "pg_largeobject_metadata",
    "pg_default_acl",
    "pg_event_trigger",
    "pg_seclabel",
  ],
];

/** What must stay as it is: a table and its rows, a role and its settings, the server's configuration. */
const CANARY = `
  SELECT (SELECT json_agg(c) FROM canary c) AS rows,
         (SELECT to_json(r) FROM pg_catalog.pg_authid r WHERE rolname = $1) AS role,
         (SELECT json_agg(s) FROM pg_catalog.pg_db_role_setting s WHERE setrole = (SELECT oid FROM pg_roles WHERE rolname = $1)) AS settings,
         pg_catalog.pg_read_file('postgresql.auto.conf') AS system,
         current_user || current_setting('search_path') || current_setting('standard_conforming_strings') AS session`;

/** The statements that make a canary in a database. */
export const canaryOf = (name: string): readonly string[] => [
  `CREATE ROLE ${name} CONNECTION LIMIT 7`,
  `ALTER ROLE ${name} SET app.x TO 'y'`,
  "CREATE TABLE canary AS SELECT i, md5(i::text) AS x FROM generate_series(1, 20) i",
];

/** What is there: the canary of a name, and how many rows each catalogue has. */
export async function look(
  client: pg.Client,
  canary: string,
): Promise<{ canary: unknown; rows: Record<string, number> }> {
  const counts = CATALOGUES.map((name) => `(SELECT count(*)::int FROM pg_catalog.${name}) AS ${name}`);
  const { rows: found } = await client.query(CANARY, [canary]);
  const { rows } = await client.query<Record<string, number>>(`SELECT ${counts.join(", ")}`);
  return { canary: found[0], rows: { ...rows[0] } };
}

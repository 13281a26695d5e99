import pg from "pg";
import type { Server } from "../support/postgres";

/** A role, a database or a schema on the server. */
export interface Item {
  readonly type: "Role" | "Database" | "Schema";
  readonly oid: string;
  readonly name: string;
  /** The database of a schema. */
  readonly database?: string;
  /** What the server says of it, by the title of the column. */
  readonly details: Record<string, string>;
}

const rolesSql = `
  SELECT r.oid, r.rolname AS name, NULL AS database, json_build_object(
    'login', CASE WHEN r.rolcanlogin THEN 'yes' ELSE 'no' END,
    'connection limit', CASE r.rolconnlimit WHEN -1 THEN 'none' ELSE r.rolconnlimit::text END,
    'member of', coalesce((SELECT string_agg(DISTINCT g.rolname, ', ') FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid
                  WHERE m.member = r.oid), '')) AS details
  FROM pg_roles r WHERE r.rolname !~ '^pg_' AND r.oid >= 16384 ORDER BY r.rolname`;

const databasesSql = `
  SELECT oid, datname AS name, NULL AS database, json_build_object(
    'owner', pg_get_userbyid(datdba), 'encoding', pg_encoding_to_char(encoding)) AS details
  FROM pg_database WHERE oid >= 16384 ORDER BY datname`;

const schemasSql = `
  SELECT oid, nspname AS name, current_database() AS database, json_build_object('owner', pg_get_userbyid(nspowner)) AS details
  FROM pg_namespace WHERE nspname !~ '^pg_' AND oid >= 16384 ORDER BY nspname`;

/** Works with a connection of the superuser. Default database: postgres. */
export async function withAdmin<T>(
  server: Server,
  work: (client: pg.Client) => Promise<T>,
  database?: string,
): Promise<T> {
  const client = new pg.Client({ connectionString: server.url(database), application_name: "quickstart", ssl: false });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Every role, database and schema that did not come with the server itself. */
export async function inventory(server: Server): Promise<Item[]> {
  const ask = async (client: pg.Client, type: Item["type"], sql: string): Promise<Item[]> => {
    const { rows } = await client.query<Omit<Item, "type"> & { oid: number | string }>(sql);
    return rows.map((row) => ({ ...row, type, oid: String(row.oid), database: row.database ?? undefined }));
  };
  const [roles, databases, names] = await withAdmin(server, async (client) => {
    const connectable = await client.query<{ datname: string }>(
      "SELECT datname FROM pg_database WHERE datallowconn ORDER BY 1",
    );
    return [
      await ask(client, "Role", rolesSql),
      await ask(client, "Database", databasesSql),
      connectable.rows.map(({ datname }) => datname),
    ] as const;
  });
  const schemas: Item[] = [];
  // One after the other, and never template1: somebody's CREATE DATABASE would fail on our session there.
  for (const name of names.filter((candidate) => candidate !== "template1")) {
    schemas.push(...(await withAdmin(server, (client) => ask(client, "Schema", schemasSql), name)));
  }
  return [...roles, ...databases, ...schemas];
}

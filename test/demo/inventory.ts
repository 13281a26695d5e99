import pg from "pg";
import { Cluster } from "../../provider";
import type { Server } from "../support/postgres";

/** Something on the server that the program may have made. */
export interface Item {
  readonly type: "Role" | "Database" | "Schema" | "Sequence" | "ReplicationSlot" | "HbaRule";
  /** What tells it from another of its name: the oid, where there is one. */
  readonly oid: string;
  readonly name: string;
  /** The database of a schema, a sequence, or a slot. */
  readonly database?: string;
  /** What the server says of it, by the title of the column. */
  readonly details: Record<string, string>;
}

const ROLES = `
  SELECT r.oid, r.rolname AS name, NULL AS database, json_build_object(
    'login', CASE WHEN r.rolcanlogin THEN 'yes' ELSE 'no' END,
    'connection limit', CASE r.rolconnlimit WHEN -1 THEN 'none' ELSE r.rolconnlimit::text END,
    'member of', coalesce((SELECT string_agg(DISTINCT g.rolname, ', ') FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid
                  WHERE m.member = r.oid), '')) AS details
  FROM pg_roles r WHERE r.rolname !~ '^pg_' AND r.oid >= 16384 ORDER BY r.rolname`;

const DATABASES = `
  SELECT oid, datname AS name, NULL AS database, json_build_object(
    'owner', pg_get_userbyid(datdba), 'encoding', pg_encoding_to_char(encoding)) AS details
  FROM pg_database WHERE oid >= 16384 ORDER BY datname`;

const SLOTS = `
  SELECT slot_name AS oid, slot_name AS name, database, json_build_object(
    'type', slot_type, 'plugin', plugin, 'active', CASE WHEN active THEN 'yes' ELSE 'no' END) AS details
  FROM pg_replication_slots ORDER BY slot_name`;

const SCHEMAS = `
  SELECT oid, nspname AS name, current_database() AS database, json_build_object('owner', pg_get_userbyid(nspowner)) AS details
  FROM pg_namespace WHERE nspname !~ '^pg_' AND oid >= 16384 ORDER BY nspname`;

const SEQUENCES = `
  SELECT s.seqrelid AS oid, c.relnamespace::regnamespace || '.' || c.relname AS name, current_database() AS database,
         json_build_object('owner', pg_get_userbyid(c.relowner), 'type', s.seqtypid::regtype, 'start', s.seqstart::text) AS details
  FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid ORDER BY 2`;

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

/** Works with the package's own core, as the superuser. */
export async function withCluster<T>(server: Server, work: (cluster: Cluster) => Promise<T>): Promise<T> {
  const cluster = await Cluster.connect({ url: server.url(), applicationName: "quickstart", sslMode: "disable" });
  try {
    return await work(cluster);
  } finally {
    await cluster.close();
  }
}

/** Everything of these types that did not come with the server itself. */
export async function inventory(server: Server): Promise<Item[]> {
  const ask = async (client: pg.Client, type: Item["type"], sql: string): Promise<Item[]> => {
    const { rows } = await client.query<Omit<Item, "type"> & { oid: number | string }>(sql);
    return rows.map((row) => ({ ...row, type, oid: String(row.oid), database: row.database ?? undefined }));
  };
  const [shared, names] = await withAdmin(server, async (client) => {
    const connectable = await client.query<{ datname: string }>(
      "SELECT datname FROM pg_database WHERE datallowconn ORDER BY 1",
    );
    const roles = await ask(client, "Role", ROLES);
    const databases = await ask(client, "Database", DATABASES);
    const slots = await ask(client, "ReplicationSlot", SLOTS);
    return [[...roles, ...databases, ...slots], connectable.rows.map(({ datname }) => datname)] as const;
  });
  const inside: Item[] = [];
  // One after the other, and never template1: somebody's CREATE DATABASE would fail on our session there.
  for (const name of names.filter((candidate) => candidate !== "template1")) {
    inside.push(...(await withAdmin(server, (client) => ask(client, "Schema", SCHEMAS), name)));
    inside.push(...(await withAdmin(server, (client) => ask(client, "Sequence", SEQUENCES), name)));
  }
  return [...shared, ...inside, ...(await managedRules(server))];
}

/** The rules of pg_hba.conf that bear a name. */
function managedRules(server: Server): Promise<Item[]> {
  return withCluster(server, async (cluster) => {
    const rules: Item[] = [];
    for await (const { name } of cluster.hbaRules.managed)
      rules.push({ type: "HbaRule", oid: name, name, details: {} });
    return rules;
  });
}

/** The rules of pg_hba.conf as the server reads them, in order. */
export function hbaFile(server: Server): Promise<string[][]> {
  return withAdmin(server, async (client) => {
    const { rows } = await client.query<{ row: (string | null)[] }>(
      `SELECT ARRAY[line_number::text, type, array_to_string(database, ','), array_to_string(user_name, ','),
                    concat_ws('/', address, netmask), auth_method] AS row
         FROM pg_hba_file_rules ORDER BY line_number`,
    );
    return rows.map(({ row }) => row.map((cell) => cell ?? ""));
  });
}

/** Facts about the server that statements depend on: who we are, what we may, which version it is. */

import type { Session } from "./adapter";
import { localeColumns } from "./database-columns";
import type { Values } from "./definition";
import { UnsupportedVersionError } from "./errors";
import { literal } from "./sql";
import { fromJson } from "./values";

/** The oldest supported major version of PostgreSQL. */
export const OLDEST_SUPPORTED = 14;

/** The owner of the schema `public` from 15 on: a role whose only member is whoever owns the database. */
export const DATABASE_OWNER = "pg_database_owner";

/** What is true of one server for the connected role. */
export interface ServerFacts {
  /** The major version: 14 to 18. */
  readonly major: number;
  /** The version in words, as `server_version` has it. */
  readonly version: string;
  /** The current role, after `become`. */
  readonly user: string;
  /** Whether the current role is a superuser. */
  readonly superuser: boolean;
  /** Whether the current role has CREATEROLE. */
  readonly createRole: boolean;
  /** Whether password verifiers can be read (`pg_authid`). */
  readonly readsPasswords: boolean;
  /** The system identifier of the server's data directory. */
  readonly systemIdentifier: string;
  /** Iterations of new SCRAM verifiers (`scram_iterations`; 4096 before PostgreSQL 16). */
  readonly scramIterations: number;
  /** The database that the session is to. */
  readonly database: string;
}

/** What is true of one role, seen from the current role. */
export interface RoleFacts {
  readonly superuser: boolean;
  /** Whether the current role has the role's privileges at once. */
  readonly usage: boolean;
  /** Whether the current role may SET ROLE to it, and so make it an owner. */
  readonly set: boolean;
  /** Whether the current role may grant membership in it. */
  readonly admin: boolean;
  /** The group that a grant to ourselves is made for, where the ADMIN OPTION is not ours but a group's (16 and newer). */
  readonly grantor?: string | null;
  /** A membership of the current role that it, or that group, has granted before (16 and newer). */
  readonly ownGrant: { readonly inherit: boolean; readonly set: boolean } | null;
}

/** What is true of one database, seen from the current role. */
export interface DatabaseFacts {
  readonly oid: number;
  readonly owner: string;
  /** Encoding and locale, by the attributes of a Database. */
  readonly locale: Values;
  /** Whether the current role may create schemas in it. */
  readonly create: boolean;
}

/** What is true of one schema, seen from the current role. */
export interface SchemaFacts {
  /** Who owns it. Where that is `pg_database_owner`: whoever owns the database. */
  readonly owner: string;
  /** Whether the current role may name what is in it. */
  readonly usage: boolean;
  /** Whether the current role may create in it. */
  readonly create: boolean;
  /** The roles among those that facts are asked for that may name what is in it. */
  readonly users: readonly string[];
  /** The roles among those that facts are asked for that may create in it. */
  readonly creators: readonly string[];
}

/** Everything a plan depends on beside what was observed. */
export interface Facts {
  readonly server: ServerFacts;
  readonly roles: ReadonlyMap<string, RoleFacts>;
  readonly databases: ReadonlyMap<string, DatabaseFacts>;
  /** Schemas of the database that the statements run in. */
  readonly schemas: ReadonlyMap<string, SchemaFacts>;
  /** The database that the statements run in. */
  readonly database: string;
  /** Whether plaintext passwords are sent to the server as they are. */
  readonly serverHashesPasswords: boolean;
}

/** Reads the facts of the server. Throws an UnsupportedVersionError for one that is too old. */
export async function readServerFacts(session: Session): Promise<ServerFacts> {
  const { rows } = await session.query(`
    SELECT current_setting('server_version_num')::int AS number,
           current_setting('server_version') AS version,
           current_user::text AS user,
           r.rolsuper AS superuser,
           r.rolcreaterole AS "createRole",
           has_table_privilege('pg_catalog.pg_authid', 'SELECT') AS "readsPasswords",
           (SELECT system_identifier::text FROM pg_catalog.pg_control_system()) AS "systemIdentifier",
           coalesce(current_setting('scram_iterations', true), '4096')::int AS "scramIterations",
           current_database()::text AS database
      FROM pg_catalog.pg_roles r WHERE r.rolname = current_user`);
  const { number, ...facts } = rows[0] as Omit<ServerFacts, "major"> & { number: number };
  return { ...facts, major: supportedMajor(number, facts.version) };
}

/** The major version of a `server_version_num`. Throws an UnsupportedVersionError for one that is too old. */
export function supportedMajor(versionNumber: number, version: string): number {
  const major = Math.floor(versionNumber / 10_000);
  if (major < OLDEST_SUPPORTED) {
    throw new UnsupportedVersionError(
      `the server runs PostgreSQL ${version}; the oldest supported version is ${OLDEST_SUPPORTED}`,
    );
  }
  return major;
}

/** The objects that facts are asked for, by name. */
export interface Involved {
  readonly roles?: readonly string[];
  readonly databases?: readonly string[];
  /** Schemas of the session's own database. */
  readonly schemas?: readonly string[];
}

/** The facts of objects. */
export type ObjectFacts = Pick<Facts, "roles" | "databases" | "schemas">;

/** The facts of no objects at all. */
export const NO_OBJECTS: ObjectFacts = {
  ...{ roles: new Map(), databases: new Map(), schemas: new Map() },
};

/** Reads the facts of the named objects, and of the roles that own them; what does not exist is left out. */
export async function readObjectFacts(
  session: Session,
  server: ServerFacts,
  { roles = [], databases = [], schemas = [] }: Involved,
): Promise<ObjectFacts> {
  const locale = Object.entries(localeColumns(server.major)).flatMap(([name, expression]) => [`'${name}'`, expression]);
  const { rows } = await session.query(
    `SELECT 'role' AS kind, r.rolname::text AS name, ${roleFacts(server)} AS facts
       FROM pg_catalog.pg_roles r
      WHERE r.rolname = ANY (${literal(roles).text}::name[])
         OR r.oid IN (SELECT o.datdba FROM pg_catalog.pg_database o WHERE o.datname = ANY (${literal(databases).text}::name[]))
         OR r.oid IN (SELECT ${SCHEMA_OWNER} FROM pg_catalog.pg_namespace n WHERE n.nspname = ANY (${literal(schemas).text}::name[]))
     UNION ALL
     SELECT 'database', d.datname, json_build_object(
              'oid', d.oid::int8, 'owner', pg_catalog.pg_get_userbyid(d.datdba),
              'locale', json_build_object(${locale}),
              'create', has_database_privilege(d.oid, 'CREATE'))
       FROM pg_catalog.pg_database d WHERE d.datname = ANY (${literal(databases).text}::name[])
     UNION ALL
     SELECT 'schema', n.nspname, json_build_object(
              'owner', pg_catalog.pg_get_userbyid(${SCHEMA_OWNER}),
              'usage', has_schema_privilege(n.oid, 'USAGE'), 'create', has_schema_privilege(n.oid, 'CREATE'),
              'users', ${rolesWith("USAGE", roles)}, 'creators', ${rolesWith("CREATE", roles)})
       FROM pg_catalog.pg_namespace n WHERE n.nspname = ANY (${literal(schemas).text}::name[])`,
  );
  const found = rows as { kind: string; name: string; facts: unknown }[];
  const ofKind = <T>(kind: string) =>
    new Map(found.filter((row) => row.kind === kind).map((row) => [row.name, fromJson<T>(row.facts)]));
  return {
    roles: ofKind<RoleFacts>("role"),
    databases: ofKind<DatabaseFacts>("database"),
    schemas: ofKind<SchemaFacts>("schema"),
  };
}

function rolesWith(right: string, roles: readonly string[]): string {
  return `(SELECT coalesce(json_agg(r.rolname ORDER BY r.rolname), '[]') FROM pg_catalog.pg_roles r
     WHERE r.rolname = ANY (${literal(roles).text}::name[]) AND has_schema_privilege(r.oid, n.oid, '${right}'))`;
}

/** The oid of a schema's owner, that of the database's owner for `pg_database_owner`, whose only member that is. */
const SCHEMA_OWNER = `(CASE pg_catalog.pg_get_userbyid(n.nspowner) WHEN '${DATABASE_OWNER}'
  THEN (SELECT o.datdba FROM pg_catalog.pg_database o WHERE o.datname = current_database()) ELSE n.nspowner END)`;

function roleFacts({ major }: ServerFacts): string {
  const me = "(SELECT m.oid FROM pg_catalog.pg_roles m WHERE m.rolname = current_user)";
  const grantor = `(SELECT a.member FROM pg_catalog.pg_auth_members a
    WHERE a.roleid = r.oid AND a.admin_option AND pg_has_role(a.member, 'USAGE') ORDER BY a.member <> ${me}, 1 LIMIT 1)`;
  const group = `(SELECT q.rolname FROM pg_catalog.pg_roles q WHERE q.oid = ${grantor} AND q.rolname <> current_user)`;
  const ownGrant = `(SELECT json_build_object('inherit', g.inherit_option, 'set', g.set_option)
    FROM pg_catalog.pg_auth_members g WHERE g.roleid = r.oid AND g.member = ${me} AND g.grantor = ${grantor})`;
  return `json_build_object(
    'superuser', r.rolsuper,
    'usage', pg_has_role(r.oid, 'USAGE'),
    'set', pg_has_role(r.oid, '${major >= 16 ? "SET" : "MEMBER"}'),
    'admin', pg_has_role(r.oid, 'MEMBER WITH ADMIN OPTION'),
    'grantor', ${major >= 16 ? group : "NULL"},
    'ownGrant', ${major >= 16 ? ownGrant : "NULL"})`;
}

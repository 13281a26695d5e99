/** Roles: `CREATE ROLE`, `pg_roles`, `pg_auth_members`, and `pg_authid` where it is readable. */

import { type Config, configOf } from "../config";
import type { CatalogueType, Fields, Observed, Statement, Values } from "../definition";
import type { Facts, ServerFacts } from "../facts";
import { differences } from "../fields";
import { join, keyword, secretLiteral, sql } from "../sql";
import { pointInTime } from "../times";
import { fromJson, roleName, text, wholeNumber } from "../values";
import {
  type Adoption,
  alterClauses,
  alterStatements,
  attributeField,
  clauseField,
  commentField,
  commonFields,
  createClauses,
  createStatements,
  nameField,
  renameTo,
  targetOf,
  textOf,
} from "./common";
import { asJson, configColumn, configField, configInDatabaseField, entriesOf } from "./config-field";
import { DEPENDED_ON } from "./role-dependents";
import { clearTheWay, type OnDelete, onDeleteField, rolesOfHandOver } from "./role-hand-over";
import {
  assumedMemberships,
  type GrantedMembership,
  memberOf,
  memberOfField,
  memberOfSeen,
  membershipsColumn,
  membershipsOf,
  type RoleMembership,
  rolesOf,
} from "./role-memberships";
import { passwordForScript, preparePassword, rememberPassword, verifyPassword } from "./role-password";

/** What a server shows of a role. What is not declared is never touched. */
export interface RoleAttributes {
  /** Name of the role, at most 63 bytes. Changing it renames in place (`ALTER ROLE … RENAME TO`). */
  name: string;
  /** Whether the role may log in (`LOGIN`). Default false. Changed in place. */
  login?: boolean | null;
  /** Whether the role bypasses every check of permissions (`SUPERUSER`). Default false. Changed in place, by superusers. */
  superuser?: boolean | null;
  /** Whether the role may create databases (`CREATEDB`). Default false. Changed in place. */
  createDatabase?: boolean | null;
  /** Whether the role may create, change and drop roles (`CREATEROLE`). Default false. Changed in place. */
  createRole?: boolean | null;
  /**
   * Whether the role has the privileges of those it is a member of without SET ROLE (`INHERIT`); from 16 on only the
   * default for memberships granted later. Default true. Changed in place.
   */
  inherit?: boolean | null;
  /** Whether the role may replicate, and create replication slots (`REPLICATION`). Default false. Changed in place. */
  replication?: boolean | null;
  /** Whether row-level security does not apply to the role (`BYPASSRLS`). Default false. Changed in place. */
  bypassRls?: boolean | null;
  /** The most sessions the role may have at one time (`CONNECTION LIMIT`); -1 means no limit, 0 none. Default -1. */
  connectionLimit?: number | null;
  /**
   * Until when the password is good (`VALID UNTIL`): ISO 8601, in UTC where no zone is given, or `infinity`. Compared as a
   * time. Default: without end. Changed in place.
   */
  validUntil?: string | null;
  /**
   * The roles this one is a member of (`GRANT role TO name`), by name or with options. Declared: exactly these, except
   * memberships that another grantor gave; `[]` and `null` mean none. Changed in place, touching only the difference.
   */
  memberOf?: (string | RoleMembership)[] | null;
  /**
   * Configuration parameters set for the role in all databases (`ALTER ROLE … SET`). Declared: exactly these; `{}` and
   * `null` mean none. Values are compared as the server means them: `30s` is 30000. Changed in place, for new sessions.
   */
  config?: Config | null;
  /** As `config`, for the role in single databases (`ALTER ROLE … IN DATABASE … SET`), by the database's name. */
  configInDatabase?: Record<string, Config> | null;
  /** Comment on the role (`COMMENT ON ROLE`). Default none. Changed in place. */
  comment?: string | null;
}

/** What can be declared of a role. */
export interface RoleProperties extends RoleAttributes, Adoption {
  /**
   * Password: plaintext, an md5 hash, or a SCRAM verifier; always a secret. Plaintext is turned into a SCRAM verifier
   * before it is sent. `null` removes the password; taking the declaration away leaves it. Changed in place.
   */
  password?: string | null;
  /** Any text. Changing it sends the password again although it is the same: a new verifier, with a new salt. */
  passwordVersion?: string | null;
  /**
   * What happens to what the role owns, and to its privileges, when it is dropped. Default: the drop is refused before its
   * first statement, with the list of what stands in the way. Must be applied before the role is taken out of the program.
   */
  onDelete?: OnDelete | null;
}

/** What the server knows of a role beside what is declared. */
export interface RoleComputed {
  /** The role's oid in `pg_roles`. */
  oid: number;
}

const KIND = "ROLE";

const fields: Fields<RoleProperties & { customTimeouts: unknown }> = {
  name: nameField(roleName, KIND),
  login: attributeField("LOGIN", "NOLOGIN", false),
  superuser: attributeField("SUPERUSER", "NOSUPERUSER", false),
  createDatabase: attributeField("CREATEDB", "NOCREATEDB", false),
  createRole: attributeField("CREATEROLE", "NOCREATEROLE", false),
  inherit: attributeField("INHERIT", "NOINHERIT", true),
  replication: attributeField("REPLICATION", "NOREPLICATION", false),
  bypassRls: attributeField("BYPASSRLS", "NOBYPASSRLS", false),
  password: {
    value: { ...text, expects: "text that is not empty", accepts: (v) => v !== "" && text.accepts(v) },
    change: "update",
    default: null,
    kept: true,
    secret: true,
    clause: (value) => sql`PASSWORD ${value === null ? keyword("NULL") : secretLiteral(String(value))}`,
    postgres: "PASSWORD",
  },
  passwordVersion: {
    value: text,
    change: "trigger",
    changeSays: "sends the password again",
    default: null,
    postgres: "PASSWORD",
  },
  validUntil: {
    value: pointInTime,
    change: "update",
    default: null,
    clause: (value) => sql`VALID UNTIL ${String(pointInTime.normalise(value ?? "infinity") ?? "infinity")}`,
    postgres: "VALID UNTIL",
  },
  connectionLimit: clauseField("CONNECTION LIMIT", {
    value: wholeNumber(-1, 2_147_483_647),
    change: "update",
    default: -1,
  }),
  memberOf: memberOfField,
  config: configField(KIND),
  configInDatabase: configInDatabaseField(),
  comment: commentField(KIND),
  onDelete: onDeleteField,
  ...commonFields,
};

function catalogue(server: ServerFacts) {
  const verifier = "(SELECT a.rolpassword FROM pg_catalog.pg_authid a WHERE a.oid = r.oid)";
  return {
    select: `
      SELECT r.oid::int8 AS oid, r.rolname::text AS name, r.rolcanlogin AS login, r.rolsuper AS superuser,
             r.rolcreatedb AS "createDatabase", r.rolcreaterole AS "createRole", r.rolinherit AS inherit,
             r.rolreplication AS replication, r.rolbypassrls AS "bypassRls", r.rolconnlimit AS "connectionLimit",
             CASE WHEN isfinite(r.rolvaliduntil)
                  THEN to_char(r.rolvaliduntil AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
                  ELSE r.rolvaliduntil::text END AS "validUntil",
             pg_catalog.shobj_description(r.oid, 'pg_authid') AS comment,
             ${server.readsPasswords} AS "readsPasswords", ${server.readsPasswords ? verifier : "NULL"} AS verifier,
             ${configColumn("r.oid", "0")} AS config, d.config AS "configInDatabase",
             ${membershipsColumn(server)} AS memberships,
             ${DEPENDED_ON} AS "dependedOn"
        FROM pg_catalog.pg_roles r
        LEFT JOIN (SELECT s.setrole, json_object_agg(b.datname, s.setconfig) AS config
                     FROM pg_catalog.pg_db_role_setting s JOIN pg_catalog.pg_database b ON b.oid = s.setdatabase
                    WHERE s.setrole <> 0 GROUP BY s.setrole) d ON d.setrole = r.oid`,
    key: ["r.rolname"],
    oid: "r.oid",
  };
}

function toObserved(row: Readonly<Record<string, unknown>>): Observed {
  const { oid, readsPasswords, verifier, memberships, dependedOn, config, configInDatabase, ...values } = row as Values;
  const granted = fromJson<GrantedMembership[]>(memberships);
  const inDatabases = Object.entries(
    configInDatabase === null ? {} : fromJson<Record<string, string[]>>(configInDatabase),
  );
  return {
    oid: Number(oid),
    values: {
      ...values,
      memberOf: memberOf(granted, values.inherit === true),
      config: asJson(configOf(entriesOf(config))),
      configInDatabase: asJson(Object.fromEntries(inDatabases.map(([name, entries]) => [name, configOf(entries)]))),
    },
    extra: { memberships: granted, verifier: readsPasswords ? verifier : undefined, dependedOn },
  };
}

function create(desired: Values, facts: Facts): Statement[] {
  const target = targetOf(KIND, String(desired.name));
  const clauses = [sql`CREATE ${target}`, ...createClauses(fields, desired)];
  return [{ sql: join(clauses, " "), beside: true }, ...createStatements(fields, target, desired, facts)];
}

function alter(observed: Observed, desired: Values, facts: Facts): Statement[] {
  const changed = differences(roleType, observed, desired);
  const before = String(observed.values.name);
  const name = textOf(desired, "name") ?? before;
  const statements: Statement[] = name === before ? [] : [renameTo(targetOf(KIND, before), name)];
  const target = targetOf(KIND, name);
  const clauses = alterClauses(fields, (attribute) => changed.has(attribute) || attribute === "password", desired);
  if (clauses.length > 0) statements.push({ sql: join([sql`ALTER ${target}`, ...clauses], " "), beside: true });
  return [...statements, ...alterStatements(fields, target, changed, observed, desired, facts)];
}

/** The definition of roles. */
export const roleType: CatalogueType = {
  type: "Role",
  noun: "role",
  fields,
  key: ["name"],
  perDatabase: false,
  computed: {
    oid: "The role's oid in pg_roles.",
    passwordHash: "A fingerprint of the verifier, to notice a password that was changed elsewhere.",
  },
  catalogue,
  toObserved,
  assumed: (values, server) => ({
    values,
    extra: { memberships: assumedMemberships(values, server), dependedOn: false, assumed: true },
  }),
  seen: (observed, { memberOf: declared }): Values =>
    declared === undefined ? {} : { memberOf: memberOfSeen(membershipsOf(observed), declared ?? []) },
  prepare: preparePassword,
  verify: verifyPassword,
  remember: rememberPassword,
  scriptValues: passwordForScript,
  rolesInvolved: (observed, desired) => [...rolesOf(desired.memberOf ?? []), ...rolesOfHandOver(observed, desired)],
  databasesInvolved: () => [],
  create,
  alter,
  drop: (observed) => [{ sql: sql`DROP ${targetOf(KIND, String(observed.values.name))}` }],
  beforeDrop: clearTheWay,
  checkTogether: (values) =>
    values.passwordVersion !== undefined && values.passwordVersion !== null && (values.password ?? null) === null
      ? [{ property: "passwordVersion", reason: "needs a password" }]
      : [],
};

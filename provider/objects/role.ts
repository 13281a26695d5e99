/** Roles: `CREATE ROLE`, `pg_roles`, `pg_auth_members`, and `pg_authid` where it is readable. */

import type { Fields, ObjectType, Observed, PrepareContext, Statement, Values, Verified } from "../definition";
import type { Facts, ServerFacts } from "../facts";
import { differences } from "../fields";
import { fingerprint, isVerifier, matchesVerifier, scramVerifier } from "../password";
import { identifier, join, keyword, type Sql, secretLiteral, sql } from "../sql";
import { flag, fromJson, nameSet, roleName, text, wholeNumber } from "../values";
import { adoptionFields, flagClause, listOf, nameField, renameTo, textOf } from "./common";
import { refuseRoleInUse } from "./role-dependents";

/** What can be declared of a role. What is not declared is never touched. */
export interface RoleProperties {
  /** Name of the role, at most 63 bytes. Changing it renames in place (`ALTER ROLE … RENAME TO`). */
  name: string;
  /** Whether the role may log in (`LOGIN`). Default false. Changed in place. */
  login?: boolean | null;
  /**
   * Password: plaintext, an md5 hash, or a SCRAM verifier; always a secret. Plaintext is turned into a SCRAM verifier
   * before it is sent. `null` removes the password; taking the declaration away leaves it. Changed in place.
   */
  password?: string | null;
  /** The most sessions the role may have at one time (`CONNECTION LIMIT`); -1 means no limit, 0 none. Default -1. */
  connectionLimit?: number | null;
  /**
   * The roles this one is a member of (`GRANT role TO name`). Declared: exactly these, except memberships that another
   * grantor gave; `[]` and `null` mean none. Not declared: left alone. Changed in place, touching only the difference.
   */
  memberOf?: string[] | null;
  /** Take over a role that is there already, applying only the difference; it is then released, not dropped, on delete. */
  adopt?: boolean | null;
  /** Drop the role on delete although it was adopted. Default false. */
  dropOnDelete?: boolean | null;
}

/** What the server knows of a role beside what is declared. */
export interface RoleComputed {
  /** The role's oid in `pg_roles`. */
  oid: number;
}

interface Membership {
  readonly role: string;
  readonly grantor: string;
  /** Whether it is ours to revoke: other grantors' memberships are left alone. */
  readonly ours: boolean;
}

interface RoleExtra {
  readonly memberships: readonly Membership[];
  /** `rolpassword`; null for none, undefined where `pg_authid` is not readable. */
  readonly verifier: string | null | undefined;
}

const KIND = "ROLE";

/** Shown for a password that is not the declared one any more. */
export const CHANGED_PASSWORD = "(changed outside of Pulumi)";

const fields: Fields<RoleProperties> = {
  name: nameField(roleName, KIND),
  login: { value: flag, change: "update", default: false, clause: flagClause("LOGIN"), postgres: "LOGIN | NOLOGIN" },
  password: {
    value: { ...text, expects: "text that is not empty", accepts: (v) => v !== "" && text.accepts(v) },
    change: "update",
    default: null,
    kept: true,
    secret: true,
    clause: (value) => sql`PASSWORD ${value === null ? keyword("NULL") : secretLiteral(String(value))}`,
    postgres: "PASSWORD",
  },
  connectionLimit: {
    value: wholeNumber(-1, 2_147_483_647),
    change: "update",
    default: -1,
    clause: (value) => sql`CONNECTION LIMIT ${Number(value)}`,
    postgres: "CONNECTION LIMIT",
  },
  memberOf: {
    value: nameSet,
    change: "update",
    default: [],
    refersTo: "role",
    postgres: "GRANT … TO, pg_auth_members",
  },
  ...adoptionFields,
};

/** The clauses for the named attributes, in the order of the field table. */
function clauses(names: (name: string) => boolean, desired: Values): Sql[] {
  return Object.entries(fields).flatMap(([name, field]) =>
    field.clause !== undefined && desired[name] !== undefined && names(name) ? [field.clause(desired[name])] : [],
  );
}

function catalogue({ superuser, readsPasswords, major }: ServerFacts) {
  // A superuser's grants are recorded as the bootstrap superuser's (oid 10); before 16 grantors mean nothing.
  const ours = major < 16 ? "true" : superuser ? "m.grantor = 10" : "pg_has_role(m.grantor, 'USAGE')";
  const verifier = "(SELECT a.rolpassword FROM pg_catalog.pg_authid a WHERE a.oid = r.oid)";
  return {
    select: `
      SELECT r.oid::int8 AS oid, r.rolname::text AS name, r.rolcanlogin AS login, r.rolconnlimit AS "connectionLimit",
             ${readsPasswords} AS "readsPasswords", ${readsPasswords ? verifier : "NULL"} AS verifier,
             (SELECT coalesce(json_agg(json_build_object(
                       'role', g.rolname, 'grantor', pg_catalog.pg_get_userbyid(m.grantor), 'ours', ${ours})
                       ORDER BY g.rolname), '[]')
                FROM pg_catalog.pg_auth_members m JOIN pg_catalog.pg_roles g ON g.oid = m.roleid
               WHERE m.member = r.oid) AS memberships
        FROM pg_catalog.pg_roles r`,
    key: ["r.rolname"],
    oid: "r.oid",
  };
}

function toObserved(row: Readonly<Record<string, unknown>>): Observed {
  const { oid, readsPasswords, verifier, memberships, ...values } = row;
  const all = fromJson<Membership[]>(memberships);
  const extra: RoleExtra = {
    memberships: all,
    verifier: readsPasswords ? (verifier as string | null) : undefined,
  };
  const memberOf = [...new Set(all.map(({ role }) => role))];
  return { oid: Number(oid), values: { ...(values as Values), memberOf }, extra: { ...extra } };
}

function extraOf(observed: Observed | undefined): RoleExtra {
  return (observed?.extra as unknown as RoleExtra | undefined) ?? { memberships: [], verifier: undefined };
}

/** A membership that somebody else granted counts when it is declared, and is not there when it is not. */
function seen(observed: Observed, declared: Values): Values {
  const wanted = listOf(declared, "memberOf") ?? [];
  const counted = extraOf(observed).memberships.filter(({ role, ours }) => ours || wanted.includes(role));
  return { memberOf: [...new Set(counted.map(({ role }) => role))] };
}

/** Replaces a plaintext password by its verifier; removes it where the server has it already. */
async function prepare(desired: Values, { observed, previous, facts }: PrepareContext): Promise<Values> {
  const { password, ...others } = desired;
  if (password === undefined || (await hasPassword(password as string | null, desired, observed, previous)))
    return others;
  if (password === null || isVerifier(String(password)) || facts.serverHashesPasswords) return desired;
  return { ...others, password: await scramVerifier(String(password), facts.server.scramIterations) };
}

async function hasPassword(password: string | null, desired: Values, observed: Observed | undefined, previous: Values) {
  if (observed === undefined) return password === null; // a new role has none
  const name = String(observed.values.name);
  const { verifier } = extraOf(observed);
  const renamed = desired.name !== undefined && desired.name !== name;
  if (verifier === undefined) return !renamed && previous.password === password;
  if (verifier === null || password === null) return verifier === password;
  if (renamed && verifier.startsWith("md5")) return false; // the name is the salt: a rename clears it
  return matchesVerifier(password, verifier, name);
}

/** Whether the declared password is still the server's: by fingerprint, and only on mismatch by deriving keys. */
async function verify(observed: Observed, state: Values): Promise<Verified> {
  const { verifier } = extraOf(observed);
  const { password, passwordHash } = state;
  if (password === undefined) return { values: {}, remember: {} };
  if (verifier === undefined) return { values: { password }, remember: {} };
  if (verifier === null) return { values: password === null ? { password } : {}, remember: {} };
  const hash = fingerprint(verifier);
  const remember: Values = hash === undefined ? {} : { passwordHash: hash };
  const same =
    password !== null &&
    ((hash !== undefined && hash === passwordHash) ||
      (await matchesVerifier(String(password), verifier, String(observed.values.name))));
  return same ? { values: { password }, remember } : { values: { password: CHANGED_PASSWORD }, remember: {} };
}

function remember({ password }: Values): Values {
  const hash = typeof password === "string" ? fingerprint(password) : undefined;
  return hash === undefined ? {} : { passwordHash: hash };
}

function scriptValues(observed: Observed): Values {
  const { verifier } = extraOf(observed);
  const values: Values = {};
  if (typeof verifier === "string") values.password = verifier;
  return values;
}

function grant(role: string, member: string): Statement {
  return { sql: sql`GRANT ${identifier(role)} TO ${identifier(member)}` };
}

function revoke({ role, grantor }: Membership, member: string, { server }: Facts): Statement {
  const statement = sql`REVOKE ${identifier(role)} FROM ${identifier(member)}`;
  const implied = server.major < 16 || server.superuser || grantor === server.user;
  return { sql: implied ? statement : sql`${statement} GRANTED BY ${identifier(grantor)}` };
}

function create(desired: Values): Statement[] {
  const name = String(desired.name);
  const options = clauses(() => true, desired);
  return [
    { sql: join([sql`CREATE ROLE ${identifier(name)}`, ...options], " ") },
    ...(listOf(desired, "memberOf") ?? []).map((role) => grant(role, name)),
  ];
}

function alter(observed: Observed, desired: Values, facts: Facts): Statement[] {
  const changed = differences(roleType, observed, desired);
  const before = String(observed.values.name);
  const name = textOf(desired, "name") ?? before;
  const statements: Statement[] = name === before ? [] : [renameTo(KIND, before, name)];
  const options = clauses((attribute) => changed.has(attribute) || attribute === "password", desired);
  if (options.length > 0) statements.push({ sql: join([sql`ALTER ROLE ${identifier(name)}`, ...options], " ") });
  if (changed.has("memberOf")) {
    const wanted = listOf(desired, "memberOf") ?? [];
    const { memberships } = extraOf(observed);
    const held = new Set(memberships.map(({ role }) => role));
    statements.push(...wanted.filter((role) => !held.has(role)).map((role) => grant(role, name)));
    const surplus = memberships.filter(({ role, ours }) => ours && !wanted.includes(role));
    statements.push(...surplus.map((membership) => revoke(membership, name, facts)));
  }
  return statements;
}

/** The definition of roles. */
export const roleType: ObjectType = {
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
  seen,
  prepare,
  verify,
  remember,
  scriptValues,
  rolesInvolved: (_observed, desired) => listOf(desired, "memberOf") ?? [],
  databasesInvolved: () => [],
  create,
  alter,
  drop: (observed) => [{ sql: sql`DROP ROLE ${identifier(String(observed.values.name))}` }],
  beforeDrop: refuseRoleInUse,
};

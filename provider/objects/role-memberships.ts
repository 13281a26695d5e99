/** The memberships of a role: `GRANT role TO role`, `pg_auth_members`. */

import type { Change, Field, Observed, Statement, Values } from "../definition";
import type { Facts, ServerFacts } from "../facts";
import { identifier, join, keyword, type Sql, sql } from "../sql";
import { flag, isName, type Json, objectName, type ValueType } from "../values";

/** Membership in a role, with its options. */
export interface RoleMembership {
  /** The role to be a member of. */
  role: string;
  /** Whether the member may grant the role to others (`ADMIN OPTION`). Default false. */
  admin?: boolean;
  /**
   * Whether the member has the role's privileges without SET ROLE (`INHERIT`, 16 and newer). Default: what the member's
   * own `inherit` is when the membership is granted; it is then not compared.
   */
  inherit?: boolean;
  /** Whether the member may SET ROLE to the role (`SET`, 16 and newer). Default true. */
  set?: boolean;
}

/** A row of `pg_auth_members`. */
export interface GrantedMembership {
  readonly role: string;
  readonly grantor: string;
  /** Whether it is ours to change: other grantors' memberships are left alone. */
  readonly ours: boolean;
  readonly admin: boolean;
  readonly inherit: boolean;
  readonly set: boolean;
}

const OPTIONS = ["admin", "inherit", "set"] as const;
type Option = (typeof OPTIONS)[number];
type Wanted = { role: string; admin: boolean; inherit?: boolean; set: boolean };

const membershipSet: ValueType = {
  expects: `a list of roles, each once: ${objectName.expects}, or { role, admin, inherit, set }`,
  accepts: (value) =>
    Array.isArray(value) && value.every(isMembership) && new Set(rolesOf(value)).size === distinct(value),
  normalise: (value) => byRole(wantedOf(value)),
  shown: (declared, seen) => {
    const left = new Map(wantedOf(seen).map((one) => [one.role, one]));
    const kept = (declared as Json[]).flatMap((membership) => {
      const [wanted] = wantedOf([membership]);
      const found = left.get(wanted?.role ?? "");
      if (wanted === undefined || found === undefined || !left.delete(wanted.role)) return [];
      return [JSON.stringify(found) === JSON.stringify(wanted) ? membership : briefly(found)];
    });
    return [...kept, ...[...left.values()].map(briefly)];
  },
};

/** The attribute `memberOf`. */
export const memberOfField: Field = {
  value: membershipSet,
  change: "update",
  default: [],
  roles: rolesOf,
  since: [
    {
      version: 16,
      only: (value) =>
        (value as Json[]).some((one) => typeof one === "object" && one !== null && ("inherit" in one || "set" in one)),
      what: "a membership's `inherit` or `set`",
    },
  ],
  statements,
  postgres: "GRANT … TO, pg_auth_members",
};

/** The expression that reads a role's memberships as json; `r` is the role's row of pg_roles. */
export function membershipsColumn({ superuser, major }: ServerFacts): string {
  // A superuser's grants are recorded as the bootstrap superuser's (oid 10); before 16 grantors mean nothing.
  const ours = major < 16 ? "true" : superuser ? "m.grantor = 10" : "pg_has_role(m.grantor, 'USAGE')";
  const options =
    major < 16 ? "'inherit', r.rolinherit, 'set', true" : "'inherit', m.inherit_option, 'set', m.set_option";
  return `(SELECT coalesce(json_agg(json_build_object(
             'role', g.rolname, 'grantor', pg_catalog.pg_get_userbyid(m.grantor), 'ours', ${ours},
             'admin', m.admin_option, ${options}) ORDER BY g.rolname, m.grantor), '[]')
             FROM pg_catalog.pg_auth_members m JOIN pg_catalog.pg_roles g ON g.oid = m.roleid
            WHERE m.member = r.oid)`;
}

/** All memberships as they would be declared; `inherits` is the member's own INHERIT. */
export function memberOf(memberships: readonly GrantedMembership[], inherits: boolean): Json {
  return [...new Set(memberships.map(({ role }) => role))].map((role) => {
    const rows = memberships.filter((one) => one.role === role);
    const { inherit, ...rest } = optionsOf(rows);
    return briefly({ role, ...rest, ...(inherit === inherits ? {} : { inherit }) });
  });
}

/**
 * Memberships from the point of view of what is declared. What somebody else granted counts as far as it is declared,
 * and is not there as far as it is not.
 */
export function memberOfSeen(memberships: readonly GrantedMembership[], declared: Json): Json {
  const wanted = new Map(wantedOf(declared).map((one) => [one.role, one]));
  return [...new Set(memberships.map(({ role }) => role))].flatMap((role) => {
    const rows = memberships.filter((one) => one.role === role);
    const own = rows.filter(({ ours }) => ours);
    const one = wanted.get(role);
    if (one === undefined) {
      const { admin, set } = optionsOf(own);
      return own.length === 0 ? [] : [briefly({ role, admin, set })];
    }
    const [all, ours] = [optionsOf(rows), optionsOf(own)];
    const seen = OPTIONS.filter((option) => one[option] !== undefined).map((option) => [
      option,
      one[option] ? all[option] : ours[option],
    ]);
    return [briefly({ role, ...(Object.fromEntries(seen) as Omit<Wanted, "role">) })];
  });
}

/** Grants come before revokes, and options change in place: there is never a moment without a declared membership. */
function statements({ observed, value, desired, facts }: Change): Statement[] {
  const member = String(desired.name ?? observed?.values.name);
  const ours = membershipsOf(observed).filter((membership) => membership.ours);
  const wanted = wantedOf(value);
  const seen = new Map(wantedOf(memberOfSeen(membershipsOf(observed), value)).map((one) => [one.role, one]));
  const changed = wanted.flatMap((one) => {
    const own = ours.filter(({ role }) => role === one.role);
    const different = OPTIONS.filter(
      (option) => one[option] !== undefined && one[option] !== seen.get(one.role)?.[option],
    );
    if (seen.has(one.role) && different.length === 0) return [];
    if (own.length === 0)
      return [
        granted(
          member,
          one,
          different.filter((option) => one[option] !== DEFAULTS[option]),
        ),
      ];
    return own.flatMap((row, index) =>
      changedOptions(
        member,
        one,
        row,
        different.filter((option) => (one[option] ? index === 0 : row[option])),
        facts,
      ),
    );
  });
  const surplus = ours.filter(({ role }) => !wanted.some((one) => one.role === role));
  const revokes = surplus.map(
    ({ role, grantor }) => sql`REVOKE ${identifier(role)} FROM ${identifier(member)}${grantedBy(grantor, facts)}`,
  );
  return [...changed, ...revokes].map((statement) => ({ sql: statement }));
}

function granted(member: string, wanted: Wanted, options: readonly Option[]): Sql {
  const clauses = options.map((option) => optionClause(option, wanted[option] === true));
  const clause = clauses.length === 0 ? sql`` : sql` WITH ${join(clauses)}`;
  return sql`GRANT ${identifier(wanted.role)} TO ${identifier(member)}${clause}`;
}

/** Taking back the ADMIN OPTION by REVOKE fails where grants depend on it; a GRANT would leave them behind. */
function changedOptions(
  member: string,
  wanted: Wanted,
  row: GrantedMembership,
  options: readonly Option[],
  facts: Facts,
): Sql[] {
  const by = grantedBy(row.grantor, facts);
  const set = options.filter((option) => option !== "admin" || wanted.admin);
  return [
    ...(set.length > 0 ? [sql`${granted(member, wanted, set)}${by}`] : []),
    ...(set.length < options.length
      ? [sql`REVOKE ADMIN OPTION FOR ${identifier(wanted.role)} FROM ${identifier(member)}${by}`]
      : []),
  ];
}

const DEFAULTS: Readonly<Record<Option, boolean | undefined>> = { admin: false, inherit: undefined, set: true };

/** `ADMIN OPTION` is what every version understands. */
function optionClause(option: Option, on: boolean): Sql {
  return option === "admin"
    ? keyword("ADMIN OPTION")
    : sql`${keyword(option.toUpperCase())} ${keyword(on ? "TRUE" : "FALSE")}`;
}

/** Each grant is changed and taken back in the name of its grantor. */
function grantedBy(grantor: string, { server }: Facts): Sql {
  const implied = server.major < 16 || server.superuser || grantor === server.user;
  return implied ? sql`` : sql` GRANTED BY ${identifier(grantor)}`;
}

/** The memberships that a role has by its declaration alone, all granted by the connected role. */
export function assumedMemberships(
  { memberOf: declared = [], inherit }: Values,
  server: ServerFacts,
): GrantedMembership[] {
  return wantedOf(declared).map((one) => ({
    ...{ grantor: server.user, ours: true, inherit: inherit !== false },
    ...one,
  }));
}

/** The memberships that were read with a role. */
export function membershipsOf(observed: Observed | undefined): readonly GrantedMembership[] {
  return (observed?.extra.memberships as readonly GrantedMembership[] | undefined) ?? [];
}

function optionsOf(rows: readonly GrantedMembership[]): Record<Option, boolean> {
  const some = (option: Option) => rows.some((row) => row[option]);
  return { admin: some("admin"), inherit: some("inherit"), set: some("set") };
}

function isMembership(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return isName(value);
  return (
    Object.entries(value).every(([key, of]) =>
      key === "role" ? isName(of) : (OPTIONS as readonly string[]).includes(key) && flag.accepts(of),
    ) && "role" in value
  );
}

function wantedOf(value: Json): Wanted[] {
  const all = (value as unknown as (string | RoleMembership)[]).map((one): Wanted => {
    if (typeof one === "string") return { role: one, admin: false, set: true };
    const { role, admin = false, inherit, set = true } = one;
    return { role, admin, ...(inherit === undefined ? {} : { inherit }), set };
  });
  return [...new Map(all.map((one) => [one.role, one])).values()];
}

/** The roles that a list of memberships names. */
export function rolesOf(value: Json): string[] {
  return wantedOf(value).map(({ role }) => role);
}

function distinct(value: Json): number {
  return new Set(
    (value as unknown as (string | RoleMembership)[]).map((one) => JSON.stringify(wantedOf([one as Json]))),
  ).size;
}

function byRole(wanted: Wanted[]): Json {
  return wanted.sort(({ role: left }, { role: right }) => (left < right ? -1 : 1)) as unknown as Json;
}

/** A membership by its role alone, where the options are PostgreSQL's defaults. */
function briefly({ role, admin, inherit, set }: Wanted): Json {
  if (!admin && set && inherit === undefined) return role;
  return { role, ...(admin ? { admin } : {}), ...(inherit === undefined ? {} : { inherit }), ...(set ? {} : { set }) };
}

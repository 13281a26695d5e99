/** Rights that are lent for the length of one transaction, where PostgreSQL lets the current role take them. */

import type { Statement } from "./definition";
import { PermissionError } from "./errors";
import type { Facts, RoleFacts } from "./facts";
import { identifier, keyword, quoted, type Sql, sql } from "./sql";

/**
 * Wraps statements so that the current role has the rights of the given roles while they run: a membership is granted
 * before and taken back after, in the same transaction. Nothing is added for rights that are there already.
 *
 * @throws PermissionError when the current role cannot have these rights, naming the grant that is missing.
 */
export function withRightsOf(roles: readonly string[], facts: Facts, statements: Statement[]): Statement[] {
  if (statements.length === 0) return statements;
  const missing = missingRights(roles, facts);
  if (missing.length === 0) return statements;
  const me = facts.server.user;
  return [
    ...missing.map((role) => ({ sql: grant(role, me, facts) })),
    ...statements,
    ...missing.map((role) => ({ sql: takeBack(role, me, facts) })),
  ];
}

/** The roles among these whose rights the current role lacks but may lend itself. */
export function missingRights(roles: readonly string[], facts: Facts): string[] {
  return [...new Set(roles)].filter((role) => {
    const known = facts.roles.get(role);
    if (known === undefined || facts.server.superuser || role === facts.server.user) return false;
    if (known.usage && known.set) return false;
    // Before 16, a member whose membership gives no rights has NOINHERIT: a second grant would change nothing, and
    // taking it back would end the membership there was. The server says what may not be done.
    if (facts.server.major < 16 && known.set) return false;
    refuseUnlessGrantable(role, known, facts);
    return true;
  });
}

/**
 * Roles, and with them whoever's rights it takes beside theirs to name what is in a schema (`usage`), or to create in
 * it: its owner's, or nobody's.
 *
 * @throws PermissionError when they cannot be lent, naming the grant that is missing.
 */
export function withSchema(
  roles: readonly string[],
  schema: string,
  right: "usage" | "create",
  facts: Facts,
): string[] {
  const known = facts.schemas.get(schema);
  if (known === undefined) return [...roles];
  const may = (who: readonly string[]) => roles.some((role) => who.includes(role));
  const usage = known.usage || may(known.users);
  const create = known.create || may(known.creators);
  if (usage && (right === "usage" || create)) return [...roles];
  try {
    missingRights([known.owner], facts);
  } catch {
    const [me, name] = [quoted(facts.server.user), quoted(schema)];
    throw new PermissionError(`${me} may not ${right === "create" ? "create in" : "use"} schema ${name}`, {
      remedy: `Let its owner run: GRANT USAGE${right === "create" ? ", CREATE" : ""} ON SCHEMA ${name} TO ${me}`,
    });
  }
  return [...roles, known.owner];
}

/** Refuses an owner who may not create in the schema of what it is to own, which only a superuser can ignore. */
export function refuseOwnerWithoutSchema(owner: string, schema: string, facts: Facts): void {
  const known = facts.schemas.get(schema);
  if (known === undefined || facts.server.superuser || known.creators.includes(owner)) return;
  const [who, where] = [quoted(owner), quoted(schema)];
  throw new PermissionError(`role ${who} may not create in schema ${where}, and so cannot own anything new in it`, {
    remedy: `Let the schema's owner run: GRANT USAGE, CREATE ON SCHEMA ${where} TO ${who}`,
  });
}

function refuseUnlessGrantable(role: string, known: RoleFacts, facts: Facts): void {
  const { user, major, createRole } = facts.server;
  const grantable = major >= 16 ? known.admin : known.admin || (createRole && !known.superuser);
  if (grantable && !known.superuser) return;
  const me = quoted(user);
  throw new PermissionError(`${me} has not the rights of role ${quoted(role)}, and may not grant them to itself`, {
    remedy: known.superuser
      ? `${quoted(role)} is a superuser: only a superuser can act for it`
      : `Let an administrator run: GRANT ${quoted(role)} TO ${me}${major >= 16 ? " WITH INHERIT TRUE, SET TRUE" : ""}`,
  });
}

function grant(role: string, me: string, facts: Facts): Sql {
  const { server } = facts;
  const membership = sql`GRANT ${identifier(role)} TO ${identifier(me)}`;
  return server.major >= 16 ? sql`${membership} WITH INHERIT TRUE, SET TRUE${grantedBy(role, facts)}` : membership;
}

/** A group's ADMIN OPTION is used in the group's name, so that just what was granted can be taken back. */
function grantedBy(role: string, facts: Facts): Sql {
  const group = facts.roles.get(role)?.grantor;
  return group ? sql` GRANTED BY ${identifier(group)}` : sql``;
}

function takeBack(role: string, me: string, facts: Facts): Sql {
  const before = facts.roles.get(role)?.ownGrant;
  const by = grantedBy(role, facts);
  if (!before) return sql`REVOKE ${identifier(role)} FROM ${identifier(me)}${by}`;
  const option = (on: boolean) => keyword(on ? "TRUE" : "FALSE");
  return sql`GRANT ${identifier(role)} TO ${identifier(me)} WITH INHERIT ${option(before.inherit)}, SET ${option(before.set)}${by}`;
}

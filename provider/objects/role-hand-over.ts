/** What becomes of a role's objects and privileges when it is dropped: `REASSIGN OWNED`, `DROP OWNED`. */

import type { Cluster } from "../cluster";
import type { Field, Observed, Statement, Values } from "../definition";
import { NotFoundError, RefusedError } from "../errors";
import type { Facts } from "../facts";
import type { NameNow } from "../renamed";
import { missingRights, withRightsOf } from "../rights";
import { identifier, quoted, sql } from "../sql";
import { flag, isName, type Json, objectName } from "../values";
import { databasesOf, reassignOwned } from "./owned";
import { type Dependency, dependenciesOf, refuseDependencies } from "./role-dependents";

/** What happens on delete to what a role owns. */
export interface OnDelete {
  /** The role that gets everything (`REASSIGN OWNED`). Privileges of the dropped role are revoked (`DROP OWNED`). */
  reassignOwnedTo?: string;
  /** Drop what the role owns, but for databases, and revoke its privileges (`DROP OWNED`). Default false. */
  dropOwned?: boolean;
  /** In which databases: a list of names, or `"all"`, the default: wherever the role has something. */
  databases?: "all" | string[];
  /** Terminate the role's sessions first (`pg_terminate_backend`). Default false: they go on until they end. */
  terminateSessions?: boolean;
}

const CHECKS: Readonly<Record<keyof OnDelete, (value: unknown) => boolean>> = {
  reassignOwnedTo: isName,
  dropOwned: flag.accepts,
  databases: (value) => value === "all" || (Array.isArray(value) && value.every(isName)),
  terminateSessions: flag.accepts,
};

/** The attribute `onDelete`. */
export const onDeleteField: Field = {
  value: {
    expects: `{ reassignOwnedTo, dropOwned, databases, terminateSessions }, where reassignOwnedTo is ${objectName.expects}, and databases is "all" or a list of names`,
    accepts: (value) =>
      typeof value === "object" &&
      value !== null &&
      !Array.isArray(value) &&
      Object.entries(value).every(([key, of]) => Object.hasOwn(CHECKS, key) && CHECKS[key as keyof OnDelete](of)),
    normalise: (value): Json => value,
  },
  change: "option",
  default: null,
  renaming: (value, now) => {
    const { reassignOwnedTo: heir, databases, ...rest } = value as OnDelete;
    return {
      ...rest,
      ...(heir === undefined ? {} : { reassignOwnedTo: now("Role", heir) }),
      ...(databases === undefined ? {} : { databases: inDatabases(databases, now) }),
    };
  },
  postgres: "REASSIGN OWNED, DROP OWNED, pg_shdepend",
};

function inDatabases(databases: NonNullable<OnDelete["databases"]>, now: NameNow): "all" | string[] {
  return databases === "all" ? databases : databases.map((name) => now("Database", name));
}

/** The roles whose rights a hand-over takes: the role itself, and the one that gets everything. */
export function rolesOfHandOver(observed: Observed | undefined, options: Values): string[] {
  const onDelete = options.onDelete as OnDelete | null | undefined;
  if (observed === undefined || !onDelete) return [];
  return [String(observed.values.name), ...(onDelete.reassignOwnedTo === undefined ? [] : [onDelete.reassignOwnedTo])];
}

const REMEDIES = {
  none:
    "Set onDelete (and apply it) to give them to another role (reassignOwnedTo) or drop them (dropOwned); or REASSIGN " +
    "OWNED and DROP OWNED in each of these databases",
  beyond:
    "onDelete does not cover them: add these databases to its list, and set reassignOwnedTo for databases that it owns",
  grantors: "Only the owners of these objects, or a superuser, can revoke the role's privileges on them",
} as const;

/** Refuses a drop that something stands in the way of; returns the statements that clear it, where that is declared. */
export async function clearTheWay(
  cluster: Cluster,
  observed: Observed,
  options: Values,
  facts: Facts,
): Promise<Statement[]> {
  const name = String(observed.values.name);
  const onDelete = options.onDelete as OnDelete | null | undefined;
  const ended = onDelete?.terminateSessions === true ? withRightsOf([name], facts, [terminate(name)]) : [];
  const all = await dependenciesOf(cluster, observed);
  const refuse = async (left: readonly Dependency[], remedy: string) => {
    if (left.length > 0) await refuseDependencies(cluster, left, remedy);
  };
  if (onDelete?.reassignOwnedTo === undefined && onDelete?.dropOwned !== true) {
    await refuse(all, REMEDIES.none);
    return ended;
  }
  const heir = heirOf(name, onDelete, all, facts);
  await refuse(
    all.filter((dependency) => !isCovered(dependency, onDelete)),
    REMEDIES.beyond,
  );
  const known = await withFactsOf(cluster, all, facts);
  await refuse(
    all.filter((dependency) => !isRevocable(dependency, known)),
    REMEDIES.grantors,
  );
  return [...ended, ...handOver(cluster, name, all, heir, known)];
}

/** The role that gets everything, if there is one to get it. It may be gone, as in a destroy, where nothing is to be had. */
function heirOf(
  name: string,
  { reassignOwnedTo: heir }: OnDelete,
  dependencies: readonly Dependency[],
  facts: Facts,
): string | undefined {
  if (heir === name) throw new RefusedError("onDelete: reassignOwnedTo is the role itself");
  if (heir === undefined || facts.roles.has(heir)) return heir;
  if (!dependencies.some(({ owner }) => owner)) return undefined;
  throw new NotFoundError(`onDelete: role ${quoted(heir)}, which is to own everything, does not exist`);
}

/** A database is never dropped with its owner, and only the databases of the list are touched. */
function isCovered({ database, owner }: Dependency, { databases = "all", reassignOwnedTo }: OnDelete): boolean {
  if (database === null) return !owner || reassignOwnedTo !== undefined;
  return databases === "all" || databases.includes(database);
}

async function withFactsOf(cluster: Cluster, dependencies: readonly Dependency[], facts: Facts): Promise<Facts> {
  const owners = dependencies.flatMap(({ grantor }) => grantor ?? []);
  const { roles } = await cluster.reads.facts(cluster, { roles: owners });
  return { ...facts, roles: new Map([...facts.roles, ...roles]) };
}

/** DROP OWNED does not fail over privileges that it may not revoke: it leaves them. */
function isRevocable({ grantor }: Dependency, facts: Facts): boolean {
  try {
    return grantor === null || missingRights([grantor], facts) !== undefined;
  } catch {
    return false;
  }
}

function handOver(
  cluster: Cluster,
  name: string,
  dependencies: readonly Dependency[],
  heir: string | undefined,
  facts: Facts,
): Statement[] {
  return databasesOf(dependencies, cluster.currentDatabase).flatMap((database) => {
    const statements: Statement[] = [
      ...(heir === undefined ? [] : [reassignOwned(name, heir)]),
      { sql: sql`DROP OWNED BY ${identifier(name)}` },
    ];
    const here = dependencies.filter((one) => one.database === database || one.database === null);
    const rights = [name, ...(heir === undefined ? [] : [heir]), ...here.flatMap(({ grantor }) => grantor ?? [])];
    return withRightsOf(rights, facts, statements).map((statement) => ({ ...statement, unlimited: true, database }));
  });
}

function terminate(name: string): Statement {
  return {
    sql: sql`SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity WHERE usename = ${name} AND pid <> pg_catalog.pg_backend_pid()`,
  };
}

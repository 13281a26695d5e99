/** What a plan knows that is about roles alone, and no object. */

import type { Cluster } from "./cluster";
import { NotFoundError } from "./errors";
import type { Facts } from "./facts";
import { quoted } from "./sql";

/** The facts of the named roles, seen from the current role; roles that do not exist are left out. */
export async function factsOfRoles(cluster: Cluster, roles: readonly string[]): Promise<Facts> {
  return {
    server: cluster.facts,
    ...(await cluster.reads.facts(cluster, { roles })),
    database: cluster.currentDatabase,
    serverHashesPasswords: cluster.serverHashesPasswords,
  };
}

/** Throws a NotFoundError for a role that does not exist; `what` says where it was named. */
export function refuseUnknownRole(what: string, role: string, facts: Facts): void {
  if (!facts.roles.has(role)) throw new NotFoundError(`${what}: role ${quoted(role)} does not exist`);
}

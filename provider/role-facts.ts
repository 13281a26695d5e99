/** What a plan knows that is about roles alone, and no object. */

import type { Cluster } from "./cluster";
import { NotFoundError } from "./errors";
import { type Facts, readObjectFacts } from "./facts";
import { quoted } from "./sql";

/** The facts of the named roles, seen from the current role; roles that do not exist are left out. */
export function factsOfRoles(cluster: Cluster, roles: readonly string[]): Promise<Facts> {
  return cluster.read(async (session, server) => ({
    server,
    ...(await readObjectFacts(session, server, { roles })),
    database: cluster.currentDatabase,
    serverHashesPasswords: cluster.serverHashesPasswords,
  }));
}

/** Throws a NotFoundError for a role that does not exist; `what` says where it was named. */
export function refuseUnknownRole(what: string, role: string, facts: Facts): void {
  if (!facts.roles.has(role)) throw new NotFoundError(`${what}: role ${quoted(role)} does not exist`);
}

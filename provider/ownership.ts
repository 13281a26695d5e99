/** Changing owners: of single objects in one transaction per database, or of all that a role owns. */

import type { Cluster } from "./cluster";
import type { Observed, Statement } from "./definition";
import { InvalidValueError, NotFoundError } from "./errors";
import { type Deadline, remedyForEnded } from "./limits";
import { ManagedObject } from "./managed-object";
import { databasesOf, reassignOwned } from "./objects/owned";
import { roleType } from "./objects/role";
import { dependenciesOf } from "./objects/role-dependents";
import { observe } from "./observe";
import { withRightsOf } from "./rights";
import { factsOfRoles, refuseUnknownRole } from "./role-facts";
import { type Purpose, run } from "./runner";
import { quoted } from "./sql";

/** An object of a collection that has an owner. */
export interface OwnedObject {
  /** The role that owns it. */
  readonly owner: string;
  /** Changes attributes. */
  alter(changes: { owner?: string }): Promise<void>;
}

/** What {@link Cluster.reassignOwner} gives to whom. One of `objects` and `owner` has to be there. */
export interface ReassignOptions {
  /** The role that gets it. */
  newOwner: string;
  /** These objects and nothing else, whoever owns them; `owner` then plays no part. An empty list changes nothing. */
  objects?: Iterable<OwnedObject>;
  /** The role that owns it now: everything of it, databases included (`REASSIGN OWNED`). */
  owner?: string;
  /** With `owner`: in which databases. `"all"`: wherever it owns something. Default: in the current one. */
  databases?: "all" | readonly string[];
}

const intent = "reassign ownership";

/** Changes owners for {@link Cluster.reassignOwner}. */
export async function reassignOwner(cluster: Cluster, options: ReassignOptions, deadline?: Deadline): Promise<void> {
  const { newOwner, owner, objects, databases } = options;
  if (objects === undefined && owner === undefined) {
    throw new InvalidValueError("neither owner nor objects says what is to change hands", { intent });
  }
  const facts = await factsOfRoles(cluster, owner === undefined ? [newOwner] : [newOwner, owner]);
  refuseUnknownRole("newOwner", newOwner, facts);
  if (objects !== undefined) return ofObjects(cluster, newOwner, [...objects]);
  if (owner === undefined || owner === newOwner) return;
  refuseUnknownRole("owner", owner, facts);
  const role = await observe(cluster, roleType, { path: [owner] });
  const where = role === undefined ? [] : await places(cluster, role, databases);
  const statements = where.flatMap((database) =>
    withRightsOf([owner, newOwner], facts, [reassignOwned(owner, newOwner)]).map((one) => ({ ...one, database })),
  );
  await run(cluster, statements, withRemedy({ object: `role ${quoted(owner)}`, intent, deadline }));
}

async function places(
  cluster: Cluster,
  role: Observed,
  databases: ReassignOptions["databases"],
): Promise<readonly string[]> {
  if (databases === undefined) return [cluster.currentDatabase];
  if (databases === "all") {
    const owned = (await dependenciesOf(cluster, role)).filter(({ owner }) => owner);
    return databasesOf(owned, cluster.currentDatabase);
  }
  for (const name of databases) {
    if (!(await cluster.databases.has(name)))
      throw new NotFoundError(`database ${quoted(name)} does not exist`, { intent });
  }
  return databases;
}

/** Nothing changes hands before every object is known to have an owner, and to be of this server. */
async function ofObjects(cluster: Cluster, owner: string, objects: readonly OwnedObject[]): Promise<void> {
  const managed = objects.map((object) => {
    if (object instanceof ManagedObject && object.isIn(cluster)) return object;
    throw new InvalidValueError("objects: one of them is no object of this cluster's collections", { intent });
  });
  const statements: Statement[] = [];
  for (const object of managed) statements.push(...(await object.plan({ owner })));
  await inEachDatabase(cluster, statements, { object: `${managed.length} objects`, intent });
  for (const object of managed) await object.refresh();
}

/** Runs statements, those of one database in one transaction. */
export function inEachDatabase(cluster: Cluster, statements: readonly Statement[], purpose: Purpose): Promise<void> {
  const name = ({ database = "" }: Statement) => database;
  return run(
    cluster,
    statements.toSorted((one, other) => name(one).localeCompare(name(other))),
    withRemedy(purpose),
  );
}

function withRemedy(purpose: Purpose): Purpose {
  return { ...purpose, remedy: (error) => remedyForEnded(error, purpose.deadline) };
}

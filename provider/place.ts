/** Where an object is now, and which of the objects there it is. */

import type { Cluster } from "./cluster";
import type { ObjectType, Observed, ResourceType, Values } from "./definition";
import { NotFoundError } from "./errors";
import { pathOf } from "./fields";
import type { Host } from "./host";
import { databaseType } from "./objects/database";
import { hasIdentity, observe } from "./observe";
import { called, keyPath } from "./reconcile";
import { replacedByHand } from "./refusals";
import { quoted } from "./sql";
import type { Bookkeeping } from "./state";

/** Where an object is looked up and changed: in the database that it lives in, as it is now, or in the connection's. */
export interface Place {
  readonly host: Host;
  readonly cluster: Cluster;
  readonly database: string;
  /** What goes into state; of an object that belongs to a database, that database. */
  readonly bookkeeping: Bookkeeping;
}

/** Where an object is. Undefined when its database is gone. */
export async function placeOf(host: Host, type: ResourceType, properties: Values): Promise<Place | undefined> {
  const { cluster } = host;
  const { systemIdentifier } = cluster.facts;
  const home = cluster.currentDatabase;
  const { perDatabase } = type;
  const belongs = perDatabase || type.belongsToDatabase?.(properties);
  if (!belongs) return { host, cluster, database: home, bookkeeping: { systemIdentifier } };
  const key = { path: [String(properties.database ?? home)], oid: numberOf(properties.databaseOid) };
  const found = await observe(cluster, databaseType, key);
  if (found === undefined) return undefined;
  const database = String(found.values.name);
  const bookkeeping = { systemIdentifier, database, databaseOid: found.oid };
  if (!perDatabase) return { host, cluster, database: home, bookkeeping };
  return { host, cluster: cluster.in(database), database, bookkeeping };
}

/** Where an object is to be, by the database's name alone. Throws a NotFoundError when there is no such database. */
export async function placeFor(host: Host, type: ResourceType, inputs: Values): Promise<Place> {
  const { databaseOid: _, ...byName } = inputs;
  const place = await placeOf(host, type, byName);
  if (place !== undefined) return place;
  throw new NotFoundError(`database ${quoted(String(inputs.database))} does not exist`, {
    object: called(type, pathOf(type, inputs)),
    remedy: "Create it first; a Database of the same program is passed as database.name, so that it comes first",
  });
}

/** Leaves the database's name out where its oid is known: after a rename, the name may have become another's. */
export function databaseByOid(properties: Values): Values {
  return properties.databaseOid === undefined ? properties : { ...properties, database: "" };
}

/** The object by its name, and then by its oid, which says that it was renamed. */
export async function observeAt(
  place: Place,
  type: ObjectType,
  properties: Values,
  declared = properties,
): Promise<Observed | undefined> {
  const path = await keyPath(place.cluster, type, properties);
  return observe(place.cluster, type, { path, oid: oidOf(properties), declared });
}

/** The object of the state, which a change is for: its name may be another's by now. Where it is gone, that other. */
export async function observeOurs(
  place: Place,
  type: ObjectType,
  properties: Values,
  declared = properties,
): Promise<Observed | undefined> {
  return (await observeByOid(place, type, properties)) ?? observeAt(place, type, properties, declared);
}

/** The very object of the state. One of the same name that is not it is nobody's to drop. */
export async function observeOwn(place: Place, type: ObjectType, properties: Values): Promise<Observed | undefined> {
  const own = await observeByOid(place, type, properties);
  if (own !== undefined) return own;
  const named = await observeAt(place, type, properties);
  const same = oidOf(properties) === undefined && named !== undefined && hasIdentity(type, named, properties);
  if (named === undefined || same) return named;
  throw replacedByHand(type, properties, "drop");
}

async function observeByOid(place: Place, type: ObjectType, properties: Values): Promise<Observed | undefined> {
  const oid = oidOf(properties);
  if (oid === undefined) return undefined;
  return observe(place.cluster, type, { path: type.key.map(() => ""), oid });
}

/** The oid that the server gave it. What is declared as one may be another's. */
function oidOf({ systemIdentifier, oid }: Values): number | undefined {
  return systemIdentifier === undefined ? undefined : numberOf(oid);
}

function numberOf(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}

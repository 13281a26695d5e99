/** What the hooks refuse, in the words that tell how to go on. */

import type { Cluster } from "./cluster";
import type { ObjectType, Observed, ResourceType, Values } from "./definition";
import { AlreadyExistsError, NotFoundError, type PostgresError, RefusedError } from "./errors";
import { differences, pathOf, seenValues } from "./fields";
import { called } from "./reconcile";
import { quoted } from "./sql";
import type { Bookkeeping } from "./state";

function nameOf(type: ResourceType, properties: Values): string {
  return called(type, pathOf(type, properties));
}

/** A create that finds the object there, and is not to adopt it. */
export function alreadyThere(type: ObjectType, inputs: Values): PostgresError {
  return new AlreadyExistsError("it exists already", {
    object: nameOf(type, inputs),
    intent: "create",
    remedy:
      "Set adopt: true to take it over as it is and change only what differs. If its resource was renamed in the program, " +
      "give the new one the old name in `aliases` instead",
  });
}

/** A create that finds another object under the name, which is not what is declared and cannot become that. */
export function refuseAnother(type: ObjectType, found: Observed, desired: Values, { databaseOid }: Bookkeeping): void {
  const seen = seenValues(type, found, desired);
  const other = [...differences(type, found, desired)]
    .filter((name) => type.fields[name]?.change === "guard")
    .map((name) => `its ${name} is ${JSON.stringify(seen[name])}, not ${JSON.stringify(desired[name])}`);
  const { databaseOid: foundIn = null, database } = found.values;
  if (foundIn !== null && databaseOid !== undefined && foundIn !== databaseOid)
    other.push(`it is in database ${quoted(String(database))}`);
  if (other.length === 0) return;
  throw new AlreadyExistsError(`it exists already, but ${other.join(", and ")}`, {
    object: nameOf(type, desired),
    intent: "create",
    remedy: "It is another one, which cannot be taken over: declare it as it is, choose another name, or drop it first",
  });
}

/** What a new one is without. */
function without({ loses }: ResourceType): string {
  return loses === undefined ? "" : `, without ${loses}`;
}

/** An object that was dropped outside. */
export function gone(type: ResourceType, properties: Values): PostgresError {
  return new NotFoundError("does not exist any more", {
    object: nameOf(type, properties),
    remedy: type.found
      ? "Run `pulumi up --refresh` to notice that; what is not made here has to be made by SQL again first"
      : `Run \`pulumi up --refresh\` to notice that and create it again${without(type)}`,
  });
}

/** An object that was dropped outside, and another made under its name: that one must not be taken for it. */
export function replacedByHand(type: ObjectType, properties: Values, intent: string): PostgresError {
  return new RefusedError("it was dropped outside of Pulumi, and another one made under its name", {
    object: nameOf(type, properties),
    intent,
    remedy: "Run `pulumi refresh` first to take that one for it",
  });
}

/** A refresh connects as the state says, unless the program is run. */
const OTHER_SERVER =
  "Check the Provider's host. On purpose: if the server behind it was replaced, run `pulumi refresh` first; if the resource " +
  "has another Provider now, run `pulumi up --refresh --run-program`, which makes it there and leaves the old one as it is";

/** Refuses to act on a server that is not the one of the state. */
export function refuseOtherServer(type: ResourceType, properties: Values, cluster: Cluster, intent: string): void {
  const { systemIdentifier } = properties;
  if (systemIdentifier === undefined || systemIdentifier === cluster.facts.systemIdentifier) return;
  throw new RefusedError("the server is another one than the one this object was last seen on", {
    object: nameOf(type, properties),
    intent,
    remedy: OTHER_SERVER,
  });
}

/** An object that another resource has taken over, which came before in the same run. */
export function takenByAnother(type: ResourceType, properties: Values): PostgresError {
  return new RefusedError("another resource has taken it over just now (`adopt`), and both would change it in turns", {
    object: nameOf(type, properties),
    intent: "update",
    remedy:
      "Take one of the two out of the program, and out of the state with `pulumi state delete`. To rename this one and have " +
      "a new one under its old name, rename it first, and declare the new one when that is applied",
  });
}

const MOVE_BY_HAND = "Declare a new one there, and remove this one when its content has been moved";

/** Refuses to move an object to another database. The same database under another name is no move. */
export function refuseMove(
  type: ResourceType,
  olds: Values,
  news: Values,
  { database, databaseOid }: Bookkeeping,
  remedy = MOVE_BY_HAND,
): void {
  if ((olds.databaseOid ?? undefined) === undefined || olds.databaseOid === databaseOid) return;
  if (olds.database === news.database) {
    throw new RefusedError(
      `its database (${quoted(String(database))}) was dropped outside of Pulumi, and another one made under its name`,
      { object: nameOf(type, olds), intent: "update", remedy: "Run `pulumi refresh` first to look for it in that one" },
    );
  }
  throw new RefusedError(`it cannot move to another database (${quoted(String(database))})`, {
    object: nameOf(type, olds),
    intent: "update",
    remedy,
  });
}

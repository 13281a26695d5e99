/** What a plan refuses before its first statement, whatever the type. */

import type { ObjectType, Observed, ResourceType, Values } from "./definition";
import { InvalidValueError, NotFoundError, RefusedError } from "./errors";
import type { Facts, ServerFacts } from "./facts";
import { differences, orDefault } from "./fields";
import { quoted } from "./sql";

/** Refuses values that do not go together. */
export function refuseTogether(type: ObjectType, desired: Values): void {
  const [failure] = type.checkTogether?.(desired) ?? [];
  if (failure !== undefined) throw new InvalidValueError(`${failure.property} ${failure.reason}`.trim());
}

/** Refuses a change that only a replacement could make. */
export function refuseGuarded(type: ObjectType, observed: Observed, desired: Values): void {
  for (const attribute of differences(type, observed, desired)) {
    const change = type.fields[attribute]?.change;
    if (change === "identity") throw new RefusedError(`${attribute} says which ${type.noun} it is, and cannot change`);
    if (change !== "guard") continue;
    throw new RefusedError(guardReason(attribute, observed.values[attribute], desired[attribute]), {
      // The engine replaces what was declared and changes; of what was not, it knows no change.
      remedy:
        desired.allowReplace === true ? `Declare it as it is, and apply that, before you change it` : guardRemedy(type),
    });
  }
}

/** Why a guarded attribute is not changed. */
export function guardReason(attribute: string, before: unknown, after: unknown): string {
  return `${attribute} is ${JSON.stringify(before)} and cannot become ${JSON.stringify(after)} in place`;
}

/** How a guarded change is allowed. */
export function guardRemedy({ loses = "what is in it" }: ResourceType): string {
  return `Set allowReplace: true to drop it and create it anew, with the loss of ${loses}, or take the change back`;
}

/** Refuses what only a newer server has. */
export function refuseTooNew(type: ObjectType, desired: Values, { major, version }: ServerFacts): void {
  for (const [attribute, field] of Object.entries(type.fields)) {
    const value = orDefault(field, desired[attribute] ?? null);
    if (value === null || desired[attribute] === undefined) continue;
    const needed = field.since?.find((since) => since.version > major && (since.only?.(value) ?? true));
    if (needed === undefined) continue;
    const what = needed.what === undefined ? attribute : `${attribute}: ${needed.what}`;
    throw new InvalidValueError(`${what} needs PostgreSQL ${needed.version} or newer; the server runs ${version}`);
  }
}

/** Refuses values that name roles that do not exist. */
export function refuseMissingRoles(type: ObjectType, desired: Values, facts: Facts): void {
  for (const [attribute, field] of Object.entries(type.fields)) {
    const value = desired[attribute];
    if (field.roles === undefined || value === undefined || value === null) continue;
    for (const role of field.roles(value)) {
      if (facts.roles.has(role)) continue;
      throw new NotFoundError(`${attribute}: role ${quoted(role)} does not exist`, {
        remedy:
          "Create it first; a Role of the same program is passed as its name output, role.name, so that it comes first",
      });
    }
  }
}

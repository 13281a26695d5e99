/** check and diff: pure, without a server, by the field table alone. */

import type { CheckFailure, Field, ResourceType, Values } from "./definition";
import { RefusedError } from "./errors";
import { fieldOf, pathOf, sameDeclared } from "./fields";
import { called } from "./reconcile";
import { guardReason, guardRemedy } from "./unfit";
import { isUnknown, UNKNOWN } from "./unknown";
import type { Json } from "./values";

/** The property under which the engine keeps the provider's text; never one of ours. */
export const PROVIDER_KEY = "__provider";

/** Every property that is not acceptable. Unknown values pass: they are checked again when they are known. */
export function checkInputs(type: ResourceType, olds: Values, news: Values): CheckFailure[] {
  const failures = Object.entries(news).flatMap(([name, value]) => {
    const reason = name === PROVIDER_KEY ? undefined : unacceptable(type, name, value);
    if (reason === undefined) return [];
    // The engine prints the value of the property it is given: a secret's name stands in the reason instead.
    return [isHidden(fieldOf(type, name)) ? { property: "", reason: `${name} ${reason}` } : { property: name, reason }];
  });
  for (const name of type.key) {
    if (news[name] === undefined && type.fields[name]?.default === undefined)
      failures.push({ property: name, reason: "is missing" });
  }
  if (failures.length > 0) return failures;
  return [...(type.checkTogether?.(news) ?? []), ...guardFailures(type, olds, news)];
}

function unacceptable(type: ResourceType, name: string, value: unknown): string | undefined {
  const field = fieldOf(type, name);
  return field === undefined ? `is not an attribute of a ${type.type}` : wrongWith(field, value);
}

/** Why a value is not acceptable. Undefined: it is, or it is not known yet. */
export function wrongWith({ value: type, default: initial }: Pick<Field, "value" | "default">, value: unknown) {
  if (value === undefined || isUnknown(value)) return undefined;
  if (value === null) return initial === undefined ? `must be ${type.expects}, not null` : undefined;
  return type.accepts(value) ? undefined : (type.reason?.(value) ?? `must be ${type.expects}`);
}

/** Whether values of a field are shown to nobody. */
export function isHidden(field: Field | undefined): boolean {
  return field?.secret === true || field?.confidential !== undefined;
}

function guardFailures(type: ResourceType, olds: Values, news: Values): CheckFailure[] {
  return guarded(type, olds, news).map((name) => ({
    property: name,
    reason: `${guardReason(name, olds[name], news[name])}. ${guardRemedy(type)}`,
  }));
}

/** Guarded attributes that change although this was not allowed. */
function guarded(type: ResourceType, olds: Values, news: Values): string[] {
  if (news.allowReplace === true) return [];
  return Object.entries(type.fields).flatMap(([name, field]) =>
    field.change === "guard" && isKnownChange(name, field, olds, news) ? [name] : [],
  );
}

function isReplacing(name: string, field: Field, olds: Values, news: Values): boolean {
  if (field.change === "replace") return !sameDeclared(field, olds[name] ?? null, news[name] ?? null);
  return (field.change === "guard" || field.change === "identity") && isKnownChange(name, field, olds, news);
}

function isKnownChange(name: string, field: Field, olds: Values, news: Values): boolean {
  const [before, after] = [olds[name], news[name]];
  if (before === undefined || after === undefined) return false;
  return !isUnknown(after) && !sameDeclared(field, before, after);
}

/**
 * Whether the database that it lives in is replaced: the engine asks what becomes of it with a name that is not known, also
 * in `up`. Otherwise only the name of a database that is yet to be made is not.
 */
function losesDatabase(olds: Values, news: Values): boolean {
  return isUnknown(news.database) && (olds.databaseOid ?? undefined) !== undefined;
}

/** As {@link losesDatabase}, of an attribute that names databases: one of them was known, and is not any more. */
function losesNamed({ databases }: Field, before: Json | undefined, after: Json | undefined): boolean {
  if (databases === undefined || (before ?? null) === null || after === undefined || !isUnknown(after)) return false;
  if (after === UNKNOWN) return true; // the engine makes the whole of it unknown, whichever part it is about
  const left = databases(after);
  return left.some(isUnknown) && databases(before as Json).some((name) => !left.includes(name));
}

/** Whether two values of an attribute, of outputs and of inputs, are two. Outputs have guarded ones that nobody declares. */
function differs(field: Field, before: Json | undefined, after: Json | undefined): boolean {
  if (field.change === "createOnly" || (field.change === "guard" && after === undefined)) return false;
  return !sameDeclared(field, before, after);
}

/** What the engine is told about a difference. */
export interface Difference {
  /** False: nothing to do. Undefined: the inputs differ, and the engine shows how. True: something else is amiss. */
  readonly changes: boolean | undefined;
  readonly replaces: string[];
  readonly deleteBeforeReplace: true;
}

/**
 * Compares outputs with new inputs.
 *
 * @throws RefusedError for what `check` could not see: a guarded change of an attribute that was not declared before, and a
 *   replacement of what would be released
 */
export function diffInputs(type: ResourceType, olds: Values, news: Values): Difference {
  const [refused] = guarded(type, olds, news);
  if (refused !== undefined) {
    throw new RefusedError(guardReason(refused, olds[refused], news[refused]), {
      object: called(type, pathOf(type, olds)),
      intent: "update",
      remedy: guardRemedy(type),
    });
  }
  const fields = Object.entries(type.fields);
  const changed = fields.some(([name, field]) => differs(field, olds[name], news[name]));
  const amiss = Object.keys(type.amiss?.(olds) ?? {}).length > 0;
  const replaces = fields.flatMap(([name, field]) => (isReplacing(name, field, olds, news) ? [name] : []));
  refuseReleased(type, olds, news, replaces);
  if (losesDatabase(olds, news)) replaces.push("database");
  replaces.push(...fields.flatMap(([name, field]) => (losesNamed(field, olds[name], news[name]) ? [name] : [])));
  return { changes: amiss || (changed ? undefined : false), replaces, deleteBeforeReplace: true };
}

/** Refuses to replace what is released instead of dropped: it would be in the way of the new one. */
function refuseReleased(type: ResourceType, olds: Values, news: Values, [replacing]: readonly string[]): void {
  const released = olds.adopted === true && olds.dropOnDelete !== true;
  const isThere = type.key.every((name) => olds[name] === news[name]);
  if (replacing === undefined || !released || type.found || !isThere) return;
  throw new RefusedError(
    `${guardReason(replacing, olds[replacing], news[replacing])}, and it is not dropped to be created anew, because it was adopted`,
    {
      object: called(type, pathOf(type, olds)),
      intent: "replace",
      remedy: `Set dropOnDelete: true, and apply that, before you change ${replacing}, or take the change back`,
    },
  );
}

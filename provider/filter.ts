/** Filters over the objects of a collection: by value, by a regular expression, or by a predicate. */

import type { ObjectType, Observed, Values } from "./definition";
import { InvalidValueError } from "./errors";
import { desiredValues, differences, fieldOf, isApplied } from "./fields";
import { checkValues } from "./reconcile";
import type { Json } from "./values";

/** What an attribute is compared with: a value, a predicate, or, where it is text, a regular expression. */
export type Condition<T> = T | ((value: T) => boolean) | ([T] extends [string | null] ? RegExp : never);

/** Conditions by attribute, all of which must hold. A value is compared as attributes are: `null` is the default. */
export type Filter<O> = {
  readonly [A in keyof O as O[A] extends (...args: never[]) => unknown ? never : A]?: Condition<O[A]>;
};

/** A filter, taken apart. */
export interface Matcher {
  /** The values among the conditions, for a query to look for. */
  readonly values: Values;
  /** Whether an object meets every condition. */
  matches(observed: Observed): boolean;
}

/**
 * Reads a filter.
 *
 * @throws InvalidValueError for an attribute that these objects do not show, and for a value that it cannot have
 */
export function matcherOf(type: ObjectType, filter: Readonly<Record<string, unknown>>): Matcher {
  const given = Object.entries(filter).filter(([, condition]) => condition !== undefined);
  for (const [name] of given) refuseUnseen(type, name);
  const tests = given.filter(([, condition]) => isTest(condition)) as [string, Test][];
  const plain = given.filter(([, condition]) => !isTest(condition));
  const declared = checkValues(type, Object.fromEntries(plain.filter(([name]) => fieldOf(type, name) !== undefined)));
  const values = desiredValues(type, declared, {});
  const computed = plain.filter(([name]) => fieldOf(type, name) === undefined) as [string, Json][];
  return {
    values,
    matches: (observed) =>
      differences(type, observed, values).size === 0 &&
      computed.every(([name, value]) => seen(observed, name) === value) &&
      tests.every(([name, test]) => passes(test, seen(observed, name))),
  };
}

type Test = RegExp | ((value: unknown) => boolean);

function isTest(condition: unknown): condition is Test {
  return condition instanceof RegExp || typeof condition === "function";
}

function passes(test: Test, value: Json): boolean {
  if (typeof test === "function") return test(value);
  return typeof value === "string" && value.search(test) !== -1; // unlike test(), it ignores where a /g stopped
}

function seen(observed: Observed, name: string): Json {
  return observed.values[name] ?? (name === "oid" ? (observed.oid ?? null) : null);
}

function refuseUnseen(type: ObjectType, name: string): void {
  const field = fieldOf(type, name);
  if (field === undefined ? name === "oid" || Object.hasOwn(type.computed, name) : isApplied(field) && !field.secret)
    return;
  throw new InvalidValueError(`a ${type.noun} cannot be filtered by ${JSON.stringify(name)}`);
}

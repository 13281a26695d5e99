/** The numbers of a sequence: type, direction, bounds and start, and which of them follow from the others. */

import type { CheckFailure, Observed, Values } from "../definition";
import { bigintOf, INT64_MAX, INT64_MIN } from "../int64";
import { isUnknown } from "../unknown";
import type { Json } from "../values";

/** The types of sequences, and the numbers they hold. */
const LIMITS = {
  smallint: { least: -(2n ** 15n), most: 2n ** 15n - 1n },
  integer: { least: -(2n ** 31n), most: 2n ** 31n - 1n },
  bigint: { least: INT64_MIN, most: INT64_MAX },
} as const;

/** What the values of a sequence are: the type that its numbers fit. */
export type SequenceDataType = keyof typeof LIMITS;

/** The types by name. */
export const DATA_TYPES = Object.keys(LIMITS) as SequenceDataType[];

/** The type of a sequence that is created without one. */
export const DEFAULT_TYPE = "bigint" satisfies SequenceDataType;

/** Attributes whose default follows from the others. */
const FOLLOWING = ["minValue", "maxValue", "start"] as const;

interface Range {
  readonly dataType: SequenceDataType;
  readonly increment: bigint;
  readonly minValue: bigint;
  readonly maxValue: bigint;
  readonly start: bigint;
}

/**
 * The attributes that ALTER SEQUENCE has to name for a sequence to become what is desired. `null` is what PostgreSQL
 * makes of a new sequence of that type and direction; what is not desired is left to what ALTER SEQUENCE makes of it.
 */
export function rangeChanges(observed: Observed, desired: Values): Values {
  const before = rangeOf(observed.values);
  const dataType = (desired.dataType ?? before.dataType) as SequenceDataType;
  const left = retyped(before, dataType);
  const wanted = withStart(withDefaults(left, desired), before, desired.start);
  const changed = (Object.keys(wanted) as (keyof Range)[]).filter((name) => wanted[name] !== left[name]);
  return Object.fromEntries(changed.map((name) => [name, String(wanted[name])]));
}

/**
 * Which numbers are `null` from the point of view of a declaration that says so: those that PostgreSQL would have chosen
 * for the declared type and direction, or for those that the sequence has now.
 */
export function seenRange(observed: Observed, declared: Values): Values {
  const range = rangeOf(observed.values);
  const points = [range, withDefaults(range, declared)];
  const chosen = FOLLOWING.filter((name) => points.some((point) => defaultOf(name, point) === range[name]));
  return Object.fromEntries(chosen.filter((name) => declared[name] === null).map((name) => [name, null]));
}

/** All numbers of a sequence that was created with some of them. */
export function assumedRange(declared: Values): Values {
  const initial: Range = { dataType: DEFAULT_TYPE, increment: 1n, minValue: 1n, maxValue: INT64_MAX, start: 1n };
  const all = Object.fromEntries(FOLLOWING.map((name) => [name, declared[name] ?? null]));
  const range = withDefaults(initial, { ...declared, ...all });
  return Object.fromEntries(Object.entries(range).map(([name, number]) => [name, String(number)]));
}

/** The numbers that a script need not name. */
export function rangeForScript(observed: Observed): Values {
  const range = rangeOf(observed.values);
  return Object.fromEntries(
    FOLLOWING.flatMap((name) => (defaultOf(name, range) === range[name] ? [[name, null]] : [])),
  );
}

/** Refuses numbers that contradict each other; what is unknown, or not declared, is left to the server. */
export function checkRange(values: Values): CheckFailure[] {
  const number = (name: string) => {
    const value = values[name];
    return value === undefined || value === null || isUnknown(value) ? undefined : bigintOf(value);
  };
  const failures: CheckFailure[] = [];
  const unless = (fine: (value: bigint) => boolean, name: string, reason: string) => {
    const value = number(name);
    if (value !== undefined && !fine(value)) failures.push({ property: name, reason });
  };
  const { dataType } = values;
  const { least, most } = LIMITS[dataType as SequenceDataType] ?? LIMITS.bigint;
  for (const name of ["minValue", "maxValue", "start", "restartWith"])
    unless((value) => value >= least && value <= most, name, `must be from ${least} to ${most}, as ${dataType} holds`);
  if (failures.length > 0) return failures;
  const [minValue, maxValue] = [number("minValue"), number("maxValue")];
  if (minValue !== undefined) {
    unless((value) => value > minValue, "maxValue", `must be greater than minValue (${minValue})`);
    for (const name of ["start", "restartWith"])
      unless((value) => value >= minValue, name, `must not be less than minValue (${minValue})`);
  }
  if (maxValue !== undefined) {
    for (const name of ["start", "restartWith"])
      unless((value) => value <= maxValue, name, `must not be greater than maxValue (${maxValue})`);
  }
  return failures;
}

function rangeOf(values: Values): Range {
  const [increment, minValue, maxValue, start] = ["increment", ...FOLLOWING].map((name) =>
    bigintOf(values[name] as Json),
  ) as [bigint, bigint, bigint, bigint];
  return { dataType: values.dataType as SequenceDataType, increment, minValue, maxValue, start };
}

/** What a new sequence has, where nothing is said. */
function defaultOf(name: (typeof FOLLOWING)[number], { dataType, increment, minValue, maxValue }: Range): bigint {
  const ascending = increment > 0n;
  if (name === "minValue") return ascending ? 1n : LIMITS[dataType].least;
  if (name === "maxValue") return ascending ? LIMITS[dataType].most : -1n;
  return ascending ? minValue : maxValue;
}

/** What `ALTER SEQUENCE … AS` leaves of the other numbers: bounds move if they were those of the old type. */
function retyped(range: Range, dataType: SequenceDataType): Range {
  const [old, now] = [LIMITS[range.dataType], LIMITS[dataType]];
  return {
    ...range,
    minValue: range.minValue === old.least ? now.least : range.minValue,
    maxValue: range.maxValue === old.most ? now.most : range.maxValue,
  };
}

/** A range with what is declared of it; `null` is the default for the rest of what is declared. */
function withDefaults(range: Range, declared: Values): Range {
  const dataType = declared.dataType === undefined ? range.dataType : (declared.dataType ?? DEFAULT_TYPE);
  const increment = declared.increment === undefined ? range.increment : bigintOf(declared.increment ?? 1);
  const typed: Range = { ...range, dataType: dataType as SequenceDataType, increment };
  const pick = (name: (typeof FOLLOWING)[number], of: Range): bigint => {
    const value = declared[name];
    if (value === undefined) return of[name];
    return value === null ? defaultOf(name, of) : bigintOf(value);
  };
  const bounded = { ...typed, minValue: pick("minValue", typed), maxValue: pick("maxValue", typed) };
  return { ...bounded, start: pick("start", bounded) };
}

/** A start that nobody declared stays, but for one that was the default, where the new bounds leave it outside. */
function withStart(range: Range, before: Range, declared: Json | undefined): Range {
  const { start, minValue, maxValue } = range;
  if (declared !== undefined || (start >= minValue && start <= maxValue)) return range;
  return start === defaultOf("start", before) ? { ...range, start: defaultOf("start", range) } : range;
}

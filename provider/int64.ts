/** Whole numbers of 64 bits. They travel and stay in state as text: a number in JSON loses digits beyond 2^53. */

import type { Json, ValueType } from "./values";

/** A whole number of 64 bits as a program gives it: a number (a safe integer), a bigint, or decimal digits as text. */
export type Int64 = number | bigint | string;

/** The least number of 64 bits. */
export const INT64_MIN = -(2n ** 63n);
/** The greatest number of 64 bits. */
export const INT64_MAX = 2n ** 63n - 1n;

/** Whole numbers within bounds, `except` left out; all spellings of a number are the same. */
export function int64(least: bigint = INT64_MIN, most: bigint = INT64_MAX, except?: bigint): ValueType {
  const not = except === undefined ? "" : `, but not ${except}`;
  return {
    expects: `a whole number from ${least} to ${most}${not} (beyond ${Number.MAX_SAFE_INTEGER}: a bigint or text)`,
    accepts: (value) => {
      const number = parse(value);
      return number !== undefined && number >= least && number <= most && number !== except;
    },
    normalise: (value) => String(bigintOf(value)),
  };
}

/** The number of a value that {@link int64} accepts. */
export function bigintOf(value: Json | bigint): bigint {
  const number = parse(value);
  if (number === undefined) throw new TypeError(`not a whole number: ${JSON.stringify(value)}`);
  return number;
}

function parse(value: unknown): bigint | undefined {
  if (typeof value === "bigint") return value;
  if (typeof value === "number") return Number.isSafeInteger(value) ? BigInt(value) : undefined;
  return typeof value === "string" && /^-?\d{1,40}$/.test(value) ? BigInt(value) : undefined;
}

/** The types of attribute values: how each is checked, brought to one spelling, and compared. */

import { isDeepStrictEqual } from "node:util";
import { encodingName } from "./encodings";
import { MAX_IDENTIFIER_BYTES } from "./sql";

/** A value as it travels between program, engine and host. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** A type of attribute values. */
export interface ValueType {
  /** What a value must be, for messages and the documentation: `a whole number from -1 to …`. */
  readonly expects: string;
  /** Whether a value is acceptable. Never sees null or unknown values. */
  accepts(value: unknown): boolean;
  /** Why a value is not acceptable, where more can be said than what it must be. */
  reason?(value: unknown): string | undefined;
  /** Brings equal values to one spelling. */
  normalise(value: Json): Json;
  /** What is seen, those parts that are as declared spelled as declared. Default: as it is seen. */
  shown?(declared: Json, seen: Json): Json;
  /** What is seen, as a person would write it. Default: as it is seen. */
  brief?(seen: Json): Json;
}

/** Whether two values mean the same. */
export function sameValue(type: ValueType, left: Json, right: Json): boolean {
  const spell = (value: Json) => (value === null ? null : type.normalise(value));
  return isDeepStrictEqual(spell(left), spell(right));
}

/** A json column of a row. What `pg` makes of json is the user's to set: perhaps it left the text as it was. */
export function fromJson<T>(column: unknown): T {
  return (typeof column === "string" ? JSON.parse(column) : column) as T;
}

const asIs = (value: Json): Json => value;

/** true or false. */
export const flag: ValueType = {
  expects: "true or false",
  accepts: (value) => typeof value === "boolean",
  normalise: asIs,
};

/** Any text that PostgreSQL can hold. */
export const text: ValueType = {
  expects: "text without a NUL character",
  accepts: isText,
  normalise: asIs,
};

/** The name of an object: 1 to 63 bytes. */
export const objectName: ValueType = {
  expects: `a name of 1 to ${MAX_IDENTIFIER_BYTES} bytes without a NUL character`,
  accepts: isName,
  normalise: asIs,
};

/** The name of a role that can be created: not one of PostgreSQL's own. */
export const roleName: ValueType = {
  expects: `${objectName.expects}, not starting with pg_ and not "public" or "none"`,
  accepts: (value) => isName(value) && !value.startsWith("pg_") && value !== "public" && value !== "none",
  normalise: asIs,
};

/** The name of a schema that can be created. */
export const schemaName: ValueType = {
  expects: `${objectName.expects}, not starting with pg_`,
  accepts: (value) => isName(value) && !value.startsWith("pg_"),
  normalise: asIs,
};

/** The name of a replication slot, which is a file name on the server. */
export const slotName: ValueType = {
  expects: "1 to 63 lower-case letters, digits and underscores (set `name` where the resource's own name is not)",
  accepts: (value) => typeof value === "string" && /^[a-z0-9_]{1,63}$/.test(value),
  normalise: asIs,
};

/** One word of several. */
export function oneOf(...words: readonly string[]): ValueType {
  return {
    expects: words.map((word) => `"${word}"`).join(" or "),
    accepts: (value) => typeof value === "string" && words.includes(value),
    normalise: asIs,
  };
}

/** A character encoding, compared as the server compares names: `UTF-8`, `utf8` and `UNICODE` are one. */
export const encoding: ValueType = {
  expects: "a character encoding that PostgreSQL knows, such as UTF8, LATIN1 or SQL_ASCII",
  accepts: (value) => typeof value === "string" && encodingName(value) !== undefined,
  normalise: (value) => encodingName(value as string) ?? value,
};

/** A whole number within bounds. */
export function wholeNumber(least: number, most: number): ValueType {
  return {
    expects: `a whole number from ${least} to ${most}`,
    accepts: (value) => typeof value === "number" && Number.isInteger(value) && value >= least && value <= most,
    normalise: asIs,
  };
}

/** Whether a value is an object with properties, and no list. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether a value can be the name of an object. */
export function isName(value: unknown): value is string {
  return isText(value) && value !== "" && Buffer.byteLength(value, "utf8") <= MAX_IDENTIFIER_BYTES;
}

/**
 * Whether a value is text that PostgreSQL can hold. Half a surrogate pair has no UTF-8: on the way to the server it
 * would silently become another character.
 */
export function isText(value: unknown): value is string {
  return typeof value === "string" && !value.includes("\0") && !/\p{Surrogate}/u.test(value);
}

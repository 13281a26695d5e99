/** What several object types share: fields, and the statements that every kind of object has. */

import type { Field, Statement, Values } from "../definition";
import { identifier, keyword, type Sql, sql } from "../sql";
import { flag, objectName, type ValueType } from "../values";

/** A flag of this package's own behaviour: nothing is sent for it. */
export function option(postgres: string): Field {
  return { value: flag, change: "option", default: false, postgres };
}

/** The name of an object, renamed in place. */
export function nameField(value: ValueType, kind: string): Field {
  return { value, change: "update", postgres: `ALTER ${kind} … RENAME TO` };
}

/** The owner of an object. Taking the declaration away leaves the owner as it is. */
export function ownerField(kind: string): Field {
  return { value: objectName, change: "update", refersTo: "role", postgres: `ALTER ${kind} … OWNER TO` };
}

/** The fields that every type has: about objects that were there before. */
export const adoptionFields = {
  adopt: option("—"),
  dropOnDelete: option("—"),
} as const;

/** A role attribute such as LOGIN, and its opposite. */
export function flagClause(word: string): (value: unknown) => Sql {
  return (value) => keyword(value === true ? word : `NO${word}`);
}

/** `ALTER kind name OWNER TO owner`. */
export function ownerTo(kind: string, name: string, owner: string): Statement {
  return { sql: sql`ALTER ${keyword(kind)} ${identifier(name)} OWNER TO ${identifier(owner)}` };
}

/** `ALTER kind name RENAME TO name`. */
export function renameTo(kind: string, name: string, newName: string): Statement {
  return { sql: sql`ALTER ${keyword(kind)} ${identifier(name)} RENAME TO ${identifier(newName)}` };
}

/** A declared text value, or undefined. */
export function textOf(values: Values, name: string): string | undefined {
  const value = values[name];
  return typeof value === "string" ? value : undefined;
}

/** A declared list of texts, or undefined. */
export function listOf(values: Values, name: string): string[] | undefined {
  const value = values[name];
  return Array.isArray(value) ? (value as string[]) : undefined;
}

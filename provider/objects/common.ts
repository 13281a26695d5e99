/** What several object types share: fields, and the statements that every kind of object has. */

import type { Field, Observed, Statement, Values } from "../definition";
import type { Facts } from "../facts";
import { identifier, keyword, literal, type Sql, sql } from "../sql";
import { timeouts } from "../times";
import { flag, type Json, objectName, sameValue, text, type ValueType } from "../values";

/** What every type has, about objects that were there before. */
export interface Adoption {
  /** Take over an object that is there already, applying only the difference; it is then released, not dropped, on delete. */
  adopt?: boolean | null;
  /** Drop the object on delete although it was adopted. Default false. */
  dropOnDelete?: boolean | null;
}

/** How an object that others may depend on is dropped by hand. */
export interface CascadingDrop {
  /** Drop what depends on it with it (`CASCADE`). Default false: the drop is refused, with the list. */
  dropCascade?: boolean | null;
}

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
  return {
    value: objectName,
    change: "update",
    roles: (value) => [String(value)],
    postgres: `ALTER ${kind} … OWNER TO`,
  };
}

/** The comment on an object; an empty one is none. */
export function commentField(kind: string): Field {
  return {
    value: { ...text, normalise: (value) => (value === "" ? null : value) },
    change: "update",
    default: null,
    statements: ({ target, value }) => [{ sql: sql`COMMENT ON ${target} IS ${value as string | null}`, beside: true }],
    postgres: `COMMENT ON ${kind}`,
  };
}

/** A flag that is set by a word, and taken back by the word's opposite. */
export function attributeField(word: string, opposite: string, initial: boolean): Field {
  return {
    value: flag,
    change: "update",
    default: initial,
    clause: (value) => keyword(value === true ? word : opposite),
    postgres: `${word} | ${opposite}`,
  };
}

/** A field whose clause is a keyword and a value. */
export function clauseField(words: string, field: Omit<Field, "clause" | "postgres">): Field {
  const clause = (value: Json) => sql`${keyword(words)} ${literal(value as string | number | boolean)}`;
  return { ...field, clause, postgres: words };
}

/** The database that an object is in. */
export const databaseField: Field = { value: objectName, change: "address", postgres: "current_database()" };

/** The fields that every type has. */
export const everyField = {
  customTimeouts: { value: timeouts, change: "option", default: null, hidden: true, postgres: "statement_timeout" },
} as const satisfies Record<string, Field>;

/** The fields that every type has whose objects are created here. */
export const commonFields = {
  adopt: option("—"),
  dropOnDelete: option("—"),
  ...everyField,
} as const satisfies Record<string, Field>;

/** `ROLE "app"`, `SEQUENCE "sales"."order_no"`: how statements name an object. */
export function targetOf(kind: string, ...path: string[]): Sql {
  return sql`${keyword(kind)} ${identifier(...path)}`;
}

/** `ALTER target OWNER TO owner`. */
export function ownerTo(target: Sql, owner: string): Statement {
  return { sql: sql`ALTER ${target} OWNER TO ${identifier(owner)}` };
}

/** `ALTER target RENAME TO name`. */
export function renameTo(target: Sql, newName: string): Statement {
  return { sql: sql`ALTER ${target} RENAME TO ${identifier(newName)}` };
}

type FieldTable = Readonly<Record<string, Field>>;

/** The clauses of CREATE: of all that is desired, but for what is the default anyway. */
export function createClauses(fields: FieldTable, desired: Values): Sql[] {
  return initial(fields, desired).flatMap(([field, value]) => (field.clause ? [field.clause(value)] : []));
}

/** The clauses of ALTER for the named attributes. */
export function alterClauses(fields: FieldTable, names: (name: string) => boolean, desired: Values): Sql[] {
  return Object.entries(fields).flatMap(([name, field]) => {
    const value = desired[name];
    const sets = field.clause !== undefined && field.statements === undefined && field.change === "update";
    return sets && value !== undefined && names(name) ? [field.clause(value)] : [];
  });
}

/** The statements that follow CREATE, for attributes that no clause of it sets. */
export function createStatements(fields: FieldTable, target: Sql, desired: Values, facts: Facts): Statement[] {
  return initial(fields, desired).flatMap(([field, value]) =>
    field.clause === undefined
      ? (field.statements?.({ target, observed: undefined, value, desired, facts }) ?? [])
      : [],
  );
}

/** The statements of their own that the changed attributes take; `target` is what the object is called by then. */
export function alterStatements(
  fields: FieldTable,
  target: Sql,
  changed: ReadonlySet<string>,
  observed: Observed,
  desired: Values,
  facts: Facts,
): Statement[] {
  return Object.entries(fields).flatMap(([name, field]) =>
    changed.has(name)
      ? (field.statements?.({ target, observed, value: desired[name] ?? null, desired, facts }) ?? [])
      : [],
  );
}

function initial(fields: FieldTable, desired: Values): [Field, Json][] {
  return Object.entries(fields).flatMap(([name, field]): [Field, Json][] => {
    const value = desired[name];
    if (value === undefined || (value === null && field.default === undefined)) return [];
    const isDefault = field.default !== undefined && sameValue(field.value, value, field.default);
    return isDefault ? [] : [[field, value]];
  });
}

/** A declared text value, or undefined. */
export function textOf(values: Values, name: string): string | undefined {
  const value = values[name];
  return typeof value === "string" ? value : undefined;
}

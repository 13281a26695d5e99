/** Every attribute of every type, with samples: what the tests that enumerate the field tables go through. */

import assert from "node:assert/strict";
import type { Field, ObjectType, Values } from "../../provider/definition";
import { fieldOf } from "../../provider/fields";
import { objectTypes } from "../../provider/objects";
import type { Json } from "../../provider/values";
import { type Sample, type SampleNames, sampleOf } from "./attribute-samples";

/** One attribute of one type, tried on an object of its own. */
export interface Case {
  readonly type: ObjectType;
  readonly attribute: string;
  readonly field: Field;
  readonly sample: Sample;
  /** The name of the resource, and of an object that has one. */
  readonly name: string;
  /** What names the object: its name, or its oid. */
  readonly identity: Values;
}

/** What an object needs beside the attribute that is tried. */
const BASES: Readonly<Record<string, (names: SampleNames) => Values>> = {
  Role: () => ({}),
  Database: () => ({ dropNonEmpty: true }),
  Schema: ({ database }) => ({ database }),
  Sequence: ({ database }) => ({ database }),
  Table: ({ database }) => ({ database }),
  View: ({ database }) => ({ database }),
  Routine: ({ database }) => ({ database }),
  LargeObject: ({ database }) => ({ database }),
};

/** The SQL that makes what a resource can only take over. `t` is a table with a column `a`. */
const MADE: Readonly<Record<string, (one: Case) => string>> = {
  Table: ({ name }) => `CREATE TABLE ${name} (a int)`,
  View: ({ name, attribute }) =>
    attribute === "tablespace"
      ? `CREATE MATERIALIZED VIEW ${name} AS SELECT 7 AS a`
      : `CREATE VIEW ${name} AS SELECT a FROM t`,
  Routine: ({ name }) => `CREATE FUNCTION ${name}() RETURNS int LANGUAGE sql AS 'SELECT 6'`,
  LargeObject: ({ identity }) => `SELECT lo_create(${identity.oid})`,
};

/** The statements that make what these cases take over. */
export function makingOf(all: readonly Case[]): string[] {
  return all
    .filter(({ type }) => type.found)
    .map((one) => (MADE[one.type.type] ?? assert.fail(`${one.type.type} is not made`))(one));
}

/** Oids of large objects of tests, each database having its own. */
const FIRST_OID = 70_000;

/**
 * Types whose own tests go through their attributes: of slots a server has but few, and nothing of one can be changed;
 * HBA rules are in a file of the whole server, which only servers of their own can do without (test/e2e/hba-attributes);
 * an ownership is about the owners of other objects (test/e2e/ownership).
 */
const ON_THEIR_OWN = ["ReplicationSlot", "HbaRule", "Ownership"];

/** Attributes whose own tests go through them: what they do takes pg_dump and pg_restore. */
const BY_THEMSELVES = ["Database.restoreFrom", "Database.finalBackup"];

/** Every attribute but those that say which object it is: they are tried together, in the tests of renames. */
export function cases(names: SampleNames, unique: string): Case[] {
  const types = [...objectTypes.values()].filter(({ type }) => !ON_THEIR_OWN.includes(type));
  return types.flatMap((type) =>
    Object.entries(type.fields).flatMap(([attribute, field], index): Case[] => {
      if (field.hidden || field.change === "address" || type.key.includes(attribute)) return [];
      if (BY_THEMSELVES.includes(`${type.type}.${attribute}`)) return [];
      const name = `${unique}_${type.type}_${attribute}`.toLowerCase();
      const identity: Values = type.key.includes("oid") ? { oid: FIRST_OID + index } : { name };
      const sample = sampleOf(type, attribute, field, { ...names, object: name });
      return [{ type, attribute, field, sample, name, identity }];
    }),
  );
}

/** What is declared of an object whose attribute has a value; undefined: not declared. */
export function declarationOf(
  { type, attribute, identity, sample }: Case,
  names: SampleNames,
  value: Json | undefined,
): Values {
  const base = BASES[type.type] ?? assert.fail(`${type.type} needs a base`);
  const { [attribute]: _, ...rest } = base(names);
  return { ...rest, ...sample.beside, ...identity, ...(value === undefined ? {} : { [attribute]: value }) };
}

/** Whether the server is new enough for the attribute, and for all values of the sample. */
export function isKnown({ field, sample, type }: Case, version: number): boolean {
  const values: [Field | undefined, Json][] = [
    [field, sample.good],
    [field, sample.other],
    ...Object.entries(sample.beside ?? {}).map(([name, value]): [Field | undefined, Json] => [
      fieldOf(type, name),
      value,
    ]),
  ];
  return values.every(([of, value]) =>
    (of?.since ?? []).every((since) => since.version <= version || since.only?.(value) === false),
  );
}

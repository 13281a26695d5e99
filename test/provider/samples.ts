/** Names, facts and observed objects that several tests of this folder share. */

import type { Field, ObjectType, Observed, Statement, Values } from "../../provider/definition";
import type { DatabaseFacts, Facts, RoleFacts, ServerFacts } from "../../provider/facts";
import type { Json } from "../../provider/values";

/** The text that the engine puts in place of a value that is not known yet. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Names that are legal and awkward. The last one has exactly 63 bytes. */
export const HOSTILE_NAMES: readonly string[] = [
  'a"b',
  "MiXed",
  "x.y",
  "u@d.com",
  "naïve 🐘",
  "'; select 1",
  "back\\slash",
  "per%cent/slash",
  "select",
  "$1",
  "line\nbreak",
  "constructor",
  `${"é".repeat(31)}x`,
];

/** A hostile name as an identifier, written out by other means than the code under test. */
export function id(name: string): string {
  return `"${name.split('"').join('""')}"`;
}

/** Facts of a server: PostgreSQL 18, seen by its superuser, unless told otherwise. */
export function serverFacts(facts: Partial<ServerFacts> = {}): ServerFacts {
  return {
    major: 18,
    version: "18.0",
    user: "postgres",
    superuser: true,
    createRole: true,
    readsPasswords: true,
    systemIdentifier: "7000000000000000001",
    scramIterations: 4096,
    database: "postgres",
    ...facts,
  };
}

/** The server as a role with LOGIN CREATEDB CREATEROLE alone sees it. */
export function restricted(major: number): ServerFacts {
  return serverFacts({ major, user: "deployer", superuser: false, readsPasswords: false });
}

/** Facts of a role that the current role may grant to itself but has no rights of. */
export function roleFacts(facts: Partial<RoleFacts> = {}): RoleFacts {
  return { superuser: false, usage: false, set: false, admin: true, ownGrant: null, ...facts };
}

/** Facts of a database in which the current role may create. */
export function databaseFacts(facts: Partial<DatabaseFacts> = {}): DatabaseFacts {
  return { oid: 1, owner: "postgres", encoding: "UTF8", create: true, ...facts };
}

/** Everything a plan depends on. */
export function factsOf(
  server: ServerFacts,
  roles: Readonly<Record<string, RoleFacts>> = {},
  databases: Readonly<Record<string, DatabaseFacts>> = { template1: databaseFacts(), postgres: databaseFacts() },
): Facts {
  return {
    server,
    roles: new Map(Object.entries(roles)),
    databases: new Map(Object.entries(databases)),
    database: "postgres",
    serverHashesPasswords: false,
  };
}

/** An object as the server shows it. */
export function observedOf(values: Values, extra: Observed["extra"] = {}): Observed {
  return { oid: 16384, values, extra };
}

/** What is sent, statement by statement. */
export function texts(statements: readonly Statement[]): string[] {
  return statements.map(({ sql }) => sql.text);
}

/** A value that a field takes, another one, one that it does not take, and an equal one in another spelling. */
export interface Sample {
  readonly good: Json;
  readonly other: Json;
  readonly bad: Json;
  readonly equal?: Json;
}

const NAME: Sample = { good: "one", other: "two", bad: "n".repeat(64) };
const FLAG: Sample = { good: true, other: false, bad: "yes" };

const SAMPLES: Readonly<Record<string, Sample>> = {
  "Role.password": { good: "s3cret-one", other: "s3cret-two", bad: 31_415_926 },
  "Role.connectionLimit": { good: 5, other: 6, bad: 1.5 },
  "Role.memberOf": { good: ["a", "b"], other: ["c"], bad: ["a", "n".repeat(64)], equal: ["b", "a", "b"] },
  "Database.encoding": { good: "UTF8", other: "LATIN1", bad: "no-such-encoding", equal: "utf-8" },
};

/** Samples for any field of any type; a new field whose values are neither names nor flags needs an entry above. */
export function sampleOf(type: ObjectType, name: string, field: Field): Sample {
  const known = SAMPLES[`${type.type}.${name}`];
  const sample = known ?? (field.value.accepts(true) ? FLAG : NAME);
  if (!field.value.accepts(sample.good) || !field.value.accepts(sample.other) || field.value.accepts(sample.bad)) {
    throw new Error(`${type.type}.${name} needs a sample of its own`);
  }
  return sample;
}

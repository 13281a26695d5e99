/** Names, facts and observed objects that several tests of this folder share. */

import type { CatalogueType, Observed, Statement, Values } from "../../provider/definition";
import type { DatabaseFacts, Facts, RoleFacts, SchemaFacts, ServerFacts } from "../../provider/facts";
import type { GrantedMembership } from "../../provider/objects/role-memberships";
import { schemaType } from "../../provider/objects/schema";
import { objectName } from "../../provider/values";

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

/** Encoding and locale of a database, as the server shows them. */
export const LOCALE: Values = {
  encoding: "UTF8",
  localeProvider: "libc",
  lcCollate: "C",
  lcCtype: "C",
  icuLocale: null,
  icuRules: null,
  builtinLocale: null,
};

/** Facts of a database in which the current role may create. */
export function databaseFacts(facts: Partial<DatabaseFacts> = {}): DatabaseFacts {
  return { oid: 1, owner: "postgres", locale: LOCALE, create: true, ...facts };
}

/** Facts of a schema in which the current role may do everything. */
export function schemaFacts(facts: Partial<SchemaFacts> = {}): SchemaFacts {
  return { owner: "postgres", usage: true, create: true, users: [], creators: [], ...facts };
}

/** Everything a plan depends on. */
export function factsOf(
  server: ServerFacts,
  roles: Readonly<Record<string, RoleFacts>> = {},
  databases: Readonly<Record<string, DatabaseFacts>> = { template1: databaseFacts(), postgres: databaseFacts() },
  schemas: Readonly<Record<string, SchemaFacts>> = {},
): Facts {
  return {
    server,
    roles: new Map(Object.entries(roles)),
    databases: new Map(Object.entries(databases)),
    schemas: new Map(Object.entries(schemas)),
    database: "postgres",
    serverHashesPasswords: false,
  };
}

/** An object as the server shows it. */
export function observedOf(values: Values, extra: Observed["extra"] = {}): Observed {
  return { oid: 16384, values, extra };
}

/** A sequence as CREATE SEQUENCE without any clause makes it, but for what is said. */
export function sequence(values: Values = {}, extra: Observed["extra"] = {}): Observed {
  return observedOf(
    {
      ...{ schema: "sales", name: "no", owner: "o", dataType: "bigint", increment: "1", minValue: "1" },
      ...{ maxValue: "9223372036854775807", start: "1", cache: "1", cycle: false, ownedBy: null, unlogged: false },
      ...{ comment: null, ...values },
    },
    { identity: false, ...extra },
  );
}

/** A role that may not log in, with its memberships, and its verifier where that is read. */
export function role(values: Values = {}, memberships: GrantedMembership[] = [], verifier?: string | null): Observed {
  const memberOf = memberships.map((membership) => membership.role);
  const shown = { name: "app", login: false, connectionLimit: -1, memberOf, ...values };
  return observedOf(shown, { memberships, verifier });
}

/** What is sent, statement by statement. */
export function texts(statements: readonly Statement[]): string[] {
  return statements.map(({ sql }) => sql.text);
}

/** A type whose objects have a schema and a name; the schema may be left out. */
export const TWO_PARTS: CatalogueType = {
  ...schemaType,
  type: "Thing",
  noun: "thing",
  fields: { ...schemaType.fields, schema: { value: objectName, change: "update", default: "public", postgres: "x" } },
  key: ["schema", "name"],
};

/** A membership that we granted, with PostgreSQL's own options. */
export function membership(role: string, row: Partial<GrantedMembership> = {}): GrantedMembership {
  return { role, grantor: "postgres", ours: true, admin: false, inherit: true, set: true, ...row };
}

/** Values to try, for each attribute of each type. */

import type { Field, ObjectType, ResourceType, Values } from "../../provider/definition";
import type { Json } from "../../provider/values";

/** A value that a field takes, another one, one that it does not take, and an equal one in another spelling. */
export interface Sample {
  readonly good: Json;
  readonly other: Json;
  readonly bad: Json;
  readonly equal?: Json;
  /** Other attributes that it takes beside it, or beside one of its values. */
  readonly beside?: Values | ((value: Json) => Values);
  /** Whether it cannot be left out. */
  readonly required?: true;
  /** Whether only a superuser may set it. */
  readonly superuser?: true;
  /** Whether changing it makes a new object, with what is read of the old one: a preview does not know that. */
  readonly madeAnew?: true;
}

/** Names that samples refer to: of roles, a database and a tablespace that have to be there. */
export interface SampleNames {
  readonly roles: readonly [string, string, string];
  readonly database: string;
  readonly tablespace: string;
  /** The name of the object itself, for a value that says it. */
  readonly object?: string;
}

const NAMES: SampleNames = { roles: ["a", "b", "c"], database: "d", tablespace: "t" };
/** An oid that a server comes to after two thousand million others. */
const FREE_OID = 2 ** 31 + Math.floor(Math.random() * 2 ** 30);
const NAME: Sample = { good: "one", other: "two", bad: "n".repeat(64) };
const FLAG: Sample = { good: true, other: false, bad: "yes" };
const COMMENT: Sample = { good: "what it's for", other: "another \\ comment", bad: 5 };
const LIMIT: Sample = { good: 0, other: 6, bad: 1.5 };
const CONFIG: Sample = {
  good: { statement_timeout: "30s", search_path: ["$user", "MiXed, x"], application_name: "it's" },
  other: { statement_timeout: "1min", datestyle: "ISO, DMY" },
  equal: { application_name: "it's", search_path: '"$user", "MiXed, x"', STATEMENT_TIMEOUT: 30_000 },
  bad: { statement_timeout: { seconds: 30 } },
};

const OWNER = ({ roles: [a, b] }: SampleNames): Sample => ({ ...NAME, good: a, other: b });
const TABLESPACE = ({ tablespace }: SampleNames): Sample => ({ ...NAME, good: tablespace, other: "pg_default" });

const SCHEMA_OBJECT: Json = { kind: "schema", name: "s" };

/** A function as the server itself writes it. */
function functionText(name: string, result: number): string {
  return `CREATE OR REPLACE FUNCTION public.${name}()\n RETURNS integer\n LANGUAGE sql\nAS $function$SELECT ${result}$function$\n`;
}

/** What an HBA rule is at least. */
const RULE: Values = {
  type: "host",
  databases: ["shop"],
  users: ["app"],
  address: "10.0.0.0/8",
  method: "scram-sha-256",
};

function besideRule(name: string): Values {
  const { [name]: _, ...rest } = RULE;
  return rest;
}

const SAMPLES: Readonly<Record<string, (names: SampleNames) => Sample>> = {
  "Role.superuser": () => ({ ...FLAG, superuser: true }),
  "Role.replication": () => ({ ...FLAG, superuser: true }),
  "Role.bypassRls": () => ({ ...FLAG, superuser: true }),
  "Role.inherit": () => ({ ...FLAG, good: false, other: true }),
  "Role.password": () => ({ good: "s3cret-one", other: "s3cret-two", bad: 31_415_926 }),
  "Role.passwordVersion": () => ({ good: "1", other: "2", bad: 3, beside: { password: "s3cret-one" } }),
  "Role.validUntil": () => ({
    good: "2031-05-01T12:00:00+02:00",
    other: "2032-01-01",
    equal: "2031-05-01 10:00:00",
    bad: "2031-02-30",
  }),
  "Role.connectionLimit": () => LIMIT,
  "Role.memberOf": ({ roles: [a, b, c] }) => ({
    good: [a, { role: b, admin: true }],
    other: [c],
    equal: [{ admin: true, role: b } as Json, { role: a }, a],
    bad: [a, "n".repeat(64)],
  }),
  "Role.config": () => CONFIG,
  "Role.configInDatabase": ({ database }) => ({
    good: { [database]: CONFIG.good },
    other: { [database]: CONFIG.other },
    equal: { [database]: CONFIG.equal ?? null },
    bad: { [database]: CONFIG.bad },
  }),
  "Role.comment": () => COMMENT,
  "Role.onDelete": ({ roles: [a] }) => ({
    good: { reassignOwnedTo: a },
    other: { dropOwned: true, databases: "all", terminateSessions: true },
    bad: { reassignTo: a },
  }),
  "Database.owner": OWNER,
  "Database.template": () => ({ ...NAME, good: "template0", other: "template1" }),
  "Database.encoding": () => ({ good: "UTF8", other: "LATIN1", bad: "no-such-encoding", equal: "utf-8" }),
  "Database.locale": () => ({ good: "C.utf8", other: "C", bad: 7, equal: "C.UTF-8" }),
  "Database.lcCollate": () => ({ good: "C.utf8", other: "C", bad: 7, equal: "C.UTF-8" }),
  "Database.lcCtype": () => ({ good: "C.utf8", other: "POSIX", bad: 7, equal: "C.UTF-8" }),
  "Database.localeProvider": () => ({ good: "libc", other: "icu", bad: "LIBC" }),
  "Database.icuLocale": () => ({
    ...{ good: "de-u-co-phonebk", other: "und", bad: "de@collation=phonebook", equal: "DE_u_CO_phonebk" },
    beside: { localeProvider: "icu" },
  }),
  "Database.icuRules": () => ({
    ...{ good: "&a < b", other: "&b < c", bad: 5 },
    beside: { localeProvider: "icu", icuLocale: "und" },
  }),
  "Database.builtinLocale": () => ({
    ...{ good: "C.UTF-8", other: "C", bad: 7, equal: "c.utf8" },
    beside: { localeProvider: "builtin" },
  }),
  "Database.strategy": () => ({ good: "file_copy", other: "wal_log", bad: "fast" }),
  "Database.collationVersion": () => ({ good: "1.0", other: "2.0", bad: 1 }),
  "Database.oid": () => ({ good: FREE_OID, other: FREE_OID + 1, bad: 16_383 }),
  "Database.restoreFrom": () => ({
    good: { at: "client", path: "backups/shop.dump", jobs: 2, schemas: ["sales"], noOwner: true },
    other: {
      from: ["gsutil", "cat", "gs://backups/shop"],
      exitOnError: false,
      clientPath: "/usr/lib/postgresql/18/bin",
    },
    bad: { at: "client", path: "backups/shop.dump", triggers: "all" },
  }),
  "Database.finalBackup": () => ({
    good: { at: "server", path: "/backups/shop-{timestamp}", format: "directory", jobs: 4 },
    other: { to: ["gsutil", "cp", "-", "gs://backups/shop"], compress: "zstd:3", excludeTables: ["*.log"] },
    bad: { to: "gsutil cp - gs://backups/shop" },
  }),
  "Database.tablespace": TABLESPACE,
  "Database.connectionLimit": () => LIMIT,
  "Database.allowConnections": () => ({ ...FLAG, good: false, other: true }),
  "Database.config": () => CONFIG,
  "Database.comment": () => COMMENT,
  "ReplicationSlot.name": () => ({ ...NAME, required: true }),
  "ReplicationSlot.type": () => ({
    ...{ good: "logical", other: "physical", bad: "temporary", required: true },
    beside: (value): Values => (value === "physical" ? {} : { plugin: "p" }),
  }),
  "ReplicationSlot.plugin": () => ({ ...NAME, beside: { type: "logical" }, required: true }),
  "ReplicationSlot.immediatelyReserve": () => ({ ...FLAG, beside: { type: "physical" } }),
  "HbaRule.name": () => ({ good: "one", other: "# two", bad: 5, required: true }),
  "HbaRule.type": () => ({ good: "host", other: "hostssl", bad: "tcp", beside: besideRule("type"), required: true }),
  "HbaRule.databases": () => ({
    ...{ good: ["shop", "all"], other: [{ name: "all" }, 'a,"b'], equal: ["all", "shop", "shop"], bad: [7] },
    beside: besideRule("databases"),
    required: true,
  }),
  "HbaRule.users": () => ({
    ...{ good: ["/app", { group: "+ops" }], other: [{ file: "names" }], equal: [{ group: "+ops" }, "/app"], bad: [7] },
    beside: besideRule("users"),
    required: true,
  }),
  "HbaRule.address": () => ({
    ...{ good: "fe80::/10", other: ".example.com", equal: "FE80:0::/10", bad: 5 },
    beside: (value) => (value === null ? { ...RULE, type: "local" } : RULE),
  }),
  "HbaRule.netmask": () => ({
    ...{ good: "255.0.0.0", other: "255.255.0.0", bad: "255/8" },
    beside: (value) => (value === null ? RULE : { ...RULE, address: "10.0.0.0" }),
  }),
  "HbaRule.method": () => ({
    ...{ good: "scram-sha-256", other: "md5", bad: "krb5", beside: besideRule("method"), required: true },
  }),
  "HbaRule.options": () => ({
    good: { map: "a", clientname: "DN" },
    other: { map: "b" },
    equal: { clientname: "DN", map: "a" },
    bad: { map: 389 },
    beside: { ...RULE, type: "hostssl", method: "cert" },
  }),
  "HbaRule.comment": () => COMMENT,
  "HbaRule.order": () => ({ good: 5, other: -7, bad: 1.5 }),
  "HbaRule.before": () => ({ good: "one", other: "two", bad: 5 }),
  "HbaRule.after": () => ({ good: "one", other: "two", bad: 5 }),
  "Schema.owner": OWNER,
  "Schema.comment": () => COMMENT,
  "Sequence.owner": OWNER,
  "Sequence.dataType": () => ({ good: "integer", other: "smallint", bad: "int4" }),
  "Sequence.increment": () => ({ good: "5", other: "-3", equal: 5, bad: "1.5" }),
  "Sequence.minValue": () => ({
    ...{ good: "0", other: "-9223372036854775808", equal: "-00", bad: "1.5" },
    beside: { start: "5" },
  }),
  "Sequence.maxValue": () => ({ good: "9223372036854775807", other: 1000, bad: "9223372036854775809" }),
  "Sequence.start": () => ({ good: 2 ** 53 - 1, other: 7, equal: "9007199254740991", bad: 2 ** 53 }),
  "Sequence.cache": () => ({ good: "20", other: "1", equal: 20, bad: "1.5" }),
  "Sequence.ownedBy": () => ({
    good: { table: "t", column: "a" },
    other: { table: "t", column: "b" },
    equal: { column: "a", table: "t" },
    bad: { table: "t" },
  }),
  "Sequence.comment": () => COMMENT,
  "Sequence.restartWith": () => ({ good: "0", other: "5", bad: "1.5", beside: { restartTrigger: "1" } }),
  "Sequence.restartTrigger": () => ({ good: "1", other: "2", bad: 3 }),
  "Table.owner": OWNER,
  "Table.tablespace": TABLESPACE,
  "Table.comment": () => COMMENT,
  "View.owner": OWNER,
  "View.tablespace": TABLESPACE,
  "View.checkOption": () => ({ good: "local", other: "cascaded", bad: "global" }),
  "View.comment": () => COMMENT,
  "View.materialized": () => ({
    ...{ ...FLAG, beside: { definition: "SELECT 7 AS a", allowReplace: true }, madeAnew: true },
  }),
  "View.definition": () => ({
    ...{ good: " SELECT 7 AS a;", other: " SELECT 8 AS a;", equal: "SELECT 7 AS a", bad: "DELETE FROM t" },
  }),
  "Routine.arguments": () => ({ good: "int, text[]", other: "", equal: "int,text[] ", bad: "int, (text" }),
  "Routine.owner": OWNER,
  "Routine.comment": () => COMMENT,
  "Routine.definition": ({ object = "n" }) => ({
    good: functionText(object, 7),
    other: functionText(object, 8),
    equal: `  ${functionText(object, 7).trim()};`,
    bad: "DROP FUNCTION n()",
  }),
  "LargeObject.oid": () => ({ good: 16400, other: 16401, equal: "16400", bad: 0.5, beside: {} }),
  "Ownership.owner": ({ roles: [a, b] }) => ({ ...NAME, good: a, other: b, beside: { objects: [SCHEMA_OBJECT] } }),
  "Ownership.objects": () => ({
    good: [{ kind: "table", name: "t" }, SCHEMA_OBJECT, { kind: "large object", oid: 16400 }],
    other: [{ kind: "routine", schema: "s", name: "f", arguments: "int", database: "d" }],
    equal: [SCHEMA_OBJECT, { oid: "16400", kind: "large object" }, { kind: "table", schema: "public", name: "t" }],
    bad: [{ kind: "table", name: "t", arguments: "int" }],
    beside: (value): Values => (value === null ? { owner: "a", reassignOwnedBy: "b" } : { owner: "a" }),
  }),
  "Ownership.reassignOwnedBy": ({ roles: [, b, c] }) => ({
    ...{ ...NAME, good: b, other: c },
    beside: (value): Values => (value === null ? { owner: "a", objects: [SCHEMA_OBJECT] } : { owner: "a" }),
  }),
  "Ownership.database": () => ({ ...NAME, beside: { owner: "a", objects: [SCHEMA_OBJECT] } }),
  "Ownership.databases": () => ({
    ...{ good: ["d", "e"], other: "all", equal: ["e", "d"], bad: [7] },
    beside: { owner: "a", reassignOwnedBy: "b" },
  }),
  "LargeObject.owner": OWNER,
  "LargeObject.comment": () => COMMENT,
};

/** What some types always take, beside a name. */
const ALWAYS: Readonly<Record<string, Values>> = {
  Command: { create: { sql: "SELECT 1" } },
  ReplicationSlot: { type: "logical", plugin: "p" },
  HbaRule: RULE,
  LargeObject: { oid: 16400 },
  Ownership: { owner: "a", objects: [SCHEMA_OBJECT] },
};

/** The least that a program must declare of a type. */
export function minimumOf(type: ResourceType): Values {
  return { ...Object.fromEntries(type.key.map((key) => [key, "n"])), ...ALWAYS[type.type] };
}

/** What has to be declared beside a value of an attribute. */
export function besideOf(type: ObjectType, name: string, field: Field): (value: Json) => Values {
  const { beside = ALWAYS[type.type] ?? {} } = sampleOf(type, name, field);
  const keys = Object.fromEntries(type.key.filter((key) => key !== name).map((key) => [key, "n"]));
  return (value) => ({ ...keys, ...(typeof beside === "function" ? beside(value) : beside) });
}

/** Samples for any field of any type; a new field whose values are neither names nor flags needs an entry above. */
export function sampleOf(type: ObjectType, name: string, field: Field, names: SampleNames = NAMES): Sample {
  const timeouts: Sample = { good: { create: "5m" }, other: { delete: "1h30m" }, bad: { create: "5 minutes" } };
  const known = name === "customTimeouts" ? timeouts : SAMPLES[`${type.type}.${name}`]?.(names);
  const sample = known ?? (field.value.accepts(true) ? FLAG : NAME);
  if (!field.value.accepts(sample.good) || !field.value.accepts(sample.other) || field.value.accepts(sample.bad)) {
    throw new Error(`${type.type}.${name} needs a sample of its own`);
  }
  return sample;
}

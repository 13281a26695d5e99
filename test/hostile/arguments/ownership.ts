/** The arguments of ownerships, and every kind of object that they hand over. */

import type { Values } from "../../../provider/definition";
import { OWNED_KINDS } from "../../../provider/objects/owned-kinds";
import { UNKNOWN } from "../../../provider/unknown";
import { hostileText, isNameable, isStorable } from "../texts";
import type { Argument } from "../trial";
import { isRoleName, isSchemaName, noSuchRole, nothing, type Place, schema } from "./common";
import { isOid, largeObject, oidTexts } from "./large-object";
import { quotedName } from "./quoting";

type Needs = NonNullable<ReturnType<NonNullable<Argument["needs"]>>>;

/** A kind of objects: how one of a name is made, and where it is found. */
interface Kind {
  needs(name: string, unique: string): Needs;
  readonly catalogue: string;
  readonly columns: string;
  /** Which rows are meant; `x` is the row. Default: all. */
  readonly condition?: string;
  /** What else a name has to be. Default: nothing. */
  isFree?(name: string): boolean;
}

const made = (sql: string, catalogue: string, columns: string, condition = "true"): Kind => ({
  ...{ catalogue, columns, condition, needs: (name) => [[sql, name]] },
});
const isMine = (name: string) => !name.startsWith("pg_");

/** Every kind that has a name. */
function kinds({ database, tablespace }: Place): Readonly<Record<string, Kind>> {
  return {
    database: { ...made(`ALTER DATABASE ${database} RENAME TO %I`, "pg_database", "dat") },
    tablespace: {
      ...made(`ALTER TABLESPACE ${tablespace} RENAME TO %I`, "pg_tablespace", "spc"),
      isFree: isMine,
    },
    schema: {
      ...made("CREATE SCHEMA %I", "pg_namespace", "nsp"),
      isFree: (name) => isMine(name) && name !== "public",
    },
    table: made("CREATE TABLE %I (c int)", "pg_class", "rel", "relkind = 'r'"),
    view: made("CREATE VIEW %I AS SELECT 1", "pg_class", "rel", "relkind = 'v'"),
    sequence: made("CREATE SEQUENCE %I", "pg_class", "rel", "relkind = 'S'"),
    routine: made("CREATE FUNCTION %I() RETURNS int LANGUAGE sql AS 'SELECT 1'", "pg_proc", "pro"),
    type: made("CREATE TYPE public.%I AS ENUM ()", "pg_type", "typ", "typtype = 'e'"),
    collation: made(`CREATE COLLATION public.%I FROM "C"`, "pg_collation", "coll"),
    conversion: made(
      "CREATE CONVERSION public.%I FOR 'UTF8' TO 'LATIN1' FROM utf8_to_iso8859_1",
      ...(["pg_conversion", "con"] as const),
    ),
    statistics: made("CREATE STATISTICS public.%I ON i, x FROM canary", "pg_statistic_ext", "stx"),
    "text search configuration": made(
      "CREATE TEXT SEARCH CONFIGURATION public.%I (COPY = simple)",
      ...(["pg_ts_config", "cfg"] as const),
    ),
    "text search dictionary": made(
      "CREATE TEXT SEARCH DICTIONARY public.%I (TEMPLATE = simple)",
      ...(["pg_ts_dict", "dict"] as const),
    ),
    publication: made("CREATE PUBLICATION %I", "pg_publication", "pub"),
    subscription: made(
      "CREATE SUBSCRIPTION %I CONNECTION 'dbname=x password=x' PUBLICATION x WITH (connect = false, slot_name = NONE)",
      ...(["pg_subscription", "sub"] as const),
    ),
    "foreign data wrapper": made("CREATE FOREIGN DATA WRAPPER %I", "pg_foreign_data_wrapper", "fdw"),
    "foreign server": {
      ...made("", "pg_foreign_server", "srv"),
      needs: (name, unique) => [
        ["CREATE FOREIGN DATA WRAPPER %I", `${unique}w`],
        ["CREATE SERVER %I FOREIGN DATA WRAPPER %I", name, `${unique}w`],
      ],
    },
    "event trigger": {
      ...made("", "pg_event_trigger", "evt"),
      needs: (name, unique) => [
        ["CREATE FUNCTION %I() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'", `${unique}e`],
        ["CREATE EVENT TRIGGER %I ON sql_drop EXECUTE FUNCTION %I()", name, `${unique}e`],
        ["ALTER EVENT TRIGGER %I DISABLE", name],
      ],
    },
    language: made("CREATE LANGUAGE %I HANDLER plpgsql_call_handler", "pg_language", "lan"),
  };
}

/** Only a superuser can own some of them. */
const owner = (name: string) => ["CREATE ROLE %I SUPERUSER", name] as const;

/** The arguments of ownerships. */
export function ownerships(place: Place): Argument[] {
  const base = { type: "Ownership", texts: hostileText, adds: nothing, keys: "names", nameless: true } as const;
  const ownerOf = (columns: string) => `pg_get_userbyid(x.${columns === "dat" ? "datdba" : `${columns}owner`})`;
  const ownedBy = (catalogue: string, columns: string, condition = "true", name = `x.${columns}name`) =>
    `SELECT ${ownerOf(columns)} AS key, to_json(${name}) AS value FROM ${catalogue} x
      WHERE ${ownerOf(columns)} = ANY ($1::name[]) AND ${condition}`;
  const tableOf =
    "SELECT relname AS key, to_json(pg_get_userbyid(relowner)) AS value FROM pg_class WHERE relname = ANY ($1)";
  const absent = { accepts: isNameable, refusal: () => "does not exist" };
  const table = (more: Values, name: string): Values => ({ objects: [{ kind: "table", name, ...more }] });
  const ofKind = ([kind, { needs, catalogue, columns, condition, isFree = () => true }]: [string, Kind]): Argument => ({
    ...base,
    ...{
      name: `objects[].name (${kind})`,
      count: 40,
      accepts: isNameable,
      read: ownedBy(catalogue, columns, condition),
    },
    texts: hostileText.filter((text) => !isNameable(text) || (text !== "canary" && isFree(text))),
    // There is one of these, for one text at a time.
    ...(["database", "tablespace"].includes(kind) ? { alone: true as const } : {}),
    needs: (text, unique) => [owner(unique), ...needs(text, unique)],
    inputs: (name, owner) => ({ owner, objects: [{ kind, name }] }),
  });
  return [
    ...Object.entries(kinds(place)).map(ofKind),
    {
      ...base,
      ...{ name: "objects[].oid", count: 60, texts: oidTexts, accepts: isOid },
      read: ownedBy("pg_largeobject_metadata", "lom", "true", "x.oid::text"),
      needs: (oid, unique) => [owner(unique), largeObject(oid)],
      inputs: (oid, owner) => ({ owner, objects: [{ kind: "large object", oid }] }),
    },
    {
      ...base,
      ...{ name: "objects[].schema", count: 90, accepts: isSchemaName },
      read: ownedBy("pg_class", "rel", "true", "x.relnamespace::regnamespace::text"),
      needs: (text, unique) => [owner(unique), ...schema(text), ["CREATE TABLE %I.%I (c int)", text, `${unique}t`]],
      inputs: (schema, owner) => ({ owner, ...table({ schema }, `${owner}t`) }),
      expected: (text, found) => (found === quotedName(text) ? found : text),
    },
    {
      ...base,
      ...{ name: "objects[].arguments", count: 60, accepts: isStorable },
      refusal: (text) => (isNameable(text) ? undefined : "does not exist"),
      read: ownedBy("pg_proc", "pro", "true", "(SELECT t.typname FROM pg_type t WHERE t.oid = x.proargtypes[0])"),
      needs: (text, unique) => [
        owner(unique),
        ...(isNameable(text)
          ? [
              ["CREATE TYPE public.%I AS ENUM ()", text] as const,
              ["CREATE FUNCTION %I(public.%I) RETURNS int LANGUAGE sql AS 'SELECT 1'", `${unique}f`, text] as const,
            ]
          : []),
      ],
      inputs: (text, owner) => ({
        ...{ owner, objects: [{ kind: "routine", name: `${owner}f`, arguments: `public.${quotedName(text)}` }] },
      }),
    },
    {
      ...base,
      ...{ name: "objects[].database", count: 60, ...absent },
      needs: (_, unique) => [owner(unique)],
      inputs: (database, owner) => ({ owner, ...table({ database }, "canary") }),
    },
    {
      ...base,
      ...{ name: "objects[].kind", count: 50, accepts: () => false },
      texts: hostileText.filter((text) => !OWNED_KINDS.has(text)),
      inputs: (kind, owner) => ({ owner, objects: [{ kind, name: "canary" }] }),
    },
    {
      ...base,
      ...{ name: "owner", count: 90, accepts: isNameable, refusal: noSuchRole, read: tableOf },
      needs: (text, unique) => [
        ...(noSuchRole(text) === undefined ? [owner(text)] : []),
        ["CREATE TABLE %I (c int)", unique],
      ],
      inputs: (owner, name) => ({ owner, ...table({}, name) }),
    },
    {
      ...base,
      ...{ name: "reassignOwnedBy", count: 90, accepts: isNameable, read: tableOf, expected: () => place.heir },
      // What the server has for itself owns nothing, and nothing is done.
      texts: hostileText.filter((text) => !isNameable(text) || isRoleName(text)),
      needs: (text, unique) => [
        owner(text),
        ["CREATE TABLE %I (c int)", unique],
        ["ALTER TABLE %I OWNER TO %I", unique, text],
      ],
      inputs: (reassignOwnedBy) => ({ owner: place.heir, reassignOwnedBy }),
    },
    {
      ...base,
      ...{ name: "database", count: 60, ...absent },
      needs: (_, unique) => [owner(unique)],
      inputs: (database, owner) => ({ owner, database, ...table({}, "canary") }),
    },
    {
      ...base,
      // Where it owns nothing, nothing is done.
      ...{ name: "databases[]", count: 60, accepts: isNameable },
      needs: (_, unique) => [owner(unique)],
      inputs: (text, unique) => ({ owner: place.heir, reassignOwnedBy: unique, databases: [text] }),
    },
    {
      ...base,
      ...{ name: "databases", count: 50, accepts: (text) => text === "all" },
      // With what stands for a value that is not known yet, nothing is refused before it is known.
      texts: hostileText.filter((text) => text !== UNKNOWN),
      needs: (_, unique) => [owner(unique)],
      inputs: (databases, unique) => ({ owner: place.heir, reassignOwnedBy: unique, databases }),
    },
  ];
}

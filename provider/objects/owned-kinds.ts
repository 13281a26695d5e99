/** Every kind of object that has an owner, and how objects of it are found and handed over. */

import type { CatalogueType, Field, Observed, Statement, Values } from "../definition";
import type { Facts } from "../facts";
import { withRightsOf } from "../rights";
import type { Sql } from "../sql";
import { objectName } from "../values";
import { nameField, ownerField, ownerTo, targetOf, textOf } from "./common";
import { databaseType } from "./database";
import { alterInSchema, involved, schemaField } from "./in-schema";
import { largeObjectType } from "./large-object";
import { routineType } from "./routine";
import { schemaType } from "./schema";
import { sequenceType } from "./sequence";
import { tableType } from "./table";
import { viewType } from "./view";

/** Where the catalogue has a kind of objects that is nothing but handed over here. */
interface Place {
  /** The kind in statements: `TYPE`. */
  readonly words: string;
  readonly catalogue: string;
  /** How the columns begin: `typ` of typname, typowner and typnamespace. */
  readonly columns: string;
  /** Where it is: in a schema, in the database without one, or on the server. */
  readonly in: "schema" | "database" | "server";
  /** What else holds for rows that are meant; `x` is the row. */
  readonly condition?: string;
}

/** A type of objects of which only the owner is looked at. */
function ownedOnly(noun: string, { words, catalogue, columns, in: home, condition = "true" }: Place): CatalogueType {
  const target = (...path: string[]): Sql => targetOf(words, ...path);
  const inSchema = home === "schema";
  const fields: Record<string, Field> = {
    ...(inSchema ? { schema: schemaField(words) } : {}),
    name: nameField(objectName, words),
    owner: ownerField(words),
  };
  const table = { fields, key: inSchema ? ["schema", "name"] : ["name"] };
  const alter = (observed: Observed, desired: Values, facts: Facts): Statement[] => {
    if (inSchema)
      return alterInSchema(
        table,
        (_, schema, name) => target(schema, name),
        observed,
        desired,
        facts,
        () => [],
      );
    const { name, owner } = observed.values as Record<string, string>;
    const wanted = textOf(desired, "owner");
    if (wanted === undefined || wanted === owner) return [];
    return withRightsOf([owner ?? "", wanted], facts, [ownerTo(target(name ?? ""), wanted)]);
  };
  return {
    ...table,
    ...involved,
    ...(inSchema ? {} : { schemasInvolved: () => [] }),
    type: noun,
    noun,
    perDatabase: home !== "server",
    found: true,
    computed: {},
    catalogue: () => ({
      select: `
        SELECT x.oid::int8 AS oid, ${inSchema ? "n.nspname::text AS schema, " : ""}x.${columns}name::text AS name,
               pg_catalog.pg_get_userbyid(x.${columns}owner)::text AS owner
          FROM (SELECT x.oid, x.${columns}name, x.${columns}owner${inSchema ? `, x.${columns}namespace` : ""}
                  FROM pg_catalog.${catalogue} x WHERE ${condition}) AS x
          ${inSchema ? `JOIN pg_catalog.pg_namespace n ON n.oid = x.${columns}namespace` : ""}`,
      key: [...(inSchema ? ["n.nspname"] : []), `x.${columns}name`],
      oid: "x.oid",
    }),
    toObserved: ({ oid, ...values }) => ({ oid: Number(oid), values: values as Values, extra: {} }),
    create: () => [],
    alter,
    drop: () => [],
  };
}

const schemaPlace = (words: string, catalogue: string, columns: string, condition?: string): Place => ({
  ...{ words, catalogue, columns, in: "schema", condition },
});
const databasePlace = (words: string, catalogue: string, columns: string, condition?: string): Place => ({
  ...{ words, catalogue, columns, in: "database", condition },
});

/** Types of their own right: not the rows of a table, nor arrays, which follow what they are made of. */
const OWN_TYPE = `NOT EXISTS (SELECT FROM pg_catalog.pg_type e WHERE e.typarray = x.oid)
  AND (x.typrelid = 0 OR EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.oid = x.typrelid AND c.relkind = 'c'))`;

const ENCODING = `x.collencoding IN (-1,
  (SELECT d.encoding FROM pg_catalog.pg_database d WHERE d.datname = current_database()))`;

const HERE = "x.subdbid = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = current_database())";

/** Kinds that are nothing but handed over here. */
const OTHERS = {
  tablespace: { words: "TABLESPACE", catalogue: "pg_tablespace", columns: "spc", in: "server" },
  publication: databasePlace("PUBLICATION", "pg_publication", "pub"),
  subscription: databasePlace("SUBSCRIPTION", "pg_subscription", "sub", HERE),
  "foreign server": databasePlace("SERVER", "pg_foreign_server", "srv"),
  "foreign data wrapper": databasePlace("FOREIGN DATA WRAPPER", "pg_foreign_data_wrapper", "fdw"),
  "event trigger": databasePlace("EVENT TRIGGER", "pg_event_trigger", "evt"),
  language: databasePlace("LANGUAGE", "pg_language", "lan"),
  type: schemaPlace("TYPE", "pg_type", "typ", OWN_TYPE),
  collation: schemaPlace("COLLATION", "pg_collation", "coll", ENCODING),
  conversion: schemaPlace("CONVERSION", "pg_conversion", "con"),
  statistics: schemaPlace("STATISTICS", "pg_statistic_ext", "stx"),
  "text search configuration": schemaPlace("TEXT SEARCH CONFIGURATION", "pg_ts_config", "cfg"),
  "text search dictionary": schemaPlace("TEXT SEARCH DICTIONARY", "pg_ts_dict", "dict"),
} as const satisfies Record<string, Place>;

/** Kinds that have an object type of their own. */
const TYPES = {
  database: databaseType,
  schema: schemaType,
  table: tableType,
  view: viewType,
  sequence: sequenceType,
  routine: routineType,
  "large object": largeObjectType,
} as const satisfies Record<string, CatalogueType>;

/** The type of the objects of each kind, by its name. */
export const OWNED_KINDS: ReadonlyMap<string, CatalogueType> = new Map<string, CatalogueType>([
  ...Object.entries(TYPES),
  ...Object.entries(OTHERS).map(([kind, place]): [string, CatalogueType] => [kind, ownedOnly(kind, place)]),
]);

/** The arguments of lookups: what there is for a text in each, and which objects must be found by it. */

import { hostileText, isNameable, isStorable } from "../texts";
import { isRoleName, isSchemaName, type Place } from "./common";

/** An argument of a lookup. */
export interface LookupArgument {
  readonly lookup: string;
  readonly name: string;
  readonly count: number;
  readonly texts: typeof hostileText;
  accepts(text: string): boolean;
  /** What is asked, with a text in the argument. */
  given(text: string, unique: string): Record<string, unknown>;
  /** Statements that make what is to be found, with names for `format`'s `%I`. None: nothing is, and nothing has to be. */
  makes(text: string, unique: string): readonly (readonly [statement: string, ...names: string[]])[];
  /** A query for the oids and names of what must be found; `$1` is {@link of}. None: it is told that this does not exist. */
  readonly wanted?: string;
  /** What stands for the text in that query. Default: the text. */
  of?(text: string, unique: string): string;
  /** Why the server may refuse a text. Default: it may not. */
  mayRefuse?(text: string): string | undefined;
  /** Whether each text is tried by itself, because all are about one object. */
  readonly alone?: true;
}

/** Objects that a lookup is about. */
interface Kind {
  readonly lookup: string;
  readonly catalogue: string;
  /** How its columns begin. */
  readonly columns: string;
  readonly owner?: string;
  readonly condition?: string;
  /** What makes one, with `%I` for its name. */
  readonly sql: string;
  /** What gives one to a role. */
  readonly give?: string;
  /** Whether one can have a name. */
  isFree(name: string): boolean;
  readonly alone?: true;
}

const isTableName = (name: string) => isNameable(name) && name !== "canary";

function kinds({ database }: Place): Kind[] {
  const relation = { catalogue: "pg_class", columns: "rel", owner: "relowner", isFree: isTableName };
  return [
    { lookup: "getRoles", catalogue: "pg_authid", columns: "rol", sql: "CREATE ROLE %I", isFree: isRoleName },
    {
      ...{ lookup: "getDatabases", catalogue: "pg_database", columns: "dat", owner: "datdba", isFree: isNameable },
      ...{ sql: `ALTER DATABASE ${database} RENAME TO %I`, give: "ALTER DATABASE %I OWNER TO %I", alone: true },
    },
    {
      ...{ lookup: "getSchemas", catalogue: "pg_namespace", columns: "nsp", owner: "nspowner" },
      ...{ sql: "CREATE SCHEMA %I", give: "ALTER SCHEMA %I OWNER TO %I" },
      isFree: (name) => isSchemaName(name) && name !== "public",
    },
    {
      ...{ ...relation, lookup: "getTables", condition: "x.relkind IN ('r', 'p', 'f') AND x.relpersistence <> 't'" },
      ...{ sql: "CREATE TABLE %I ()", give: "ALTER TABLE %I OWNER TO %I" },
    },
    {
      ...{ ...relation, lookup: "getSequences", condition: "x.relkind = 'S' AND x.relpersistence <> 't'" },
      ...{ sql: "CREATE SEQUENCE %I", give: "ALTER SEQUENCE %I OWNER TO %I" },
    },
  ];
}

/** A pattern that only the text itself matches. */
const asPattern = (text: string) => [...text].map((char) => (/[\\%_]/.test(char) ? `\\${char}` : char)).join("");

/** A pattern may end with what escapes nothing; whether the server notices depends on what else it looks at before. */
const unended = (text: string) => (text.endsWith("\\") ? "LIKE pattern must not end with escape character" : undefined);

/** Every argument of every lookup of objects. */
export function lookupArguments(place: Place): LookupArgument[] {
  return kinds(place).flatMap((kind) => [...byName(kind), ...byOwner(kind), ...byPlace(kind, place)]);
}

function byName({ lookup, catalogue, columns, sql, condition = "true", isFree, ...more }: Kind): LookupArgument[] {
  const name = `x.${columns}name`;
  const base = {
    ...{ lookup, texts: hostileText, accepts: isStorable, ...(more.alone ? { alone: true as const } : {}) },
    makes: (text: string) => (isFree(text) ? [[sql, text] as const] : []),
  };
  const where = (test: string) =>
    `SELECT x.oid::text, ${name}::text FROM pg_catalog.${catalogue} x WHERE ${condition} AND ${test}`;
  return [
    {
      ...{ ...base, name: "names[]", count: 70, accepts: isNameable, wanted: where(`${name}::text = $1::text`) },
      given: (text, unique) => ({ names: [unique, text] }),
    },
    {
      ...{ ...base, name: "like", count: 60, wanted: where(`${name}::text = $1::text`) },
      given: (text) => ({ like: asPattern(text) }),
    },
    {
      ...{ ...base, name: "like[] (a pattern)", count: 60, wanted: where(`${name}::text LIKE $1::text`) },
      given: (text) => ({ like: [text] }),
      mayRefuse: unended,
    },
    {
      ...{ ...base, name: "notLike", count: 40, wanted: where(`${name}::text <> $1::text`) },
      given: (text) => ({ notLike: asPattern(text) }),
    },
    {
      ...{ ...base, name: "notLike[] (a pattern)", count: 40, wanted: where(`${name}::text NOT LIKE $1::text`) },
      given: (text) => ({ notLike: [text] }),
      mayRefuse: unended,
    },
  ];
}

function byOwner({ lookup, catalogue, columns, sql, condition = "true", owner, give, alone }: Kind): LookupArgument[] {
  if (owner === undefined || give === undefined) return [];
  return [
    {
      ...{ lookup, name: "owner", count: 50, texts: hostileText, accepts: isNameable, ...(alone ? { alone } : {}) },
      makes: (text, unique) =>
        isRoleName(text)
          ? [
              ["CREATE ROLE %I", text],
              [sql, unique],
              [give, unique, text],
            ]
          : [],
      given: (owner) => ({ owner }),
      wanted: `SELECT x.oid::text, x.${columns}name::text FROM pg_catalog.${catalogue} x
        JOIN pg_catalog.pg_authid r ON r.oid = x.${owner} WHERE ${condition} AND r.rolname::text = $1::text`,
    },
  ];
}

function byPlace({ lookup, catalogue, columns, sql, condition = "true" }: Kind, place: Place): LookupArgument[] {
  if (["getRoles", "getDatabases"].includes(lookup)) return [];
  const base = { lookup, texts: hostileText, accepts: isNameable };
  const rows = `SELECT x.oid::text, x.${columns}name::text FROM pg_catalog.${catalogue} x`;
  const inDatabase: LookupArgument[] = [
    {
      ...{ ...base, name: "database", count: 40, alone: true },
      makes: (text, unique) => [
        [`ALTER DATABASE ${place.database} RENAME TO %I`, text],
        [sql, unique],
      ],
      given: (database, unique) => ({ database, names: [unique] }),
      wanted: `${rows} WHERE ${condition} AND x.${columns}name::text = $1::text`,
      of: (_, unique) => unique,
    },
    { ...base, name: "database (none)", count: 40, makes: () => [], given: (database) => ({ database }) },
  ];
  if (lookup === "getSchemas") return inDatabase;
  return [
    ...inDatabase,
    {
      ...{ ...base, name: "schema", count: 50 },
      makes: (text, unique) =>
        isSchemaName(text)
          ? [
              ...(text === "public" ? [] : [["CREATE SCHEMA %I", text] as const]),
              [sql.replace("%I", "%I.%I"), text, unique],
            ]
          : [],
      given: (schema) => ({ schema }),
      wanted: `${rows} JOIN pg_catalog.pg_namespace n ON n.oid = x.relnamespace
        WHERE ${condition} AND n.nspname::text = $1::text`,
    },
  ];
}

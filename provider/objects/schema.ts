/** Schemas: `CREATE SCHEMA`, `pg_namespace`. */

import type { Cluster } from "../cluster";
import type { CatalogueType, Fields, Observed, Statement, Values } from "../definition";
import { RefusedError } from "../errors";
import { DATABASE_OWNER, type Facts } from "../facts";
import { differences } from "../fields";
import { withRightsOf } from "../rights";
import { identifier, sql } from "../sql";
import { schemaName } from "../values";
import {
  type Adoption,
  alterStatements,
  commentField,
  commonFields,
  createStatements,
  databaseField,
  nameField,
  option,
  ownerField,
  ownerTo,
  renameTo,
  targetOf,
  textOf,
} from "./common";
import { dependents } from "./dependents";

/** What a server shows of a schema. What is not declared is never touched. */
export interface SchemaAttributes {
  /** Name of the schema, at most 63 bytes. Changing it renames in place, with everything in it. */
  name: string;
  /** The role that owns it. Default: the role that creates it. Changed in place (`OWNER TO`). */
  owner?: string;
  /** Comment on the schema (`COMMENT ON SCHEMA`). Default none. Changed in place. */
  comment?: string | null;
}

/** What can be declared of a schema. */
export interface SchemaProperties extends SchemaAttributes, Adoption {
  /** The database it is in. Default: the connection's. Follows a rename; a schema cannot move to another database. */
  database?: string;
  /** Drop what is in it with it (`DROP SCHEMA … CASCADE`). Default false: the drop of a schema with content is refused. */
  dropCascade?: boolean | null;
}

/** What the server knows of a schema beside what is declared. */
export interface SchemaComputed {
  /** The schema's oid in `pg_namespace`. */
  oid: number;
}

const KIND = "SCHEMA";

const fields: Fields<SchemaProperties & { customTimeouts: unknown }> = {
  database: databaseField,
  name: nameField(schemaName, KIND),
  owner: ownerField(KIND),
  comment: commentField(KIND),
  dropCascade: option("DROP SCHEMA … CASCADE"),
  ...commonFields,
};

const CATALOGUE = {
  select: `
    SELECT n.oid::int8 AS oid, n.nspname::text AS name, pg_catalog.pg_get_userbyid(n.nspowner)::text AS owner,
           pg_catalog.obj_description(n.oid, 'pg_namespace') AS comment
      FROM pg_catalog.pg_namespace n`,
  key: ["n.nspname"],
  oid: "n.oid",
  table: "pg_namespace",
};

function create(desired: Values, facts: Facts): Statement[] {
  const owner = textOf(desired, "owner");
  const authorization = owner === undefined ? sql`` : sql` AUTHORIZATION ${identifier(owner)}`;
  const target = targetOf(KIND, String(desired.name));
  const statement = { sql: sql`CREATE ${target}${authorization}` };
  const statements = [statement, ...createStatements(fields, target, desired, facts)];
  return withRightsOf([...mayCreate(facts), ...(owner === undefined ? [] : [owner])], facts, statements);
}

function alter(observed: Observed, desired: Values, facts: Facts): Statement[] {
  const changed = differences(schemaType, observed, desired);
  const before = String(observed.values.name);
  const name = textOf(desired, "name") ?? before;
  const newOwner = String(desired.owner);
  const target = targetOf(KIND, name);
  const statements = changed.has("name") ? [renameTo(targetOf(KIND, before), name)] : [];
  if (changed.has("owner")) statements.push(ownerTo(target, newOwner));
  statements.push(...alterStatements(fields, target, changed, observed, desired, facts));
  const roles = [ownerOf(observed, facts), ...mayCreate(facts), ...(changed.has("owner") ? [newOwner] : [])];
  return withRightsOf(roles, facts, statements);
}

function drop(observed: Observed, options: Values, facts: Facts): Statement[] {
  const cascade = options.dropCascade === true ? sql` CASCADE` : sql``;
  const statement = { sql: sql`DROP ${targetOf(KIND, String(observed.values.name))}${cascade}` };
  return withRightsOf([ownerOf(observed, facts)], facts, [statement]);
}

/** Whose rights are needed beside our own to create in this database: its owner's, or nobody's. */
function mayCreate(facts: Facts): string[] {
  const database = facts.databases.get(facts.database);
  return database === undefined || database.create ? [] : [database.owner];
}

function ownerOf(observed: Observed, facts: Facts): string {
  const owner = String(observed.values.owner);
  return owner === DATABASE_OWNER ? (facts.databases.get(facts.database)?.owner ?? owner) : owner;
}

async function refuseContent(cluster: Cluster, observed: Observed, options: Values): Promise<Statement[]> {
  if (options.dropCascade === true) return [];
  const content = await dependents(cluster, "pg_namespace", observed.oid);
  if (content === undefined) return [];
  throw new RefusedError(`it is not empty (${content})`, {
    remedy: "Set dropCascade: true (and apply it) to drop them with the schema",
  });
}

/** The definition of schemas. */
export const schemaType: CatalogueType = {
  type: "Schema",
  noun: "schema",
  fields,
  key: ["name"],
  perDatabase: true,
  computed: { oid: "The schema's oid in pg_namespace.", databaseOid: "The oid of the database that it is in." },
  catalogue: () => CATALOGUE,
  toObserved: ({ oid, ...values }) => ({ oid: Number(oid), values: values as Values, extra: {} }),
  rolesInvolved: (observed, desired) =>
    [textOf(desired, "owner"), textOf(observed?.values ?? {}, "owner")].filter((role) => role !== undefined),
  databasesInvolved: (_observed, _desired, current) => [current],
  create,
  alter,
  drop,
  beforeDrop: refuseContent,
};

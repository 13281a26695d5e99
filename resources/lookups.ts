import type * as pulumi from "@pulumi/pulumi";
import type {
  FoundDatabase,
  FoundRole,
  FoundSchema,
  FoundSequence,
  FoundServer,
  FoundTable,
  WantedDatabases,
  WantedInSchemas,
  WantedRoles,
  WantedSchemas,
  WantedSettings,
} from "../provider/lookups/types";
import type { Database } from "./database";
import type { InputsOf } from "./inputs";
import { type LookupDefinition, type LookupOptions, lookUp, lookUpAll } from "./lookup";

/** The database to look in. */
interface InDatabaseArgs {
  /**
   * The database to look in: a name, or a {@link Database}, which is then waited for. Default: the connection's. The role
   * must be able to connect to it; one that does not exist is an error.
   */
  database?: pulumi.Input<string> | Database;
}

/** What {@link getRoles} can be asked for. A secret among the arguments makes the answer a secret, here and elsewhere. */
export interface GetRolesArgs extends InputsOf<WantedRoles> {}
/** What {@link getDatabases} can be asked for. */
export interface GetDatabasesArgs extends InputsOf<WantedDatabases> {}
/** What {@link getSchemas} can be asked for. */
export interface GetSchemasArgs extends InputsOf<Omit<WantedSchemas, "database">>, InDatabaseArgs {}
/** What {@link getTables} can be asked for. */
export interface GetTablesArgs extends InputsOf<Omit<WantedInSchemas, "database">>, InDatabaseArgs {}
/** What {@link getSequences} can be asked for. */
export interface GetSequencesArgs extends InputsOf<Omit<WantedInSchemas, "database">>, InDatabaseArgs {}
/** What {@link getServer} can be asked for. */
export interface GetServerArgs extends InputsOf<WantedSettings> {}

const NAMES = { names: undefined, like: undefined, notLike: undefined, includeSystem: undefined };
const IN_DATABASE = { ...NAMES, owner: undefined, database: undefined };

const roles: LookupDefinition<GetRolesArgs> = { name: "getRoles", arguments: NAMES };
const databases: LookupDefinition<GetDatabasesArgs> = {
  name: "getDatabases",
  arguments: { ...NAMES, owner: undefined },
};
const schemas: LookupDefinition<GetSchemasArgs> = { name: "getSchemas", arguments: IN_DATABASE };
const tables: LookupDefinition<GetTablesArgs> = {
  name: "getTables",
  arguments: { ...IN_DATABASE, schema: undefined },
};
const sequences: LookupDefinition<GetSequencesArgs> = {
  name: "getSequences",
  arguments: { ...IN_DATABASE, schema: undefined },
};
const server: LookupDefinition<GetServerArgs> = { name: "getServer", arguments: { settings: undefined } };

/**
 * The roles of the server (`pg_roles`), by name. Passwords are not among what is told of them.
 *
 * Like every lookup, it asks the server in previews too, and makes them fail where the server cannot be reached. The answer
 * is that of the server as it is before the changes. It is not known in a preview where an argument or the Provider's host is
 * not, and where something that the lookup comes after is yet to be created, or to get the name that is asked about.
 *
 * @example
 * // A schema of its own for each team that has a role on the server.
 * const teams = pgmob.getRoles({ like: "team\\_%" });
 * teams.apply((roles) => roles.map(({ name }) => new pgmob.Schema(name, { database: shop, owner: name })));
 */
export function getRoles(args: GetRolesArgs = {}, options: LookupOptions = {}): pulumi.Output<FoundRole[]> {
  return lookUpAll(roles, args, options);
}

/**
 * The databases of the server (`pg_database`), by name. When the answer is known: as for {@link getRoles}.
 *
 * @example
 * const names = pgmob.getDatabases({ notLike: ["tmp\\_%", "test\\_%"] }).apply((all) => all.map(({ name }) => name));
 */
export function getDatabases(args: GetDatabasesArgs = {}, options: LookupOptions = {}): pulumi.Output<FoundDatabase[]> {
  return lookUpAll(databases, args, options);
}

/**
 * The schemas of a database (`pg_namespace`), by name. When the answer is known: as for {@link getRoles}.
 *
 * @example
 * const schemas = pgmob.getSchemas({ database: shop, owner: owner.name });
 */
export function getSchemas(args: GetSchemasArgs = {}, options: LookupOptions = {}): pulumi.Output<FoundSchema[]> {
  return lookUpAll(schemas, args, options);
}

/**
 * The tables of a database (`pg_class`), by schema and name: also partitioned and foreign ones, and partitions. When the
 * answer is known: as for {@link getRoles}.
 *
 * @example
 * const tables = pgmob.getTables({ database: shop, schema: sales.name, notLike: "%\\_old" });
 * const unprotected = tables.apply((all) => all.filter(({ rowSecurity }) => !rowSecurity).map(({ name }) => name));
 */
export function getTables(args: GetTablesArgs = {}, options: LookupOptions = {}): pulumi.Output<FoundTable[]> {
  return lookUpAll(tables, args, options);
}

/**
 * The sequences of a database (`pg_sequence`), by schema and name. When the answer is known: as for {@link getRoles}.
 *
 * @example
 * const ending = pgmob
 *   .getSequences({ database: shop })
 *   .apply((all) => all.filter(({ dataType, cycle }) => dataType !== "bigint" && !cycle));
 */
export function getSequences(args: GetSequencesArgs = {}, options: LookupOptions = {}): pulumi.Output<FoundSequence[]> {
  return lookUpAll(sequences, args, options);
}

/**
 * The server: its version, what it is, and what the connected role may. When the answer is known: as for {@link getRoles}.
 *
 * @example
 * const server = pgmob.getServer({ settings: ["wal_level"] });
 * const streams = server.apply(({ settings, replication }) => settings.wal_level === "logical" && replication);
 */
export function getServer(args: GetServerArgs = {}, options: LookupOptions = {}): pulumi.Output<FoundServer> {
  return lookUp(server, args, options);
}

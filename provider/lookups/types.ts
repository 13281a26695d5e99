/** What lookups are asked for, and what they answer. */

import type { DatabaseObject, RoleObject, SchemaObject } from "../managed-object";
import type { SequenceObject } from "../objects/sequence-object";
import type { TableObject } from "../objects/table";

/** What an object shows, without what can be done with it. */
type Shown<O> = { readonly [A in keyof O as O[A] extends (...args: never[]) => unknown ? never : A]: O[A] };

/** Where an object is that lives in a database. */
export interface InDatabase {
  /** The database that it is in. */
  readonly database: string;
}

/** A role of the server, with every attribute of a Role but its password. */
export interface FoundRole extends Shown<RoleObject> {}
/** A database of the server, with every attribute of a Database that the server keeps. */
export interface FoundDatabase extends Shown<DatabaseObject> {}
/** A schema of a database. */
export interface FoundSchema extends InDatabase, Shown<SchemaObject> {}
/** A table of a database: also a partitioned one, or a foreign one. */
export interface FoundTable extends InDatabase, Shown<TableObject> {}
/** A sequence of a database. Its numbers are text. Which number comes next is not looked at: it moves by itself. */
export interface FoundSequence extends InDatabase, Shown<SequenceObject> {}

/** A server, as the connected role sees it. Nothing in it changes by itself. */
export interface FoundServer {
  /** The version in words, as `server_version` has it: `18.4`. */
  readonly version: string;
  /** The major version: 14 to 18. */
  readonly major: number;
  /** The system identifier of the data directory (`pg_control_system`): a standby has that of its primary. */
  readonly systemIdentifier: string;
  /** Whether it is a standby (`pg_is_in_recovery`), on which nothing can be changed. */
  readonly standby: boolean;
  /** The database that the connection is to. */
  readonly database: string;
  /** The current role: the login, or what it becomes (`become`). */
  readonly user: string;
  /** Whether that role is a superuser. */
  readonly superuser: boolean;
  /** Whether that role may create roles (`CREATEROLE`). */
  readonly createRole: boolean;
  /** Whether that role may create databases (`CREATEDB`). */
  readonly createDatabase: boolean;
  /** Whether that role may replicate, and create replication slots (`REPLICATION`). */
  readonly replication: boolean;
  /** The settings that were asked for, by the names that they were asked for with, as `SHOW` gives them: `"128MB"`. */
  readonly settings: { readonly [name: string]: string };
}

/** Which objects are wanted. All conditions must hold. */
export interface WantedNames {
  /** Just these names; those of the system too, unless `includeSystem` is false. Default: every name. `[]` is none. */
  names?: string[];
  /** A pattern of the server's LIKE (`app\\_%`), or several, of which one must match. Default: every name. */
  like?: string | string[];
  /** A pattern of the server's LIKE, or several, none of which may match. Default: none. */
  notLike?: string | string[];
  /**
   * Whether what belongs to the system is wanted, too: what initdb made (the first superuser, `template1`, the schema
   * `public`), what belongs to an extension, sequences of identity columns, and schemas of sessions. Default: false, but
   * true where `names` is given.
   */
  includeSystem?: boolean;
}

/** Which objects with an owner are wanted. All conditions must hold. */
export interface WantedOwner {
  /** The role that owns them. Default: whoever does. */
  owner?: string;
}

/** In which database objects are wanted. */
export interface WantedDatabase {
  /** The name of the database. Default: the connection's. The role must be able to connect to it. */
  database?: string;
}

/** In which schema objects are wanted. */
export interface WantedSchema {
  /** The name of the schema that they are in. Default: every schema. */
  schema?: string;
}

/** What is wanted of a server beside what is always told. */
export interface WantedSettings {
  /**
   * Names of configuration parameters (`SHOW`). Default: none. The values are those of this package's session: role,
   * database and Provider may set them. Refused for what may hold a password: `primary_conninfo`, and commands.
   */
  settings?: string[];
}

/** What `getRoles` can be asked for. */
export interface WantedRoles extends WantedNames {}
/** What `getDatabases` can be asked for. */
export interface WantedDatabases extends WantedNames, WantedOwner {}
/** What `getSchemas` can be asked for. */
export interface WantedSchemas extends WantedNames, WantedOwner, WantedDatabase {}
/** What `getTables` and `getSequences` can be asked for. */
export interface WantedInSchemas extends WantedSchemas, WantedSchema {}

import type { Adapter } from "./adapter";
import { type BackupOptions, type BackupTarget, backUp } from "./backup/backup";
import { type BackupSource, type RestoreOptions, restore } from "./backup/restore";
import { Collection, FoundCollection } from "./collection";
import { Connected, type Shared } from "./connected";
import { InvalidValueError, toPostgresError } from "./errors";
import { readServerFacts, type ServerFacts } from "./facts";
import { HbaRuleList } from "./hba/list";
import { Lanes } from "./lane";
import { LentAdapter, type LentConnection } from "./lent-adapter";
import type { DatabaseObject, ReplicationSlotObject, RoleObject, SchemaObject } from "./managed-object";
import type { DatabaseProperties } from "./objects/database";
import { databaseType } from "./objects/database";
import { ManagedDatabase } from "./objects/database-object";
import type { NameInSchema } from "./objects/in-schema";
import { largeObjectType } from "./objects/large-object";
import { LargeObjectCollection, ManagedLargeObject } from "./objects/large-object-object";
import { type ReplicationSlotProperties, replicationSlotType } from "./objects/replication-slot";
import { ManagedReplicationSlot } from "./objects/replication-slot-object";
import { type RoleProperties, roleType } from "./objects/role";
import { ManagedRole } from "./objects/role-object";
import { routineType } from "./objects/routine";
import { RoutineCollection } from "./objects/routine-collection";
import { type SchemaProperties, schemaType } from "./objects/schema";
import { sequenceType } from "./objects/sequence";
import { ManagedSequence, type NewSequence, type SequenceObject } from "./objects/sequence-object";
import { type TableObject, tableType } from "./objects/table";
import { type ViewObject, viewType } from "./objects/view";
import { type ReassignOptions, reassignOwner } from "./ownership";
import { PgAdapter } from "./pg-adapter";
import { KeyedQueue } from "./queue";
import { Reads } from "./reads";
import { repeatedly } from "./repeat";
import { type TerminateOptions, terminate } from "./sessions";
import { type CoreSettings, resolveSettings } from "./settings";
import { runOsCommand, type ShellOptions, type ShellResult } from "./shell";
import { systemUser } from "./user-files";

/** Where and how {@link Cluster.connect} connects. */
export interface ClusterOptions extends CoreSettings {
  /**
   * A connected client or a pool of `pg` to use instead of connecting. It is never closed, and gets back the role that
   * it had. It stays in its database; all settings but `become` and `passwordEncryption` are ignored.
   */
  connection?: LentConnection;
  /**
   * Another way to a server: another driver, or one of one's own around `pg`. It is closed with the cluster. All settings
   * are its own affair but `passwordEncryption`. Default: `pg`.
   */
  adapter?: Adapter;
}

/**
 * A PostgreSQL server, and one of its databases: SQL, and the objects of the server as collections.
 *
 * @example
 * const cluster = await Cluster.connect({ host: "127.0.0.1", user: "postgres", password: "…" });
 * try {
 *   await cluster.execute("SELECT viewowner FROM pg_views WHERE viewname = ANY($1)", [["pg_tables", "pg_views"]]);
 *   const role = await cluster.roles.get("shop_app");
 *   await role.alter({ connectionLimit: 50 });
 * } finally {
 *   await cluster.close();
 * }
 */
export class Cluster extends Connected {
  /** The roles of the server. */
  readonly roles: Collection<RoleProperties, RoleObject>;
  /** The databases of the server. */
  readonly databases: Collection<DatabaseProperties, DatabaseObject>;
  /** The lines of pg_hba.conf, and the rules in it that this package keeps. */
  readonly hbaRules: HbaRuleList;
  /** The schemas of the current database. */
  readonly schemas: Collection<Omit<SchemaProperties, "database">, SchemaObject>;
  /** The sequences of the current database, those of serial and identity columns among them. */
  readonly sequences: Collection<NewSequence, SequenceObject, NameInSchema>;
  /** The replication slots of the server, temporary ones left out. A logical one is made in the current database. */
  readonly replicationSlots: Collection<ReplicationSlotProperties, ReplicationSlotObject>;
  /** The tables of the current database: plain, partitioned and foreign ones, the system's among them. */
  readonly tables: FoundCollection<TableObject, NameInSchema>;
  /** The views and materialized views of the current database, the system's among them. */
  readonly views: FoundCollection<ViewObject, NameInSchema>;
  /** The functions, procedures, aggregates and window functions of the current database, but for `pg_catalog`'s. */
  readonly procedures: RoutineCollection;
  /** The large objects of the current database. */
  readonly largeObjects: LargeObjectCollection;

  private constructor(shared: Shared, currentDatabase: string) {
    super(shared, currentDatabase);
    this.roles = new Collection(this, roleType, ManagedRole);
    this.databases = new Collection(this, databaseType, ManagedDatabase);
    this.schemas = new Collection(this, schemaType);
    this.sequences = new Collection(this, sequenceType, ManagedSequence);
    this.replicationSlots = new Collection(this, replicationSlotType, ManagedReplicationSlot);
    this.tables = new FoundCollection(this, tableType);
    this.views = new FoundCollection(this, viewType);
    this.procedures = new RoutineCollection(this, routineType);
    this.largeObjects = new LargeObjectCollection(this, largeObjectType, ManagedLargeObject);
    this.hbaRules = shared.hbaRules;
  }

  /**
   * Connects. What is not set comes from `PG*` variables and libpq's files.
   *
   * @throws InvalidValueError for settings that cannot be, or not together
   * @throws ConnectionError when the server cannot be reached in `connectTimeout` or refuses the login
   * @throws UnsupportedVersionError for a server older than PostgreSQL 14
   */
  static async connect(options: ClusterOptions = {}): Promise<Cluster> {
    const { adapter: given, connection, ...settings } = options;
    if (given !== undefined && (connection ?? settings.become) !== undefined)
      throw new InvalidValueError("adapter goes with neither connection nor become: its connections are its own");
    const resolved = resolveSettings(settings, process.env, systemUser());
    const own = () => (connection === undefined ? new PgAdapter(resolved) : lent(connection, settings.become));
    const adapter = given ?? (await own());
    try {
      const facts = await factsOver(adapter);
      const serverHashesPasswords = resolved.passwordEncryption === "server";
      const ways = { queue: new KeyedQueue(), lanes: new Lanes(adapter, resolved), reads: new Reads() };
      const hbaRules = new HbaRuleList(adapter);
      const shared = { adapter, become: settings.become, serverHashesPasswords, ...ways, hbaRules, facts };
      return new Cluster(shared, adapter.database);
    } catch (error) {
      await adapter.close();
      throw toPostgresError(error);
    }
  }

  /** The same server seen from another of its databases. It shares connections with this one; only this one is closed. */
  in(database: string): Cluster {
    return database === this.currentDatabase ? this : new Cluster(this.shared, database);
  }

  /**
   * Ends sessions (`pg_terminate_backend`), never one of this cluster's own nor a process of the system. Returns the
   * process ids of those that were gone before `timeout`.
   *
   * @example
   * await cluster.terminate({ databases: ["shop"], roles: ["shop_app"] });
   * @throws PermissionError before the first one, when one of them may not be ended
   */
  terminate(options: TerminateOptions): Promise<number[]> {
    return this.guarded(() => terminate(this, options));
  }

  /**
   * Gives objects, or everything that a role owns, to another role; in each database all of it or nothing.
   *
   * @example
   * await cluster.reassignOwner({ owner: "alice", newOwner: "bob", databases: "all" });
   * @throws NotFoundError for a role that does not exist
   */
  reassignOwner(options: ReassignOptions): Promise<void> {
    return this.guarded(() => reassignOwner(this, options));
  }

  /**
   * Backs the current database up with pg_dump: to a path on this machine or on the server's host, into a stream, or
   * into a command. At a path, it is there when it is complete, and not before.
   *
   * @example
   * await cluster.in("shop").backup({ at: "client", path: "/backups/shop.dump" }, { schemas: ["sales"] });
   * @throws ProgramError with what the program printed, when it fails
   * @throws InvalidValueError before anything is written, when pg_dump is older than the server
   */
  backup(target: BackupTarget, options: BackupOptions = {}): Promise<void> {
    return this.guarded(() => backUp(this, target, options));
  }

  /**
   * Restores a backup into the current database, with pg_restore, or psql for a plain one.
   *
   * @example
   * await cluster.in("shop_copy").restore({ at: "client", path: "/backups/shop.dump" }, { noOwner: true });
   * @throws ProgramError with what the program printed, when it fails
   */
  restore(source: BackupSource, options: RestoreOptions = {}): Promise<void> {
    return this.guarded(() => restore(this, source, options));
  }

  /** Makes the server read its configuration files again (`pg_reload_conf`). Returns whether the signal was sent. */
  async reload(): Promise<boolean> {
    const [row] = await this.execute("SELECT pg_catalog.pg_reload_conf()");
    return row?.[0] === true;
  }

  /**
   * Runs a command just as it is in a shell (`sh`) on the server's host, as the server's user, in its data directory.
   *
   * @throws ShellCommandError when it ends with another exit code than 0, unless `check` is false
   * @throws PermissionError that names the missing grant
   */
  runOsCommand(command: string | Uint8Array, options?: ShellOptions): Promise<ShellResult> {
    return this.guarded(() => runOsCommand(this, command, options));
  }

  /** Reads version and rights again. Collections need no refresh: they always ask the server. */
  async refresh(): Promise<void> {
    this.shared.facts = await this.guarded(() => factsOver(this.adapter));
  }

  /** Closes all connections of its own. A lent one stays open, with the role it had before. */
  async close(): Promise<void> {
    await this.shared.adapter.close();
  }
}

function factsOver(adapter: Adapter): Promise<ServerFacts> {
  return repeatedly(() => adapter.use(undefined, readServerFacts));
}

async function lent(connection: LentConnection, become: string | undefined): Promise<LentAdapter> {
  try {
    return await LentAdapter.over(connection, become);
  } catch (error) {
    throw toPostgresError(error, { object: "the lent connection", intent: "use" });
  }
}

import { userInfo } from "node:os";
import type { Adapter, CopySource, Session } from "./adapter";
import { Collection } from "./collection";
import { Cursor, type Parameters, send, textOf } from "./cursor";
import { isDriverError, toPostgresError } from "./errors";
import { readServerFacts, type ServerFacts } from "./facts";
import { HbaRuleList } from "./hba/list";
import { LentAdapter, type LentConnection } from "./lent-adapter";
import type { DatabaseObject, ReplicationSlotObject, RoleObject, SchemaObject } from "./managed-object";
import type { DatabaseProperties } from "./objects/database";
import { databaseType } from "./objects/database";
import { type ReplicationSlotProperties, replicationSlotType } from "./objects/replication-slot";
import { type RoleProperties, roleType } from "./objects/role";
import { type SchemaProperties, schemaType } from "./objects/schema";
import { sequenceType } from "./objects/sequence";
import { ManagedSequence, type NewSequence, type SequenceName, type SequenceObject } from "./objects/sequence-object";
import { PgAdapter } from "./pg-adapter";
import { KeyedQueue } from "./queue";
import { repeatedly } from "./repeat";
import { type ConnectionSettings, resolveSettings } from "./settings";
import { runOsCommand, type ShellOptions, type ShellResult } from "./shell";
import type { Sql } from "./sql";
import { inTransaction } from "./transaction";

/** Where and how {@link Cluster.connect} connects. */
export interface ClusterOptions extends ConnectionSettings {
  /**
   * A connected client or a pool of `pg` to use instead of connecting. It is never closed, and gets back the role that
   * it had. It stays in its database; all settings but `become` and `passwordEncryption` are ignored.
   */
  connection?: LentConnection;
}

/** Statements of one transaction. */
export interface Transaction {
  /** As {@link Cluster.execute}, inside the transaction. */
  execute(query: string | Sql, params?: Parameters): Promise<unknown[][]>;
  /** As {@link Cluster.query}, inside the transaction. */
  query<R = Record<string, unknown>>(query: string | Sql, params?: Parameters): Promise<R[]>;
}

/** What all views of one server share. */
interface Shared {
  readonly adapter: Adapter;
  readonly become: string | undefined;
  readonly serverHashesPasswords: boolean;
  readonly queue: KeyedQueue;
  readonly hbaRules: HbaRuleList;
  facts: ServerFacts;
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
export class Cluster {
  /** The roles of the server. */
  readonly roles: Collection<RoleProperties, RoleObject>;
  /** The databases of the server. */
  readonly databases: Collection<DatabaseProperties, DatabaseObject>;
  /** The lines of pg_hba.conf, and the rules in it that this package keeps. */
  readonly hbaRules: HbaRuleList;
  /** The schemas of the current database. */
  readonly schemas: Collection<Omit<SchemaProperties, "database">, SchemaObject>;
  /** The sequences of the current database, those of serial and identity columns among them. */
  readonly sequences: Collection<NewSequence, SequenceObject, SequenceName>;
  /** The replication slots of the server, temporary ones left out. A logical one is made in the current database. */
  readonly replicationSlots: Collection<ReplicationSlotProperties, ReplicationSlotObject>;

  private constructor(
    private readonly shared: Shared,
    /** The database that statements run in. */
    readonly currentDatabase: string,
  ) {
    this.roles = new Collection(this, roleType);
    this.databases = new Collection(this, databaseType);
    this.schemas = new Collection(this, schemaType);
    this.sequences = new Collection(this, sequenceType, ManagedSequence);
    this.replicationSlots = new Collection(this, replicationSlotType);
    this.hbaRules = shared.hbaRules;
  }

  /**
   * Connects. What is not set comes from `PG*` variables.
   *
   * @throws ConnectionError when the server cannot be reached in `connectTimeout` or refuses the login
   * @throws UnsupportedVersionError for a server older than PostgreSQL 14
   */
  static async connect(options: ClusterOptions = {}): Promise<Cluster> {
    const { connection, ...settings } = options;
    const resolved = resolveSettings(settings, process.env, userInfo().username);
    const adapter = connection
      ? await LentAdapter.over(connection, settings.become).catch((error: unknown) => {
          throw toPostgresError(error, { object: "the lent connection", intent: "use" });
        })
      : new PgAdapter(resolved);
    try {
      const facts = await adapter.use(undefined, readServerFacts);
      const serverHashesPasswords = resolved.passwordEncryption === "server";
      const [queue, hbaRules] = [new KeyedQueue(), new HbaRuleList(adapter)];
      const shared = { adapter, become: settings.become, serverHashesPasswords, queue, hbaRules, facts };
      return new Cluster(shared, adapter.database);
    } catch (error) {
      await adapter.close();
      throw toPostgresError(error);
    }
  }

  /** The way to connections. `adapter.isConnected` tells whether one is open. */
  get adapter(): Adapter {
    return this.shared.adapter;
  }

  /** The role that every connection becomes (`SET ROLE`), if any. */
  get become(): string | undefined {
    return this.shared.become;
  }

  /** The server's version: `major` as a number, `text` as `server_version` has it. */
  get version(): { readonly major: number; readonly text: string } {
    return { major: this.shared.facts.major, text: this.shared.facts.version };
  }

  /** @internal Facts about the server and our rights on it. */
  get facts(): ServerFacts {
    return this.shared.facts;
  }

  /** @internal Whether plaintext passwords are sent as they are. */
  get serverHashesPasswords(): boolean {
    return this.shared.serverHashesPasswords;
  }

  /** The same server seen from another of its databases. It shares connections with this one; only this one is closed. */
  in(database: string): Cluster {
    return database === this.currentDatabase ? this : new Cluster(this.shared, database);
  }

  /**
   * Runs SQL outside of any transaction and gives the rows back as arrays, `[]` when there are none. Several statements
   * in one text are possible without parameters; the rows are those of the last.
   *
   * @param params a list is the parameter list for `$1`, `$2`, …; any other value is the one parameter
   * @throws PostgresError with the server's SQLSTATE
   */
  async execute(query: string | Sql, params?: Parameters): Promise<unknown[][]> {
    return (await this.withSession((session) => send(session, query, params, "array"))) as unknown[][];
  }

  /** Like {@link Cluster.execute}, with rows as objects. int8 and numeric values are strings, whatever `pg` is set to. */
  async query<R = Record<string, unknown>>(query: string | Sql, params?: Parameters): Promise<R[]> {
    return (await this.withSession((session) => send(session, query, params, "object"))) as R[];
  }

  /** Runs a task with a cursor, in a transaction: committed when the task returns, rolled back when it throws. */
  executeWithCursor<T>(task: (cursor: Cursor) => Promise<T> | T): Promise<T> {
    return this.guarded(() =>
      inTransaction(this.adapter, this.currentDatabase, async (session) => task(new Cursor(session))),
    );
  }

  /** Runs a task in a transaction: committed when the task returns, rolled back when it throws. */
  transaction<T>(task: (transaction: Transaction) => Promise<T>): Promise<T> {
    return this.guarded(() =>
      inTransaction(this.adapter, this.currentDatabase, (session) =>
        task({
          execute: async (query, params) => (await send(session, query, params, "array")) as unknown[][],
          query: async <R>(query: string | Sql, params?: Parameters) =>
            (await send(session, query, params, "object")) as R[],
        }),
      ),
    );
  }

  /**
   * Runs `COPY … TO STDOUT` and hands the bytes to a consumer, as fast as it takes them.
   *
   * @example
   * await cluster.copyTo("COPY orders TO STDOUT (FORMAT csv)", (chunks) => pipeline(chunks, createWriteStream("orders.csv")));
   */
  copyTo<T>(statement: string | Sql, consume: (chunks: AsyncIterable<Uint8Array>) => Promise<T>): Promise<T> {
    return this.withSession((session) => session.copyOut(textOf(statement), consume));
  }

  /**
   * Runs `COPY … FROM STDIN` with what the source gives, as fast as the server takes it. Returns the number of rows.
   *
   * @example
   * await cluster.copyFrom("COPY orders FROM STDIN (FORMAT csv)", createReadStream("orders.csv"));
   */
  copyFrom(statement: string | Sql, source: CopySource): Promise<number> {
    return this.withSession((session) => session.copyIn(textOf(statement), source));
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
    this.shared.facts = await this.guarded(() => this.adapter.use(undefined, readServerFacts));
  }

  /** Closes all connections of its own. A lent one stays open, with the role it had before. */
  async close(): Promise<void> {
    await this.shared.adapter.close();
  }

  /** @internal Runs a task with a session to the current database. */
  withSession<T>(task: (session: Session, server: ServerFacts) => Promise<T>): Promise<T> {
    return this.guarded(() => this.adapter.use(this.currentDatabase, (session) => task(session, this.shared.facts)));
  }

  /** @internal As {@link Cluster.withSession}, for a task that only reads: it is repeated when its connection is lost. */
  read<T>(task: (session: Session, server: ServerFacts) => Promise<T>): Promise<T> {
    return repeatedly(() => this.withSession(task));
  }

  /** @internal Runs a task when no other holds one of the same keys. */
  oneAtATime<T>(keys: readonly string[], task: () => Promise<T>): Promise<T> {
    return this.shared.queue.runAll(keys, task);
  }

  /** Errors of the driver become this package's; the user's own pass. */
  private async guarded<T>(task: () => Promise<T>): Promise<T> {
    try {
      return await task();
    } catch (error) {
      throw isDriverError(error) ? toPostgresError(error) : error;
    }
  }
}

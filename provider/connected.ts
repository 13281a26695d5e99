import type { Adapter, CopySource, Session } from "./adapter";
import { type CopyOptions, counted } from "./counted";
import { Cursor, type Parameters, send, textOf } from "./cursor";
import { isDriverError, toPostgresError } from "./errors";
import type { ServerFacts } from "./facts";
import type { HbaRuleList } from "./hba/list";
import type { Lanes } from "./lane";
import type { KeyedQueue } from "./queue";
import type { Reads } from "./reads";
import { repeatedly } from "./repeat";
import type { Sql } from "./sql";
import { inTransaction } from "./transaction";

/** Statements of one transaction. */
export interface Transaction {
  /** As {@link Cluster.execute}, inside the transaction. */
  execute(query: string | Sql, params?: Parameters): Promise<unknown[][]>;
  /** As {@link Cluster.query}, inside the transaction. */
  query<R = Record<string, unknown>>(query: string | Sql, params?: Parameters): Promise<R[]>;
}

/** What all views of one server share. */
export interface Shared {
  readonly adapter: Adapter;
  readonly become: string | undefined;
  readonly serverHashesPasswords: boolean;
  readonly queue: KeyedQueue;
  readonly lanes: Lanes;
  readonly reads: Reads;
  readonly hbaRules: HbaRuleList;
  facts: ServerFacts;
}

/** A way to one database of a server: what a {@link Cluster} does with SQL alone. */
export abstract class Connected {
  protected constructor(
    /** @internal */
    protected readonly shared: Shared,
    /** The database that statements run in. */
    readonly currentDatabase: string,
  ) {}

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

  /** @internal The way of short transactions. */
  get lanes(): Lanes {
    return this.shared.lanes;
  }

  /** @internal The looks at objects. */
  get reads(): Reads {
    return this.shared.reads;
  }

  /** @internal Whether plaintext passwords are sent as they are. */
  get serverHashesPasswords(): boolean {
    return this.shared.serverHashesPasswords;
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
   * Runs `COPY … TO STDOUT` and hands the bytes to a consumer, as fast as it takes them. When either end fails, the
   * promise is rejected with its error.
   *
   * @example
   * await cluster.copyTo("COPY orders TO STDOUT (FORMAT csv)", (chunks) => pipeline(chunks, createWriteStream("orders.csv")));
   */
  copyTo<T>(
    statement: string | Sql,
    consume: (chunks: AsyncIterable<Uint8Array>) => Promise<T>,
    options: CopyOptions = {},
  ): Promise<T> {
    return this.withSession((session) =>
      session.copyOut(textOf(statement), (chunks) => consume(counted(chunks, options))),
    );
  }

  /**
   * Runs `COPY … FROM STDIN` with what the source gives, as fast as the server takes it. Returns the number of rows.
   * When either end fails, nothing is stored.
   *
   * @example
   * await cluster.copyFrom("COPY orders FROM STDIN (FORMAT csv)", createReadStream("orders.csv"));
   */
  copyFrom(statement: string | Sql, source: CopySource, options: CopyOptions = {}): Promise<number> {
    return this.withSession((session) => session.copyIn(textOf(statement), counted(source, options)));
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

  /** @internal Errors of the driver become this package's; the user's own pass. */
  protected async guarded<T>(task: () => Promise<T>): Promise<T> {
    try {
      return await task();
    } catch (error) {
      throw isDriverError(error) ? toPostgresError(error) : error;
    }
  }
}

/** The narrow interface between the core and a PostgreSQL driver. */

import type { ResolvedSettings } from "./settings";

/** What COPY FROM STDIN reads: text or bytes, in pieces of any size. A readable stream of Node is one. */
export type CopySource = Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>;

/** What one query gave back. For several statements in one text: the result of the last. */
export interface QueryResult {
  /** The rows, as arrays or as objects, whichever was asked for. Empty when the statement returns none. */
  readonly rows: unknown[];
  /** Rows returned or changed. */
  readonly rowCount: number;
  /** The server's command tag, such as `SELECT` or `CREATE ROLE`. */
  readonly command: string;
}

/**
 * How rows are given: as objects, as arrays, or as objects of what JSON has: true and false, numbers that JavaScript has
 * exactly, what the server has as json, lists of these, and all else as text, as the server prints it.
 */
export type RowShape = "object" | "array" | "json";

/** One connection, in use by one task at a time. */
export interface Session {
  /** The database that the connection is to. */
  readonly database: string;
  /** The process id that the server itself told when it was connected to. Default: it was not asked. */
  readonly backend?: number | undefined;
  /**
   * Runs SQL text with parameters for `$1`, `$2`, … With a list of them, also an empty one, the text is one statement, and
   * the server refuses more.
   */
  query(text: string, params?: readonly unknown[], shape?: RowShape): Promise<QueryResult>;
  /** As {@link query}, for a text of this package that is asked again and again: the server keeps its plan. */
  ask(text: string, params: readonly unknown[]): Promise<QueryResult>;
  /** `COPY … TO STDOUT`: hands the bytes to a consumer, as fast as it takes them. */
  copyOut<T>(text: string, consume: (chunks: AsyncIterable<Uint8Array>) => Promise<T>): Promise<T>;
  /** `COPY … FROM STDIN`: sends what the source gives, as fast as the server takes it. Returns the number of rows. */
  copyIn(text: string, source: CopySource): Promise<number>;
  /** Says that nobody else shall use the connection after this task, which may set in it what it likes. Default: others do. */
  discard?(): void;
}

/** A way to sessions. Implementations: connections of our own, and a connection that the user lends. */
export interface Adapter {
  /** Whether a connection is open (or, for a pool of our own, can be opened again when needed). */
  readonly isConnected: boolean;
  /** The database of tasks that name none. */
  readonly database: string;
  /** @internal How programs of PostgreSQL can connect as this one does; undefined over a lent connection. */
  readonly settings?: ResolvedSettings;
  /** The server's process ids of the connections that are open, as far as they are known. Default: none is. */
  readonly pids?: readonly number[];
  /** Runs a task with a session to a database (default: the adapter's own) that nobody else uses meanwhile. */
  use<T>(database: string | undefined, task: (session: Session) => Promise<T>): Promise<T>;
  /**
   * Runs a task while no connection of this adapter stands in a database: for DROP, RENAME, SET TABLESPACE, and use as
   * a template. Waits for tasks there to end; new ones wait for this one.
   */
  without<T>(database: string, task: () => Promise<T>): Promise<T>;
  /**
   * @internal Runs a task while a program has so many connections of this adapter's: they count under its limit, and so
   * many more are left beside them for whoever runs it. Default: what programs open is not counted.
   */
  lend?<T>(connections: number, beside: number, task: () => Promise<T>): Promise<T>;
  /** Closes what this adapter opened. A lent connection stays open, with the role it had before. */
  close(): Promise<void>;
}

/** The whole way to a server, in transactions that are never committed: what would be one is a savepoint in one of these. */

import pg from "pg";
import type { Adapter, CopySource, QueryResult, RowShape, Session } from "../../provider/adapter";
import { PgSession } from "../../provider/pg-session";
import { KeyedQueue } from "../../provider/queue";

/** An adapter over one connection. What is done through it within {@link undone} is never there for anybody else. */
export class RolledBack implements Adapter {
  readonly isConnected = true;
  private readonly queue = new KeyedQueue();
  private isUndone = false;

  private constructor(
    readonly client: pg.Client,
    readonly database: string,
  ) {}

  /** Connects; `settings` are set for the session, such as `standard_conforming_strings`. */
  static async connect(
    config: pg.ClientConfig & { database: string },
    settings: Record<string, string> = {},
  ): Promise<RolledBack> {
    const client = new pg.Client(config);
    await client.connect();
    for (const [name, value] of Object.entries(settings))
      await client.query("SELECT set_config($1, $2, false)", [name, value]);
    return new RolledBack(client, config.database);
  }

  use<T>(_database: string | undefined, task: (session: Session) => Promise<T>): Promise<T> {
    return this.queue.run("connection", () => task(new Nested(this.client, this.database, this.isUndone)));
  }

  without<T>(_database: string, task: () => Promise<T>): Promise<T> {
    return task();
  }

  /** Runs a task in a transaction, in which nothing is seen of what others do meanwhile, and takes everything back. */
  async undone<T>(task: () => Promise<T>): Promise<T> {
    await this.client.query("BEGIN ISOLATION LEVEL REPEATABLE READ");
    this.isUndone = true;
    try {
      return await task();
    } finally {
      this.isUndone = false;
      await this.client.query("ROLLBACK");
    }
  }

  async close(): Promise<void> {
    await this.client.end();
  }
}

/** A session whose transactions are savepoints. */
class Nested implements Session {
  private readonly session: PgSession;
  private inTransaction = false;

  constructor(
    client: pg.Client,
    readonly database: string,
    private readonly isUndone: boolean,
  ) {
    this.session = new PgSession(client, database);
  }

  async query(text: string, params?: readonly unknown[], shape?: RowShape): Promise<QueryResult> {
    if (text === "COMMIT") return { ...(await this.end("RELEASE nested")), command: "COMMIT" };
    if (text === "ROLLBACK") return this.end("ROLLBACK TO nested; RELEASE nested");
    const begins = /^BEGIN\b/.test(text);
    if (begins && text.endsWith("; COMMIT")) {
      await this.query(text.slice(0, -"; COMMIT".length));
      return this.query("COMMIT");
    }
    // What stands alone has a transaction of its own.
    if (this.isUndone && !begins && !this.inTransaction && params === undefined) return this.alone(text, shape);
    this.inTransaction ||= begins;
    return this.session.query(text.replace(/^BEGIN\b/, "SAVEPOINT nested"), params, shape);
  }

  private end(text: string): Promise<QueryResult> {
    this.inTransaction = false;
    return this.session.query(text);
  }

  private async alone(text: string, shape?: RowShape): Promise<QueryResult> {
    await this.session.query("SAVEPOINT alone");
    try {
      return await this.session.query(text, undefined, shape);
    } catch (error) {
      await this.session.query("ROLLBACK TO alone");
      throw error;
    } finally {
      await this.session.query("RELEASE alone");
    }
  }

  // A plan would be kept beyond the savepoint that it was made in.
  ask(text: string, params: readonly unknown[]): Promise<QueryResult> {
    return this.query(text, params);
  }

  copyOut<T>(text: string, consume: (chunks: AsyncIterable<Uint8Array>) => Promise<T>): Promise<T> {
    return this.session.copyOut(text, consume);
  }

  copyIn(text: string, source: CopySource): Promise<number> {
    return this.session.copyIn(text, source);
  }
}

/** What the server's own parser says of a statement, which is not run: undefined when it is just one that it can read. */
export async function parsed(client: pg.Client, statement: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    let error: string | undefined;
    client.query({
      submit(connection: { parse(query: object, more: boolean): void; sync(): void }) {
        connection.parse({ name: "", text: statement, types: [] }, true);
        connection.sync();
      },
      handleParseComplete: () => {},
      handleError: (found: Error) => {
        error = found.message;
        resolve(error);
      },
      handleReadyForQuery: () => resolve(error),
    } as never);
  });
}

/** An adapter without a server: it records what is sent, and answers as a test tells it to. */

import assert from "node:assert/strict";
import type { Cluster } from "../../provider";
import type { Adapter, QueryResult, Session } from "../../provider/adapter";
import { Lanes } from "../../provider/lane";

/** Answers one query: rows, or undefined for none. May throw, as a driver would. */
export type Answer = (text: string, params: readonly unknown[] | undefined, database: string) => unknown[] | undefined;

/** What pg throws when a connection breaks. */
export function connectionLost(): Error {
  return new Error("Connection terminated unexpectedly");
}

/** What pg throws for an error of the server. */
export function serverError(code: string, message: string, fields: object = {}): Error {
  return Object.assign(new Error(message), { code, ...fields });
}

/** Lanes of sessions without limits of their own. */
export function lanesOver(adapter: Adapter): Lanes {
  return new Lanes(adapter, { lockTimeout: 0, statementTimeout: 0 });
}

/** A cluster as the runner needs it: an adapter, and a database. Default: the adapter's own. */
export function clusterOver(adapter: Adapter, currentDatabase = adapter.database): Cluster {
  return { adapter, currentDatabase, lanes: lanesOver(adapter) } as unknown as Cluster;
}

/** How a transaction begins that others may share. */
export const BEGIN: readonly string[] = ["BEGIN", "SET LOCAL lock_timeout = 250", "SET LOCAL statement_timeout = 1000"];

/** Asks for the id of the transaction, which a lost COMMIT is looked up by. */
export const XID =
  "SELECT pg_catalog.pg_current_xact_id()::text AS xid, pg_catalog.pg_backend_pid() AS pid, " +
  "extract(epoch FROM pg_catalog.pg_postmaster_start_time())::text AS server, " +
  "extract(epoch FROM pg_catalog.now())::text AS began";

/** Records sessions, queries and the databases that were kept free, in one list of lines. */
export class FakeAdapter implements Adapter {
  readonly isConnected = true;
  readonly database = "postgres";
  /** `use db`, `> query`, `without db`, `end without db`, in the order in which they happened. */
  readonly log: string[] = [];
  /** The texts as they came, several statements in one or not. */
  readonly texts: string[] = [];

  constructor(private readonly answer: Answer = () => undefined) {}

  /** The queries alone, transaction commands included. */
  get sent(): string[] {
    return this.log.filter((line) => line.startsWith("> ")).map((line) => line.slice(2));
  }

  async use<T>(database: string | undefined, task: (session: Session) => Promise<T>): Promise<T> {
    const name = database ?? this.database;
    this.log.push(`use ${name}`);
    const noCopy = async () => assert.fail("nothing here copies");
    const query = async (text: string, params?: readonly unknown[]) => this.query(text, params, name);
    const session = {
      ...{ database: name, query, ask: query },
      copyOut: noCopy,
      copyIn: noCopy,
    };
    return task(session);
  }

  async without<T>(database: string, task: () => Promise<T>): Promise<T> {
    this.log.push(`without ${database}`);
    try {
      return await task();
    } finally {
      this.log.push(`end without ${database}`);
    }
  }

  async close(): Promise<void> {}

  /** Several statements of a transaction in one text are taken one by one, as a server does. */
  private query(text: string, params: readonly unknown[] | undefined, database: string): QueryResult {
    this.texts.push(text);
    const texts = text.startsWith("BEGIN; ") ? text.split("; ") : [text];
    let rows: unknown[] = [];
    for (const one of texts) {
      this.log.push(`> ${one}`);
      rows =
        this.answer(one, params, database) ??
        (one === XID ? [{ xid: "777", pid: 4711, server: "1.5", began: "2.5" }] : []);
    }
    return { rows, rowCount: rows.length, command: texts.at(-1)?.split(" ")[0] ?? "" };
  }
}

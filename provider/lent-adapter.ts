/** A connection that the user lends: used, never closed, and given back with the role it had before. */

import type { Adapter, Session } from "./adapter";
import { InvalidValueError, toConnectionError } from "./errors";
import { becomeRole, type PgQueryable, PgSession } from "./pg-session";
import { KeyedQueue } from "./queue";
import { quoted } from "./sql";

/** A connected client of `pg`, as far as it is used. */
export interface LentClient extends PgQueryable {
  /** Gives a client back to its pool; with `true` or an error, the pool closes it. */
  release?(destroy?: boolean | Error): void;
  /** `I` outside of a transaction, `T` in one, `E` in a failed one; versions of `pg` that do not know have no such method. */
  getTransactionStatus?(): string | null;
  /** Listens for the loss of the connection. */
  on?(event: "error", listener: (error: Error) => void): unknown;
  /** Stops listening. */
  off?(event: "error", listener: (error: Error) => void): unknown;
}

/** A pool of `pg`, as far as it is used. */
export interface LentPool {
  /** How many connections it holds; what tells a pool from a client. */
  readonly totalCount: number;
  /** Lends one of its clients, until `release`. */
  connect(): Promise<LentClient>;
}

/** What {@link ClusterOptions.connection} takes: a connected client, or a pool. */
export type LentConnection = LentClient | LentPool;

/** An {@link Adapter} over a lent client or pool. It stays in the one database that the connection is to. */
export class LentAdapter implements Adapter {
  private readonly queue = new KeyedQueue();
  /** Of a pool those in use; what else is in it is the user's. */
  private readonly sessions = new Set<PgSession>();
  private roleBefore: string | undefined;
  private closed = false;
  database = "";

  private constructor(
    private readonly connection: LentConnection,
    private readonly become: string | undefined,
  ) {}

  /** Takes the connection over and finds out which database it is to. */
  static async over(connection: LentConnection, become: string | undefined): Promise<LentAdapter> {
    const adapter = new LentAdapter(connection, become);
    if (!isPool(connection)) {
      adapter.roleBefore = await takeRole(connection, become);
      adapter.sessions.add(new PgSession(connection, ""));
    }
    adapter.database = await adapter.use(undefined, async (session) => {
      const { rows } = await session.query("SELECT current_database() AS name");
      return (rows[0] as { name: string }).name;
    });
    return adapter;
  }

  get pids(): number[] {
    return [...this.sessions].flatMap(({ pid }) => pid ?? []);
  }

  get isConnected(): boolean {
    return !this.closed;
  }

  async use<T>(database: string | undefined, task: (session: Session) => Promise<T>): Promise<T> {
    if (this.closed) throw new InvalidValueError("the cluster is closed");
    if (database !== undefined && this.database !== "" && database !== this.database) {
      throw new InvalidValueError(
        `a lent connection stays in its database: it is to ${quoted(this.database)}, not ${quoted(database)}`,
      );
    }
    const { connection } = this;
    if (!isPool(connection)) {
      return this.queue.run("client", () => task(new PgSession(connection, this.database)));
    }
    const client = await connection.connect().catch((error: unknown) => {
      throw toConnectionError(error, { object: "the lent pool", intent: "connect" });
    });
    client.on?.("error", ignore);
    let fit = false;
    try {
      const before = await takeRole(client, this.become);
      const session = new PgSession(client, this.database);
      this.sessions.add(session);
      try {
        return await task(session);
      } finally {
        this.sessions.delete(session);
        fit = !session.broken && !session.discarded && (await isRestored(client, before));
      }
    } finally {
      if (fit) client.off?.("error", ignore); // from here on the pool listens again
      client.release?.(!fit); // the pool destroys one that is not fit for others
    }
  }

  without<T>(_database: string, task: () => Promise<T>): Promise<T> {
    return task();
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    const { connection } = this;
    if (!isPool(connection)) await this.queue.run("client", () => giveRoleBack(connection, this.roleBefore));
  }
}

/** The pool does not listen to a client that it has given out; an error event that nobody hears ends the process. */
function ignore(): void {}

function isPool(connection: LentConnection): connection is LentPool {
  return "totalCount" in connection;
}

async function takeRole(client: LentClient, become: string | undefined): Promise<string | undefined> {
  if (become === undefined) return undefined;
  const session = new PgSession(client, "");
  const { rows } = await session.query("SELECT current_setting('role') AS role");
  await session.query(becomeRole(become).text);
  return (rows[0] as { role: string }).role;
}

/** Gives a pool's client its role back, and tells whether it is connected and in no transaction that a task left open. */
async function isRestored(client: LentClient, role: string | undefined): Promise<boolean> {
  try {
    // Also after an error this answer is the first to tell whether a transaction is still open.
    await (role === undefined ? client.query({ text: "" }) : giveRoleBack(client, role));
    return (client.getTransactionStatus?.() ?? "I") === "I";
  } catch {
    return false;
  }
}

async function giveRoleBack(client: LentClient, role: string | undefined): Promise<void> {
  if (role !== undefined) await new PgSession(client, "").query("SELECT set_config('role', $1, false)", [role]);
}

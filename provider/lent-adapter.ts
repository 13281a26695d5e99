/** A connection that the user lends: used, never closed, and given back with the role it had before. */

import type { Adapter, Session } from "./adapter";
import { InvalidValueError, toConnectionError } from "./errors";
import { becomeRole, type PgQueryable, PgSession } from "./pg-session";
import { KeyedQueue } from "./queue";
import { quoted } from "./sql";

/** A connected client of `pg`, as far as it is used. */
export interface LentClient extends PgQueryable {
  release?(destroy?: boolean | Error): void;
}

/** A pool of `pg`, as far as it is used. */
export interface LentPool {
  readonly totalCount: number;
  connect(): Promise<LentClient>;
}

/** What {@link ClusterOptions.connection} takes: a connected client, or a pool. */
export type LentConnection = LentClient | LentPool;

/** An {@link Adapter} over a lent client or pool. It stays in the one database that the connection is to. */
export class LentAdapter implements Adapter {
  private readonly queue = new KeyedQueue();
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
    if (!isPool(connection)) adapter.roleBefore = await takeRole(connection, become);
    adapter.database = await adapter.use(undefined, async (session) => {
      const { rows } = await session.query("SELECT current_database() AS name");
      return (rows[0] as { name: string }).name;
    });
    return adapter;
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
    let restored = false;
    try {
      const before = await takeRole(client, this.become);
      const session = new PgSession(client, this.database);
      try {
        return await task(session);
      } finally {
        restored =
          !session.broken &&
          (await giveRoleBack(client, before).then(
            () => true,
            () => false,
          ));
      }
    } finally {
      client.release?.(!restored); // a client whose role could not be restored is no longer fit for others
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

async function giveRoleBack(client: LentClient, role: string | undefined): Promise<void> {
  if (role !== undefined) await new PgSession(client, "").query("SELECT set_config('role', $1, false)", [role]);
}

/** Connections of our own: one small pool per database, one limit over all of them. */

import type { Client } from "pg";
import type { Adapter, Session } from "./adapter";
import { ConnectionError, isConnectionLost } from "./errors";
import { Lines } from "./lines";
import { abandon, cut } from "./pg-abandon";
import { type Opened, openClient } from "./pg-connect";
import { PgSession, sessionStart } from "./pg-session";
import { endKeptSessions, endSession, sharedSession } from "./pooler";
import type { ResolvedSettings } from "./settings";

/** How long an idle connection to another database than the adapter's own is kept. */
const IDLE_ELSEWHERE_MS = 800;
/** How long an idle connection to the adapter's own database is kept. */
const IDLE_HOME_MS = 30_000;
/** How long an idle connection is left to whoever has just used it, before another database may have its place. */
const ITS_USERS_MS = 5;

interface Connection {
  readonly client: Client;
  readonly session: PgSession;
  /** Whether there is a pooler in between. */
  readonly pooled: boolean;
  lost: boolean;
  ending: boolean;
  idleTimer?: NodeJS.Timeout;
  idleSince: number;
}

/** The state of one database: its idle connections, how many are in use, and who keeps us out of it until none is. */
interface Place {
  readonly idle: Connection[];
  readonly emptied: (() => void)[];
  busy: number;
  barred: number;
  /** For a program that connects by itself: how many connections it takes, and how many are to be left beside. */
  readonly program?: { readonly connections: number; readonly beside: number };
}

/** An {@link Adapter} that connects by itself, lazily, with never more than `maxConnections` open at one time. */
export class PgAdapter implements Adapter {
  private readonly places = new Map<string, Place>();
  private readonly lines = new Lines<Place>((place, urgent) => this.mayGo(place, urgent));
  private nextLook: NodeJS.Timeout | undefined;
  private readonly connected = new Set<Connection>();
  private open = 0;
  /** How many of them programs have. */
  private lent = 0;
  /** How many are being ended to make room. */
  private leaving = 0;
  private closed = false;
  /** Whether there is a pooler in between. */
  private pooled = false;

  // Not merely private to TypeScript: console.log must not show the password.
  readonly #settings: ResolvedSettings;

  constructor(settings: ResolvedSettings) {
    this.#settings = settings;
  }

  get isConnected(): boolean {
    return !this.closed && this.open > 0;
  }

  get database(): string {
    return this.#settings.database;
  }

  /** @internal On the prototype alone, so that it is not printed with the adapter. */
  get settings(): ResolvedSettings {
    return this.#settings;
  }

  get pids(): number[] {
    return [...this.connected].flatMap(({ session }) => session.pid ?? []);
  }

  async use<T>(database: string | undefined, task: (session: Session) => Promise<T>): Promise<T> {
    const place = this.place(database ?? this.database);
    const connection = await this.acquire(database ?? this.database, place);
    try {
      return await task(connection.session);
    } catch (error) {
      if (isConnectionLost(error)) connection.lost = true;
      else await settle(connection);
      throw error;
    } finally {
      this.release(connection, place);
    }
  }

  async without<T>(database: string, task: () => Promise<T>): Promise<T> {
    const place = this.place(database);
    place.barred++;
    try {
      while (place.busy > 0) await new Promise<void>((wake) => place.emptied.push(wake));
      await Promise.all(place.idle.splice(0).map((connection) => this.end(connection)));
      if (this.pooled) await this.endKept(database);
      return await task();
    } finally {
      place.barred--;
      this.lines.advance();
    }
  }

  lend<T>(connections: number, beside: number, task: () => Promise<T>): Promise<T> {
    return this.lines.run({ ...emptyPlace(), program: { connections, beside } }, async () => {
      if (this.closed) throw new ConnectionError("the cluster is closed");
      this.open += connections;
      this.lent += connections;
      try {
        return await task();
      } finally {
        this.open -= connections;
        this.lent -= connections;
        this.lines.advance();
      }
    });
  }

  async close(): Promise<void> {
    this.closed = true;
    this.lines.advance();
    const idle = [...this.places.values()].flatMap((place) => place.idle.splice(0));
    await Promise.all(idle.map((connection) => this.end(connection)));
  }

  private place(database: string): Place {
    const place = this.places.get(database) ?? emptyPlace();
    this.places.set(database, place);
    return place;
  }

  private async acquire(database: string, place: Place): Promise<Connection> {
    // From the check to the counts nothing is awaited, so that the limit holds at every instant.
    return this.lines.run(place, async () => {
      if (this.closed) throw new ConnectionError("the cluster is closed");
      place.busy++;
      const kept = place.idle.pop();
      if (kept !== undefined) {
        clearTimeout(kept.idleTimer);
        return kept;
      }
      this.open++;
      try {
        return await this.connect(database);
      } catch (error) {
        this.open--;
        this.leave(place);
        throw error;
      }
    });
  }

  /** Whether the next one may have its connection; an urgent one even where others are kept out. */
  private mayGo(place: Place, urgent: boolean): boolean {
    return this.closed || ((urgent || place.barred === 0) && this.hasRoom(place));
  }

  /** Room is an idle connection here, a free place under the limit, or an idle connection elsewhere to give up. */
  private hasRoom(place: Place): boolean {
    const { connections = 1, beside = 0 } = place.program ?? {};
    const { maxConnections } = this.#settings;
    // Whoever runs a program must not wait for a place that another program has.
    if (place.program !== undefined && this.lent + connections + beside > maxConnections) return false;
    if (place.idle.length > 0) return true;
    // To connect takes longer than most statements: whoever has a connection to wait for lets others have their first.
    if (place.busy > 0 && this.lines.some(({ busy, barred }) => busy === 0 && barred === 0)) return false;
    if (this.open + connections <= maxConnections) return true;
    this.makeRoom();
    return false; // the place of what is given up is free once it has ended
  }

  /** Gives up an idle connection that nobody waits for, and not more of them than are wanted. */
  private makeRoom(): void {
    if (this.leaving >= this.lines.length) return;
    const now = performance.now();
    for (const connection of this.connected) {
      const place = this.place(connection.session.database);
      if (place.idle[0] !== connection || this.lines.has(place)) continue;
      if (now - connection.idleSince < ITS_USERS_MS) {
        this.lookAgain();
        continue;
      }
      place.idle.shift();
      this.leaving++;
      void this.end(connection).finally(() => {
        this.leaving--;
        this.lines.advance();
      });
      return;
    }
  }

  private lookAgain(): void {
    this.nextLook ??= setTimeout(() => {
      this.nextLook = undefined;
      this.lines.advance();
    }, ITS_USERS_MS).unref();
  }

  private async connect(database: string): Promise<Connection> {
    const { client, pid, pooled } = await openClient(this.#settings, database, async (opened) => {
      await this.refuseShared(opened, database);
      await opened.client.query(sessionStart(this.#settings).text);
    });
    const session = new PgSession(client, database, pid);
    const connection: Connection = { client, session, pooled, lost: false, ending: false, idleSince: 0 };
    const lose = () => {
      connection.lost = true;
      const { idle } = this.place(database);
      if (!idle.includes(connection)) return; // in use: whoever uses it notices, and it ends on release
      idle.splice(idle.indexOf(connection), 1);
      void this.end(connection);
    };
    client.on("error", lose).on("end", lose);
    this.connected.add(connection);
    return connection;
  }

  /** Refuses a session of the server that is not this connection's alone, before anything is set in it. */
  private async refuseShared({ pid, pooled }: Opened, database: string): Promise<void> {
    if (!pooled) return;
    const shared = [...this.connected].some(({ session, ending }) => session.backend === pid && !ending);
    if (shared || (!this.pooled && (await this.isHandedOn(pid, database)))) throw sharedSession();
    this.pooled = true;
  }

  /** Whether a second connection gets the session of one that is open; not known where there may be no second one. */
  private async isHandedOn(pid: number, database: string): Promise<boolean> {
    if (this.open >= this.#settings.maxConnections) return false;
    return this.briefly(database, async (second) => second.pid === pid);
  }

  /** Ends what a pooler keeps in a database. Where that cannot be connected to, the statement to come will say why. */
  private async endKept(database: string): Promise<void> {
    const place = this.place(database);
    await endKeptSessions((task) => this.lines.run(place, () => this.briefly(database, task), true)).catch(() => {});
  }

  /** Runs a task with a connection of its own, in whose session nothing is set. */
  private async briefly<T>(database: string, task: (opened: Opened) => Promise<T>): Promise<T> {
    this.open++;
    try {
      const opened = await openClient(this.#settings, database, async () => {});
      try {
        return await task(opened);
      } finally {
        await opened.client.end().catch(() => {});
      }
    } finally {
      this.open--;
      this.lines.advance();
    }
  }

  /** A connection of a place is in use no more. */
  private leave(place: Place): void {
    place.busy--;
    if (place.busy === 0) for (const wake of place.emptied.splice(0)) wake();
    this.lines.advance();
  }

  private release(connection: Connection, place: Place): void {
    // A task may have left a transaction open: nobody else shall find themselves in it.
    const inTransaction = connection.client.getTransactionStatus() !== "I";
    const { broken, discarded } = connection.session;
    if (connection.lost || broken || discarded || inTransaction || this.closed) {
      void this.end(connection);
    } else {
      connection.idleSince = performance.now();
      place.idle.push(connection);
      const home = connection.session.database === this.database;
      const expire = () => {
        place.idle.splice(place.idle.indexOf(connection), 1);
        void this.end(connection);
      };
      connection.idleTimer = setTimeout(expire, home ? IDLE_HOME_MS : IDLE_ELSEWHERE_MS);
      connection.idleTimer.unref();
    }
    this.leave(place);
  }

  private async end(connection: Connection): Promise<void> {
    const { client, session, pooled } = connection;
    clearTimeout(connection.idleTimer);
    connection.ending = true;
    // Nobody answers any more on a lost connection: a polite goodbye would wait for ever.
    if (connection.lost) cut(client);
    else if (session.broken) await abandon(client);
    else if (pooled && session.database !== this.database) await endSession(client);
    await client.end().catch(() => {});
    this.connected.delete(connection);
    this.open--;
    this.lines.advance();
  }
}

function emptyPlace(): Place {
  return { idle: [], emptied: [], busy: 0, barred: 0 };
}

/** After an error the driver knows only with the next answer whether a transaction is still open. */
async function settle(connection: Connection): Promise<void> {
  if (connection.session.broken) return;
  await connection.client.query("").catch(() => {
    connection.lost = true;
  });
}

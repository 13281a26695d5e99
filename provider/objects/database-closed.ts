/** A database that is closed to everybody, superusers and workers included, until it is dropped or opened again. */

import { setTimeout as sleep } from "node:timers/promises";
import type { Cluster } from "../cluster";
import type { Observed, Statement } from "../definition";
import { ObjectInUseError, type PostgresError } from "../errors";
import type { Facts } from "../facts";
import type { Deadline } from "../limits";
import { withRightsOf } from "../rights";
import { run, takingBack } from "../runner";
import { SESSIONS_AND_WORKERS, terminate } from "../sessions";
import { keyword, sql } from "../sql";
import { renameTo, targetOf } from "./common";
import { refusePrepared, refuseSessions, type SessionIn, sessionsIn } from "./database-contents";

/** How long sessions may take to get in that were let in before, and to end. */
const PATIENCE_MS = 10_000;

const OTHERS_ARE_IN = "Whoever that is must end first: it neither ends when it is told to, nor may it be told";

/** The statement that lets others in again, or keeps them out. */
export function allowConnections(name: string, allowed: boolean): Statement {
  return {
    sql: sql`ALTER ${targetOf("DATABASE", name)} WITH ALLOW_CONNECTIONS ${keyword(allowed ? "TRUE" : "FALSE")}`,
  };
}

/** What lets everybody in again who could get in before; nothing where nobody could. */
export function reopening({ values }: Observed): Statement[] {
  return values.allowConnections === false ? [] : [allowConnections(String(values.name), true)];
}

/** A database that is being closed: what was done so far, so that it can be taken back. */
export class ClosedDatabase {
  readonly name: string;
  /** The name of its own that it has for a time. */
  private alias: string | undefined;
  private closed = false;

  constructor(
    private readonly cluster: Cluster,
    private readonly observed: Observed,
    private readonly facts: Facts,
    private readonly purpose: { object: string; intent: string; deadline?: Deadline | undefined },
  ) {
    this.name = String(observed.values.name);
  }

  /** Runs a task that connects to it, for which it is opened where nobody could get in before. */
  async admitting<T>(task: () => Promise<T>): Promise<T> {
    if (this.observed.values.allowConnections !== false) return task();
    this.closed = true; // as it was before
    await this.send(allowConnections(this.name, true));
    return task();
  }

  /** Lets nobody in any more, and ends whoever is in it (`force`) or refuses to. Sessions with these process ids stay. */
  async close(own: readonly number[], force: boolean): Promise<void> {
    this.closed = true;
    await this.send(allowConnections(this.name, false));
    await this.untilSettled(own);
    if (force) await this.end(this.name, own);
    await refuseSessions(this.cluster, this.name, own, force ? OTHERS_ARE_IN : undefined);
    await refusePrepared(this.cluster, this.name);
  }

  /** Opens it under a name that nobody knows. */
  async hide(alias: string): Promise<void> {
    this.alias = alias;
    const rename = renameTo(targetOf("DATABASE", this.name), alias);
    await this.send({ ...rename, without: this.name }, allowConnections(alias, true));
  }

  /**
   * Closes it again as soon as a program with this login has made so many connections, or when the signal says that it has
   * ended.
   *
   * @throws ObjectInUseError when anybody else has got in, after ending whatever is in it
   */
  async closeBehind(program: string, login: string, connections: number, ended: AbortSignal): Promise<void> {
    const alias = this.alias as string;
    const isProgram = (one: SessionIn) => one.role === login && (one.program ?? program) === program;
    for (;;) {
      const found = await sessionsIn(this.cluster, alias);
      if (ended.aborted || found.filter(isProgram).length >= connections) break;
      await sleep(10);
    }
    await this.send(allowConnections(alias, false));
    await this.untilSettled([]);
    const others = (await sessionsIn(this.cluster, alias)).filter((one) => !isProgram(one));
    if (others.length === 0) return;
    await this.end(alias, []);
    throw new ObjectInUseError(`somebody else got in meanwhile: ${others.map(({ text }) => text).join(", ")}`, {
      remedy: "Run the same again",
    });
  }

  /** Gives it its own name back. It stays closed. */
  async reveal(): Promise<void> {
    await this.send(...this.renaming());
    this.alias = undefined;
  }

  /** Lets everybody in again who could get in before. Returns the failure that is the reason, saying what has become of it. */
  async reopen(failure: PostgresError): Promise<PostgresError> {
    if (!this.closed) return failure;
    const { alias } = this;
    if (alias !== undefined) {
      const shut = withRightsOf([this.owner], this.facts, [allowConnections(alias, false)]);
      await run(this.cluster, shut, this.purpose).catch(() => {}); // it may have its own name yet
      await this.end(alias, []).catch(() => {}); // whom this leaves, the server tells below
    }
    const undo = withRightsOf([this.owner], this.facts, [...this.renaming(), ...reopening(this.observed)]);
    const left = await takingBack(this.cluster, undo, this.purpose, failure);
    return left === failure ? failure.adding("It was not dropped, and is as open to others as before") : left;
  }

  private get owner(): string {
    return String(this.observed.values.owner);
  }

  private renaming(): Statement[] {
    if (this.alias === undefined) return [];
    return [{ ...renameTo(targetOf("DATABASE", this.alias), this.name), without: this.alias }];
  }

  private async send(...statements: Statement[]): Promise<void> {
    await run(this.cluster, withRightsOf([this.owner], this.facts, statements), this.purpose);
  }

  /** A session that was let in a moment ago is in no view yet: it shows by the lock that it takes on its way. */
  private async untilSettled(own: readonly number[]): Promise<void> {
    const latest = Date.now() + PATIENCE_MS;
    let coming = await this.comingIn(own);
    while (coming.size > 0) {
      if (Date.now() > latest) throw new ObjectInUseError(`sessions do not get in: pid ${[...coming].join(", ")}`);
      await sleep(10);
      const still = await this.comingIn(own);
      coming = new Set([...coming].filter((pid) => still.has(pid)));
    }
  }

  private async comingIn(own: readonly number[]): Promise<Set<number>> {
    const rows = await this.cluster.query<{ pid: number }>(
      `SELECT pid FROM pg_catalog.pg_locks
        WHERE locktype = 'object' AND classid = 'pg_catalog.pg_database'::regclass AND objid = $1
          AND pid <> pg_backend_pid() AND pid <> ALL ($2::int[])`,
      [this.observed.oid, own],
    );
    return new Set(rows.map(({ pid }) => pid));
  }

  private async end(name: string, own: readonly number[]): Promise<void> {
    await terminate(this.cluster, { databases: [name], excludePids: own, timeout: PATIENCE_MS }, SESSIONS_AND_WORKERS);
  }
}

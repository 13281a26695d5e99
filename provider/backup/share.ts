/** What PostgreSQL's programs take of a cluster's connections: theirs are among its `maxConnections`. */

import { setTimeout as sleep } from "node:timers/promises";
import type { Cluster } from "../cluster";
import { InvalidValueError } from "../errors";
import { withEnvironment } from "./connection";
import type { DumpOptions, PgRestoreOptions } from "./options";
import { relayed, UNSEEN_MS } from "./relay";

/** How many connections there are at one time while a program runs. */
export interface Share {
  /** Those of the program. */
  readonly program: number;
  /** Those that the cluster itself needs meanwhile. */
  readonly beside: number;
}

/** What pg_dump takes. */
export function dumpShare(
  cluster: Cluster,
  { format, jobs }: DumpOptions & { format?: string },
  beside: number,
): Share {
  return shareOf(cluster, { program: connectionsFor(format === "directory" ? jobs : undefined), beside });
}

/** What pg_restore takes. */
export function restoreShare(cluster: Cluster, { jobs }: PgRestoreOptions, beside: number): Share {
  return shareOf(cluster, { program: connectionsFor(jobs), beside });
}

/** A connection, and of several jobs one for each beside that: pg_restore has closed it by then, but has not seen it off. */
function connectionsFor(jobs = 1): number {
  return jobs > 1 ? jobs + 1 : 1;
}

function shareOf({ adapter }: Cluster, share: Share): Share {
  const [wanted, most] = [share.program + share.beside, adapter.settings?.maxConnections];
  if (most === undefined || wanted <= most) return share;
  throw new InvalidValueError(`it takes ${wanted} connections at one time, and maxConnections is ${most}`, {
    remedy: `Raise the Provider's maxConnections to ${wanted} or more${share.program > 1 ? ", or lower jobs" : ""}`,
  });
}

/** As {@link withEnvironment}, for programs that get their share. */
export function sharedAccess(cluster: Cluster, share: Share): typeof withEnvironment {
  return (settings, database, task) =>
    sharing(cluster, share, () =>
      relayed(settings, (detour) => withEnvironment(settings, database, (env) => task({ ...env, ...detour }))),
    );
}

/** Runs a task in which a program has its share. When the task is over, the server has ended the program's sessions. */
export function sharing<T>({ adapter }: Cluster, { program, beside }: Share, task: () => Promise<T>): Promise<T> {
  return adapter.lend === undefined ? task() : adapter.lend(program, beside, task);
}

/** As {@link sharing}, for a program on the server's host, which connects to a database there. */
export function sharingThere<T>(
  host: Cluster,
  share: Share,
  { program, database }: { readonly program: string; readonly database: string },
  task: () => Promise<T>,
): Promise<T> {
  return sharing(host, share, async () => {
    const [began] = (await host.execute("SELECT pg_catalog.clock_timestamp()::text")).flat();
    try {
      return await task();
    } finally {
      // Whatever stands in the way of looking has nothing to do with what the program has done.
      await seenOff(host, [program, database, began]).catch(() => sleep(UNSEEN_MS));
    }
  });
}

/** How long a session may take to end. */
const PATIENCE_MS = 3000;

/** Waits until no session is left that this login has had of a program, in a database, since a time. */
async function seenOff(host: Cluster, sought: readonly unknown[]): Promise<void> {
  const latest = Date.now() + PATIENCE_MS;
  for (let pause = 5; Date.now() < latest; pause = Math.min(2 * pause, 200)) {
    // A lesser role is not shown whose sessions are what.
    const [left] = await host.execute(
      `SELECT FROM pg_catalog.pg_stat_activity
        WHERE usename = session_user AND datname = $2 AND pid <> ALL ($4::int[])
          AND coalesce(application_name = $1 AND backend_start >= $3::timestamptz, true) LIMIT 1`,
      [...sought, host.adapter.pids ?? []],
    );
    if (left === undefined) return;
    await sleep(pause);
  }
}

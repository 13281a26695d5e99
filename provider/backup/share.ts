/** What PostgreSQL's programs take of a cluster's connections: theirs are among its `maxConnections`. */

import { setTimeout as sleep } from "node:timers/promises";
import type { Cluster } from "../cluster";
import { InvalidValueError } from "../errors";
import { withEnvironment } from "./connection";
import type { DumpOptions, PgRestoreOptions } from "./options";

/** How many connections there are at one time while a program runs. */
export interface Share {
  /** Those of the program. */
  readonly program: number;
  /** Those that the cluster itself needs meanwhile. */
  readonly beside: number;
}

/** What pg_dump takes: a connection, and one more for each of several jobs. */
export function dumpShare(
  cluster: Cluster,
  { format, jobs = 1 }: DumpOptions & { format?: string },
  beside: number,
): Share {
  return shareOf(cluster, { program: format === "directory" && jobs > 1 ? jobs + 1 : 1, beside });
}

/** What pg_restore takes: a connection, and with several jobs one for each beside its own, which it has closed and not seen off. */
export function restoreShare(cluster: Cluster, { jobs = 1 }: PgRestoreOptions, beside: number): Share {
  return shareOf(cluster, { program: jobs > 1 ? jobs + 1 : 1, beside });
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
  return (settings, database, task) => sharing(cluster, share, () => withEnvironment(settings, database, task));
}

/** A program does not wait, as we do, until the server has ended its session: so many milliseconds, on a busy server too. */
const LEAVING_MS = 250;

/** Runs a task in which a program has its share. */
export function sharing<T>({ adapter }: Cluster, { program, beside }: Share, task: () => Promise<T>): Promise<T> {
  if (adapter.lend === undefined) return task();
  return adapter.lend(program, beside, () => task().finally(() => sleep(LEAVING_MS)));
}

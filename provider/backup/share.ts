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
  return (settings, database, task) => sharing(cluster, share, () => withEnvironment(settings, database, task));
}

/** A program does not wait, as we do, until the server has ended its session: so many milliseconds, on a busy server too. */
const LEAVING_MS = 250;

/** Runs a task in which a program has its share. */
export function sharing<T>({ adapter }: Cluster, { program, beside }: Share, task: () => Promise<T>): Promise<T> {
  if (adapter.lend === undefined) return task();
  return adapter.lend(program, beside, () => task().finally(() => sleep(LEAVING_MS)));
}

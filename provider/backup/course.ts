/** How a backup or a restore goes when it is one step of something bigger. */

import type { Cluster } from "../cluster";
import type { Deadline } from "../limits";
import type { withEnvironment } from "./connection";

/** What whoever takes the other steps has to say about it. */
export interface ProgramCourse {
  /** When it must have ended: its programs are ended then. Default: never. */
  readonly deadline?: Deadline | undefined;
  /** Called when all that can be refused has been refused, right before the first program connects. */
  readonly ready?: () => Promise<unknown>;
  /** How programs on this machine get at the server. Default: they connect as the cluster does. */
  readonly access?: typeof withEnvironment;
  /** How many connections the other steps take while programs run. Default: none. */
  readonly beside?: number;
  /** The way to the server's host, where the database itself is none: it may be closed, or not be there yet. */
  readonly through?: Cluster;
}

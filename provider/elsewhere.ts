/** What is no part of the database itself: how it is seen, and how it is changed. */

import type { Cluster } from "./cluster";
import type { Key, Observed, Values } from "./definition";
import type { Deadline } from "./limits";

/** How objects are observed that are in no catalogue: in a file, say. */
export interface Source {
  /** Objects by their keys, in the order of the keys, in one look. Undefined: not there. */
  observe(cluster: Cluster, keys: readonly Key[]): Promise<(Observed | undefined)[]>;
  /** An object that nothing of that name is there for, but that may be taken over for it. Asked when one is adopted. */
  adoptable?(cluster: Cluster, desired: Values): Promise<Observed | undefined>;
}

/**
 * Does what a statement is about, when that is no SQL. It tries again by itself what it can, but for a connection that is
 * lost before anything was done.
 */
export type Perform = (cluster: Cluster, deadline: Deadline | undefined) => Promise<unknown>;

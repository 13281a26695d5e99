/** Looks at objects: those of one type and database that are asked for together are one query. */

import { Batch } from "./batch";
import type { Cluster } from "./cluster";
import type { Key, ObjectType, Observed } from "./definition";
import type { PostgresError } from "./errors";
import { observeMany } from "./observe";

/** Data exceptions (class 22), and what waits for a lock that is not there for the others. */
const FAULTS_OF_ONE = /^(?:22...|55P03|57014)$/;

const isFaultOfOne = (error: unknown) => FAULTS_OF_ONE.test((error as PostgresError).sqlstate ?? "");

/** The looks of one server, and of all views of it. */
export class Reads {
  private readonly batches = new Map<string, Batch<Key, Observed | undefined>>();

  /** Observes one object in the cluster's database; undefined when it is not there. */
  observe(cluster: Cluster, type: ObjectType, key: Key): Promise<Observed | undefined> {
    const kind = JSON.stringify([type.type, cluster.currentDatabase]);
    const batch =
      this.batches.get(kind) ?? new Batch((keys: Key[]) => observeMany(cluster, type, keys), { isFaultOfOne });
    this.batches.set(kind, batch);
    return batch.load(key);
  }
}

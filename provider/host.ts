/** What lives as long as the provider host: one cluster per set of settings, and reads that are collected. */

import { Batch } from "./batch";
import { Cluster } from "./cluster";
import type { Key, ObjectType, Observed } from "./definition";
import { Drops } from "./drops";
import { observeMany } from "./observe";
import { Announced } from "./preview/expected";
import type { ConnectionSettings } from "./settings";

/** A connected cluster with collected reads. */
export class Host {
  /** What the resources of this run stand for, for previews. */
  readonly announced = new Announced();
  /** What is being dropped. */
  readonly drops = new Drops();
  private readonly batches = new Map<string, Batch<Key, Observed | undefined>>();

  private constructor(readonly cluster: Cluster) {}

  private static readonly hosts = new Map<string, Promise<Host>>();

  /** The host for these settings: connects on first use, and again after a failure. */
  static for(settings: ConnectionSettings): Promise<Host> {
    const key = JSON.stringify(settings);
    const known = Host.hosts.get(key);
    if (known !== undefined) return known;
    const host = Cluster.connect(settings).then((cluster) => new Host(cluster));
    Host.hosts.set(key, host);
    host.catch(() => Host.hosts.delete(key));
    return host;
  }

  /** A host over a cluster that somebody else closes. */
  static over(cluster: Cluster): Host {
    return new Host(cluster);
  }

  /** Observes an object in a database; reads that arrive together are one query. */
  observe(type: ObjectType, database: string, key: Key): Promise<Observed | undefined> {
    const batchKey = JSON.stringify([type.type, database]);
    const batch = this.batches.get(batchKey) ?? new Batch((keys: Key[]) => this.observeMany(type, database, keys));
    this.batches.set(batchKey, batch);
    return batch.load(key);
  }

  private observeMany(type: ObjectType, database: string, keys: Key[]): Promise<(Observed | undefined)[]> {
    return observeMany(this.cluster.in(database), type, keys);
  }
}

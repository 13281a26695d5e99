/** What lives as long as the provider host: one cluster per set of settings, and what is on its way. */

import { CarriedOver } from "./carried-over";
import { Cluster } from "./cluster";
import { Drops } from "./drops";
import { Announced } from "./preview/expected";
import { Renamed } from "./renamed";
import type { ConnectionSettings } from "./settings";
import { TakenOver } from "./taken-over";

/** A connected cluster, and what the resources of this run are about to do with it. */
export class Host {
  /** What the resources of this run stand for, for previews. */
  readonly announced = new Announced();
  /** What is being dropped. */
  readonly drops = new Drops();

  private constructor(
    readonly cluster: Cluster,
    /** What resources of this run have taken over, through whatever Provider. */
    readonly takenOver: TakenOver,
    /** What resources of this run have renamed, through whatever Provider. */
    readonly renamed: Renamed,
    /** What was said about objects that were dropped in this run, through whatever Provider. */
    readonly carriedOver: CarriedOver,
  ) {}

  private static readonly hosts = new Map<string, Promise<Host>>();
  private static readonly takenOver = new TakenOver();
  private static readonly renamed = new Renamed();
  private static readonly carriedOver = new CarriedOver();

  /** The host for these settings: connects on first use, and again after a failure. */
  static for(settings: ConnectionSettings): Promise<Host> {
    const key = JSON.stringify(settings);
    const known = Host.hosts.get(key);
    if (known !== undefined) return known;
    const host = Cluster.connect(settings).then(
      (cluster) => new Host(cluster, Host.takenOver, Host.renamed, Host.carriedOver),
    );
    Host.hosts.set(key, host);
    host.catch(() => Host.hosts.delete(key));
    return host;
  }

  /** A host over a cluster that somebody else closes. */
  static over(cluster: Cluster): Host {
    return new Host(cluster, new TakenOver(), new Renamed(), new CarriedOver());
  }
}

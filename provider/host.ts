/** What lives as long as the provider host: one cluster per set of settings, and what is on its way. */

import { Cluster } from "./cluster";
import { Drops } from "./drops";
import { Announced } from "./preview/expected";
import { Run } from "./run";
import type { ConnectionSettings } from "./settings";

/** A connected cluster, and what the resources of this run are about to do with it. */
export class Host {
  /** What the resources of this run stand for, for previews. */
  readonly announced = new Announced();
  /** What is being dropped. */
  readonly drops = new Drops();

  private constructor(
    readonly cluster: Cluster,
    /** What was done in this run, through whatever Provider. */
    readonly run: Run,
  ) {}

  private static readonly hosts = new Map<string, Promise<Host>>();
  private static readonly run = new Run();

  /** The host for these settings: connects on first use, and again after a failure. */
  static for(settings: ConnectionSettings): Promise<Host> {
    const key = JSON.stringify(settings);
    const known = Host.hosts.get(key);
    if (known !== undefined) return known;
    const host = Cluster.connect(settings).then((cluster) => new Host(cluster, Host.run));
    Host.hosts.set(key, host);
    host.catch(() => Host.hosts.delete(key));
    return host;
  }

  /** A host over a cluster that somebody else closes. */
  static over(cluster: Cluster): Host {
    return new Host(cluster, new Run());
  }
}

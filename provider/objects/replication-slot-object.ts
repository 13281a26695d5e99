/** Replication slots in scripts: what one holds back, and ending its consumer. */

import { NotFoundError } from "../errors";
import { ManagedObject } from "../managed-object";

/** The transactions whose rows a slot keeps from being cleaned up. */
export interface ReplicationSlotHorizon {
  /** The oldest transaction whose rows it keeps (`xmin`), if any. */
  readonly xmin: number | null;
  /** The oldest transaction whose rows of the catalogues it keeps (`catalog_xmin`), if any. */
  readonly catalogXmin: number | null;
}

/** What can be done with a slot beside what can be done with every object. */
export interface ReplicationSlotMethods {
  /** What it keeps from being cleaned up just now. */
  horizon(): Promise<ReplicationSlotHorizon>;
  /**
   * Ends the session of its consumer, if there is one, and returns whether one went. It may come back at once.
   *
   * @throws PermissionError when it is another role's, whose sessions may not be ended
   */
  disconnect(): Promise<boolean>;
}

/** A replication slot as the collection hands it out. */
export class ManagedReplicationSlot extends ManagedObject implements ReplicationSlotMethods {
  async horizon(): Promise<ReplicationSlotHorizon> {
    const [row] = await this.cluster.query<Record<keyof ReplicationSlotHorizon, string | null>>(
      `SELECT xmin::text, catalog_xmin::text AS "catalogXmin" FROM pg_catalog.pg_replication_slots WHERE slot_name = $1::name`,
      String(this.observed.values.name),
    );
    if (row === undefined) throw new NotFoundError("does not exist any more", { object: this.called });
    return { xmin: numberOf(row.xmin), catalogXmin: numberOf(row.catalogXmin) };
  }

  async disconnect(): Promise<boolean> {
    await this.refresh();
    const { activePid } = this.observed.values;
    return typeof activePid === "number" && (await this.cluster.terminate({ pids: [activePid] })).length > 0;
  }
}

function numberOf(xid: string | null): number | null {
  return xid === null ? null : Number(xid);
}

/** Databases that are being dropped, and roles that wait for that: what is in a database goes with it, privileges too. */

import { setTimeout as sleep } from "node:timers/promises";
import { DependentObjectsError } from "./errors";

/** How long a drop that began together with another one may take to get here, in milliseconds. */
const TOGETHER = 2000;

/** Drops that one run does at the same time, though one stands in the way of the other. */
export class Drops {
  private readonly running = new Set<Promise<unknown>>();
  /** How many have come to an end. */
  private ended = 0;

  /** Drops something that takes others along. */
  async first<T>(drop: () => Promise<T>): Promise<T> {
    const work = drop();
    this.running.add(work);
    try {
      return await work;
    } finally {
      this.running.delete(work);
      this.ended += 1;
    }
  }

  /**
   * Drops something of the whole server. Where other objects depend on it, it is tried again behind the drops that take
   * others along and are on their way: the engine knows of no order between an owner and the database of what it owns.
   */
  async behind<T>(drop: () => Promise<T>): Promise<T> {
    for (;;) {
      const before = this.ended;
      try {
        return await drop();
      } catch (error) {
        if (!(error instanceof DependentObjectsError) || !(await this.others(before))) throw error;
      }
    }
  }

  /** Waits for the drops that are on their way. Returns whether one has ended since there were so many. */
  private async others(before: number): Promise<boolean> {
    for (const end = Date.now() + TOGETHER; this.running.size === 0; await sleep(50)) {
      if (this.ended > before) return true;
      if (Date.now() > end) return false;
    }
    await Promise.allSettled(this.running);
    return true;
  }
}

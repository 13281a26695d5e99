/** What is being dropped in databases, and they themselves, and roles that wait for that: they own it, or have privileges. */

import { setTimeout as sleep } from "node:timers/promises";
import { DependentObjectsError } from "./errors";

/** How long a drop that began together with another one may take to get here, in milliseconds. */
const TOGETHER = 2000;

/** Drops that one run does at the same time, though one stands in the way of the other. */
export class Drops {
  private readonly running = new Set<Promise<unknown>>();
  /** How many have come to an end. */
  private ended = 0;

  /** Drops something that a role may own, or have privileges of, or that takes such along. */
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
   * Drops something of the whole server. Where other objects depend on it, it is tried again behind the drops that are on
   * their way, and a last time when there is no other: the engine knows of no order between an owner and what it owns if
   * that is not declared, or is not any more.
   */
  async behind<T>(drop: () => Promise<T>): Promise<T> {
    for (let last = false; ; ) {
      const before = this.ended;
      try {
        return await drop();
      } catch (error) {
        if (!(error instanceof DependentObjectsError) || last) throw error;
        last = !(await this.others(before));
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

/** Waiting that comes to an end. */

import { setTimeout as sleep } from "node:timers/promises";

/** Waits until a promise is settled, but not longer than so many milliseconds. */
export async function atMost(patience: number, promise: Promise<unknown>): Promise<void> {
  const timer = new AbortController();
  const late = sleep(patience, undefined, { signal: timer.signal }).catch(() => {});
  await Promise.race([promise.catch(() => {}), late]);
  timer.abort();
}

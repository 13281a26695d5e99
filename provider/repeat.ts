/** Trying again what only looks. */

import { backOff } from "exponential-backoff";
import { ConnectionError, isConnectionLost } from "./errors";

/** Runs a task that changes nothing, and repeats it when its connection was lost. */
export function repeatedly<T>(task: () => Promise<T>): Promise<T> {
  return backOff(task, { numOfAttempts: 3, startingDelay: 50, jitter: "full", retry: isLostOnTheWay });
}

/** Whether a connection was lost in use. Connecting has been tried again already; its errors say what was intended. */
export function isLostOnTheWay(error: unknown): boolean {
  return isToldLost(error) || isConnectionLost(error);
}

/** Whether somebody who knows has said so: not the driver, which does not know whether anything had been begun. */
export function isToldLost(error: unknown): boolean {
  return error instanceof ConnectionError && error.intent === undefined;
}

/** What a kind of fault is. */

import type { PropertyMap } from "../engine/values";
import type { Deployment } from "./deployment";
import type { Ground } from "./ground";

/** The operations of a stack that faults happen in. */
export const PHASES = ["up", "change", "refresh", "destroy"] as const;
/** One of them: `change` is an `up` of a program that was changed. */
export type Phase = (typeof PHASES)[number];

/** What a fault may need to know and do. */
export interface Scene {
  readonly ground: Ground;
  readonly deployment: Deployment;
  readonly phase: Phase;
  /** At which request, or hook, it happens. */
  readonly at: number;
  /** A number from 0 up to, but not including, this one. */
  random(below: number): number;
}

/** A fault that is let loose. */
export interface Loose {
  /** Takes it away, so that the next operation finds everything as it should be. Returns whether it has happened. */
  over(): Promise<boolean>;
}

/** What errors say before the reason: what was to be done, and of a command in which of its statements. */
export const CANNOT =
  /: cannot (create|read|alter|drop|update|delete|take over|hand over|connect as .*): (statement \d of \d \(.*\): )?/
    .source;

/** A kind of fault. */
export interface Kind {
  readonly name: string;
  /** In which phases it makes sense. Default: all. */
  readonly phases?: readonly Phase[];
  /** Settings of the provider while it is let loose. */
  readonly settings?: PropertyMap;
  /** What its `at` counts: requests of any sort (the default), COMMITs, hooks, or nothing. */
  readonly counts?: "requests" | "commits" | "hooks" | "nothing";
  /** What an operation that it happened in may say, beside what a cut connection leads to. */
  readonly says?: RegExp;
  /** Whether the operation must fail. */
  readonly fatal?: true;
  /** How much time it takes, compared with a cut connection. */
  readonly cost: number;
  letLoose(scene: Scene): Promise<Loose>;
}

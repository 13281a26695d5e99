/**
 * What was renamed in this run. The state of a resource that was taken out of the program names others as they were called
 * before the run; when it is deleted, last of all, they have their new names, and another object may have the old one.
 */

import type { ResourceType, Values } from "./definition";
import { pathOf } from "./fields";

/** How an object is called now, by its type and the name that it had before the run. */
export type NameNow = (type: string, before: string) => string;

/** Names of objects of any servers, before the run and now. */
export class Renamed {
  private readonly names = new Map<string, string>();

  /** Says that an update has given an object of the whole server these values, instead of those in its resource's state. */
  add(type: ResourceType, before: Values, now: Values, systemIdentifier: string): void {
    const [old, name, ...rest] = [...pathOf(type, before), ...pathOf(type, now)];
    if (type.perDatabase || rest.length > 0 || old === undefined || name === undefined) return;
    this.names.set(keyOf(type.type, old, systemIdentifier), name);
  }

  /**
   * Values of a state from before the run, with the names that others have now. Each name is looked up once: where `b` has
   * become `bx`, and `c` has become `b`, the old `c` is `b` and not `bx`.
   */
  inValues({ fields }: ResourceType, values: Values, systemIdentifier: string): Values {
    const now: NameNow = (type, before) => this.names.get(keyOf(type, before, systemIdentifier)) ?? before;
    const entries = Object.entries(values).map(([name, value]): [string, Values[string]] => {
      const renaming = Object.hasOwn(fields, name) ? fields[name]?.renaming : undefined;
      return [name, renaming === undefined || value === null ? value : renaming(value, now)];
    });
    return Object.fromEntries(entries);
  }
}

function keyOf(type: string, name: string, systemIdentifier: string): string {
  return JSON.stringify([systemIdentifier, type, name]);
}

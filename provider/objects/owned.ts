/** Giving everything that a role owns to another one. */

import type { Statement } from "../definition";
import { identifier, sql } from "../sql";
import type { Dependency } from "./role-dependents";

/** `REASSIGN OWNED`: everything in the database it runs in, and what all databases share. */
export function reassignOwned(owner: string, heir: string): Statement {
  return { sql: sql`REASSIGN OWNED BY ${identifier(owner)} TO ${identifier(heir)}`, unlimited: true };
}

/** The databases that hold what depends on a role. What is shared between databases is reached from any of them. */
export function databasesOf(dependencies: readonly Dependency[], home: string): string[] {
  if (dependencies.length === 0) return [];
  const found = new Set(dependencies.flatMap(({ database }) => database ?? []));
  return found.size > 0 ? [...found] : [home];
}

/** What cannot be done to a database in a transaction, in which rights could be lent: dropping it, and moving its files. */

import type { Observed, Statement, Values } from "../definition";
import { RefusedError } from "../errors";
import type { Facts } from "../facts";
import { missingRights, withRightsOf } from "../rights";
import { keyword, type Sql, sql } from "../sql";
import { ownerTo, targetOf } from "./common";
import { reopening } from "./database-closed";
import { backUpBeforeDrop } from "./database-final-backup";

/** Runs a statement as the owner, who has to be somebody we can be: the database itself changes hands, and back. */
export function asOwner(target: Sql, owner: string, facts: Facts, statement: Statement): Statement[] {
  const takeOver = withRightsOf([owner], facts, [ownerTo(target, facts.server.user)]);
  if (takeOver.length === 1) return [statement];
  const handBack = withRightsOf([owner], facts, [ownerTo(target, owner)]);
  return [...takeOver, { ...statement, undo: handBack }, ...handBack];
}

/**
 * Drops a database, after its last backup where one is declared: one that is a template is made a plain one before, and what
 * came before is undone when that fails.
 */
export function dropDatabase(observed: Observed, options: Values, facts: Facts): Statement[] {
  const name = String(observed.values.name);
  const owner = String(observed.values.owner);
  refuseOwnDatabase(name, "drop", facts);
  const target = targetOf("DATABASE", name);
  const backup = backUpBeforeDrop(observed, options, facts);
  const reopen = backup.length === 0 ? [] : reopening(observed);
  // Nobody is in it when it has been backed up: whoever were all the same must not be thrown out, but be heard of.
  const force = options.forceDrop === true && backup.length === 0 ? sql` WITH (FORCE)` : sql``;
  const drop: Statement = { sql: sql`DROP ${target}${force}`, alone: true, unlimited: true, without: name };
  const toTemplate = (on: boolean): Statement[] =>
    observed.values.isTemplate === true
      ? [{ sql: sql`ALTER ${target} WITH IS_TEMPLATE ${keyword(on ? "TRUE" : "FALSE")}` }]
      : [];
  const lent = missingRights([owner], facts).length > 0;
  const byOwner = (statements: Statement[]) => withRightsOf([owner], facts, statements);
  const before = [...toTemplate(false), ...(lent ? [ownerTo(target, facts.server.user)] : [])];
  const undo = byOwner([...reopen, ...toTemplate(true), ...(lent ? [ownerTo(target, owner)] : [])]);
  const undoing = (statements: Statement[], by: Statement[]) =>
    by.length === 0 ? statements : statements.map((one, index) => (index === 0 ? { ...one, undo: by } : one));
  return [...backup, ...undoing(byOwner(before), byOwner(reopen)), ...undoing([drop], undo)];
}

/** Refuses what cannot be done to the database that the connection is to. */
export function refuseOwnDatabase(name: string, intent: string, facts: Facts): void {
  if (name !== facts.database) return;
  throw new RefusedError(`the connection itself is to this database, so it cannot ${intent} it`, {
    remedy: "Give the Provider another `database`",
  });
}

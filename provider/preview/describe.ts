/** The input `sql` of a resource: what `up` will send, for people to read. */

import type { ObjectType, Observed, Statement, Values } from "../definition";
import { NotInPlaceError } from "../errors";
import type { Facts } from "../facts";
import { desiredValues } from "../fields";
import { linesOf, noData, note, presentable } from "./text";

/** What a description starts from. */
export interface Scene {
  readonly type: ObjectType;
  /** What is declared, and was declared before. */
  readonly news: Values;
  readonly olds: Values;
  /** The object as it is, or is taken to be; undefined: there is none. */
  readonly observed: Observed | undefined;
  readonly facts: Facts;
  /** Whether an object that is there is taken over, and nobody has looked whether one is. */
  readonly perhapsAdopted: boolean;
  /** Values of the key as the server spells them, where they are declared in other words. */
  readonly spelled: Values;
}

/** Statements in their order, and what is to be said about them. */
export async function describe(scene: Scene): Promise<string[]> {
  const { type, news, olds, observed, facts, perhapsAdopted, spelled } = scene;
  const { shown, unknown } = presentable(type, news);
  const key = type.key.filter((name) => unknown.includes(name));
  if (key.length > 0) return [note(`depends on ${key.join(", ")}, which is [unknown]`)];
  const desired = { ...desiredValues(type, shown, olds), ...spelled };
  const lines = await plan(type, observed, desired, olds, facts).catch((error: Error) => [note(error.message)]);
  const adopts = type.found ? "" : " (adopt)";
  const notes = [
    ...(perhapsAdopted
      ? [note(`depends on the server; of what is there already${adopts}, only what differs is changed`)]
      : []),
    ...unknown.map((name) => note(`${name} is [unknown]`)),
  ];
  return noData([...notes, ...(lines.length > 0 ? lines : [note("nothing is sent")])]);
}

async function plan(
  type: ObjectType,
  observed: Observed | undefined,
  desired: Values,
  previous: Values,
  known: Facts,
): Promise<string[]> {
  // A password is shown as [secret], whoever hashes it: no key needs to be derived for that.
  const facts = { ...known, serverHashesPasswords: true };
  const prepared = (await type.prepare?.(desired, { observed, previous, facts })) ?? desired;
  const shown = (statements: Statement[]) => linesOf(statements, facts.database);
  if (observed === undefined) return shown(type.create(prepared, facts));
  try {
    return shown(type.alter(observed, prepared, facts));
  } catch (error) {
    if (!(error instanceof NotInPlaceError) || desired.allowReplace !== true || type.anew === undefined) throw error;
    const lines = shown(type.anew(observed, prepared, facts));
    return [note("what is around it, such as privileges, is read before and made again"), ...lines];
  }
}

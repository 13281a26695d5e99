/** Dropping an object and creating it anew in one transaction: what all kinds of objects have in common. */

import type { Cluster } from "../cluster";
import type { ServerError, Values } from "../definition";
import { NotInPlaceError, type PostgresError, RefusedError } from "../errors";

/** How a change that takes a new object is allowed. */
export const REPLACE =
  "Set allowReplace: true to drop it and create it anew, with its owner, comment and privileges, or take the change back";

/** Whether a change was refused because it takes a new object, and one may be made by the declared definition. */
export function mayBeMadeAnew(
  { allowReplace, definition }: Values,
  refusal: PostgresError,
  cannotReplace: (error: Pick<ServerError, "code" | "hint">) => boolean,
): boolean {
  const inPlace =
    !(refusal instanceof NotInPlaceError) && !cannotReplace({ code: refusal.sqlstate, hint: refusal.hint });
  return !inPlace && allowReplace === true && definition !== undefined;
}

/**
 * Refuses to lose what a new object would not get back.
 *
 * @param query gives what there is of it, for the oid in `$1`, as `text`
 */
export async function refuseLosses(cluster: Cluster, query: string, oid: number | undefined): Promise<void> {
  const rows = await cluster.query<{ text: string }>(`${query} ORDER BY 1`, [oid]);
  if (rows.length === 0) return;
  throw new RefusedError(`to create it anew would lose what it has (${rows.map(({ text }) => text).join(", ")})`, {
    remedy: "Drop that first, and make it again afterwards",
  });
}

/** What to do about an error of the server that is about a definition, whatever it defines. */
export function definitionRemedy(code: string | undefined, what: string): string | undefined {
  if (code === "42601") return `The definition must be one ${what} that the server understands, and nothing behind it`;
  if (code === "2BP01") return "It would have to be dropped and created anew: drop what depends on it first";
  return undefined;
}

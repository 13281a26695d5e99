/** What scripts of several kinds of objects are made of, from what the server says of itself. */

import type { Session } from "../adapter";
import type { Cluster } from "../cluster";
import { fromServer, identifier, join, literal, type Sql, sql } from "../sql";
import { inTransaction } from "../transaction";

/** Reads the catalogue at one moment, with every name in the server's words qualified: its search_path is empty. */
export function readForScript<T>(cluster: Cluster, task: (ask: Ask) => Promise<T>): Promise<T> {
  return inTransaction(cluster.adapter, cluster.currentDatabase, async (session: Session) => {
    await session.query(
      "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY; SELECT set_config('search_path', '', true)",
    );
    return task(async <R>(text: string, params: readonly unknown[]) => (await session.query(text, params)).rows as R[]);
  });
}

/** Asks the server; rows as objects. */
export type Ask = <R>(text: string, params: readonly unknown[]) => Promise<R[]>;

/** What the script calls an object, and what the server does. */
export interface Names {
  /** As it is: `"s"."t"`, but only quoted where the server does, as in the definitions that it writes. */
  readonly server: string;
  /** As it is to be. */
  readonly target: Sql;
}

/**
 * A definition by the server with one name in it replaced: the first one that stands after these words, and not inside
 * of quotes.
 */
export function retarget(definition: string, words: string, { server, target }: Names): Sql {
  const wanted = `${words} ${server}`;
  let quote: string | undefined;
  for (let i = 0; i < definition.length; i++) {
    if (quote === undefined && definition.startsWith(wanted, i)) {
      return sql`${fromServer(definition.slice(0, i + words.length + 1))}${target}${fromServer(definition.slice(i + wanted.length))}`;
    }
    const at = definition[i];
    if (quote === undefined && (at === '"' || at === "'")) quote = at;
    else if (at === quote) quote = undefined;
  }
  return fromServer(definition);
}

/** `COMMENT ON …`, or nothing where there is none. */
export function commentOn(what: Sql, comment: string | null): Sql[] {
  return comment === null ? [] : [sql`COMMENT ON ${what} IS ${comment}`];
}

/** ` WITH (fillfactor='70')` of `fillfactor=70`, or nothing. */
export function withOptions(options: readonly string[] | null): Sql {
  return options === null || options.length === 0 ? sql`` : sql` WITH (${join(options.map(option))})`;
}

/** `fillfactor='70'` of `fillfactor=70`; `toast.x` is a name of two parts. */
export function option(text: string): Sql {
  const [name = "", value = ""] = [text.slice(0, text.indexOf("=")), text.slice(text.indexOf("=") + 1)];
  const parts = name.startsWith("toast.") ? ["toast", name.slice(6)] : [name];
  return sql`${identifier(...parts)}=${literal(value)}`;
}

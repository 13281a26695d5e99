import type { Session } from "./adapter";
import { toPostgresError } from "./errors";
import { Sql, type SqlValue } from "./sql";

/** One parameter, or a list of them. A list at the top is the parameter list; a list inside it is an array value. */
export type Parameters = SqlValue | Date | Uint8Array | readonly unknown[];

/** The text and the parameter list of a statement. `undefined` is no parameters; any other single value is one. */
export function bind(query: string | Sql, params: Parameters | undefined): [string, readonly unknown[] | undefined] {
  const text = textOf(query);
  if (params === undefined) return [text, undefined];
  return [text, Array.isArray(params) ? params : [params]];
}

/** The text of a statement. */
export function textOf(query: string | Sql): string {
  return query instanceof Sql ? query.text : query;
}

/** Runs one statement in a session; errors are this package's own, without the secrets of the statement. */
export async function send(
  session: Session,
  query: string | Sql,
  params: Parameters | undefined,
  shape: "array" | "object",
): Promise<unknown[]> {
  const [text, values] = bind(query, params);
  try {
    return (await session.query(text, values, shape)).rows;
  } catch (error) {
    throw toPostgresError(error, { secrets: query instanceof Sql ? query.secrets : [] });
  }
}

/**
 * Runs statements in one transaction and hands their rows out one by one.
 *
 * @example
 * await cluster.executeWithCursor(async (cursor) => {
 *   await cursor.execute("SELECT 1, 2");
 *   return cursor.fetchOne(); // [1, 2]
 * });
 */
export class Cursor {
  private rows: unknown[][] = [];
  private position = 0;

  /** @internal */
  constructor(private readonly session: Session) {}

  /** Runs a statement; its rows replace those of the one before. They are held in memory. */
  async execute(query: string | Sql, params?: Parameters): Promise<void> {
    this.rows = (await send(this.session, query, params, "array")) as unknown[][];
    this.position = 0;
  }

  /** How many rows the last statement gave back. */
  get rowCount(): number {
    return this.rows.length;
  }

  /** The next row, or null after the last. */
  fetchOne(): unknown[] | null {
    return this.rows[this.position++] ?? null;
  }

  /** The next rows, `count` at most. */
  fetchMany(count: number): unknown[][] {
    const rows = this.rows.slice(this.position, this.position + count);
    this.position += rows.length;
    return rows;
  }

  /** All rows that are left. */
  fetchAll(): unknown[][] {
    return this.fetchMany(this.rows.length);
  }
}

import type { QueryResult, Session } from "./adapter";
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
  return (await resultOf(session, query, params, shape)).rows;
}

async function resultOf(
  session: Session,
  query: string | Sql,
  params: Parameters | undefined,
  shape: "array" | "object",
): Promise<QueryResult> {
  const [text, values] = bind(query, params);
  try {
    return await session.query(text, values, shape);
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
  private result: QueryResult = { rows: [], rowCount: 0, command: "" };
  private position = 0;

  /** @internal */
  constructor(private readonly session: Session) {}

  /** Runs a statement; its rows replace those of the one before. They are held in memory. */
  async execute(query: string | Sql, params?: Parameters): Promise<void> {
    this.result = await resultOf(this.session, query, params, "array");
    this.position = 0;
  }

  /** Runs a statement once with each of several parameter lists. `rowCount` is then that of all together. */
  async executeMany(query: string | Sql, paramLists: Iterable<Parameters>): Promise<void> {
    let rowCount = 0;
    let command = "";
    for (const params of paramLists) {
      await this.execute(query, params);
      rowCount += this.result.rowCount;
      command = this.result.command;
    }
    this.result = { rows: [], rowCount, command };
  }

  /** Runs a statement and returns the first value of its first row; null when it gives back no row. */
  async scalar(query: string | Sql, params?: Parameters): Promise<unknown> {
    await this.execute(query, params);
    return this.fetchOne()?.[0] ?? null;
  }

  /** How many rows the last statement gave back, or changed. */
  get rowCount(): number {
    return this.result.rowCount;
  }

  /** What the last statement was, in the driver's words, such as `SELECT` or `INSERT`; empty before the first. */
  get command(): string {
    return this.result.command;
  }

  /** The next row, or null after the last. */
  fetchOne(): unknown[] | null {
    return this.fetchMany(1)[0] ?? null;
  }

  /** The next rows, `count` at most. */
  fetchMany(count: number): unknown[][] {
    const rows = this.result.rows.slice(this.position, this.position + count) as unknown[][];
    this.position += rows.length;
    return rows;
  }

  /** All rows that are left. */
  fetchAll(): unknown[][] {
    return this.fetchMany(this.result.rows.length);
  }
}

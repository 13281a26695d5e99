/** One connection through `pg`: queries with our own reading of values, and the settings every session starts with. */

import { types } from "pg";
import type { CopySource, QueryResult, Session } from "./adapter";
import { copyIn, copyOut } from "./pg-copy";
import type { ResolvedSettings } from "./settings";
import { identifier, join, keyword, literal, type Sql, sql } from "./sql";

/** The part of a `pg` client that a session needs. Structural, so that users need no types of `pg`. */
export interface PgQueryable {
  query(config: object): Promise<unknown>;
  /** The server's process id of the connection; versions of `pg` that do not tell have no such property. */
  readonly processID?: number | null;
}

interface PgResult {
  readonly rows: unknown[];
  readonly rowCount: number | null;
  readonly command: string;
}

const INT8 = 20;
const NUMERIC = 1700;
const INT8_ARRAY = 1016;
const NUMERIC_ARRAY = 1231;
const TEXT_ARRAY = 1009;

/** Per query, so that neither pg's global parsers nor what the user made of them plays a part for exact numbers. */
const exactNumbers = {
  getTypeParser(oid: number, format: "text" | "binary" = "text") {
    if (oid === INT8 || oid === NUMERIC) return (text: string) => text;
    const read = oid === INT8_ARRAY || oid === NUMERIC_ARRAY ? TEXT_ARRAY : oid;
    return types.getTypeParser(read, format as "text");
  },
};

/** A session over a client of `pg`, own or lent. */
export class PgSession implements Session {
  /** Whether a COPY ended half-way, so that the connection must not be used again. */
  broken = false;

  constructor(
    private readonly client: PgQueryable,
    readonly database: string,
  ) {}

  /** The server's process id. */
  get pid(): number | undefined {
    return this.client.processID ?? undefined;
  }

  async query(text: string, params?: readonly unknown[], shape: "object" | "array" = "object"): Promise<QueryResult> {
    const config = { text, types: exactNumbers, rowMode: shape === "array" ? "array" : undefined };
    // Without parameters the simple protocol is used, which takes several statements at once.
    const result = await this.client.query(params === undefined ? config : { ...config, values: [...params] });
    const last = (Array.isArray(result) ? result.at(-1) : result) as PgResult;
    return { rows: last.rows ?? [], rowCount: last.rowCount ?? 0, command: last.command ?? "" };
  }

  async copyOut<T>(text: string, consume: (chunks: AsyncIterable<Uint8Array>) => Promise<T>): Promise<T> {
    this.broken = true; // until all of it was read
    const { result, whole } = await copyOut(this.client, text, consume);
    this.broken = !whole;
    return result;
  }

  async copyIn(text: string, source: CopySource): Promise<number> {
    this.broken = true; // until the server has confirmed it
    const rows = await copyIn(this.client, text, source);
    this.broken = false;
    return rows;
  }
}

/** `SET ROLE`, for `become`. */
export function becomeRole(role: string): Sql {
  return sql`SET ROLE ${identifier(role)}`;
}

/** The statements that every connection of our own starts with: one round trip. */
export function sessionStart(settings: ResolvedSettings): Sql {
  const set = [timeouts(settings.statementTimeout, settings.lockTimeout)];
  if (settings.become !== undefined) set.push(becomeRole(settings.become));
  return join(set, "; ");
}

/** Sets both timeouts, in milliseconds; 0 means none. */
export function timeouts(statement: number, lock: number): Sql {
  const parameter = (name: string, value: number) => sql`SET ${keyword(name)} = ${literal(value)}`;
  return join([parameter("statement_timeout", statement), parameter("lock_timeout", lock)], "; ");
}

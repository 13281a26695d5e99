/** One connection through `pg`: queries with our own reading of values, and the settings every session starts with. */

import { createHash } from "node:crypto";
import { types } from "pg";
import type { CopySource, QueryResult, RowShape, Session } from "./adapter";
import { jsonValues } from "./json-values";
import { sharedSession } from "./pooler";
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

const INVALID_STATEMENT_NAME = "26000";
const DUPLICATE_STATEMENT = "42P05";

const planNames = new Map<string, string>();

/** The same for the same text in every process: one name never stands for two texts. */
function planName(text: string): string {
  const known = planNames.get(text);
  if (known !== undefined) return known;
  const name = `pgmob_${createHash("sha256").update(text).digest("hex").slice(0, 32)}`;
  planNames.set(text, name);
  return name;
}

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
  /** Whether what was set in the connection is nobody else's, so that it must not be used again either. */
  discarded = false;

  constructor(
    private readonly client: PgQueryable,
    readonly database: string,
    /**
     * The process id that the server itself told, of a connection of our own. The server then may keep plans for it, under
     * names that begin with `pgmob_`. Undefined for a lent one.
     */
    readonly backend?: number,
  ) {}

  /** The server's process id. */
  get pid(): number | undefined {
    return this.backend ?? this.client.processID ?? undefined;
  }

  async query(text: string, params?: readonly unknown[], shape: RowShape = "object"): Promise<QueryResult> {
    const how = {
      rowMode: shape === "array" ? "array" : undefined,
      types: shape === "json" ? jsonValues : exactNumbers,
    };
    // Without parameters the simple protocol is used, which takes several statements at once; with them, that which does not.
    if (params === undefined) return this.send({ text, ...how });
    return this.send({ text, ...how, values: [...params], queryMode: "extended" });
  }

  discard(): void {
    this.discarded = true;
  }

  async ask(text: string, params: readonly unknown[]): Promise<QueryResult> {
    if (this.backend === undefined) return this.query(text, params);
    try {
      return await this.send({ text, name: planName(text), values: [...params] });
    } catch (error) {
      const { code } = error as { code?: string };
      // It was made on this session, and not by us.
      if (code === DUPLICATE_STATEMENT) throw sharedSession();
      // Whoever may run SQL on this connection may have thrown the plans away.
      if (code !== INVALID_STATEMENT_NAME) throw error;
      return this.query(text, params);
    }
  }

  private async send(config: object): Promise<QueryResult> {
    const result = await this.client.query({ types: exactNumbers, ...config });
    const last = (Array.isArray(result) ? result.at(-1) : result) as PgResult;
    return { rows: last.rows ?? [], rowCount: last.rowCount ?? 0, command: last.command ?? "" };
  }

  async copyOut<T>(text: string, consume: (chunks: AsyncIterable<Uint8Array>) => Promise<T>): Promise<T> {
    this.broken = true; // until all of it was read
    const { copyOut } = await import("./pg-copy.js");
    const { result, whole } = await copyOut(this.client, text, consume);
    this.broken = !whole;
    return result;
  }

  async copyIn(text: string, source: CopySource): Promise<number> {
    this.broken = true; // until the server has confirmed it
    const { copyIn } = await import("./pg-copy.js");
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

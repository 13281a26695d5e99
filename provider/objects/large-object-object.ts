/** Large objects in scripts. */

import type { CopySource, Session } from "../adapter";
import { FoundCollection } from "../collection";
import type { Observed } from "../definition";
import {
  AlreadyExistsError,
  InvalidValueError,
  isDriverError,
  NotFoundError,
  PermissionError,
  PostgresError,
  withContext,
} from "../errors";
import { lengthOf, readPieces, setLength, writePieces } from "../large-object";
import { ManagedObject, type ObjectMethods, type Shown, type WithOid } from "../managed-object";
import { observe } from "../observe";
import { called } from "../reconcile";
import { quoted } from "../sql";
import { inTransaction, writing } from "../transaction";
import type { LargeObjectAttributes } from "./large-object";

/** What can be done with a large object, beside what can be done with every object. */
export interface LargeObjectMethods {
  /** How long it is, in bytes. */
  size(): Promise<number>;
  /** Its bytes: all of them, or `length` of them from `offset` on. What is past its end is left out. */
  read(range?: { readonly offset?: number; readonly length?: number }): Promise<Uint8Array>;
  /**
   * Writes text (as UTF-8) or bytes. Replaces all that was in it; with `offset`, only what is there from that byte on for
   * as long as `data` is.
   */
  write(data: string | Uint8Array, options?: { readonly offset?: number }): Promise<void>;
  /** Cuts it off after `length` bytes, or fills it up with zero bytes. Default: empties it. */
  truncate(length?: number): Promise<void>;
  /**
   * Hands its bytes to a consumer in pieces, as fast as it takes them, in one transaction: all of them are of one moment.
   *
   * @example
   * const object = await cluster.largeObjects.get(16400);
   * await object.readTo((pieces) => pipeline(pieces, createWriteStream("photo.png")));
   */
  readTo<T>(consume: (pieces: AsyncIterable<Uint8Array>) => Promise<T>): Promise<T>;
  /**
   * Replaces what is in it with what a source gives, as fast as the server takes it, in one transaction: it is there as
   * a whole or not at all. Returns the number of bytes.
   *
   * @example
   * const object = await cluster.largeObjects.create();
   * await object.writeFrom(createReadStream("photo.png"));
   */
  writeFrom(source: CopySource): Promise<number>;
}

/** A large object of the current database. */
export type LargeObjectObject = WithOid &
  LargeObjectMethods &
  Omit<ObjectMethods<LargeObjectAttributes>, "script"> &
  Shown<LargeObjectAttributes, "comment">;

/** What a large object is created with. */
export interface NewLargeObject {
  /** Its oid. Default: one that is free. */
  oid?: number;
  /** What is in it: text (as UTF-8), bytes, or a source of either, such as a readable stream. Default: nothing. */
  data?: string | Uint8Array | CopySource;
}

/** A large object as the collection hands it out. */
export class ManagedLargeObject extends ManagedObject implements LargeObjectMethods {
  size(): Promise<number> {
    return this.working("read", "SELECT", (session) => lengthOf(session, this.id));
  }

  async read({ offset = 0, length }: { readonly offset?: number; readonly length?: number } = {}): Promise<Uint8Array> {
    for (const [name, value] of Object.entries({ offset, length })) refuseNegative(name, value);
    return this.working("read", "SELECT", async (session) => {
      const pieces: Buffer[] = [];
      for await (const piece of readPieces(session, this.id, offset, length)) pieces.push(piece);
      return Buffer.concat(pieces);
    });
  }

  async write(data: string | Uint8Array, { offset }: { readonly offset?: number } = {}): Promise<void> {
    refuseNegative("offset", offset);
    await this.working("write", "UPDATE", async (session) => {
      if (offset === undefined) await setLength(session, this.id, 0);
      await writePieces(session, this.id, [data], offset ?? 0);
    });
  }

  async truncate(length = 0): Promise<void> {
    refuseNegative("length", length);
    await this.working("truncate", "UPDATE", (session) => setLength(session, this.id, length));
  }

  readTo<T>(consume: (pieces: AsyncIterable<Uint8Array>) => Promise<T>): Promise<T> {
    return this.working("read", "SELECT", (session) => consume(readPieces(session, this.id)));
  }

  writeFrom(source: CopySource): Promise<number> {
    return this.working("write", "UPDATE", async (session) => {
      await setLength(session, this.id, 0);
      return writePieces(session, this.id, source, 0);
    });
  }

  private get id(): number {
    return this.oid as number;
  }

  /** Runs a task in a transaction. Errors of the server say what it was about; the user's own pass as they are. */
  private async working<T>(
    intent: string,
    right: "SELECT" | "UPDATE",
    task: (session: Session) => Promise<T>,
  ): Promise<T> {
    const { adapter, currentDatabase, facts } = this.cluster;
    const reads = right === "SELECT";
    try {
      if (!reads) return await writing(adapter, currentDatabase, task);
      return await inTransaction(adapter, currentDatabase, async (session) => {
        await session.query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY");
        return task(session);
      });
    } catch (error) {
      if (!(error instanceof PostgresError) && !isDriverError(error)) throw error;
      const object = called(this.objectType, [String(this.id)]);
      const known = withContext(error, { object, intent });
      if (!(known instanceof PermissionError)) throw known;
      const remedy = `Let its owner run: GRANT ${right} ON LARGE OBJECT ${this.id} TO ${quoted(facts.user)}`;
      throw new PermissionError(known.reason, { sqlstate: known.sqlstate, object, intent, remedy });
    }
  }
}

/**
 * The large objects of a database, by their oids.
 *
 * @example
 * const object = await cluster.largeObjects.create({ data: createReadStream("photo.png") });
 * await object.alter({ owner: "photographer", comment: "the first one" });
 * console.log(object.oid, await object.size());
 */
export class LargeObjectCollection extends FoundCollection<LargeObjectObject, number> {
  /** The large object of this oid. Throws a NotFoundError when there is none. */
  override async get(oid: number): Promise<LargeObjectObject> {
    const observed = await this.find(oid);
    if (observed !== undefined) return this.wrap(observed);
    throw new NotFoundError("does not exist", { object: called(this.type, [String(oid)]) });
  }

  /** Whether there is a large object of this oid. */
  override async has(oid: number): Promise<boolean> {
    return (await this.find(oid)) !== undefined;
  }

  private find(oid: number): Promise<Observed | undefined> {
    return observe(this.cluster, this.type, { path: [""], oid });
  }

  /**
   * Creates a large object, with what is in it: as a whole or not at all.
   *
   * @throws AlreadyExistsError when there is one of this oid
   */
  async create({ oid = 0, data = [] }: NewLargeObject = {}): Promise<LargeObjectObject> {
    refuseNegative("oid", oid);
    const source = typeof data === "string" || data instanceof Uint8Array ? [data] : data;
    const { adapter, currentDatabase } = this.cluster;
    const task = async (session: Session) => {
      const { rows } = await session.query("SELECT pg_catalog.lo_create($1::oid)::int8 AS oid", [oid]);
      const made = Number((rows[0] as { oid: string }).oid);
      await writePieces(session, made, source, 0);
      return made;
    };
    const made = await writing(adapter, currentDatabase, task).catch((error: unknown) => {
      if (!(error instanceof PostgresError) && !isDriverError(error)) throw error;
      const context = { object: oid === 0 ? "large object" : called(this.type, [String(oid)]), intent: "create" };
      // The server has nothing but its catalogue's unique index to say it with.
      if ((error as { code?: string }).code === "23505") throw new AlreadyExistsError("there is one already", context);
      throw withContext(error, context);
    });
    return this.get(made);
  }
}

function refuseNegative(name: string, value: number | undefined): void {
  if (value === undefined || (Number.isSafeInteger(value) && value >= 0)) return;
  throw new InvalidValueError(`${name} must be a whole number from 0 on`);
}

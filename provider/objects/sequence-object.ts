/** Sequences in scripts: what can be done with one beside changing it. */

import type { Adapter } from "../adapter";
import { InvalidValueError, NotFoundError, PermissionError, withContext } from "../errors";
import { pathOf } from "../fields";
import { bigintOf, type Int64, int64 } from "../int64";
import { ManagedObject, type ObjectMethods, type Shown, type WithOid } from "../managed-object";
import { identifier, quoted, type Sql, sql } from "../sql";
import type { SequenceAttributes, SequenceProperties } from "./sequence";

/** What a sequence is created with: what can be declared, but for what is about declarations. */
export type NewSequence = Omit<SequenceProperties, "database" | "restartWith" | "restartTrigger">;

/** Where a sequence stands. */
export interface SequenceState {
  /** The number that it gave last, or, where `isCalled` is false, that it will give next. */
  readonly lastValue: bigint;
  /** Whether `lastValue` has been given. */
  readonly isCalled: boolean;
}

/** What can be done with a sequence, beside what can be done with every object. */
export interface SequenceMethods {
  /** Takes the next number (`nextval`). It is gone for everybody else, whatever becomes of it. */
  nextval(): Promise<bigint>;
  /**
   * The number that `nextval` of this Cluster gave last, whatever others have taken since (`currval`). Throws a
   * NotFoundError before the first.
   */
  currval(): Promise<bigint>;
  /**
   * Sets the current number (`setval`): the next one is the one after it, or, with `isCalled: false`, the number itself.
   * Numbers that other sessions hold in their cache are given out all the same.
   */
  setval(value: Int64, options?: { readonly isCalled?: boolean }): Promise<bigint>;
  /** Where it stands now (`last_value`, `is_called`), without taking a number. */
  state(): Promise<SequenceState>;
}

/** Attributes as the server shows them: numbers of 64 bits are text. */
type AsText<P> = { [A in keyof P]: bigint extends P[A] ? string : P[A] };

/** A sequence of the current database. Its numbers are text, but for those that its methods give. */
export type SequenceObject = WithOid &
  SequenceMethods &
  ObjectMethods<NewSequence> &
  Shown<AsText<SequenceAttributes>, "ownedBy" | "comment">;

/** The number that each sequence gave last through a cluster's connections, by database and oid. */
const given = new WeakMap<Adapter, Map<string, bigint>>();

/** A sequence as the collection hands it out. Found by its oid: it may have been renamed. */
export class ManagedSequence extends ManagedObject implements SequenceMethods {
  async nextval(): Promise<bigint> {
    const value = await this.asked(sql`SELECT pg_catalog.nextval(${this.regclass})::text AS value`, {
      intent: "take its next number",
      right: "USAGE",
    });
    return this.remember(value);
  }

  async currval(): Promise<bigint> {
    const value = given.get(this.cluster.adapter)?.get(this.place);
    if (value !== undefined) return value;
    throw new NotFoundError("no number was taken by this Cluster", {
      object: this.called,
      remedy: "Call nextval first",
    });
  }

  async setval(value: Int64, { isCalled = true }: { readonly isCalled?: boolean } = {}): Promise<bigint> {
    const type = int64();
    if (!type.accepts(value)) throw new InvalidValueError(`value must be ${type.expects}`, { object: this.called });
    const number = bigintOf(value);
    await this.asked(sql`SELECT pg_catalog.setval(${this.regclass}, ${number}, ${isCalled})::text AS value`, {
      intent: "set its current number",
      right: "UPDATE",
    });
    return isCalled ? this.remember(number) : number;
  }

  async state(): Promise<SequenceState> {
    await this.refresh(); // it is read by its name
    const path = pathOf(this.objectType, this.observed.values);
    const query = sql`SELECT last_value::text AS value, is_called AS "isCalled" FROM ${identifier(...path)}`;
    const { value, isCalled } = await this.rowOf(query, { intent: "read where it stands", right: "SELECT" });
    return { lastValue: BigInt(value), isCalled };
  }

  private get regclass(): Sql {
    return sql`${this.oid ?? null}::oid::regclass`;
  }

  private get place(): string {
    return JSON.stringify([this.cluster.currentDatabase, this.oid]);
  }

  private remember(value: bigint): bigint {
    const all = given.get(this.cluster.adapter) ?? new Map<string, bigint>();
    given.set(this.cluster.adapter, all.set(this.place, value));
    return value;
  }

  private async asked(query: Sql, purpose: Purpose): Promise<bigint> {
    return BigInt((await this.rowOf(query, purpose)).value);
  }

  private async rowOf(query: Sql, { intent, right }: Purpose): Promise<Row> {
    try {
      const [row] = await this.cluster.query<Row>(query);
      return row as Row;
    } catch (error) {
      const known = withContext(error, { object: this.called, intent });
      if (!(known instanceof PermissionError)) throw known;
      const path = pathOf(this.objectType, this.observed.values).map(quoted).join(".");
      const remedy = `Let its owner run: GRANT ${right} ON SEQUENCE ${path} TO ${quoted(this.cluster.facts.user)}`;
      throw new PermissionError(known.reason, { sqlstate: known.sqlstate, object: this.called, intent, remedy });
    }
  }
}

/** What a query is for, and the right that it takes. */
interface Purpose {
  readonly intent: string;
  readonly right: "USAGE" | "UPDATE" | "SELECT";
}

interface Row {
  readonly value: string;
  readonly isCalled: boolean;
}

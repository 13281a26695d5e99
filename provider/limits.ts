/** How long statements may take: the session's timeouts, none for what may rightly take long, or a deadline. */

import type { Session } from "./adapter";
import type { ServerError, Statement, Values } from "./definition";
import { PostgresError } from "./errors";
import { spanInMilliseconds, type Timeouts } from "./times";

/** When an operation must have ended. */
export interface Deadline {
  /** The time, in milliseconds as `Date.now()` has it. */
  readonly at: number;
  /** Which setting says so, for messages: `customTimeouts.create (5m)`. */
  readonly setting: string;
}

/** The deadline that a resource's `customTimeouts` set for an operation that begins now, if any. */
export function deadlineOf({ customTimeouts }: Values, operation: keyof Timeouts): Deadline | undefined {
  const span = (customTimeouts as Timeouts | null | undefined)?.[operation];
  const milliseconds = span === undefined ? undefined : spanInMilliseconds(span);
  if (milliseconds === undefined) return undefined;
  return { at: Date.now() + milliseconds, setting: `customTimeouts.${operation} (${span})` };
}

const NAMES = ["statement_timeout", "lock_timeout"] as const;

/** Throws when a deadline has passed. */
export function refuseLate(deadline: Deadline | undefined): void {
  if (deadline !== undefined && Date.now() > deadline.at) throw tooLate(deadline);
}

/**
 * What to do about an error that is not about what was being done: it took too long or was cancelled (`57014`), waited too
 * long for a lock, or met a standby.
 */
export function remedyForEnded({ code, message }: ServerError, deadline: Deadline | undefined): string | undefined {
  if (code === "55P03")
    return "Another session holds a lock on it: wait for it to end, or raise the Provider's lockTimeout";
  if (code === "25006") return "The server is read-only (a standby): connect to the primary";
  if (code !== "57014") return undefined;
  if (message.endsWith("due to user request")) return "Somebody has cancelled it: run the same again";
  return `It took longer than ${deadline?.setting ?? "the Provider's statementTimeout"}`;
}

/** What is thrown when a deadline has passed. */
export function tooLate({ setting }: Deadline): PostgresError {
  return new PostgresError(`it took longer than ${setting}`);
}

/** Whether a statement of a transaction has no limits of its own, nobody waits for its rows, and it may share a text. */
export function isPlain(statement: Statement, deadline: Deadline | undefined): boolean {
  const { unlimited, single } = statement;
  return deadline === undefined && !unlimited && !single && !looks(statement);
}

/** Whether a statement is there for its rows. */
export function looks({ rows, next }: Statement): boolean {
  return rows !== undefined || next !== undefined;
}

/** Sends a statement of a transaction, its limits set for the transaction alone, and what its rows lead to. */
export async function sendInTransaction(session: Session, statement: Statement, deadline?: Deadline): Promise<void> {
  const values = limitsOf(statement, deadline);
  if (values !== undefined) await set(session, values, true);
  // With a list of parameters, an empty one too, the server takes no second statement.
  const { rows } = await session.query(statement.sql.text, statement.single ? [] : undefined);
  statement.rows?.(rows);
  for (const next of statement.next?.(rows) ?? []) await sendInTransaction(session, next, deadline);
}

/** Sends a statement that stands alone, and puts the session's limits back. */
export async function sendAlone(session: Session, statement: Statement, deadline?: Deadline): Promise<void> {
  const values = limitsOf(statement, deadline);
  if (values === undefined) {
    await session.query(statement.sql.text);
    return;
  }
  const columns = NAMES.map((name) => `pg_catalog.current_setting('${name}')`).join(", ");
  const before = (await session.query(`SELECT ${columns}`, [], "array")).rows[0] as string[];
  await set(session, values, false);
  try {
    await session.query(statement.sql.text);
  } finally {
    await set(session, before, false).catch(() => {}); // a lost connection has no settings left
  }
}

/** Gives the rest of a transaction until a deadline, whatever the session's own limits are; without one, all the time. */
export async function limitTransaction(session: Session, deadline: Deadline | undefined): Promise<void> {
  await set(session, limitsOf({ unlimited: true }, deadline) ?? [], true);
}

/** Gives the next statement of a session that is nobody else's until a deadline, where there is one. */
export async function limitNext(session: Session, deadline: Deadline | undefined): Promise<void> {
  const values = limitsOf({}, deadline);
  if (values !== undefined) await set(session, values, false);
}

/** `statement_timeout` and `lock_timeout`, null for what stays; undefined when both stay. */
function limitsOf(
  { unlimited }: Pick<Statement, "unlimited">,
  deadline: Deadline | undefined,
): (string | null)[] | undefined {
  if (deadline === undefined) return unlimited ? ["0", "0"] : undefined;
  refuseLate(deadline);
  return [String(Math.max(1, Math.ceil(deadline.at - Date.now()))), unlimited ? "0" : null];
}

async function set(session: Session, values: readonly (string | null)[], local: boolean): Promise<void> {
  const calls = NAMES.map(
    (name, index) =>
      `pg_catalog.set_config('${name}', coalesce($${index + 1}, pg_catalog.current_setting('${name}')), ${local})`,
  );
  await session.query(`SELECT ${calls.join(", ")}`, values);
}

/** Parameters of SQL commands: sent beside the statement where PostgreSQL takes that, else as literals; names as identifiers. */

import { fromUser, identifier, join, literal } from "../sql";
import { isName, isText } from "../values";
import type { SqlStatement } from "./statements";

/** A value that a parameter can have beside a list of such values: what a literal can be. */
export type CommandScalar = string | number | bigint | boolean | null;

/** The name of an object, or the parts of one: `{ identifier: ["sales", "orders"] }` is `"sales"."orders"`. */
export interface CommandIdentifier {
  /** The name; of several parts, such as schema and table, a list. */
  identifier: string | readonly string[];
}

/** What `$1` stands for in a command: a value, a list of values (an array), or the name of an object. */
export type CommandParameter = CommandScalar | readonly CommandScalar[] | CommandIdentifier;

/** A statement as it is sent. */
export interface BoundStatement {
  /** Its text. */
  readonly text: string;
  /** The values that go with it; undefined where nothing does. */
  readonly values: readonly unknown[] | undefined;
}

/** The statements that PostgreSQL takes values beside; all others are utility statements, which have literals alone. */
const BINDING = ["SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "VALUES", "WITH", "TABLE", "CALL"];

/**
 * Puts parameters into a statement. Values that travel beside it are neither in `pg_stat_activity` nor in what the server
 * logs of a statement that fails. Without parameters `$1` is left as it is.
 */
export function bindParameters(
  statement: SqlStatement,
  parameters: readonly CommandParameter[] | undefined,
): BoundStatement {
  if (parameters === undefined) return { text: statement.text, values: undefined };
  const binds =
    statement.words.length === 0 ? statement.text.startsWith("(") : BINDING.includes(statement.words[0] ?? "");
  const sent: number[] = [];
  const pieces = statement.pieces.map((piece) => {
    if (typeof piece === "string") return fromUser(piece);
    const value = parameters[piece - 1] ?? null;
    if (isIdentifier(value)) return identifier(...[value.identifier].flat());
    if (!binds) return literal(value as CommandScalar | readonly CommandScalar[]);
    if (!sent.includes(piece)) sent.push(piece);
    return fromUser(`$${sent.indexOf(piece) + 1}`);
  });
  const values = sent.map((number) => parameters[number - 1] ?? null);
  return { text: join(pieces, "").text.trim(), values: values.length === 0 ? undefined : values };
}

/** Why a value cannot be a parameter; undefined when it can. */
export function parameterReason(value: unknown): string | undefined {
  if (isScalar(value) || (Array.isArray(value) && value.every(isScalar))) return undefined;
  if (isIdentifier(value)) {
    const parts = [value.identifier].flat();
    return parts.length > 0 && parts.every(isName) ? undefined : "has an identifier that is no name of 1 to 63 bytes";
  }
  return "is neither text, a number, true, false or null, nor a list of these, nor { identifier }";
}

/** Why parameters and the statements of a text do not go together; undefined when they do. */
export function mismatch(statements: readonly SqlStatement[], count: number): string | undefined {
  const used = new Set(statements.flatMap(({ pieces }) => pieces.filter((piece) => typeof piece === "number")));
  const beyond = [...used].find((number) => number < 1 || number > count);
  if (beyond !== undefined)
    return `sql has $${beyond}, but there ${count === 1 ? "is 1 parameter" : `are ${count} parameters`}`;
  const idle = Array.from({ length: count }, (_, index) => index + 1).find((number) => !used.has(number));
  return idle === undefined ? undefined : `sql has no $${idle}, but there is such a parameter`;
}

function isScalar(value: unknown): value is CommandScalar {
  if (typeof value === "string") return isText(value);
  return value === null || typeof value === "boolean" || (typeof value === "number" && Number.isFinite(value));
}

function isIdentifier(value: unknown): value is CommandIdentifier {
  return typeof value === "object" && value !== null && Object.keys(value).join() === "identifier";
}

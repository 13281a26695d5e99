/** What a command does at one point of its life: SQL, or a shell command on the server's host. */

import { isRecord, isText, type Json, type ValueType } from "../values";
import { type CommandParameter, mismatch, parameterReason } from "./parameters";
import { type SqlStatement, statementsOf } from "./statements";

/** SQL, in the command's database. */
export interface SqlStep {
  /** One statement, or several with semicolons between them. psql's own commands (`\copy`) are none. */
  sql: string;
  /**
   * What `$1`, `$2`, … in it stand for, in any of its statements. Values need no quoting, nor do names, given as
   * `{ identifier }`. Default: there are none, and `$1` is left as it is.
   */
  parameters?: readonly CommandParameter[];
  /**
   * Run it in one transaction: all of it or nothing. Default true. False: each statement by itself, for those that cannot
   * stand in one (VACUUM, CREATE DATABASE, CREATE INDEX CONCURRENTLY); what is done before one fails stays done.
   */
  transaction?: boolean;
  /** Not for SQL. */
  shell?: never;
  /** Not for SQL. */
  environment?: never;
  /** Not for SQL. */
  stdin?: never;
}

/** A shell command on the server's host, in `sh`, as the server's user, in its data directory. */
export interface ShellStep {
  /** The command, just as it is run; any text of a shell. It takes `pg_execute_server_program`. */
  shell: string;
  /** Variables of its environment, on top of the server's own. */
  environment?: Record<string, string>;
  /** What it reads; it is in no log of the server, as the command and its environment may be. Default: nothing. */
  stdin?: string;
  /** Not for a shell. */
  sql?: never;
  /** Not for a shell. */
  parameters?: never;
  /** Not for a shell. */
  transaction?: never;
}

/** What a command does at one point of its life. */
export type CommandStep = SqlStep | ShellStep;

type Given = Readonly<Record<string, unknown>>;

/** The values that a step can have. */
export const step: ValueType = {
  expects: "{ sql, parameters, transaction } or { shell, environment, stdin }",
  accepts: (value) => isRecord(value) && reasonOf(value) === undefined,
  reason: (value) => (isRecord(value) ? reasonOf(value) : undefined),
  normalise: (value): Json => value,
};

function reasonOf(value: Given): string | undefined {
  const { sql, shell, ...options } = value;
  if ((sql === undefined) === (shell === undefined)) return "must have either sql or shell";
  return sql === undefined ? shellReason(shell, options) : sqlReason(sql, options);
}

function sqlReason(sql: unknown, { parameters, transaction, ...others }: Given): string | undefined {
  const [other] = Object.keys(others);
  if (other !== undefined) return `has ${other}, which is nothing for SQL`;
  if (!isText(sql)) return "must have sql that is text without a NUL character";
  if (transaction !== undefined && typeof transaction !== "boolean") return "must have transaction: true or false";
  const statements = parsed(sql);
  if (typeof statements === "string") return `has sql that cannot be read: ${statements}`;
  if (statements.length === 0) return "has sql without a statement";
  const foreign = statements.find(({ text }) => text.startsWith("\\"));
  if (foreign !== undefined) return "has a command of psql in its sql (\\…), which the server does not know";
  const ending = transaction === false ? undefined : statements.find(endsTransaction);
  if (ending !== undefined)
    return `has ${ending.words[0]} in its sql, which is one transaction unless transaction is false`;
  if (parameters === undefined) return undefined;
  if (!Array.isArray(parameters)) return "must have parameters that are a list";
  const reasons = parameters.map((one, index) => [index + 1, parameterReason(one)] as const);
  const [number, reason] = reasons.find(([, reason]) => reason !== undefined) ?? [];
  return reason === undefined ? mismatch(statements, parameters.length) : `has a parameter $${number} that ${reason}`;
}

function shellReason(shell: unknown, { environment, stdin, ...others }: Given): string | undefined {
  const [other] = Object.keys(others);
  if (other !== undefined) return `has ${other}, which is nothing for a shell`;
  if (!isText(shell) || shell.trim() === "") return "must have shell that is text, not empty, without a NUL character";
  if (stdin !== undefined && !isText(stdin)) return "must have stdin that is text without a NUL character";
  if (environment === undefined) return undefined;
  const fine =
    isRecord(environment) && Object.entries(environment).every(([name, of]) => isVariable(name) && isText(of));
  return fine ? undefined : "must have environment that is texts by the name of a variable";
}

function isVariable(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name);
}

function parsed(sql: string): SqlStatement[] | string {
  try {
    return statementsOf(sql);
  } catch (error) {
    return (error as Error).message;
  }
}

/** Whether a statement begins or ends a transaction. Savepoints may stand in one. */
function endsTransaction({ words }: SqlStatement): boolean {
  const [first = "", second] = words;
  if (first === "ROLLBACK") return !words.includes("TO");
  if (first === "PREPARE") return second === "TRANSACTION";
  return ["BEGIN", "START", "COMMIT", "END", "ABORT"].includes(first);
}

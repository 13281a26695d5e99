/** The arguments of commands: what is run with a text in each, and what must come of it. */

import fc from "fast-check";
import type { Values } from "../../../provider/definition";
import { hostileLongText, hostileText, isNameable, isStorable } from "../texts";
import { betweenComments, inDollars, quotedName, quotedText } from "./quoting";

/** An argument of a command, or a part of one. */
export interface CommandArgument {
  /** Its name, with the way to the part. */
  readonly name: string;
  readonly count: number;
  /** Default: {@link hostileText}. */
  readonly texts?: fc.Arbitrary<string>;
  /** The inputs with a text in the argument, beside the name. */
  inputs(text: string): Values;
  /** Whether check is to accept a text. Default: one that PostgreSQL can hold. */
  accepts?(text: string): boolean;
  /** Why the server refuses a text. Default: it does not. */
  refusal?(text: string): string | undefined;
  /** The inputs before, where it is an update that is tried. Default: it is created. */
  readonly before?: Values;
  /** The outputs that there must be. Default: any. */
  outputs?(text: string): Values;
  /** A query of its own, `$1` is the text, that must give one row: true. */
  readonly judged?: string;
  /** Whether it is deleted before that. */
  readonly deleted?: true;
  /** What clears away what it has made. */
  undo?(text: string): Values;
  /** Whether nothing is run, because the text would be what is run. */
  readonly checkAlone?: true;
}

/** A word of a shell as the test writes it. */
const shellQuoted = (text: string) => `'${text.split("'").join("'\\''")}'`;

const sqlOf = (sql: string, ...parameters: unknown[]): Values => ({ sql, parameters: parameters as string[] });
const rowOf = (v: unknown) => ({ rows: [{ v }], rowCount: 1 }) as Values;
const printed = (stdout: string) => ({ stdout, stderr: "", exitCode: 0 });
const COMMENTED = "SELECT obj_description('target'::regclass, 'pg_class') IS NOT DISTINCT FROM nullif($1, '')";

/** Texts in SQL itself, written down rightly: each is part of one statement. */
const inSql = (name: string, sql: (text: string) => string): CommandArgument => ({
  ...{ name: `create.sql (${name})`, count: 90, outputs: rowOf },
  inputs: (text) => ({ create: { sql: sql(text) } }),
});

/** Every argument of commands. */
export const COMMAND_ARGUMENTS: readonly CommandArgument[] = [
  {
    ...{ name: "create.parameters[] (a query)", count: 240, texts: hostileLongText, outputs: rowOf },
    inputs: (text) => ({ create: sqlOf("SELECT $1::text AS v", text) }),
  },
  {
    ...{ name: "create.parameters[][] (a query)", count: 140 },
    inputs: (text) => ({ create: sqlOf("SELECT $1::text[] AS v", [text, null, `${text}x`, text]) }),
    outputs: (text) => rowOf([text, null, `${text}x`, text]),
  },
  {
    ...{ name: "create.parameters[] (a utility statement)", count: 240, texts: hostileLongText, judged: COMMENTED },
    inputs: (text) => ({ create: sqlOf("COMMENT ON TABLE target IS $1", text) }),
  },
  {
    ...{ name: "create.parameters[][] (a utility statement)", count: 140 },
    inputs: (text) => ({
      create: sqlOf(
        "DROP TABLE made; CREATE TABLE made AS SELECT $1::text[] AS list, $2::text AS one",
        [text, null],
        text,
      ),
    }),
    judged: "SELECT list = ARRAY[$1, NULL] AND one = $1 FROM made",
  },
  {
    ...{ name: "create.parameters[].identifier", count: 140, accepts: isNameable },
    inputs: (text) => ({ create: sqlOf("CREATE SCHEMA $1", { identifier: text }) }),
    refusal: (text) => (text.startsWith("pg_") ? "unacceptable schema name" : exists(text)),
    judged: "SELECT count(*) = 1 FROM pg_namespace WHERE nspname = $1",
    undo: (text) => sqlOf("DROP SCHEMA $1", { identifier: text }),
  },
  {
    ...{ name: "create.parameters[].identifier[]", count: 140, accepts: isNameable },
    inputs: (text) => ({ create: sqlOf("CREATE TABLE $1 (c text)", { identifier: ["public", text] }) }),
    refusal: (text) => (text === "canary" ? "already exists" : undefined),
    judged: "SELECT count(*) = 1 FROM pg_class WHERE relname = $1 AND relnamespace = 'public'::regnamespace",
    undo: (text) => sqlOf("DROP TABLE $1", { identifier: ["public", text] }),
  },
  {
    ...{ name: "create.parameters[].identifier[] (both)", count: 90, accepts: isNameable },
    inputs: (text) => ({
      create: sqlOf("CREATE SCHEMA $1; CREATE TABLE $2 (c text)", { identifier: text }, { identifier: [text, text] }),
    }),
    refusal: (text) => (text.startsWith("pg_") ? "unacceptable schema name" : exists(text)),
    judged: `SELECT count(*) = 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
              WHERE c.relname = $1 AND n.nspname = $1`,
    undo: (text) => sqlOf("DROP SCHEMA $1 CASCADE", { identifier: text }),
  },
  inSql("a literal", (text) => `SELECT ${quotedText(text)} AS v`),
  inSql("a literal in dollars", (text) => `SELECT ${inDollars(text)}::text AS v`),
  {
    ...inSql("a name", (text) => `SELECT 1 AS ${quotedName(text)}`),
    // A longer one would be cut by the server.
    texts: hostileText.filter((text) => isNameable(text) || !isStorable(text)),
    outputs: (text) => ({ rows: [Object.fromEntries([[text, 1]])], rowCount: 1 }),
  },
  {
    ...inSql("comments", (text) => betweenComments(text, "SELECT 'x' AS v")),
    outputs: () => rowOf("x"),
  },
  {
    ...inSql("two statements", (text) => `SELECT ${inDollars(text)}; SELECT ${quotedText(text)} AS v;`),
    outputs: rowOf,
  },
  {
    ...{ name: "update.parameters[]", count: 60, outputs: rowOf, before: { create: { sql: "SELECT 1" } } },
    inputs: (text) => ({ create: { sql: "SELECT 1" }, update: sqlOf("SELECT $1::text AS v", text) }),
  },
  {
    ...{ name: "delete.parameters[]", count: 60, deleted: true, judged: COMMENTED },
    inputs: (text) => ({ delete: sqlOf("COMMENT ON TABLE target IS $1", text) }),
  },
  {
    ...{ name: "create.environment.*", count: 40, outputs: printed },
    inputs: (text) => ({ create: { shell: 'printf %s "$X"', environment: { X: text } } }),
  },
  {
    ...{ name: "create.environment (keys)", count: 40, accepts: (text) => /^[A-Za-z_][A-Za-z0-9_]*$/.test(text) },
    texts: fc.oneof(hostileText, fc.string({ unit: fc.constantFrom(..."aZZaxQ__09é"), minLength: 1, maxLength: 5 })),
    inputs: (text) => ({ create: { shell: `printf %s "$${text}"`, environment: { [text]: "y z" } } }),
    outputs: () => printed("y z"),
  },
  {
    ...{ name: "create.stdin", count: 40, outputs: printed },
    inputs: (text) => ({ create: { shell: "cat", stdin: text } }),
  },
  {
    ...{ name: "create.shell (a word)", count: 40, outputs: printed },
    inputs: (text) => ({ create: { shell: `printf %s ${shellQuoted(text)}` } }),
  },
  {
    ...{ name: "create.shell", count: 90, checkAlone: true },
    accepts: (text) => isStorable(text) && text.trim() !== "",
    inputs: (text) => ({ create: { shell: text } }),
  },
  {
    ...{ name: "database", count: 90, accepts: isNameable, refusal: () => "database .* does not exist" },
    inputs: (database) => ({ database, create: { sql: "SELECT 1" } }),
  },
  {
    ...{ name: "name", count: 60, outputs: () => rowOf("x") },
    inputs: (name) => ({ name, create: { sql: "SELECT 'x' AS v" } }),
  },
  {
    ...{ name: "triggers[]", count: 60, accepts: () => true },
    inputs: (text) => ({ create: { sql: "SELECT 1" }, triggers: [text] }),
    outputs: (text) => ({ triggers: [text] }),
  },
];

/** Words that are keywords elsewhere are names of schemas like all others; this one is there. */
function exists(text: string): string | undefined {
  return text === "public" ? "already exists" : undefined;
}

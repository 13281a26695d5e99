/**
 * The only place that turns values into SQL text.
 *
 * A statement is an {@link Sql}: a list of chunks, some of which are secret. What is sent is `text`; what may be shown
 * to people (previews, errors, logs) is `display`, where every secret reads `[secret]`.
 */

/** The longest identifier PostgreSQL keeps, in bytes of UTF-8 (NAMEDATALEN - 1); it cuts longer ones off silently. */
export const MAX_IDENTIFIER_BYTES = 63;

/** A value that {@link sql} and {@link literal} can write: text, numbers, booleans, null, or a list of these. */
export type SqlValue = string | number | bigint | boolean | null | readonly SqlValue[];

interface Secret {
  readonly secret: string;
  readonly rendered: string;
}

/**
 * A piece of SQL: a whole statement or a part of one.
 *
 * @example
 * const statement = sql`COMMENT ON ROLE ${identifier("app")} IS ${"what it is for"}`;
 * statement.text; // COMMENT ON ROLE "app" IS 'what it is for'
 */
export class Sql {
  // Not merely private to TypeScript: console.log and JSON must not show the secrets inside.
  readonly #chunks: readonly (string | Secret)[];

  /** @internal */
  constructor(chunks: readonly (string | Secret)[]) {
    this.#chunks = chunks;
  }

  /** The SQL that is sent to the server. May hold secrets. */
  get text(): string {
    return concat(this.#chunks.map((chunk) => (typeof chunk === "string" ? chunk : chunk.rendered)));
  }

  /** The SQL for people to read: each secret stands as `[secret]`. */
  get display(): string {
    return concat(this.#chunks.map((chunk) => (typeof chunk === "string" ? chunk : "[secret]")));
  }

  /** The plain values of the secrets inside, for redaction. */
  get secrets(): string[] {
    return this.#chunks.flatMap((chunk) => (typeof chunk === "string" ? [] : [chunk.secret]));
  }

  /** The same as {@link Sql.display}, so that an accidental string conversion shows no secret. */
  toString(): string {
    return this.display;
  }

  /** @internal The chunks, for {@link sql} and {@link join}. */
  parts(): readonly (string | Secret)[] {
    return this.#chunks;
  }
}

/**
 * Composes SQL from a template. An interpolated {@link Sql} is spliced in; any other value becomes a literal.
 *
 * @example
 * sql`ALTER ROLE ${identifier(name)} CONNECTION LIMIT ${5}`
 */
export function sql(strings: TemplateStringsArray, ...values: (Sql | SqlValue)[]): Sql {
  const chunks: (string | Secret)[] = [strings[0] ?? ""];
  values.forEach((value, index) => {
    chunks.push(...(value instanceof Sql ? value : literal(value)).parts(), strings[index + 1] ?? "");
  });
  return new Sql(chunks);
}

/**
 * A quoted identifier; several parts are joined with dots (`"schema"."table"`).
 *
 * @throws TypeError for an empty name, a NUL character, or more than 63 bytes (which the server would cut off).
 */
export function identifier(...names: string[]): Sql {
  return new Sql([names.map(quoteIdentifier).join(".")]);
}

/** A name as messages show it: quoted as in SQL, whatever its length. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A literal that the server reads back as exactly this value. Lists become array literals (`'{"a","b"}'`). */
export function literal(value: SqlValue): Sql {
  return new Sql([renderLiteral(value)]);
}

/** A text literal whose value must never be shown: `[secret]` in {@link Sql.display}, removed from every error. */
export function secretLiteral(value: string): Sql {
  return new Sql([{ secret: value, rendered: renderLiteral(value) }]);
}

/** Fixed SQL words such as `NOLOGIN`. Only letters, digits, underscores and spaces: never for values. */
export function keyword(words: string): Sql {
  if (!/^[A-Za-z_][A-Za-z0-9_ ]*$/.test(words)) {
    throw new TypeError(`not an SQL keyword: ${JSON.stringify(words)}`);
  }
  return new Sql([words]);
}

/** A comment on a line of its own: what is done by other means than SQL, for people to read. */
export function comment(text: string): Sql {
  return new Sql([`-- ${text.replace(/[\r\n]+/g, " ")}`]);
}

/** SQL that the server itself has written (`pg_get_viewdef`, `format_type`): never for anybody else's text. */
export function fromServer(text: string): Sql {
  return new Sql([text]);
}

/**
 * SQL that the user has written, to be run as it is: never with anybody's values pasted into it. Behind words of ours, the
 * statement must be `single`, so that the server takes no other one with it.
 */
export function fromUser(text: string): Sql {
  return new Sql([text]);
}

/** Joins pieces with a separator. */
export function join(parts: readonly Sql[], separator = ", "): Sql {
  return new Sql(parts.flatMap((part, index) => (index === 0 ? part.parts() : [separator, ...part.parts()])));
}

/** A minus in the text and a negative number after it must not become a comment. */
function concat(pieces: readonly string[]): string {
  return pieces.reduce((text, piece) => `${text}${text.endsWith("-") && piece.startsWith("-") ? " " : ""}${piece}`, "");
}

function quoteIdentifier(name: string): string {
  if (name === "") throw new TypeError("an identifier must not be empty");
  if (name.includes("\0")) throw new TypeError("an identifier must not contain a NUL character");
  const bytes = Buffer.byteLength(name, "utf8");
  if (bytes > MAX_IDENTIFIER_BYTES) {
    throw new TypeError(`an identifier has at most ${MAX_IDENTIFIER_BYTES} bytes, this one has ${bytes}: ${name}`);
  }
  return quoted(name);
}

function renderLiteral(value: SqlValue): string {
  switch (typeof value) {
    case "string":
      return quoteText(value);
    case "boolean":
      return value ? "TRUE" : "FALSE";
    case "bigint":
      return String(value);
    case "number":
      if (!Number.isFinite(value)) throw new TypeError(`cannot write ${value} as an SQL literal`);
      return String(value);
    default:
      return value === null ? "NULL" : quoteText(renderArray(value));
  }
}

function renderArray(values: readonly SqlValue[]): string {
  const elements = values.map((value) => {
    if (value === null) return "NULL";
    if (typeof value === "object") return renderArray(value);
    return `"${String(value).replace(/["\\]/g, "\\$&")}"`;
  });
  return `{${elements.join(",")}}`;
}

function quoteText(value: string): string {
  if (value.includes("\0")) throw new TypeError("PostgreSQL text cannot contain a NUL character");
  const quoted = `'${value.replaceAll("'", "''")}'`;
  // E'' reads backslashes the same way whatever standard_conforming_strings says.
  return value.includes("\\") ? `E${quoted.replaceAll("\\", "\\\\")}` : quoted;
}

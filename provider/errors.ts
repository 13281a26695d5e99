/** One table from SQLSTATE to error class, and the sentence that every error says: object, intent, reason, what to do. */

/** What an error knows beyond its message. */
export interface ErrorDetails {
  /** The five-character SQLSTATE of the server's error, where there was one. */
  readonly sqlstate?: string;
  /** The object at hand, such as `role "app"`. */
  readonly object?: string;
  /** What was being done, such as `create` or `rename`. */
  readonly intent?: string;
  /** The server's DETAIL, secrets removed. */
  readonly detail?: string;
  /** The server's HINT, secrets removed. */
  readonly hint?: string;
  /** What the reader can do about it. */
  readonly remedy?: string;
}

/**
 * The base of every error this package throws on purpose. Its message is complete; its fields are for programs.
 *
 * @example
 * try {
 *   await cluster.roles.create({ name: "app" });
 * } catch (error) {
 *   if (!(error instanceof PostgresError)) throw error;
 *   console.error(error.object, error.sqlstate, error.message);
 * }
 */
export class PostgresError extends Error {
  /** The five-character SQLSTATE of the server's error, where there was one. */
  declare readonly sqlstate?: string;
  /** The object at hand, such as `role "app"`. */
  declare readonly object?: string;
  /** What was being done, such as `create`. */
  declare readonly intent?: string;
  /** The server's DETAIL, secrets removed. */
  declare readonly detail?: string;
  /** The server's HINT, secrets removed. */
  declare readonly hint?: string;
  /** What the reader can do about it. */
  declare readonly remedy?: string;
  /** @internal The reason alone, for {@link withContext}. */
  declare readonly reason: string;

  constructor(reason: string, details: ErrorDetails = {}) {
    super(sentence(reason, details));
    this.name = new.target.name;
    Object.defineProperty(this, "reason", { value: reason, enumerable: false });
    for (const [key, value] of Object.entries(details)) {
      if (value !== undefined) Object.defineProperty(this, key, { value, enumerable: true });
    }
  }

  /** @internal The same error with other details, or another reason. */
  with(details: ErrorDetails, reason = this.reason): PostgresError {
    return new (this.constructor as ErrorClass)(reason, { ...this.details, ...details });
  }

  /** @internal The same error, whose reader can do something more about it. */
  adding(remedy: string): PostgresError {
    const already = this.remedy ?? this.hint;
    return this.with({ remedy: already === undefined ? remedy : `${already.replace(/[.;]$/, "")}. ${remedy}` });
  }

  /** @internal */
  protected get details(): ErrorDetails {
    const { sqlstate, object, intent, detail, hint, remedy } = this;
    return { sqlstate, object, intent, detail, hint, remedy };
  }
}

/** The server cannot be reached, refuses the login, or the connection was lost. */
export class ConnectionError extends PostgresError {}
/** The object, or one that it refers to, does not exist. */
export class NotFoundError extends PostgresError {}
/** The object to be created is there already. */
export class AlreadyExistsError extends PostgresError {}
/** Other objects depend on the one to be dropped. */
export class DependentObjectsError extends PostgresError {}
/** The object is in use: open sessions, an active slot, a lock that was not granted in time. */
export class ObjectInUseError extends PostgresError {}
/** The connected role lacks a right. The message names it where it is known. */
export class PermissionError extends PostgresError {}
/** A value or a combination of values that PostgreSQL, or this version of it, does not take. */
export class InvalidValueError extends PostgresError {}
/** Something that would destroy data and was not opted in to. */
export class RefusedError extends PostgresError {}
/** A change that only a new object could have. Refused, unless dropping and creating anew was opted in to. */
export class NotInPlaceError extends RefusedError {}
/** Two statements met on one catalogue row; trying again is safe. */
export class ConflictError extends PostgresError {}
/** The server is older than the oldest supported version. */
export class UnsupportedVersionError extends PostgresError {}

type ErrorClass = new (reason: string, details?: ErrorDetails) => PostgresError;

const BY_SQLSTATE: Readonly<Record<string, ErrorClass>> = {
  "3D000": NotFoundError, // invalid_catalog_name
  "3F000": NotFoundError, // invalid_schema_name
  "42704": NotFoundError, // undefined_object
  "42P01": NotFoundError, // undefined_table
  "42883": NotFoundError, // undefined_function
  "42710": AlreadyExistsError, // duplicate_object
  "42P04": AlreadyExistsError, // duplicate_database
  "42P06": AlreadyExistsError, // duplicate_schema
  "42P07": AlreadyExistsError, // duplicate_table
  "2BP01": DependentObjectsError, // dependent_objects_still_exist
  "55006": ObjectInUseError, // object_in_use
  "55P03": ObjectInUseError, // lock_not_available
  "42501": PermissionError, // insufficient_privilege
  "0LP01": PermissionError, // invalid_grant_operation
  "40001": ConflictError, // serialization_failure
  "40P01": ConflictError, // deadlock_detected
  "57P03": ConnectionError, // cannot_connect_now
  "57P01": ConnectionError, // admin_shutdown
  "57P02": ConnectionError, // crash_shutdown
  "53300": ConnectionError, // too_many_connections
};

const BY_CLASS: Readonly<Record<string, ErrorClass>> = {
  "08": ConnectionError,
  "28": ConnectionError,
  "22": InvalidValueError,
  "0A": InvalidValueError,
};

/** The shape of an error of the driver: the server's fields, or Node's for the network. */
export interface DriverError {
  readonly message: string;
  readonly code?: string;
  /** Node's alone: the number of the operating system's error. */
  readonly errno?: number;
  readonly detail?: string;
  readonly hint?: string;
}

/** Where an error happened, and what must not be seen in it. */
export interface ErrorContext {
  readonly object?: string;
  readonly intent?: string;
  readonly remedy?: string;
  readonly secrets?: readonly string[];
}

/**
 * Turns whatever the driver threw into an error of this package, with secrets removed. The driver's error is not kept
 * as `cause`: it may quote the statement.
 */
export function toPostgresError(error: unknown, context: ErrorContext = {}): PostgresError {
  if (error instanceof PostgresError) return error;
  const driver = error as DriverError;
  const clean = (text: string | undefined) => (text === undefined ? undefined : redact(text, context.secrets ?? []));
  const message = typeof error === "string" ? error : driver?.message;
  const reason = clean(message) || String(driver?.code ?? "unknown error");
  const details: ErrorDetails = {
    sqlstate: sqlstateOf(driver),
    object: context.object,
    intent: context.intent,
    detail: clean(driver?.detail),
    hint: clean(driver?.hint),
    remedy: context.remedy,
  };
  return new (classOf(driver))(reason, details);
}

/** The code of an error that is the server's. Those of the operating system look like one, too: EPIPE, EPERM. */
function sqlstateOf(error: DriverError | undefined): string | undefined {
  const { code, errno } = error ?? {};
  return errno === undefined && code !== undefined && /^[0-9A-Z]{5}$/.test(code) ? code : undefined;
}

/** As {@link toPostgresError}; what has no SQLSTATE is about the way to the server, whatever Node calls it. */
export function toConnectionError(error: unknown, context: ErrorContext): PostgresError {
  const known = toPostgresError(error, context);
  if (known.sqlstate !== undefined || known instanceof ConnectionError) return known;
  return new ConnectionError(known.reason, { object: known.object, intent: known.intent, remedy: known.remedy });
}

/** Whether the driver threw this: the server's own error, or a lost connection. The user's errors may have codes too. */
export function isDriverError(error: unknown): boolean {
  const { severity, code } = (error ?? {}) as { severity?: unknown; code?: unknown };
  return (typeof severity === "string" && typeof code === "string") || isConnectionLost(error);
}

/** The same error, saying which object it is about, and with which intent, unless it says so already. */
export function withContext(error: unknown, context: { object: string; intent: string }): PostgresError {
  const known = toPostgresError(error);
  if (known.object !== undefined) return known;
  return known.with({ ...context, intent: known.intent ?? context.intent });
}

function classOf(error: DriverError): ErrorClass {
  if (isConflict(error)) return ConflictError;
  if (isConnectionLost(error)) return ConnectionError;
  const code = error?.code ?? "";
  return BY_SQLSTATE[code] ?? BY_CLASS[code.slice(0, 2)] ?? PostgresError;
}

/** Whether trying again is the cure: deadlocks, serialisation failures, and two writers on one catalogue row. */
export function isConflict(error: unknown): boolean {
  if (error instanceof ConflictError) return true;
  if (error === null || typeof error !== "object") return false;
  const { code, message, constraint } = error as DriverError & { constraint?: string };
  if (code === "40001" || code === "40P01") return true;
  if (code === "XX000") return /^tuple (concurrently|already)/.test(message);
  // Two sessions granting one membership at once meet on the catalogue's unique index.
  return code === "23505" && (constraint ?? "").startsWith("pg_");
}

/** Whether the connection is gone, so that nothing is known about what was being done when it went. */
export function isConnectionLost(error: unknown): boolean {
  if (error === null || typeof error !== "object") return false;
  const { code = "", message = "" } = error as DriverError;
  return (
    ["ECONNRESET", "EPIPE", "ECONNABORTED", "ETIMEDOUT", "57P01", "57P02", "57P05"].includes(code) ||
    code.startsWith("08") ||
    /^(Connection terminated|Client has encountered a connection error|Client was closed)/.test(message)
  );
}

/**
 * Replaces every secret in a text, as it is and as a literal or JSON writes it. Fragments of fewer than three characters are
 * left: they would redact everything.
 */
export function redact(text: string, secrets: readonly string[]): string {
  const spellings = secrets
    .flatMap((secret) => [
      secret,
      inLiteral(secret),
      inLiteral(secret.replaceAll("\\", "\\\\")),
      JSON.stringify(secret).slice(1, -1),
    ])
    .filter((spelling) => spelling.length > 2)
    .sort((left, right) => right.length - left.length); // a secret that holds another one goes first, whole
  if (spellings.length === 0) return text;
  const pattern = spellings.map((spelling) => spelling.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")).join("|");
  return text.replace(new RegExp(pattern, "g"), "[secret]");
}

function inLiteral(secret: string): string {
  return secret.replaceAll("'", "''");
}

function sentence(reason: string, details: ErrorDetails): string {
  const subject = details.object === undefined ? "" : `${details.object}: `;
  const intent = details.intent === undefined ? "" : `cannot ${details.intent}: `;
  const extra = [details.detail, details.remedy ?? details.hint].filter((text): text is string => Boolean(text));
  return [subject + intent + reason, ...extra].map((text) => text.trim().replace(/[.;]$/, "")).join(". ");
}

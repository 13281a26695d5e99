import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { inspect } from "node:util";
import * as errors from "../../provider/errors";
import {
  ConflictError,
  ConnectionError,
  isConflict,
  isConnectionLost,
  NotFoundError,
  PostgresError,
  redact,
  toPostgresError,
  withContext,
} from "../../provider/errors";
import { literal } from "../../provider/sql";
import { connectionLost, serverError } from "./fake-adapter";

const CLASSES = new Map<string, unknown>(Object.entries(errors));

describe("SQLSTATE", () => {
  const table: [sqlstate: string, name: string][] = [
    ["3D000", "NotFoundError"],
    ["3F000", "NotFoundError"],
    ["42704", "NotFoundError"],
    ["42P01", "NotFoundError"],
    ["42883", "NotFoundError"],
    ["42710", "AlreadyExistsError"],
    ["42P04", "AlreadyExistsError"],
    ["42P06", "AlreadyExistsError"],
    ["42P07", "AlreadyExistsError"],
    ["2BP01", "DependentObjectsError"],
    ["55006", "ObjectInUseError"],
    ["55P03", "ObjectInUseError"],
    ["42501", "PermissionError"],
    ["0LP01", "PermissionError"],
    ["40001", "ConflictError"],
    ["40P01", "ConflictError"],
    ["57P01", "ConnectionError"],
    ["57P02", "ConnectionError"],
    ["57P03", "ConnectionError"],
    ["53300", "ConnectionError"],
    ["08006", "ConnectionError"],
    ["28P01", "ConnectionError"],
    ["28000", "ConnectionError"],
    ["22023", "InvalidValueError"],
    ["0A000", "InvalidValueError"],
    ["42601", "PostgresError"],
    ["57014", "PostgresError"],
    ["XX000", "PostgresError"],
  ];
  for (const [sqlstate, name] of table) {
    it(`${sqlstate} is a ${name}`, () => {
      const error = toPostgresError(serverError(sqlstate, "why"));
      assert.equal(error.name, name);
      assert.equal(error.sqlstate, sqlstate);
      assert.ok(error instanceof (CLASSES.get(name) as typeof PostgresError));
      assert.ok(error instanceof PostgresError);
      assert.ok(error instanceof Error);
    });
  }

  it("is left out where there was none", () => {
    const error = toPostgresError(Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" }));
    assert.equal(error.sqlstate, undefined);
    assert.ok(!("sqlstate" in error) || error.sqlstate === undefined);
    for (const code of ["EPIPE", "EPERM", "EBUSY"]) {
      const ofSystem = Object.assign(new Error(`write ${code}`), { code, errno: -1, syscall: "write" });
      assert.equal(toPostgresError(ofSystem).sqlstate, undefined, code);
    }
  });
});

describe("the sentence", () => {
  const table: [what: string, details: errors.ErrorDetails, message: string][] = [
    ["the reason alone", {}, "why"],
    ["object", { object: 'role "a"' }, 'role "a": why'],
    ["intent", { intent: "drop" }, "cannot drop: why"],
    ["object and intent", { object: 'role "a"', intent: "drop" }, 'role "a": cannot drop: why'],
    ["detail", { detail: "because." }, "why. because"],
    ["remedy", { remedy: "Do this." }, "why. Do this"],
    ["the server's hint", { hint: "Try that." }, "why. Try that"],
    ["a remedy takes the hint's place", { hint: "Try that", remedy: "Do this" }, "why. Do this"],
    [
      "everything",
      { object: 'role "a"', intent: "drop", detail: "d", hint: "h", remedy: "r", sqlstate: "2BP01" },
      'role "a": cannot drop: why. d. r',
    ],
  ];
  for (const [what, details, message] of table) {
    it(what, () => {
      const error = new PostgresError("why", details);
      assert.equal(error.message, message);
      for (const [name, value] of Object.entries(details)) assert.equal(error[name as "object"], value);
      assert.deepEqual(Object.keys(error).sort(), [...Object.keys(details), "name"].sort());
    });
  }
});

describe("toPostgresError", () => {
  it("leaves an error of this package as it is", () => {
    const error = new NotFoundError("x");
    assert.equal(toPostgresError(error, { object: "o", intent: "i" }), error);
  });

  it("keeps the server's detail and hint as fields", () => {
    const error = toPostgresError(serverError("42704", "m", { detail: "d", hint: "h" }), { object: "o", intent: "i" });
    assert.deepEqual([error.detail, error.hint, error.object, error.intent], ["d", "h", "o", "i"]);
    assert.equal(error.message, "o: cannot i: m. d. h");
  });

  const odd: [thrown: unknown, message: string][] = [
    [undefined, "unknown error"],
    [null, "unknown error"],
    ["some text", "some text"],
    [Object.assign(new Error(""), { code: "ECONNREFUSED" }), "ECONNREFUSED"],
    [new Error(""), "unknown error"],
  ];
  for (const [thrown, message] of odd) {
    it(`copes with ${inspect(thrown)}`.split("\n", 1)[0] as string, () => {
      assert.equal(toPostgresError(thrown).message, message);
      assert.equal(isConflict(thrown), false);
      assert.equal(isConnectionLost(thrown), false);
    });
  }

  it("removes secrets from message, detail and hint, and keeps no cause", () => {
    const secret = "it's\\hidden";
    const quoted = literal(secret).text;
    const driver = serverError("42601", `syntax error at or near "${quoted}"`, {
      detail: `in ${secret}`,
      hint: `not ${quoted}`,
      query: quoted,
    });
    const error = toPostgresError(driver, { secrets: [secret] });
    assert.equal(error.cause, undefined);
    assert.equal(error.detail, "in [secret]");
    const everything = `${inspect(error, { depth: 9, showHidden: true })} ${JSON.stringify(error)}`;
    assert.doesNotMatch(everything, /hidden|it's|it''s/);
  });
});

describe("redact", () => {
  const table: [text: string, secrets: string[], redacted: string][] = [
    ["password abc is wrong", ["abc"], "password [secret] is wrong"],
    ["abc abc", ["abc"], "[secret] [secret]"],
    ["'it''s me'", ["it's me"], "'[secret]'"],
    ["E'a\\\\bc'", ["a\\bc"], "E'[secret]'"],
    ["E'a\\\\b''c'", ["a\\b'c"], "E'[secret]'"],
    ["a.c abc", ["a.c"], "[secret] abc"],
    ["$& $1", ["$& $1"], "[secret]"],
    ["abcdef", ["abc", "abcdef"], "[secret]"],
    ["abcdef", ["abcdef", "abc"], "[secret]"],
    ["the secret", ["secret", "sec"], "the [secret]"],
    ["ab", ["ab", "a", ""], "ab"],
    ["abc", [], "abc"],
  ];
  for (const [text, secrets, redacted] of table) {
    it(`${JSON.stringify(text)} without ${JSON.stringify(secrets)}`, () =>
      assert.equal(redact(text, secrets), redacted));
  }
});

describe("withContext", () => {
  const context = { object: 'role "a"', intent: "drop" };

  it("adds object and intent to an error without", () => {
    const error = withContext(new NotFoundError("why", { sqlstate: "42704", remedy: "Do this" }), context);
    assert.ok(error instanceof NotFoundError);
    assert.equal(error.message, 'role "a": cannot drop: why. Do this');
    assert.equal(error.sqlstate, "42704");
  });
  it("leaves one that has an object alone", () => {
    const error = new NotFoundError("why", { object: "o" });
    assert.equal(withContext(error, context), error);
  });
  it("turns a driver's error into this package's", () => {
    assert.equal(withContext(serverError("42704", "m"), context).message, 'role "a": cannot drop: m');
  });
});

describe("isConflict", () => {
  const table: [error: unknown, conflict: boolean][] = [
    [serverError("40001", "could not serialize"), true],
    [serverError("40P01", "deadlock detected"), true],
    [serverError("XX000", "tuple concurrently updated"), true],
    [serverError("XX000", "tuple concurrently deleted"), true],
    [serverError("XX000", "tuple already updated by self"), true],
    [serverError("XX000", "cache lookup failed for role 1"), false],
    [serverError("23505", "duplicate key", { constraint: "pg_auth_members_role_member_index" }), true],
    [serverError("23505", "duplicate key", { constraint: "orders_pkey" }), false],
    [serverError("23505", "duplicate key"), false],
    [serverError("42710", "exists"), false],
    [new ConflictError("x"), true],
    [new NotFoundError("x"), false],
    [new Error("x"), false],
  ];
  for (const [error, conflict] of table) {
    it(`${conflict}: ${inspect(error).split("\n", 1)[0]}`, () => {
      assert.equal(isConflict(error), conflict);
      if (conflict) assert.ok(toPostgresError(error) instanceof ConflictError);
    });
  }
});

describe("isConnectionLost", () => {
  const table: [error: unknown, lost: boolean][] = [
    [connectionLost(), true],
    [new Error("Connection terminated"), true],
    [new Error("Client was closed and is not queryable"), true],
    [new Error("Client has encountered a connection error and is not queryable"), true],
    [serverError("ECONNRESET", "read ECONNRESET"), true],
    [serverError("EPIPE", "write EPIPE"), true],
    [serverError("57P01", "terminating connection"), true],
    [serverError("57P02", "crash"), true],
    [serverError("57P05", "idle session timeout"), true],
    [serverError("08006", "connection failure"), true],
    [serverError("57014", "canceling statement"), false],
    [serverError("28P01", "password authentication failed"), false],
    [serverError("ECONNREFUSED", "connect"), false],
    [new Error("the Connection terminated"), false],
  ];
  for (const [error, lost] of table) {
    it(`${lost}: ${inspect(error).split("\n", 1)[0]}`, () => {
      assert.equal(isConnectionLost(error), lost);
      if (lost) assert.ok(toPostgresError(error) instanceof ConnectionError);
    });
  }
});

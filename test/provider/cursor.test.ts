import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { inspect } from "node:util";
import type { Session } from "../../provider/adapter";
import { bind, Cursor, type Parameters, send } from "../../provider/cursor";
import { PostgresError } from "../../provider/errors";
import { secretLiteral, sql } from "../../provider/sql";
import { type Answer, FakeAdapter, serverError } from "./fake-adapter";

describe("bind", () => {
  const date = new Date(0);
  const bytes = new Uint8Array([1]);
  const table: [params: Parameters | undefined, values: unknown[] | undefined][] = [
    [undefined, undefined],
    [[], []],
    [
      [1, "a"],
      [1, "a"],
    ],
    [[["a", "b"]], [["a", "b"]]],
    [[null], [null]],
    ["a", ["a"]],
    ["", [""]],
    [0, [0]],
    [false, [false]],
    [null, [null]],
    [1n, [1n]],
    [date, [date]],
    [bytes, [bytes]],
  ];
  for (const [params, values] of table) {
    it(inspect(params), () => assert.deepEqual(bind("SELECT 1", params), ["SELECT 1", values]));
  }
  it("takes composed SQL whole", () => {
    assert.deepEqual(bind(sql`SELECT ${secretLiteral("x'y")}`, undefined), ["SELECT 'x''y'", undefined]);
  });
});

function withSession<T>(answer: Answer, task: (session: Session) => Promise<T>): Promise<T> {
  return new FakeAdapter(answer).use(undefined, task);
}

describe("send", () => {
  it("turns the driver's error into this package's, without the statement's secrets", async () => {
    const statement = sql`SELEC ${secretLiteral("hush'hush")}`;
    const answer: Answer = (text) => assert.fail(serverError("42601", `syntax error in ${text}`));
    await assert.rejects(
      withSession(answer, (session) => send(session, statement, undefined, "array")),
      (error: Error) => {
        assert.ok(error instanceof PostgresError);
        assert.equal(error.message, "syntax error in SELEC '[secret]'");
        return true;
      },
    );
  });
});

/** The constructor is not part of the declarations: users are given cursors. */
const OpenCursor = Cursor as unknown as new (session: Session) => Cursor;

describe("Cursor", () => {
  it("hands rows out one by one, some or all; the next statement's replace them", async () => {
    const answer: Answer = (text) => (text === "five" ? [[1], [2], [3], [4], [5]] : []);
    await withSession(answer, async (session) => {
      const cursor = new OpenCursor(session);
      assert.deepEqual([cursor.rowCount, cursor.fetchOne(), cursor.fetchAll()], [0, null, []]);
      await cursor.execute("five");
      assert.equal(cursor.rowCount, 5);
      assert.deepEqual(cursor.fetchOne(), [1]);
      assert.deepEqual(cursor.fetchMany(2), [[2], [3]]);
      assert.deepEqual(cursor.fetchMany(0), []);
      assert.deepEqual(cursor.fetchAll(), [[4], [5]]);
      assert.equal(cursor.fetchOne(), null);
      assert.deepEqual(cursor.fetchMany(9), []);
      await cursor.execute("five");
      await cursor.execute("none");
      assert.deepEqual([cursor.rowCount, cursor.fetchOne()], [0, null]);
      await cursor.execute("five");
      assert.deepEqual(cursor.fetchOne(), [1]);
    });
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Statement, Values } from "../../provider/definition";
import { type Deadline, deadlineOf, remedyForEnded } from "../../provider/limits";
import { run } from "../../provider/runner";
import { sql } from "../../provider/sql";
import { type Answer, clusterOver, FakeAdapter, serverError } from "./fake-adapter";

describe("remedyForEnded", () => {
  const deadline: Deadline = { at: 0, setting: "customTimeouts.create (5m)" };
  const late = "canceling statement due to statement timeout";
  const cancelled = "canceling statement due to user request";
  const table: [message: string, deadline: Deadline | undefined, expected: string][] = [
    [late, undefined, "It took longer than the Provider's statementTimeout"],
    [late, deadline, "It took longer than customTimeouts.create (5m)"],
    [cancelled, undefined, "Somebody has cancelled it: run the same again"],
    [cancelled, deadline, "Somebody has cancelled it: run the same again"],
  ];
  for (const [message, until, expected] of table) {
    it(`${message}, ${until?.setting ?? "no deadline"}`, () =>
      assert.equal(remedyForEnded({ message, code: "57014" }, until), expected));
  }
});

it("says nothing of any other error", () => {
  assert.equal(remedyForEnded({ message: "division by zero", code: "22012" }, undefined), undefined);
});

describe("deadlineOf", () => {
  it("is now and the time that customTimeouts gives the operation", () => {
    const before = Date.now();
    const deadline = deadlineOf({ customTimeouts: { create: "1m", delete: "2m" } }, "create");
    assert.ok(deadline !== undefined && deadline.at >= before + 60_000 && deadline.at <= Date.now() + 60_000);
    assert.equal(deadline.setting, "customTimeouts.create (1m)");
  });
  it("is none without one", () => {
    for (const values of [{}, { customTimeouts: null }, { customTimeouts: { delete: "2m" } }] as Values[]) {
      assert.equal(deadlineOf(values, "update"), undefined);
    }
  });
});

describe("a run with limits", () => {
  const a: Statement = { sql: sql`A` };
  const long: Statement = { sql: sql`LONG`, unlimited: true };
  const alone: Statement = { ...long, alone: true };
  const inAnHour: Deadline = { at: Date.now() + 3_600_000, setting: "customTimeouts.create (1h)" };
  const passed: Deadline = { at: Date.now() - 1, setting: "customTimeouts.create (1s)" };

  /** What the timeouts were set to, and before which statements. */
  async function limits(statements: Statement[], deadline?: Deadline, answer: Answer = () => undefined) {
    const set: unknown[] = [];
    const adapter = new FakeAdapter((text, params, database) => {
      if (text.includes("set_config")) set.push([...(params ?? []), text.includes("true)") ? "local" : "session"]);
      else if (/^[A-Z]+$/.test(text) && text !== "BEGIN") set.push(text);
      if (text.startsWith("SELECT pg_catalog.current_setting")) return [["7s", "10s"]];
      return answer(text, params, database);
    });
    await run(clusterOver(adapter), statements, { object: "x", intent: "create", deadline });
    return set;
  }

  it("nothing is set without need", async () => assert.deepEqual(await limits([a]), ["A", "COMMIT"]));

  it("what may take long has no timeouts, in a transaction for it alone", async () => {
    assert.deepEqual(await limits([long]), [["0", "0", "local"], "LONG", "COMMIT"]);
    assert.deepEqual(await limits([alone]), [["0", "0", "session"], "LONG", ["7s", "10s", "session"]]);
  });

  it("a deadline bounds every statement, waiting for locks as before", async () => {
    const [[time, lock]] = (await limits([a], inAnHour)) as [[string, string | null]];
    assert.ok(Number(time) > 3_500_000 && Number(time) <= 3_600_000, time);
    assert.equal(lock, null);
    const [[long]] = (await limits([alone], inAnHour)) as [[string]];
    assert.ok(Number(long) > 3_500_000 && Number(long) <= 3_600_000, "also what has no other limit");
  });

  it("a deadline that has passed sends nothing, and says which setting it was", async () => {
    const sent: string[] = [];
    const answer: Answer = (text) => void sent.push(text);
    await assert.rejects(
      limits([a], passed, answer),
      /^PostgresError: x: cannot create: it took longer than customTimeouts\.create \(1s\)$/,
    );
    assert.deepEqual(sent, []);
  });

  it("a conflict is not tried again after the deadline", async () => {
    const soon: Deadline = { at: Date.now() + 40, setting: "customTimeouts.create (40ms)" };
    const answer: Answer = (text) => {
      if (text === "A") throw serverError("40P01", "deadlock detected");
      return undefined;
    };
    await assert.rejects(limits([a], soon, answer), /deadlock|took longer/);
  });
});

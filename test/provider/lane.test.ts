import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { ConnectionError } from "../../provider/errors";
import { Lanes } from "../../provider/lane";
import { type Answer, BEGIN, connectionLost, FakeAdapter, lanesOver, serverError, XID } from "./fake-adapter";

/** A transaction as it is sent. */
const together = (...statements: string[]) => [...BEGIN, ...statements, XID, "COMMIT"];
const apart = (...statements: string[]) => ["BEGIN", ...statements, XID, "COMMIT"];
/** One that the server breaks off at the statement. */
const brokenOff = (...statements: string[]) => [...BEGIN, ...statements, "ROLLBACK"];

/** What is sent for transactions that arrive at the same time, and how each ends. */
async function sent(transactions: string[][], answer?: Answer): Promise<{ sent: string[]; outcomes: string[] }> {
  const adapter = new FakeAdapter(answer);
  const lanes = lanesOver(adapter);
  const outcomes = await Promise.allSettled(transactions.map((one) => lanes.run("shop", one)));
  return {
    sent: adapter.sent,
    outcomes: outcomes.map((one) => (one.status === "fulfilled" ? "done" : (one.reason as Error).message)),
  };
}

/** Answers a statement with an error each time, or so many times. */
function failing(statement: string, error: () => Error, times = Number.POSITIVE_INFINITY): Answer {
  let left = times;
  return (text) => {
    if (text === statement && left-- > 0) throw error();
    return undefined;
  };
}

describe("transactions that arrive together", () => {
  it("are one, with little patience", async () => {
    assert.deepEqual(await sent([["A"], ["B", "C"], ["D"]]), {
      sent: together("A", "B", "C", "D"),
      outcomes: ["done", "done", "done"],
    });
  });

  it("are in the database that they are for", async () => {
    const adapter = new FakeAdapter();
    const lanes = lanesOver(adapter);
    await Promise.all([lanes.run("a", ["A"]), lanes.run("b", ["B"])]);
    assert.deepEqual(
      adapter.log.filter((line) => line.startsWith("use ")),
      ["use a", "use b"],
    );
  });

  it("are two at a time where none waits for another", async () => {
    const began: string[] = [];
    const gates: (() => void)[] = [];
    const adapter = new FakeAdapter();
    const use = adapter.use.bind(adapter);
    adapter.use = async (database, task) => {
      began.push(String(database));
      await new Promise<void>((go) => gates.push(go));
      return use(database, task);
    };
    const lanes = lanesOver(adapter);
    for (const beside of [true, false]) {
      const all = Array.from({ length: 200 }, (_, index) => lanes.run("shop", [`S${index}`], { beside }));
      for (let turns = 0; turns < 10; turns++) await turn();
      assert.equal(began.length, beside ? 2 : 1);
      while (began.length < 4 || gates.length > 0) {
        for (const go of gates.splice(0)) go();
        await turn();
      }
      await Promise.all(all);
      assert.equal(began.splice(0).length, 4);
    }
    assert.equal(adapter.sent.filter((text) => /^S\d+$/.test(text)).length, 400);
  });

  it("are each alone when one of them fails, and the others are made", async () => {
    const answer = failing("B", () => serverError("42710", "exists"));
    assert.deepEqual(await sent([["A"], ["B"], ["C"]], answer), {
      sent: [
        ...brokenOff("A", "B"),
        "BEGIN",
        "A",
        XID,
        "BEGIN",
        "B",
        "BEGIN",
        "C",
        XID,
        "COMMIT",
        "ROLLBACK",
        "COMMIT",
      ],
      outcomes: ["done", "exists", "done"],
    });
  });

  for (const code of ["55P03", "57014"]) {
    it(`one that takes longer than the others can wait (${code}) is made alone, with the session's own limits`, async () => {
      const answer = failing("A", () => serverError(code, "too long"), 1);
      assert.deepEqual(await sent([["A"]], answer), {
        sent: [...brokenOff("A"), ...apart("A")],
        outcomes: ["done"],
      });
    });
  }

  it("one that fails by itself is not tried again", async () => {
    const answer = failing("A", () => serverError("42501", "denied"));
    assert.deepEqual(await sent([["A"]], answer), { sent: brokenOff("A"), outcomes: ["denied"] });
  });

  it("all fail when the connection is lost before COMMIT", async () => {
    const { outcomes } = await sent([["A"], ["B"]], failing("B", connectionLost));
    assert.deepEqual(outcomes, Array(2).fill(connectionLost().message));
  });

  it("are done when the connection is lost at COMMIT, and they were committed; else they fail", async () => {
    for (const status of ["committed", "aborted"]) {
      const answer: Answer = (text) => {
        if (text === "COMMIT") throw connectionLost();
        return text.includes("pg_xact_status") ? [{ status, same: true }] : undefined;
      };
      const { outcomes } = await sent([["A"], ["B"]], answer);
      assert.deepEqual(outcomes, Array(2).fill(status === "committed" ? "done" : connectionLost().message));
    }
  });

  it("fail when nobody can tell whether they were committed: none of them is made again", async () => {
    const answer: Answer = (text) => {
      if (text === "COMMIT") throw connectionLost();
      if (text.includes("pg_xact_status")) throw serverError("42501", "denied");
      return undefined;
    };
    const adapter = new FakeAdapter(answer);
    const lanes = lanesOver(adapter);
    const outcomes = await Promise.allSettled([lanes.run("shop", ["A"]), lanes.run("shop", ["B"])]);
    for (const one of outcomes) assert.ok(one.status === "rejected" && one.reason instanceof ConnectionError);
    assert.equal(adapter.sent.filter((text) => text === "A").length, 1);
  });

  it("come with their COMMIT, in one text, where it shows by itself if they were done", async () => {
    const adapter = new FakeAdapter();
    const lanes = lanesOver(adapter);
    await Promise.all([lanes.run("shop", ["A"], { evident: true }), lanes.run("shop", ["B"], { evident: true })]);
    assert.deepEqual(adapter.texts, [[...BEGIN, "A", "B", "COMMIT"].join("; ")]);
  });

  it("are then made by nobody else when the connection is lost, wherever", async () => {
    for (const where of ["A", "COMMIT"]) {
      const adapter = new FakeAdapter(failing(where, connectionLost));
      const lanes = lanesOver(adapter);
      const outcomes = await Promise.allSettled(["A", "B"].map((one) => lanes.run("shop", [one], { evident: true })));
      for (const one of outcomes)
        assert.ok(one.status === "rejected" && one.reason.message === connectionLost().message);
      assert.deepEqual([adapter.texts.length, adapter.sent.at(-1)], [2, "ROLLBACK"]);
    }
  });

  it("are then each alone as well when one of them fails", async () => {
    const adapter = new FakeAdapter(failing("B", () => serverError("2BP01", "depended on")));
    const lanes = lanesOver(adapter);
    const outcomes = await Promise.allSettled(
      ["A", "B", "C"].map((one) => lanes.run("shop", [one], { evident: true })),
    );
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ["fulfilled", "rejected", "fulfilled"],
    );
    assert.deepEqual(
      adapter.texts.slice(2, 5),
      ["A", "B", "C"].map((one) => `BEGIN; ${one}; COMMIT`),
    );
  });

  it("have no more time than the sessions allow", async () => {
    const adapter = new FakeAdapter();
    await new Lanes(adapter, { lockTimeout: 100, statementTimeout: 5000 }).run("shop", ["A"]);
    assert.deepEqual(adapter.sent.slice(1, 3), ["SET LOCAL lock_timeout = 100", "SET LOCAL statement_timeout = 1000"]);
  });

  it("are at most fifty at a time", async () => {
    const { sent: texts } = await sent(Array.from({ length: 120 }, (_, i) => [`S${i}`]));
    const sizes = texts
      .join(" ")
      .split("COMMIT")
      .map((one) => one.match(/S\d+/g)?.length ?? 0);
    assert.deepEqual(sizes, [50, 50, 20, 0]);
  });
});

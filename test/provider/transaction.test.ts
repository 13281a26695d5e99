import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ConnectionError } from "../../provider/errors";
import { inTransaction, writing, writingOutright } from "../../provider/transaction";
import { type Answer, connectionLost, FakeAdapter, serverError, XID } from "./fake-adapter";

const isStatus = (text: string) => text.includes("pg_xact_status");

/** COMMIT meets a lost connection; the outcome is then asked for, and answered by the list, the last one for ever. */
function cutAtCommit(statuses: (string | null | Error)[], same = true): Answer {
  const left = [...statuses];
  return (text, params) => {
    if (text === "COMMIT") throw connectionLost();
    if (!isStatus(text)) return undefined;
    assert.deepEqual(params, ["777", "1.5", "2.5"], "the transaction's own id, and its server");
    const status = left.length > 1 ? left.shift() : left[0];
    if (status instanceof Error) throw status;
    return [{ status, same }];
  };
}

async function attempt(answer: Answer | undefined, way: typeof writing = writing) {
  const adapter = new FakeAdapter(answer);
  const outcome = await way(adapter, "shop", async (session) => {
    await session.query("WORK");
    return 42;
  }).then(
    (value: unknown) => ({ value, error: undefined }),
    (error: Error) => ({ value: undefined, error }),
  );
  const sent = adapter.sent.map((text) => (isStatus(text) ? "STATUS" : text));
  return { ...outcome, sent, log: adapter.log };
}

describe("inTransaction", () => {
  it("commits when the task returns", async () => {
    assert.deepEqual(await attempt(undefined), {
      value: 42,
      error: undefined,
      sent: ["BEGIN", XID, "WORK", "COMMIT"],
      log: ["use shop", "> BEGIN", `> ${XID}`, "> WORK", "> COMMIT"],
    });
  });

  it("takes no transaction id when nothing is written", async () => {
    assert.deepEqual((await attempt(undefined, inTransaction)).sent, ["BEGIN", "WORK", "COMMIT"]);
  });

  it("rolls back when the task throws, and throws just that", async () => {
    const error = serverError("42501", "no");
    for (const lostToo of [false, true]) {
      const found = await attempt((text) => {
        if (text === "WORK") throw error;
        if (text === "ROLLBACK" && lostToo) throw connectionLost();
        return undefined;
      });
      assert.equal(found.error, error);
      assert.deepEqual(found.sent, ["BEGIN", XID, "WORK", "ROLLBACK"]);
    }
  });

  it("passes on what the server says to COMMIT", async () => {
    const { error, sent } = await attempt((text) => {
      if (text === "COMMIT") throw serverError("23503", "deferred constraint");
      return undefined;
    });
    assert.equal(error?.message, "deferred constraint");
    assert.equal(sent.at(-1), "COMMIT", "its outcome is known");
  });
});

describe("a connection that is lost at COMMIT", () => {
  const table: [what: string, statuses: (string | null | Error)[], committed: boolean, asked: number][] = [
    ["committed", ["committed"], true, 1],
    ["aborted", ["aborted"], false, 1],
    ["so old that nobody knows", [null], false, 1],
    ["in progress, then committed", ["in progress", "in progress", "committed"], true, 3],
    ["in progress, then aborted", ["in progress", "aborted"], false, 2],
    ["the next connection is lost as well", [connectionLost(), connectionLost(), "committed"], true, 3],
    ["the server is restarting", [serverError("57P03", "starting up"), "aborted"], false, 2],
    ["lost in a crash, and not given out again", [serverError("22023", "it is in the future")], false, 1],
  ];
  for (const [what, statuses, committed, asked] of table) {
    it(what, async () => {
      const { value, error, sent, log } = await attempt(cutAtCommit(statuses));
      assert.equal(value, committed ? 42 : undefined);
      assert.equal(error?.message, committed ? undefined : connectionLost().message);
      assert.deepEqual(sent, ["BEGIN", XID, "WORK", "COMMIT", ...Array(asked).fill("STATUS")]);
      assert.deepEqual(
        log.filter((line) => line.startsWith("use")),
        Array(asked + 1).fill("use shop"),
      );
    });
  }

  it("is another's, where the server has crashed since and the id is that of a transaction that goes on", async () => {
    const { error, sent } = await attempt(cutAtCommit(["in progress"], false));
    assert.equal(error?.message, connectionLost().message);
    assert.deepEqual(sent, ["BEGIN", XID, "WORK", "COMMIT", "STATUS"]);
  });

  it("says so when the server has crashed since: whoever has committed may have another's id", async () => {
    const { error } = await attempt(cutAtCommit(["committed"], false));
    assert.ok(error instanceof ConnectionError);
    assert.match(error.message, /could not be found out whether .*the server has crashed since, or is another one/);
  });

  it("says so when the outcome cannot be found out", async () => {
    const { error, sent } = await attempt(cutAtCommit([serverError("42501", "permission denied")]));
    assert.ok(error instanceof ConnectionError);
    assert.match(error.message, /lost at COMMIT, and it could not be found out whether .*permission denied.*Look at/);
    assert.deepEqual(sent, ["BEGIN", XID, "WORK", "COMMIT", "STATUS"]);
  });

  it("is not asked about when the connection was lost before COMMIT", async () => {
    const { error, sent } = await attempt((text) => {
      if (text === "WORK") throw connectionLost();
      return undefined;
    });
    assert.equal(error?.message, connectionLost().message);
    assert.ok(!sent.includes("STATUS"));
  });

  it("is not asked about when nothing was written", async () => {
    const { error, sent } = await attempt(cutAtCommit(["committed"]), inTransaction);
    assert.equal(error?.message, connectionLost().message);
    assert.ok(!sent.includes("STATUS"));
  });
});

describe("writingOutright", () => {
  it("is one text, of which nobody asks what became of it", async () => {
    const adapter = new FakeAdapter(cutAtCommit(["committed"]));
    await assert.rejects(writingOutright(adapter, "shop", ["A", "B"]), { message: connectionLost().message });
    assert.deepEqual(adapter.texts, ["BEGIN; A; B; COMMIT", "ROLLBACK"]);
    const done = new FakeAdapter();
    await writingOutright(done, "shop", ["A", "B"]);
    assert.deepEqual(done.texts, ["BEGIN; A; B; COMMIT"]);
  });

  it("passes on what the server says, and rolls back", async () => {
    const adapter = new FakeAdapter((text) => {
      if (text === "A") throw serverError("42501", "no");
      return undefined;
    });
    await assert.rejects(writingOutright(adapter, "shop", ["A", "B"]), { message: "no" });
    assert.deepEqual(adapter.sent, ["BEGIN", "A", "ROLLBACK"]);
  });
});

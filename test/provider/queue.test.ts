import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import fc from "fast-check";
import { KeyedQueue } from "../../provider/queue";

/** A task that says when it starts and ends, over a few turns of the event loop. */
function task(log: string[], name: string, turns = 3, fail = false): () => Promise<string> {
  return async () => {
    log.push(`${name}<`);
    for (let count = 0; count < turns; count++) await turn();
    log.push(`>${name}`);
    if (fail) throw new Error(name);
    return name;
  };
}

describe("KeyedQueue", () => {
  it("runs tasks of one key one after another, in order, also after a failure", async () => {
    const queue = new KeyedQueue();
    const log: string[] = [];
    const results = await Promise.allSettled([
      queue.run("k", task(log, "a", 5)),
      queue.run("k", task(log, "b", 1, true)),
      queue.run("k", () => {
        throw new Error("at once");
      }),
      queue.run("k", task(log, "c")),
    ]);
    assert.deepEqual(log, ["a<", ">a", "b<", ">b", "c<", ">c"]);
    assert.deepEqual(
      results.map((result) => (result.status === "fulfilled" ? result.value : (result.reason as Error).message)),
      ["a", "b", "at once", "c"],
    );
  });

  it("runs tasks of other keys side by side", async () => {
    const queue = new KeyedQueue();
    const log: string[] = [];
    await Promise.all([queue.run("k", task(log, "a")), queue.run("l", task(log, "b"))]);
    assert.deepEqual(log, ["a<", "b<", ">a", ">b"]);
  });

  it("runAll waits for each of its keys, and works without any", async () => {
    const queue = new KeyedQueue();
    const log: string[] = [];
    await Promise.all([
      queue.run("k", task(log, "a", 9)),
      queue.runAll(["l", "k", "k"], task(log, "both")),
      queue.run("m", task(log, "other")),
      queue.runAll([], task(log, "none")),
    ]);
    assert.ok(log.indexOf("both<") > log.indexOf(">a"), log.join(" "));
    assert.ok(log.indexOf("other<") < log.indexOf(">a"));
    assert.ok(log.indexOf("none<") < log.indexOf(">a"));
  });

  it("never deadlocks and never runs two tasks with a common key at once, whatever the order of keys", async () => {
    const keys = fc.array(fc.constantFrom("a", "b", "c", "d"), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(fc.array(keys, { maxLength: 12 }), async (lists) => {
        const queue = new KeyedQueue();
        const held = new Set<string>();
        let done = 0;
        const tasks = lists.map((list) =>
          queue.runAll(list, async () => {
            const own = new Set(list);
            for (const key of own) {
              assert.ok(!held.has(key), `${key} is held twice`);
              held.add(key);
            }
            await turn();
            for (const key of own) held.delete(key);
            done++;
          }),
        );
        await Promise.all(tasks);
        assert.equal(done, lists.length);
      }),
      { numRuns: 50 },
    );
  });
});

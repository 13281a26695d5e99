import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { Batch } from "../../provider/batch";

function recording(answer = async (keys: number[]) => keys.map((key) => key * 10)) {
  const calls: number[][] = [];
  const batch = new Batch<number, number>((keys) => {
    calls.push(keys);
    return answer(keys);
  });
  return { batch, calls };
}

describe("Batch", () => {
  it("answers keys that arrive together with one call, each with its own value", async () => {
    const { batch, calls } = recording();
    assert.deepEqual(await Promise.all([3, 1, 2, 1].map((key) => batch.load(key))), [30, 10, 20, 10]);
    assert.deepEqual(calls, [[3, 1, 2, 1]]);
  });

  it("takes in what comes one turn of the event loop later", async () => {
    const { batch, calls } = recording();
    const first = batch.load(1);
    await turn();
    assert.deepEqual(await Promise.all([first, batch.load(2)]), [10, 20]);
    assert.deepEqual(calls, [[1, 2]]);
  });

  it("takes everything that comes while a call is under way into the next one", async () => {
    let go = () => {};
    const gate = new Promise<void>((resolve) => {
      go = resolve;
    });
    const { batch, calls } = recording(async (keys) => {
      if (keys[0] === 1) await gate;
      return keys;
    });
    const answers = [batch.load(1)];
    for (const key of [2, 3, 4]) {
      for (let turns = 0; turns < 4; turns++) await turn();
      answers.push(batch.load(key));
    }
    assert.deepEqual(calls, [[1]]);
    go();
    assert.deepEqual(await Promise.all(answers), [1, 2, 3, 4]);
    assert.equal(await batch.load(5), 5);
    assert.deepEqual(calls, [[1], [2, 3, 4], [5]]);
  });

  it("answers no more than so many with one call", async () => {
    const calls: number[][] = [];
    const batch = new Batch<number, number>(
      async (keys) => {
        calls.push(keys);
        return keys;
      },
      { most: 2 },
    );
    assert.deepEqual(await Promise.all([1, 2, 3, 4, 5].map((key) => batch.load(key))), [1, 2, 3, 4, 5]);
    assert.deepEqual(calls, [[1, 2], [3, 4], [5]]);
  });

  it("has as many calls under way as it may, and no more", async () => {
    let go = () => {};
    const gate = new Promise<void>((resolve) => {
      go = resolve;
    });
    const calls: number[][] = [];
    const batch = new Batch<number, number>(
      async (keys) => {
        calls.push(keys);
        await gate;
        return keys;
      },
      { most: 2, underWay: 2 },
    );
    const answers = [1, 2, 3, 4, 5, 6, 7].map((key) => batch.load(key));
    for (let turns = 0; turns < 10; turns++) await turn();
    assert.deepEqual(calls, [
      [1, 2],
      [3, 4],
    ]);
    go();
    assert.deepEqual(await Promise.all(answers), [1, 2, 3, 4, 5, 6, 7]);
    assert.deepEqual(calls, [[1, 2], [3, 4], [5, 6], [7]]);
  });

  it("asks for each by itself where one alone is at fault", async () => {
    const calls: number[][] = [];
    const batch = new Batch<number, number>(
      async (keys) => {
        calls.push(keys);
        if (keys.includes(2)) throw new Error("two");
        return keys;
      },
      { isFaultOfOne: (error) => (error as Error).message === "two" },
    );
    const results = await Promise.allSettled([1, 2, 3].map((key) => batch.load(key)));
    assert.deepEqual(
      results.map((one) => (one.status === "fulfilled" ? one.value : (one.reason as Error).message)),
      [1, "two", 3],
    );
    assert.deepEqual(calls, [[1, 2, 3], [1], [2], [3]]);
  });

  it("goes on after a call that failed", async () => {
    const { batch, calls } = recording(async (keys) => (keys[0] === 1 ? assert.fail("no") : keys));
    const failed = assert.rejects(batch.load(1), /no/);
    for (let turns = 0; turns < 4; turns++) await turn();
    assert.equal(await batch.load(2), 2);
    await failed;
    assert.deepEqual(calls, [[1], [2]]);
  });

  it("fails every key of a call that fails, however it does, and no other", async () => {
    let fail: (() => Promise<number[]>) | undefined = () => Promise.reject(new Error("no"));
    const { batch } = recording((keys) => fail?.() ?? Promise.resolve(keys));
    for (const failing of [fail, () => assert.fail("no")]) {
      fail = failing;
      const results = await Promise.allSettled([batch.load(1), batch.load(2)]);
      for (const result of results) assert.equal((result as PromiseRejectedResult).reason?.message, "no");
    }
    fail = undefined;
    assert.equal(await batch.load(3), 3);
  });
});

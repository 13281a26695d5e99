import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { atMost } from "../../provider/patience";

describe("waiting that comes to an end", () => {
  it("is over when the promise is settled, however it is", async () => {
    const begin = performance.now();
    await atMost(60_000, sleep(5));
    await atMost(60_000, Promise.reject(new Error("x")));
    assert.ok(performance.now() - begin < 30_000);
  });

  it("is over when it has taken too long", async () => {
    let settled = false;
    const slow = sleep(2000, undefined, { ref: false }).then(() => {
      settled = true;
    });
    await atMost(20, slow);
    assert.equal(settled, false);
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { DependentObjectsError, RefusedError } from "../../provider";
import { Drops } from "../../provider/drops";

/** Something that can be dropped once nothing stands in the way. */
function dropped(inTheWay: () => boolean) {
  const attempts = { count: 0 };
  const drop = async () => {
    attempts.count += 1;
    if (inTheWay()) throw new DependentObjectsError("objects depend on it");
    return "dropped";
  };
  return { attempts, drop };
}

describe("drops", () => {
  it("of one thing alone are tried once", async () => {
    const { attempts, drop } = dropped(() => false);
    assert.equal(await new Drops().behind(drop), "dropped");
    assert.equal(attempts.count, 1);
  });

  it("wait for the database that what is in the way goes with, also for one that is not on its way yet", async () => {
    for (const later of [false, true]) {
      const drops = new Drops();
      let there = true;
      const database = async () => {
        if (later) await sleep(200);
        await drops.first(async () => {
          await sleep(200);
          there = false;
        });
      };
      const { attempts, drop } = dropped(() => there);
      const [done] = await Promise.all([drops.behind(drop), database()]);
      assert.equal(done, "dropped");
      assert.equal(attempts.count, 2);
    }
  });

  it("are tried again where that database went while they were looking", async () => {
    const drops = new Drops();
    let [there, attempts] = [true, 0];
    const looking = drops.behind(async () => {
      attempts += 1;
      if (!there) return "dropped";
      await sleep(150); // what was found is described, with the help of the database
      throw new DependentObjectsError("objects depended on it");
    });
    await drops.first(async () => {
      await sleep(50);
      there = false;
    });
    assert.equal(await looking, "dropped");
    assert.equal(attempts, 2);
  });

  it("fail with what is in the way still, also where the database was not dropped", async () => {
    const drops = new Drops();
    const { attempts, drop } = dropped(() => true);
    const failing = drops.first(async () => {
      await sleep(100);
      throw new RefusedError("it is not empty");
    });
    const [one, other] = await Promise.allSettled([drops.behind(drop), failing]);
    assert.ok(one.status === "rejected" && one.reason instanceof DependentObjectsError);
    assert.ok(other.status === "rejected" && other.reason instanceof RefusedError);
    assert.equal(attempts.count, 3);
  });

  it("are tried a last time when nothing is on its way that could help", async () => {
    const { attempts, drop } = dropped(() => attempts.count < 2);
    assert.equal(await new Drops().behind(drop), "dropped");
    assert.equal(attempts.count, 2);
  });

  it("fail at once for any other reason", async () => {
    const drops = new Drops();
    let count = 0;
    const failing = drops.behind(async () => {
      count += 1;
      throw new RefusedError("no");
    });
    await assert.rejects(failing, RefusedError);
    assert.equal(count, 1);
  });
});

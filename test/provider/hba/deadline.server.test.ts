import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type HbaChangeOptions, type ManagedHbaRule, PostgresError } from "../../../provider";
import { failure } from "../scene";
import { meddled, onOwnServers, RELOAD } from "./own-server";

/** The statement that every attempt to write begins with. */
const BEGIN = /pg_advisory_xact_lock/;

const rule = (name: string): ManagedHbaRule => ({
  name,
  type: "local",
  databases: ["shop"],
  users: ["app"],
  method: "peer",
});

/** A deadline in so many milliseconds. */
function within(milliseconds: number): HbaChangeOptions {
  const deadline = { at: Date.now() + milliseconds, setting: "customTimeouts.create (1s)" };
  return { allowLockout: false, deadline } as HbaChangeOptions; // which is not for everybody to see
}

/** Until a signal is given, or for so long that a test has failed without it. */
async function once(signal: AbortSignal): Promise<void> {
  await sleep(20_000, undefined, { signal }).catch(() => undefined);
}

onOwnServers((own) => {
  test("a change that has not begun by its deadline is not made, and the others are", async () => {
    const slow = meddled(await own.connect(), BEGIN, () => sleep(400)).managed;
    const [late, made] = await Promise.allSettled([slow.create(rule("late"), within(100)), slow.create(rule("made"))]);
    assert.equal(made.status, "fulfilled");
    assert.ok(late.status === "rejected" && late.reason instanceof PostgresError, late.status);
    assert.match(late.reason.message, /^it took longer than customTimeouts\.create \(1s\)$/);
    assert.deepEqual([own.bytes.includes("name=late"), own.bytes.includes("name=made")], [false, true]);
  });

  test("nobody waits longer for a turn than until the deadline, whenever its timer fires", async () => {
    const turn = new AbortController();
    const list = meddled(await own.connect(), BEGIN, () => once(turn.signal)).managed;
    const late = Array.from({ length: 50 }, (_, i) => list.create(rule(`late${i}`), within(100 + i)));
    await Promise.all(late.map((change) => failure(change, PostgresError))).finally(() => turn.abort());
    await list.create(rule("next"));
    assert.deepEqual([own.bytes.includes("name=late"), own.bytes.includes("name=next")], [false, true]);
  });

  test("a change that has begun comes to its end", async () => {
    const slow = meddled(await own.connect(), RELOAD, () => sleep(400)).managed;
    assert.equal((await slow.create(rule("begun"), within(300))).name, "begun");
    assert.ok(own.bytes.includes("name=begun"));
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Hooks } from "../../provider/configured-hooks";
import type { Values } from "../../provider/definition";
import { DiscreetHooks } from "../../provider/discreet-hooks";
import { PartialFailure } from "../../provider/host-errors";

const NOTE = { __secrets: [["config", "work_mem"]] };
const OPEN = { name: "shop", config: { work_mem: "hunter2" } };
const NOTED = { ...OPEN, ...NOTE };
const SAID = 'invalid value: "hunter2"';

/** Hooks that keep what they are given, and answer with it or fail. */
function hooks(failure?: Error): { discreet: Hooks; seen: Values[] } {
  const seen: Values[] = [];
  const answer = <T>(result: T, ...given: Values[]): Promise<T> => {
    seen.push(...given);
    return failure ? Promise.reject(failure) : Promise.resolve(result);
  };
  const failures = [
    { property: "config", reason: "is wrong: hunter2" },
    { property: "name", reason: "is not hunter2" },
  ];
  const inner: Hooks = {
    configure: () => Promise.resolve(),
    check: (olds, news) => answer({ inputs: news, failures }, olds, news),
    diff: (_, olds, news) => answer({ changes: false, replaces: [], deleteBeforeReplace: true }, olds, news),
    create: (inputs) => answer({ id: "i", outs: inputs }, inputs),
    read: (id, props) => answer({ id, props, inputs: props }, props),
    update: (_, olds, news) => answer({ outs: news }, olds, news),
    delete: (_, props) => answer(undefined, props),
  };
  return { discreet: new DiscreetHooks(inner), seen };
}

describe("hooks that tell no secret", () => {
  it("keep from the hooks where secrets are, and keep it in inputs and outputs", async () => {
    const { discreet, seen } = hooks();
    assert.deepEqual((await discreet.check(NOTED, NOTED)).inputs, NOTED);
    await discreet.diff("i", NOTED, NOTED);
    assert.deepEqual(await discreet.create(NOTED), { id: "i", outs: NOTED });
    assert.deepEqual(await discreet.read("i", NOTED), { id: "i", props: NOTED, inputs: NOTED });
    assert.deepEqual(await discreet.update("i", OPEN, NOTED), { outs: NOTED });
    await discreet.delete("i", NOTED);
    assert.equal(seen.length, 9);
    for (const values of seen) assert.deepEqual(values, OPEN);
    assert.deepEqual(
      await discreet.create(OPEN),
      { id: "i", outs: OPEN },
      "of what holds none there is nothing to keep",
    );
  });

  it("name no property with a secret, whose value the engine would print", async () => {
    const { failures } = await hooks().discreet.check({}, NOTED);
    assert.deepEqual(failures, [
      { property: "", reason: "config is wrong: [secret]" },
      { property: "name", reason: "is not [secret]" },
    ]);
  });

  it("tell errors without secrets, of what was as of what is to be", async () => {
    const { discreet } = hooks(new Error(SAID));
    const told = { message: 'invalid value: "[secret]"' };
    await assert.rejects(discreet.check({}, NOTED), told);
    await assert.rejects(discreet.diff("i", NOTED, {}), told);
    await assert.rejects(discreet.create(NOTED), told);
    await assert.rejects(discreet.read("i", NOTED), told);
    await assert.rejects(discreet.update("i", OPEN, { config: {}, ...NOTE }), told);
    await assert.rejects(discreet.delete("i", NOTED), told);
    await assert.rejects(discreet.delete("i", OPEN), { message: SAID }, "it is not marked as secret");
  });

  it("tell what was done half without secrets, and keep where they are", async () => {
    const { discreet } = hooks(new PartialFailure("i", OPEN, [SAID, "and more"]));
    await assert.rejects(discreet.create(NOTED), (error: PartialFailure) => {
      assert.deepEqual([error.id, error.properties], ["i", NOTED]);
      assert.deepEqual(error.reasons, ['invalid value: "[secret]"', "and more"]);
      return error instanceof PartialFailure && error.message === 'invalid value: "[secret]"; and more';
    });
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { Database, Sequence, type SequenceArgs } from "../../resources";
import { register, secret, settled } from "./register";

/** What the engine gets of a sequence, the provider's text left out. */
async function inputsOf(args: SequenceArgs): Promise<Record<string, unknown>> {
  const { requests } = await register(() => [new Sequence("order-no", args)]);
  const { __provider, ...inputs } = requests[0]?.properties ?? {};
  return inputs;
}

describe("a Sequence", () => {
  it("passes every attribute on", async () => {
    const args = {
      ...{ database: "shop", schema: "sales", name: "order_no", owner: "o", dataType: "bigint" as const },
      ...{ increment: "2", minValue: null, maxValue: "9", start: "5", cache: "1", cycle: true, unlogged: false },
      ...{ ownedBy: { table: "orders", column: "no" }, comment: "x", restartWith: "5", restartTrigger: "1" },
      ...{ dropCascade: true, adopt: false, dropOnDelete: null },
    };
    assert.deepEqual(await inputsOf(args), args);
  });

  it("goes with its Database", async () => {
    const { requests } = await register(() => {
      const database = new Database("shop", { dropNonEmpty: true });
      return [database, new Sequence("no", { database })];
    });
    assert.equal(requests[1]?.properties.database, "shop");
    assert.match(requests[1]?.deletedWith ?? "", /:Database::shop$/);
  });

  it("is deleted before a schema that is named, whose own delete must find it empty", async () => {
    const { requests } = await register(() => {
      const database = new Database("shop", {});
      return [database, new Sequence("no", { database, schema: "sales" })];
    });
    assert.deepEqual([requests[1]?.properties.database, requests[1]?.deletedWith], ["shop", ""]);
  });

  const table: [given: unknown, sent: unknown][] = [
    [9223372036854775807n, "9223372036854775807"],
    [-9223372036854775808n, "-9223372036854775808"],
    [0n, "0"],
    [0, "0"],
    [-0, "0"],
    [-5, "-5"],
    [Number.MAX_SAFE_INTEGER, "9007199254740991"],
    ["9007199254740993", "9007199254740993"],
    [null, null],
    // Left for `check` to refuse by name.
    [2 ** 53, 2 ** 53],
    [1.5, 1.5],
    ["x", "x"],
  ];
  for (const [given, sent] of table) {
    it(`sends ${typeof given} ${given} as ${JSON.stringify(sent)}, at once, inside an Output and inside a Promise`, async () => {
      const value = given as string;
      const args: SequenceArgs = {
        ...{ start: value, increment: pulumi.output(value), maxValue: Promise.resolve(value) },
        ...{ minValue: pulumi.output(Promise.resolve(value)), cache: pulumi.output(pulumi.output(value)) },
      };
      assert.deepEqual(await inputsOf({ ...args, restartWith: value }), {
        ...{ name: "order-no", start: sent, increment: sent, maxValue: sent, minValue: sent, cache: sent },
        restartWith: sent,
      });
    });
  }

  it("keeps a secret number a secret", async () => {
    assert.deepEqual((await inputsOf({ start: pulumi.secret(5n) })).start, secret("5"));
  });

  it("has numbers as text in its outputs", async () => {
    const { resources } = await register((): [Sequence] => [new Sequence("no", { start: 2n ** 62n, cache: 5 })]);
    const [sequence] = resources;
    const [start, cache]: (string | null | undefined)[] = [
      await settled(sequence.start),
      await settled(sequence.cache),
    ];
    assert.deepEqual([start, cache], ["4611686018427387904", "5"]);
  });
});

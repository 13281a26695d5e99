import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { Database, LargeObject, type LargeObjectArgs } from "../../resources";
import { register, secret } from "./register";

async function inputsOf(args: LargeObjectArgs): Promise<Record<string, unknown>> {
  const { requests } = await register(() => [new LargeObject("photo", args)]);
  const { __provider, ...inputs } = requests[0]?.properties ?? {};
  return inputs;
}

describe("a LargeObject", () => {
  it("passes every attribute on, and no name", async () => {
    const args = { database: "shop", oid: 16384, owner: "o", comment: null };
    assert.deepEqual(await inputsOf(args), args);
  });

  const table: [given: unknown, sent: unknown][] = [
    [16384, 16384],
    ["16384", 16384],
    ["4294967295", 4294967295],
    // Left for `check` to refuse by name.
    ["x", "x"],
    ["-1", "-1"],
    [1.5, 1.5],
  ];
  for (const [given, sent] of table) {
    it(`sends ${JSON.stringify(given)} as ${JSON.stringify(sent)}, at once, inside an Output and inside a Promise`, async () => {
      const oid = given as number;
      for (const value of [oid, pulumi.output(oid), Promise.resolve(oid)])
        assert.deepEqual(await inputsOf({ oid: value }), { oid: sent });
    });
  }

  it("keeps a secret oid a secret", async () => {
    assert.deepEqual(await inputsOf({ oid: pulumi.secret("5") }), { __secrets: [["oid"]], oid: secret(5) });
  });

  it("may be in a Database", async () => {
    const { requests } = await register(() => {
      const database = new Database("shop", {});
      return [database, new LargeObject("photo", { database, oid: 5 })];
    });
    assert.equal(requests[1]?.properties.database, "shop");
  });
});

import assert from "node:assert/strict";
import { it } from "node:test";
import { Schema } from "../../resources";
import { register } from "./register";

it("a Schema passes every attribute on", async () => {
  const args = { database: "shop", name: "sales", owner: "o", dropCascade: true, adopt: false, dropOnDelete: null };
  const { requests } = await register(() => [new Schema("sales-schema", args)]);
  const { __provider, ...inputs } = requests[0]?.properties ?? {};
  assert.deepEqual(inputs, args);
});

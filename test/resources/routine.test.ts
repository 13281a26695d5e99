import assert from "node:assert/strict";
import { it } from "node:test";
import { Database, Routine } from "../../resources";
import { register } from "./register";

it("a Routine passes every attribute on", async () => {
  const args = {
    ...{ database: "shop", schema: "sales", name: "total", arguments: "int, text", owner: "o", securityDefiner: true },
    ...{ comment: null, definition: "CREATE FUNCTION sales.total(int, text) …", allowReplace: false },
  };
  const { requests } = await register(() => [new Routine("total-of", args)]);
  const { __provider, ...inputs } = requests[0]?.properties ?? {};
  assert.deepEqual(inputs, args);
});

it("a Routine in a Database has its name, and is let go by itself", async () => {
  const { requests } = await register(() => {
    const database = new Database("shop", {});
    return [database, new Routine("total", { database })];
  });
  assert.deepEqual([requests[1]?.properties.database, requests[1]?.deletedWith], ["shop", ""]);
});

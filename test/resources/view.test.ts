import assert from "node:assert/strict";
import { it } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { Database, View } from "../../resources";
import { register } from "./register";

it("a View passes every attribute on", async () => {
  const args = {
    ...{ database: "shop", schema: "sales", name: "open", owner: "o", tablespace: null, securityBarrier: true },
    ...{ securityInvoker: false, checkOption: "local" as const, comment: null, materialized: false },
    ...{ definition: "SELECT 1", allowReplace: true },
  };
  const { requests } = await register(() => [new View("open-view", args)]);
  const { __provider, ...inputs } = requests[0]?.properties ?? {};
  assert.deepEqual(inputs, args);
});

it("a View's definition may be made of Outputs, and its database be a Database", async () => {
  const { requests } = await register(() => {
    const database = new Database("shop", {});
    const definition = pulumi.interpolate`SELECT * FROM ${database.name}.orders`;
    return [database, new View("open", { database, definition })];
  });
  assert.equal(requests[1]?.properties.definition, "SELECT * FROM shop.orders");
  assert.deepEqual([requests[1]?.properties.database, requests[1]?.deletedWith], ["shop", ""]);
});

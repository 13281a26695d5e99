import assert from "node:assert/strict";
import { it } from "node:test";
import { Database, Table } from "../../resources";
import { register } from "./register";

it("a Table passes every attribute on", async () => {
  const args = {
    ...{ database: "shop", schema: "sales", name: "orders", owner: "o", tablespace: null, rowSecurity: true },
    ...{ forceRowSecurity: false, unlogged: null, comment: "x" },
  };
  const { requests } = await register(() => [new Table("orders-table", args)]);
  const { __provider, ...inputs } = requests[0]?.properties ?? {};
  assert.deepEqual(inputs, args);
});

it("a Table in a Database has its name, and is let go by itself", async () => {
  const { requests } = await register(() => {
    const database = new Database("shop", {});
    return [database, new Table("orders", { database })];
  });
  assert.deepEqual([requests[1]?.properties.database, requests[1]?.deletedWith], ["shop", ""]);
});

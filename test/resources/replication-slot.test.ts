import assert from "node:assert/strict";
import { it } from "node:test";
import { Database, ReplicationSlot, type ReplicationSlotArgs } from "../../resources";
import { register } from "./register";

const OPTIONS = { allowReplace: true, terminateOnDelete: false, adopt: true, dropOnDelete: null };
const ALL: ReplicationSlotArgs[] = [
  { type: "logical", name: "cdc", database: "shop", plugin: "pgoutput", twoPhase: true, failover: false, ...OPTIONS },
  { type: "physical", name: "standby", immediatelyReserve: true, ...OPTIONS },
];
for (const args of ALL) {
  it(`a ${args.type} ReplicationSlot passes every attribute on`, async () => {
    const { requests } = await register(() => [new ReplicationSlot("slot", args)]);
    const { __provider, ...inputs } = requests[0]?.properties ?? {};
    assert.deepEqual(inputs, args);
  });
}

it("a Database gives its name; the slot is dropped by itself, so that what guards its drop holds", async () => {
  const { requests } = await register(() => {
    const database = new Database("shop-db", { name: "shop" });
    return [database, new ReplicationSlot("cdc", { type: "logical", database, plugin: "pgoutput" })];
  });
  const slot = requests.find(({ name }) => name === "cdc");
  assert.deepEqual([slot?.properties.database, slot?.deletedWith], ["shop", ""]);
});

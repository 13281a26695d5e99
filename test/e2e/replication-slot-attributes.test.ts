import assert from "node:assert/strict";
import { databaseWithSlot, onEveryReplicatingStack, outputsOf } from "./slots";
import { type Stack, uniqueName } from "./stack";

/** What the catalogue says of the attributes of a slot that are fixed at its creation. */
async function fixedOf(stack: Stack, name: string): Promise<unknown> {
  const failover = stack.server.version >= 17 ? "failover" : "false AS failover";
  const [row] = await stack.sql(
    `SELECT slot_type AS type, plugin, two_phase AS "twoPhase", ${failover}, restart_lsn IS NOT NULL AS reserved
       FROM pg_replication_slots WHERE slot_name = $1`,
    [name],
  );
  return row;
}

onEveryReplicatingStack("each attribute of a slot: made as declared, no drift, and never changed", async (stack) => {
  const { name, declared } = databaseWithSlot("each");
  const [standby, lazy] = [`${name}_p`, `${name}_q`];
  const cdc = declared.cdc!;
  declared.standby = { type: "ReplicationSlot", args: { type: "physical", name: standby, immediatelyReserve: true } };
  declared.lazy = { type: "ReplicationSlot", args: { type: "physical", name: lazy } };
  Object.assign(cdc.args, { plugin: "test_decoding", twoPhase: true, failover: true });
  await stack.declare(declared);
  const known = stack.server.version >= 17;
  if (!known) {
    // What the server is too old for is said before anything is made of it; the others are made.
    assert.match(await stack.fails("up"), /cannot create: failover needs PostgreSQL 17 or newer; the server runs 1\d/);
    assert.equal(await fixedOf(stack, name), undefined);
    cdc.args.failover = false;
    await stack.declare(declared);
  }
  await stack.up({ create: known ? 6 : 1 });
  assert.deepEqual(await fixedOf(stack, name), {
    ...{ type: "logical", plugin: "test_decoding", twoPhase: true, failover: known, reserved: true },
  });
  const physical = { type: "physical", plugin: null, twoPhase: false, failover: false };
  assert.deepEqual(await fixedOf(stack, standby), { ...physical, reserved: true });
  assert.deepEqual(await fixedOf(stack, lazy), { ...physical, reserved: false });
  const outputs = await outputsOf(stack, "cdc");
  assert.deepEqual([outputs.plugin, outputs.twoPhase, outputs.failover], ["test_decoding", true, known]);
  assert.match(String(outputs.restartLsn), /^[0-9A-F]+\/[0-9A-F]+$/);
  await stack.preview({});
  await stack.preview({}, { refresh: true });

  // Two that are declared are compared in preview; what was declared once and is not any more stays.
  const { args } = cdc;
  for (const change of [{ twoPhase: false }, { failover: !known }]) {
    const [[attribute, to] = []] = Object.entries(change);
    await stack.declare({ ...declared, cdc: { ...cdc, args: { ...args, ...change } } });
    const sentence = `${attribute} is ${!to} and cannot become ${to} in place\\. Set allowReplace: true`;
    assert.match(await stack.fails("preview"), new RegExp(sentence));
  }
  await stack.declare({ ...declared, cdc: { ...cdc, args: { ...args, twoPhase: undefined, failover: undefined } } });
  await stack.workspace.up();
  await stack.preview({}, { refresh: true });
  assert.deepEqual(await fixedOf(stack, name), {
    ...{ type: "logical", plugin: "test_decoding", twoPhase: true, failover: known, reserved: true },
  });
  await stack.destroy();
  for (const gone of [name, standby, lazy]) assert.equal(await fixedOf(stack, gone), undefined);
});

onEveryReplicatingStack("what a delete may do is changed of a physical slot as of any other", async (stack) => {
  const name = uniqueName("standby");
  const slot = (args: object) =>
    ({ slot: { type: "ReplicationSlot", args: { type: "physical", name, ...args } } }) as const;
  await stack.declare(slot({}));
  await stack.up({ create: 3 });
  await stack.declare(slot({ terminateOnDelete: true }));
  await stack.up({ update: 1 });
  await stack.preview({}, { refresh: true });
  await stack.destroy();
});

import assert from "node:assert/strict";
import { databaseWithSlot, onEveryReplicatingStack, publish, slotOf, whileReading } from "./slots";
import { onEveryStack, type Program, uniqueName } from "./stack";

onEveryReplicatingStack(
  "an active slot is not deleted, unless its consumer may be ended, however fast it returns",
  async (stack) => {
    const { name, declared } = databaseWithSlot("active");
    await stack.declare(declared);
    await stack.up({ create: 4 });
    const insert = await publish(stack, name);
    const { cdc, shop } = declared;
    await whileReading(stack, { database: name, slot: name, reconnect: true }, async (consumer, reader) => {
      await insert(1, 1000);
      await consumer.until(() => consumer.received.length === 1000);
      await stack.declare({ shop: shop! });
      const { pid } = (await slotOf(stack, name)) ?? {};
      assert.match(
        await stack.fails("up"),
        new RegExp(
          `cannot drop: it is active: pid ${pid} of ${reader} \\(feed\\).* reads from it\\. Stop the consumer, or set terminateOnDelete`,
        ),
      );
      // Nor with its database, which is then left alone as well.
      assert.match(await stack.fails("destroy"), new RegExp(`it is active: pid ${pid} of ${reader}`));
      await insert(1001, 1010);
      await consumer.until(() => consumer.received.length === 1010);
      assert.equal(consumer.streams, 1, "a refusal ends nobody");

      cdc!.args.terminateOnDelete = true;
      await stack.declare(declared);
      await stack.up({ update: 1 });
      await stack.declare({ shop: shop! });
      if (!stack.role.superuser) {
        assert.match(await stack.fails("up"), new RegExp(`it takes GRANT pg_signal_backend TO "${stack.role.name}"`));
        await stack.sql(`GRANT pg_signal_backend TO ${stack.role.name}`);
      }
      await stack.up({ delete: 1 });
      assert.equal(await slotOf(stack, name), undefined);
      await consumer.until(() => /does not exist/.test(consumer.ended));

      // The same with its database in one go: the slot goes first.
      const { streams } = consumer;
      await stack.declare(declared);
      await stack.up({ create: 1 });
      await consumer.until(() => consumer.streams > streams);
      shop!.args.forceDrop = true; // for the consumer, which comes back to the database even without a slot
      await stack.declare(declared);
      await stack.up({ update: 1 });
      await stack.destroy();
      assert.equal(await slotOf(stack, name), undefined);
      if (!stack.role.superuser) await stack.sql(`REVOKE pg_signal_backend FROM ${stack.role.name}`);
    });
  },
);

onEveryReplicatingStack(
  "a slot that is there already is adopted as it is, and released; another one never",
  async (stack) => {
    const name = uniqueName("adopt");
    await stack.sql(`CREATE DATABASE ${name} OWNER ${stack.role.name}`);
    await stack.sql(`SELECT pg_create_logical_replication_slot('${name}', 'pgoutput')`, [], name);
    const before = await slotOf(stack, name);
    const slot = (args: Record<string, unknown>): Program => ({
      cdc: { type: "ReplicationSlot", args: { name, ...args } },
    });
    const mine = { type: "logical", database: name, plugin: "pgoutput" };
    const others: [args: Record<string, unknown>, reason: RegExp][] = [
      [{ ...mine, plugin: "test_decoding" }, /it exists already, but its plugin is "pgoutput", not "test_decoding"/],
      [{ type: "physical" }, /it exists already, but its type is "logical", not "physical"/],
      [{ ...mine, database: "postgres" }, new RegExp(`it exists already, but it is in database "${name}"`)],
      [{ ...mine, twoPhase: true }, /it exists already, but its twoPhase is false, not true/],
    ];
    for (const [args, reason] of others) {
      for (const adopt of [false, true]) {
        await stack.declare(slot({ ...args, adopt }));
        assert.match(await stack.fails("up"), reason);
      }
    }
    await stack.declare(slot(mine));
    assert.match(await stack.fails("up"), /cannot create: it exists already\. Set adopt: true/);

    await stack.declare(slot({ ...mine, adopt: true }));
    const { exitCode, output } = await stack.workspace.up();
    assert.equal(exitCode, 0, output);
    assert.deepEqual(await slotOf(stack, name), before);
    await stack.preview({}, { refresh: true });
    await stack.declare({});
    await stack.up({ delete: 1 });
    assert.deepEqual(await slotOf(stack, name), before, "released");

    await stack.declare(slot({ ...mine, adopt: true, dropOnDelete: true }));
    await stack.up({ create: 1 });
    await stack.destroy();
    assert.equal(await slotOf(stack, name), undefined);
    await stack.sql(`DROP DATABASE ${name}`);
  },
);

onEveryReplicatingStack("what failed is finished by the next up", async (stack) => {
  const { name, declared } = databaseWithSlot("resume");
  const physical = `${name}_p`;
  declared.standby = { type: "ReplicationSlot", args: { type: "physical", name: physical, immediatelyReserve: true } };
  const { cdc } = declared;

  // Of three objects one cannot be made: the others are, and are not made again.
  cdc!.args.plugin = "no_such_plugin";
  await stack.declare(declared);
  assert.match(
    await stack.fails("up"),
    /cannot create: .*no_such_plugin.*\. Install the output plugin on the server, or use/,
  );
  assert.equal((await slotOf(stack, physical))?.type, "physical");
  cdc!.args.plugin = "pgoutput";
  await stack.declare(declared);
  await stack.up({ create: 1 });
  await stack.preview({}, { refresh: true });

  // A replacement that got as far as the drop.
  Object.assign(cdc!.args, { plugin: "no_such_plugin", allowReplace: true });
  await stack.declare(declared);
  assert.match(await stack.fails("up"), /cannot create: .*no_such_plugin/);
  assert.equal(await slotOf(stack, name), undefined);
  cdc!.args.plugin = "pgoutput";
  await stack.declare(declared);
  const { exitCode, output } = await stack.workspace.up();
  assert.equal(exitCode, 0, output);
  assert.equal((await slotOf(stack, name))?.plugin, "pgoutput");
  await stack.preview({}, { refresh: true });

  // A transaction that runs for longer than the resource may take.
  const late = `${name}_late`;
  const args = { ...cdc!.args, name: late };
  declared.late = { type: "ReplicationSlot", args, options: { customTimeouts: { create: "500ms" } } };
  const writer = await stack.session(name);
  await writer.query("BEGIN; CREATE TABLE unfinished ()");
  await stack.declare(declared);
  assert.match(await stack.fails("up"), /cannot create: .*It took longer than customTimeouts\.create \(500ms\)/);
  assert.equal(await slotOf(stack, late), undefined);
  await writer.query("ROLLBACK");
  await writer.end();
  declared.late.options = {};
  await stack.declare(declared);
  await stack.up({ create: 1 });

  // What counts at creation alone is not looked at again.
  declared.standby.args.immediatelyReserve = false;
  await stack.declare(declared);
  await stack.preview({});
  await stack.destroy();
  for (const gone of [name, physical, late]) assert.equal(await slotOf(stack, gone), undefined);
});

onEveryStack("without the REPLICATION attribute the missing right is named, and then the next up", async (stack) => {
  const { name, declared } = databaseWithSlot("right");
  const replication = (word: string) => stack.sql(`ALTER ROLE ${stack.role.name} ${word}`);
  const right = new RegExp(`let an administrator run ALTER ROLE "${stack.role.name}" REPLICATION`);
  await stack.declare(declared);
  if (!stack.role.superuser) {
    assert.match(await stack.fails("up"), right);
    await replication("REPLICATION");
  }
  await stack.workspace.up();
  assert.equal((await slotOf(stack, name))?.plugin, "pgoutput");
  if (!stack.role.superuser) {
    await replication("NOREPLICATION");
    await stack.preview({}, { refresh: true });
    assert.match(await stack.fails("destroy"), right);
    await replication("REPLICATION");
  }
  await stack.destroy();
  if (!stack.role.superuser) await replication("NOREPLICATION");
  assert.equal(await slotOf(stack, name), undefined);
});

import assert from "node:assert/strict";
import { ObjectInUseError, PermissionError, RefusedError } from "../../../provider";
import { uniqueName } from "../../support/postgres-fixture";
import { asRestricted, failure } from "../scene";
import { asEachReplicator, consuming, publishing, slotRow } from "./slot-scene";

asEachReplicator("an active slot is not dropped, and who reads from it is named", async (scene) => {
  const { here, database, slot: name, insert } = await publishing(scene);
  const slot = await here.replicationSlots.create({ type: "logical", name, plugin: "pgoutput" });
  await consuming(scene, { database, slot: name }, async (consumer) => {
    const [[pid] = []] = await scene.ask("SELECT active_pid FROM pg_replication_slots WHERE slot_name = $1", [name]);
    const refused = await failure(slot.drop(), ObjectInUseError);
    const at = scene.deployer.superuser ? " at 127.0.0.1" : "";
    assert.equal(
      refused.message,
      `replication slot "${name}": cannot drop: it is active: pid ${pid} of postgres (feed)${at} reads from it. ` +
        "Stop the consumer, or set terminateOnDelete: true (and apply it) to end it with the drop",
    );
    await insert(1, 10);
    await consumer.until(() => consumer.received.length === 10);
    assert.equal(consumer.streams, 1, "the refusal ends nothing");
  });
});

asEachReplicator("terminateOnDelete wins against consumers that come back at once", async (scene) => {
  const { cluster, here, database, slot: name, insert } = await publishing(scene);
  // Of another role, whose sessions the lesser deployer may end only as a member of pg_signal_backend.
  const reader = { name: uniqueName("reader"), password: "reads" };
  await scene.ask(`CREATE ROLE ${reader.name} LOGIN REPLICATION PASSWORD '${reader.password}'`);
  const credentials = { user: reader.name, password: reader.password };
  const slot = await here.replicationSlots.create({ type: "logical", name, plugin: "pgoutput" });
  const as = { database, slot: name, reconnect: true, ...credentials };
  await consuming(scene, as, async (first) => {
    await insert(1, 1000);
    await first.until(() => first.received.length >= 1000);
    if (!scene.deployer.superuser) {
      const refused = await failure(slot.drop({ terminateOnDelete: true }), PermissionError);
      assert.match(refused.message, new RegExp(`GRANT pg_signal_backend TO "${scene.deployer.name}"`));
      assert.equal((await slotRow(scene, name))?.[4], true);
      await scene.ask(`GRANT pg_signal_backend TO ${scene.deployer.name}`);
    }
    try {
      for (let round = 1; round <= 5; round++) {
        const { streams } = first;
        const seen = await cluster.replicationSlots.get(name);
        await seen.drop({ terminateOnDelete: true });
        assert.equal(await slotRow(scene, name), undefined);
        await first.until(() => /does not exist/.test(first.ended));
        await here.replicationSlots.create({ type: "logical", name, plugin: "pgoutput" });
        await first.until(() => first.streams > streams);
        await insert(round, round);
      }
      // Several that take turns: while one reads, the others try again and again.
      await consuming(scene, as, async () =>
        consuming(scene, as, async () => {
          await (await cluster.replicationSlots.get(name)).drop({ terminateOnDelete: true });
          assert.equal(await slotRow(scene, name), undefined);
        }),
      );
    } finally {
      if (!scene.deployer.superuser) await scene.ask(`REVOKE pg_signal_backend FROM ${scene.deployer.name}`);
    }
  });
});

asRestricted("without the REPLICATION attribute: the right that is missing, and no consumer ended", async (scene) => {
  const { cluster, here, database, slot: name, insert } = await publishing(scene);
  const right = new RegExp(`let an administrator run ALTER ROLE "${scene.deployer.name}" REPLICATION`);
  for (const wanted of [
    { type: "logical", name, plugin: "pgoutput" },
    { type: "physical", name },
  ] as const) {
    const refused = await failure(here.replicationSlots.create(wanted), PermissionError);
    assert.match(refused.message, /^replication slot ".*": cannot create: .*replication/);
    assert.match(refused.message, right);
  }
  await scene.ask("SELECT pg_create_logical_replication_slot($1, 'pgoutput')", [name], database);
  const slot = await cluster.replicationSlots.get(name); // everybody may look
  assert.match((await failure(slot.drop(), PermissionError)).message, right);
  await scene.ask(`GRANT pg_signal_backend TO ${scene.deployer.name}`);
  const reader = { user: uniqueName("reader"), password: "reads" };
  await scene.ask(`CREATE ROLE ${reader.user} LOGIN REPLICATION PASSWORD '${reader.password}'`);
  await consuming(scene, { database, slot: name, ...reader }, async (consumer) => {
    assert.match((await failure(slot.drop({ terminateOnDelete: true }), PermissionError)).message, right);
    await insert(1, 10);
    await consumer.until(() => consumer.received.length === 10);
    assert.equal(consumer.streams, 1);
  });
  await scene.ask(`REVOKE pg_signal_backend FROM ${scene.deployer.name}`);
});

asEachReplicator("a database with slots is not dropped for them unless both options allow it", async (scene) => {
  const { cluster, here, database, slot: name } = await publishing(scene);
  await scene.ask("DROP TABLE t", [], database);
  const found = () => cluster.databases.get(database);
  const idle = await here.replicationSlots.create({ type: "logical", name: `${name}_idle`, plugin: "pgoutput" });
  const refused = await failure((await found()).drop({ forceDrop: true }), RefusedError);
  assert.equal(
    refused.message,
    `database "${database}": cannot drop: it has replication slots, whose position in the stream would be lost ` +
      `(${idle.name}). Drop them first, or set dropNonEmpty: true (and apply it) to drop them with the database`,
  );
  await here.replicationSlots.create({ type: "logical", name, plugin: "pgoutput" });
  const reader = { user: uniqueName("reader"), password: "reads" };
  await scene.ask(`CREATE ROLE ${reader.user} LOGIN REPLICATION PASSWORD '${reader.password}'`);
  await consuming(scene, { database, slot: name, reconnect: true, ...reader }, async () => {
    const both = await failure((await found()).drop(), RefusedError);
    assert.match(
      both.message,
      new RegExp(`\\(${name}: pid \\d+ of ${reader.user} \\(feed\\).* reads from it, ${idle.name}\\)`),
    );
    const sessions = await failure((await found()).drop({ dropNonEmpty: true }), ObjectInUseError);
    assert.match(sessions.message, new RegExp(`other sessions are in it: pid \\d+ of ${reader.user} \\(feed\\)`));
    if (!scene.deployer.superuser) await scene.ask(`GRANT pg_signal_backend TO ${scene.deployer.name}`);
    await (await found()).drop({ dropNonEmpty: true, forceDrop: true });
  });
  if (!scene.deployer.superuser) await scene.ask(`REVOKE pg_signal_backend FROM ${scene.deployer.name}`);
  assert.equal(await cluster.databases.has(database), false);
  assert.deepEqual([await slotRow(scene, name), await slotRow(scene, idle.name)], [undefined, undefined]);
});

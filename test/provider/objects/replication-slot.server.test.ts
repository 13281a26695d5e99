import assert from "node:assert/strict";
import {
  AlreadyExistsError,
  InvalidValueError,
  NotFoundError,
  PermissionError,
  PostgresError,
  RefusedError,
} from "../../../provider";
import { uniqueName } from "../../support/postgres-fixture";
import { failure } from "../scene";
import { asEachReplicator, consuming, publishing, slotRow } from "./slot-scene";

const NOTHING_MOVES = { active: false, activePid: null, safeWalSize: null, invalidationReason: null };

asEachReplicator("a logical slot: made, found, listed, scripted, dropped", async (scene) => {
  const { cluster, here, database, slot: name } = await publishing(scene);
  assert.equal(await cluster.replicationSlots.has(name), false);
  const slot = await here.replicationSlots.create({ type: "logical", name, plugin: "pgoutput", twoPhase: true });
  assert.deepEqual(await slotRow(scene, name), ["logical", "pgoutput", database, true, false]);
  const [positions] = await scene.ask(
    "SELECT restart_lsn::text, confirmed_flush_lsn::text, datoid::int FROM pg_replication_slots WHERE slot_name = $1",
    [name],
  );
  const [restartLsn, confirmedFlushLsn, databaseOid] = positions!;
  assert.deepEqual(
    { ...slot },
    {
      ...{ type: "logical", name, database, plugin: "pgoutput", twoPhase: true, failover: false },
      ...{ ...NOTHING_MOVES, restartLsn, confirmedFlushLsn, walStatus: "reserved", databaseOid },
    },
  );
  assert.ok(typeof restartLsn === "string" && !("oid" in { ...slot }));

  // Seen from every database, made in the one that is named.
  const second = `${name}_2`;
  await cluster.replicationSlots.create({ type: "logical", name: second, plugin: "pgoutput", database });
  assert.deepEqual(await slotRow(scene, second), ["logical", "pgoutput", database, false, false]);
  const listed: string[] = [];
  for await (const found of here.replicationSlots) if (found.name.startsWith(name)) listed.push(found.name);
  assert.deepEqual(listed, [name, second]);

  await slot.alter({ name, plugin: "pgoutput", twoPhase: true, terminateOnDelete: true }); // all as it is
  assert.match(
    (await failure(slot.alter({ twoPhase: false }), RefusedError)).message,
    /cannot alter: twoPhase is true and cannot become false in place.*loss of its position in the stream/,
  );
  const copy = `${name}_copy`;
  const plain = await scene.client(database, scene.deployer);
  await plain.query(await slot.script({ name: copy }));
  assert.deepEqual(await slotRow(scene, copy), ["logical", "pgoutput", database, true, false]);
  for (const gone of [name, second, copy]) {
    await (await cluster.replicationSlots.get(gone)).drop();
    assert.equal(await slotRow(scene, gone), undefined);
  }
  assert.equal(
    (await failure(slot.refresh(), NotFoundError)).message,
    `replication slot "${name}": does not exist any more`,
  );
  await failure(slot.drop(), NotFoundError);
});

asEachReplicator("a physical slot, with WAL kept from the start or not", async (scene) => {
  const cluster = await scene.connect();
  const [name, reserving] = [uniqueName("phys"), uniqueName("phys")];
  const slot = await cluster.replicationSlots.create({ type: "physical", name });
  assert.deepEqual(await slotRow(scene, name), ["physical", null, null, false, false]);
  assert.deepEqual(
    { ...slot },
    {
      ...{ type: "physical", name, database: null, plugin: null, twoPhase: false, failover: false },
      ...{ ...NOTHING_MOVES, restartLsn: null, confirmedFlushLsn: null, walStatus: null, databaseOid: null },
    },
  );
  const other = await cluster.replicationSlots.create({ type: "physical", name: reserving, immediatelyReserve: true });
  assert.match(other.restartLsn ?? "", /^[0-9A-F]+\/[0-9A-F]+$/);
  const plain = await scene.client("postgres", scene.deployer);
  await slot.drop();
  await plain.query(await slot.script());
  assert.deepEqual(await slotRow(scene, name), ["physical", null, null, false, false]);
  for (const one of [slot, other]) await one.drop();
});

asEachReplicator("failover where the server knows it", async (scene) => {
  const { here, slot: name } = await publishing(scene);
  const wanted = { type: "logical", name, plugin: "pgoutput", failover: true } as const;
  if (scene.server.version < 17) {
    const refused = await failure(here.replicationSlots.create(wanted), InvalidValueError);
    assert.match(refused.message, /cannot create: failover needs PostgreSQL 17 or newer; the server runs 1\d/);
    const slot = await here.replicationSlots.create({ ...wanted, failover: false });
    assert.equal(slot.failover, false);
    return;
  }
  const slot = await here.replicationSlots.create(wanted);
  assert.equal(slot.failover, true);
  assert.deepEqual(await scene.ask("SELECT failover FROM pg_replication_slots WHERE slot_name = $1", [name]), [[true]]);
});

asEachReplicator("what the stream does is shown, and is no difference", async (scene) => {
  const { here, database, slot: name, insert } = await publishing(scene);
  const slot = await here.replicationSlots.create({ type: "logical", name, plugin: "pgoutput" });
  const before = slot.confirmedFlushLsn;
  await insert(1, 1000);
  await consuming(scene, { database, slot: name }, async (consumer) => {
    await insert(1001, 2000);
    await consumer.until(() => consumer.received.length === 2000);
    assert.deepEqual(consumer.received.slice(998, 1002), ["999", "1000", "1001", "1002"]);
    await slot.refresh();
    const [[pid] = []] = await scene.ask("SELECT active_pid FROM pg_replication_slots WHERE slot_name = $1", [name]);
    assert.deepEqual([slot.active, slot.activePid], [true, pid]);
    await slot.alter({ type: "logical", plugin: "pgoutput" });
    assert.notEqual(slot.confirmedFlushLsn, before);
    assert.equal(consumer.streams, 1, "nobody is disturbed");
  });
});

asEachReplicator("what a slot holds back, and its consumer ended", async (scene) => {
  const { here, database, slot: name } = await publishing(scene);
  const slot = await here.replicationSlots.create({ type: "logical", name, plugin: "pgoutput" });
  const [[catalogXmin] = []] = await scene.ask(
    "SELECT catalog_xmin::text FROM pg_replication_slots WHERE slot_name = $1",
    [name],
  );
  assert.deepEqual(await slot.horizon(), { xmin: null, catalogXmin: Number(catalogXmin) });
  assert.equal(await slot.disconnect(), false, "nobody is there");
  await consuming(scene, { database, slot: name }, async (consumer) => {
    if (!scene.deployer.superuser) return void (await failure(slot.disconnect(), PermissionError));
    assert.equal(await slot.disconnect(), true);
    await consumer.until(() => consumer.ended !== "");
    await slot.refresh();
    assert.deepEqual([slot.active, slot.activePid], [false, null]);
  });
  await slot.drop({ terminateOnDelete: scene.deployer.superuser });
  await failure(slot.horizon(), NotFoundError);
  await failure(slot.disconnect(), NotFoundError);
});

asEachReplicator("what is there already: of this name, of another kind, of a session", async (scene) => {
  const { here, database, slot: name } = await publishing(scene);
  const slot = await here.replicationSlots.create({ type: "logical", name, plugin: "pgoutput" });
  const there = await failure(here.replicationSlots.create({ type: "physical", name }), AlreadyExistsError);
  assert.equal(there.sqlstate, "42710");
  // Made again by hand, as something else: not the one that was looked at.
  await scene.ask("SELECT pg_drop_replication_slot($1)", [name]);
  await scene.ask("SELECT pg_create_physical_replication_slot($1)", [name]);
  await failure(slot.refresh(), NotFoundError);
  await failure(slot.drop({ terminateOnDelete: true }), NotFoundError);
  assert.deepEqual(await slotRow(scene, name), ["physical", null, null, false, false]);
  await scene.ask("SELECT pg_drop_replication_slot($1)", [name]);

  const session = await scene.client(database);
  await session.query(`SELECT pg_create_logical_replication_slot('${name}', 'pgoutput', true)`);
  assert.equal(await here.replicationSlots.has(name), false, "a session's own");
  const held = await failure(
    here.replicationSlots.create({ type: "logical", name, plugin: "pgoutput" }),
    AlreadyExistsError,
  );
  assert.match(held.message, /cannot create: .*already exists\. A session holds a temporary slot of this name, or/);
});

asEachReplicator("values that no slot takes, and a plugin that the server has not", async (scene) => {
  const { here, slot: name } = await publishing(scene);
  const wrong: [properties: object, message: RegExp][] = [
    [{ type: "logical", name: "My-Slot", plugin: "pgoutput" }, /^name must be 1 to 63 lower-case letters/],
    [{ type: "logical", name }, /cannot create: plugin is missing: a logical slot needs one, such as pgoutput/],
    [{ type: "physical", name, plugin: "pgoutput" }, /cannot create: plugin is an attribute of logical slots/],
    [{ name }, /cannot create: type is missing/],
    [{ type: "logical", name, plugin: "pgoutput", temporary: true }, /has no attribute "temporary"/],
  ];
  for (const [properties, message] of wrong) {
    const refused = await failure(here.replicationSlots.create(properties as never), InvalidValueError);
    assert.match(refused.message, message);
  }
  const missing = await failure(
    here.replicationSlots.create({ type: "logical", name, plugin: "no_such_plugin" }),
    PostgresError,
  );
  assert.match(missing.message, /no_such_plugin.*\. Install the output plugin on the server, or use pgoutput/);
  assert.equal(await slotRow(scene, name), undefined, "nothing is left of it");
});

asEachReplicator("a slot stays where it is when its database is renamed", async (scene) => {
  const { cluster, here, database, slot: name } = await publishing(scene);
  const slot = await here.replicationSlots.create({ type: "logical", name, plugin: "pgoutput" });
  const renamed = uniqueName("renamed");
  await (await cluster.databases.get(database)).alter({ name: renamed });
  const found = await cluster.replicationSlots.get(name);
  assert.deepEqual({ ...found }, { ...slot, database: renamed });
  await found.drop();
  await (await cluster.databases.get(renamed)).alter({ name: database });
});

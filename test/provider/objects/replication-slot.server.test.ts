import assert from "node:assert/strict";
import {
  AlreadyExistsError,
  InvalidValueError,
  NotFoundError,
  ObjectInUseError,
  PermissionError,
  PostgresError,
  RefusedError,
} from "../../../provider";
import { replicationSlotType } from "../../../provider/objects/replication-slot";
import { create } from "../../../provider/reconcile";
import { Consumer, type ConsumerOptions } from "../../support/consumer";
import { freshDatabase, uniqueName } from "../../support/postgres-fixture";
import { asEachDeployer, asRestricted, failure, onEachServer, type Scene } from "../scene";

/** The core, and a database with a table that is published. */
async function publishing(scene: Scene) {
  const { name: database } = await freshDatabase(scene.server, { owner: scene.deployer.name });
  const cluster = await scene.connect();
  await scene.ask("CREATE TABLE t (a int)", [], database);
  await scene.ask("CREATE PUBLICATION p FOR TABLE t", [], database);
  const insert = (from: number, to: number) =>
    scene.ask("INSERT INTO t SELECT generate_series($1::int, $2)", [from, to], database);
  return { cluster, here: cluster.in(database), database, slot: uniqueName("slot"), insert };
}

/** The row of a slot in the catalogue, by plain pg. */
async function row(scene: Scene, name: string): Promise<unknown[] | undefined> {
  const columns = "slot_type, plugin::text, database::text, two_phase, active";
  return (await scene.ask(`SELECT ${columns} FROM pg_replication_slots WHERE slot_name = $1`, [name]))[0];
}

/** Runs a body once a consumer of a slot reads, or has tried to in vain. The consumer is stopped afterwards. */
async function consuming(
  scene: Scene,
  { database, slot, ...rest }: Partial<ConsumerOptions> & { database: string; slot: string },
  body: (consumer: Consumer) => Promise<void>,
): Promise<void> {
  const { host, port, superuser: user, password } = scene.server;
  const consumer = new Consumer({
    ...{ host, port, user, password, database, slot, publication: "p", applicationName: "feed" },
    ...rest,
  });
  try {
    await consumer.until(() => consumer.streams > 0 || /is active/.test(consumer.ended));
    await body(consumer);
  } finally {
    await consumer.stop();
  }
}

/** A test as each deployer, the lesser of which has just the REPLICATION attribute on top. */
function asEachReplicator(title: string, body: (scene: Scene) => Promise<void>): void {
  asEachDeployer(title, async (scene) => {
    const { name, superuser } = scene.deployer;
    if (superuser) return body(scene);
    await scene.ask(`ALTER ROLE ${name} REPLICATION`);
    try {
      await body(scene);
    } finally {
      await scene.ask(`ALTER ROLE ${name} NOREPLICATION`);
    }
  });
}

const NOTHING_MOVES = { active: false, activePid: null, safeWalSize: null, invalidationReason: null };

asEachReplicator("a logical slot: made, found, listed, scripted, dropped", async (scene) => {
  const { cluster, here, database, slot: name } = await publishing(scene);
  assert.equal(await cluster.replicationSlots.has(name), false);
  const slot = await here.replicationSlots.create({ type: "logical", name, plugin: "pgoutput", twoPhase: true });
  assert.deepEqual(await row(scene, name), ["logical", "pgoutput", database, true, false]);
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
  assert.deepEqual(await row(scene, second), ["logical", "pgoutput", database, false, false]);
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
  assert.deepEqual(await row(scene, copy), ["logical", "pgoutput", database, true, false]);
  for (const gone of [name, second, copy]) {
    await (await cluster.replicationSlots.get(gone)).drop();
    assert.equal(await row(scene, gone), undefined);
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
  assert.deepEqual(await row(scene, name), ["physical", null, null, false, false]);
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
  assert.deepEqual(await row(scene, name), ["physical", null, null, false, false]);
  for (const one of [slot, other]) await one.drop();
});

asEachReplicator("failover where the server knows it", async (scene) => {
  const { here, slot: name } = await publishing(scene);
  const wanted = { type: "logical", name, plugin: "pgoutput", failover: true } as const;
  if (scene.server.version < 17) {
    const refused = await failure(here.replicationSlots.create(wanted), InvalidValueError);
    assert.match(refused.message, /cannot create: failover needs PostgreSQL 17 or newer; the server runs 14/);
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
      assert.equal((await row(scene, name))?.[4], true);
      await scene.ask(`GRANT pg_signal_backend TO ${scene.deployer.name}`);
    }
    try {
      for (let round = 1; round <= 5; round++) {
        const { streams } = first;
        const seen = await cluster.replicationSlots.get(name);
        await seen.drop({ terminateOnDelete: true });
        assert.equal(await row(scene, name), undefined);
        await first.until(() => /does not exist/.test(first.ended));
        await here.replicationSlots.create({ type: "logical", name, plugin: "pgoutput" });
        await first.until(() => first.streams > streams);
        await insert(round, round);
      }
      // Several that take turns: while one reads, the others try again and again.
      await consuming(scene, as, async () =>
        consuming(scene, as, async () => {
          await (await cluster.replicationSlots.get(name)).drop({ terminateOnDelete: true });
          assert.equal(await row(scene, name), undefined);
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
  assert.deepEqual(await row(scene, name), ["physical", null, null, false, false]);
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
  assert.equal(await row(scene, name), undefined, "nothing is left of it");
});

onEachServer(
  "a create waits for the transactions that run, past lockTimeout, and not past a deadline",
  async (scene) => {
    const { database, slot: name } = await publishing(scene);
    const cluster = await scene.connect({ lockTimeout: "100ms", statementTimeout: "100ms" });
    const writer = await scene.client(database);
    const waiting = async () => {
      const sql =
        "SELECT now() - query_start > interval '300 ms' FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE $1";
      return (await scene.ask(sql, [`%pg_create_logical_replication_slot('${name}'%`]))[0]?.[0] === true;
    };
    await writer.query("BEGIN; INSERT INTO t VALUES (1)");
    const created = cluster.in(database).replicationSlots.create({ type: "logical", name, plugin: "pgoutput" });
    while (!(await waiting())) await new Promise((resolve) => setTimeout(resolve, 20));
    await writer.query("COMMIT");
    await (await created).drop();

    await writer.query("BEGIN; INSERT INTO t VALUES (2)");
    const deadline = { at: Date.now() + 300, setting: "customTimeouts.create (300ms)" };
    const desired = { type: "logical", name, plugin: "pgoutput", database };
    const late = await failure(create(cluster, replicationSlotType, desired, { deadline }), PostgresError);
    assert.match(late.message, /cannot create: .*It took longer than customTimeouts\.create \(300ms\)/);
    assert.equal(await row(scene, name), undefined, "nothing is left of it");
    await writer.query("ROLLBACK");
  },
);

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

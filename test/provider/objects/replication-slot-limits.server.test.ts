import assert from "node:assert/strict";
import test from "node:test";
import { Cluster, PostgresError } from "../../../provider";
import { replicationSlotType } from "../../../provider/objects/replication-slot";
import { create } from "../../../provider/reconcile";
import { startServer } from "../../support/postgres";
import { versions } from "../../support/versions";
import { failure, onEachServer } from "../scene";
import { publishing, slotRow } from "./slot-scene";

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
    assert.equal(await slotRow(scene, name), undefined, "nothing is left of it");
    await writer.query("ROLLBACK");
  },
);

for (const version of versions) {
  test(`PostgreSQL ${version}: a server that is not set up for slots, or has none left`, async () => {
    const settings = { wal_level: "replica", max_replication_slots: "1", max_wal_senders: "1" };
    const server = await startServer({ version, settings });
    const { superuser: user, password, port } = server;
    const cluster = await Cluster.connect({ host: "127.0.0.1", port, user, password, database: "postgres" });
    try {
      const slots = cluster.replicationSlots;
      const level = await failure(slots.create({ type: "logical", name: "cdc", plugin: "pgoutput" }), PostgresError);
      assert.match(
        level.message,
        /^replication slot "cdc": cannot create: logical decoding requires "?wal_level"? >= "?logical"?\. Set wal_level to logical .* restart the server$/,
      );
      const first = await slots.create({ type: "physical", name: "first" });
      const none = await failure(slots.create({ type: "physical", name: "second" }), PostgresError);
      assert.match(
        none.message,
        /^replication slot "second": cannot create: all replication slots are in use\. Drop a slot that nobody needs, or raise max_replication_slots and restart the server$/,
      );
      await first.drop();
      await (await slots.create({ type: "physical", name: "second" })).drop();
    } finally {
      await cluster.close();
      await server.remove();
    }
  });

  test(`PostgreSQL ${version}: a slot whose WAL is gone says so`, async () => {
    const server = await startServer({
      version,
      settings: { max_slot_wal_keep_size: "1MB", min_wal_size: "32MB", max_wal_size: "32MB" },
    });
    const { superuser: user, password, port } = server;
    const cluster = await Cluster.connect({ host: "127.0.0.1", port, user, password, database: "postgres" });
    try {
      const slot = await cluster.replicationSlots.create({ type: "logical", name: "cdc", plugin: "pgoutput" });
      assert.match(slot.safeWalSize ?? "", /^\d+$/);
      for (let switches = 0; switches < 4; switches++) {
        await cluster.execute("SELECT pg_logical_emit_message(false, 'filler', 'x'), pg_switch_wal()");
      }
      await cluster.execute("CHECKPOINT");
      await slot.refresh();
      assert.deepEqual([slot.walStatus, slot.invalidationReason], ["lost", "wal_removed"]);
      assert.equal(slot.restartLsn, null);
      await slot.drop();
    } finally {
      await cluster.close();
      await server.remove();
    }
  });
}

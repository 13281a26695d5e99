import assert from "node:assert/strict";
import { freshDatabase } from "../support/postgres-fixture";
import { asEachDeployer } from "./scene";
import { Engine } from "./through-hooks";

asEachDeployer("what the server says to a read is told with the object that was read", async (scene) => {
  const { name: database } = await freshDatabase(scene.server, { owner: scene.deployer.name });
  const cluster = await scene.connect({ lockTimeout: 300 });
  const engine = new Engine(cluster);
  const schema = await engine.create("Schema", { database, name: "s" });
  const sequence = await engine.create("Sequence", { database, schema: "s", name: "q" });
  const holder = await scene.client(database);
  await holder.query("BEGIN; LOCK TABLE pg_catalog.pg_sequence IN ACCESS EXCLUSIVE MODE");
  const reason =
    "canceling statement due to lock timeout. Another session holds a lock on it: wait for it to end, or raise the Provider's lockTimeout";
  await assert.rejects(engine.read(sequence), { message: `sequence "s"."q": cannot read: ${reason}` });
  await assert.rejects(engine.delete(sequence), { message: `sequence "s"."q": cannot drop: ${reason}` });
  await holder.query("COMMIT");
  for (const resource of [sequence, schema]) await engine.delete(resource);
  await holder.end();
  await cluster.close();
  await scene.ask(`DROP DATABASE ${database}`);
});

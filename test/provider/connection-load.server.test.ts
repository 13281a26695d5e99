/** What stands on the server at any instant while a program's worth of work goes on through the hooks. */

import assert from "node:assert/strict";
import type { Cluster } from "../../provider";
import { uniqueName } from "../support/postgres-fixture";
import { watch } from "./sampler";
import { asEachDeployer, onEachServer } from "./scene";
import { Engine, type Resource } from "./through-hooks";

/** Databases with something in them that are made, changed, copied, renamed and dropped side by side, as by an engine. */
async function work(cluster: Cluster, name: string): Promise<void> {
  const engine = new Engine(cluster);
  const owner = await engine.create("Role", { name: `${name}_owner` });
  const ownerName = `${name}_owner`;
  const one = async (number: number) => {
    const database = `${name}_${number}`;
    const made: Resource[] = [];
    const create = async (type: string, inputs: Resource["outputs"]) => {
      const resource = await engine.create(type, inputs);
      made.unshift(resource);
      return resource;
    };
    const role = await create("Role", { name: `${database}_app`, login: true, password: "s3cret" });
    let home = await create("Database", { name: database });
    const schemas = await Promise.all(
      ["a", "b", "c"].map((schema) => create("Schema", { database, name: schema, owner: ownerName })),
    );
    await Promise.all(["a", "b"].map((schema) => create("Sequence", { database, schema, name: "s", start: 5 })));
    await Promise.all([...schemas, home, role].map((resource) => engine.read(resource)));
    const copy = await create("Database", { name: `${database}_copy`, template: database });
    // Reads that meet the rename may find nothing under the old name; what counts is where they stand meanwhile.
    const reading = Promise.allSettled(schemas.map((schema) => engine.read(schema)));
    home = await engine.update(home, { name: `${database}_new` });
    await reading;
    await engine.update(role, { name: `${database}_app`, connectionLimit: 3 });
    await engine.delete(copy);
    const rest = made.filter((resource) => resource !== copy);
    await Promise.all(
      rest.filter(({ type }) => type === "Sequence").map((resource) => engine.delete(renamed(resource, database))),
    );
    await Promise.all(
      rest.filter(({ type }) => type === "Schema").map((resource) => engine.delete(renamed(resource, database))),
    );
    await engine.delete(home);
    await engine.delete(role);
  };
  await Promise.all([1, 2, 3].map(one));
  await engine.delete(owner);
}

/** The state of what lives in a database after its rename. */
function renamed(resource: Resource, database: string): Resource {
  return { ...resource, outputs: { ...resource.outputs, database: `${database}_new` } };
}

for (const maxConnections of [1, 2, 5]) {
  asEachDeployer(
    `never more than ${maxConnections} sessions while the hooks are busy, and none in the way`,
    async (scene) => {
      const [name, applicationName] = [uniqueName("load"), uniqueName("app")];
      const cluster = await scene.connect({ maxConnections, applicationName });
      const stop = await watch(scene, applicationName);
      await work(cluster, name);
      const { samples, peak, trespasses, moments } = await stop();
      assert.ok(samples > 100, `${samples} samples`);
      assert.ok(peak <= maxConnections, `${peak} at one time`);
      assert.equal(peak, maxConnections, "they are used");
      assert.deepEqual(trespasses, []);
      assert.ok(moments > 0, "no statement was seen that needs a database to itself");
      const left = await scene.ask("SELECT 1 FROM pg_database WHERE starts_with(datname, $1)", [name]);
      assert.deepEqual(left, []);
    },
  );
}

onEachServer("a COPY that is given up makes no room before its session has ended", async (scene) => {
  const user = uniqueName("copier");
  await scene.ask(`CREATE ROLE ${user} LOGIN PASSWORD 'x12345' CONNECTION LIMIT 1`);
  const cluster = await scene.connect({ user, password: "x12345", maxConnections: 1 });
  for (let i = 0; i < 10; i++) {
    await assert.rejects(
      cluster.copyTo("COPY (SELECT repeat('x', 1000) FROM generate_series(1, 1000000)) TO STDOUT", async (chunks) => {
        for await (const _ of chunks) throw new Error("enough");
      }),
      /enough/,
    );
    assert.deepEqual(await cluster.execute("SELECT 1"), [[1]]);
  }
});

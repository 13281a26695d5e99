/** The oid that a database is given, which is an output as well: declared or not, it says which database it is. */

import assert from "node:assert/strict";
import { InvalidValueError } from "../../../provider";
import { declaredOf } from "../../../provider/fields";
import { databaseType } from "../../../provider/objects/database";
import { uniqueName } from "../../support/postgres-fixture";
import { asEachDeployer, failure, onEachServer } from "../scene";
import { Engine } from "../through-hooks";

/** Above all that a server gives in a short life. */
const free = () => 2 ** 31 + Math.floor(Math.random() * (2 ** 31 - 1));

const oidOf = "SELECT oid::int8::text FROM pg_database WHERE datname = $1";

onEachServer("an oid takes PostgreSQL 15", async (scene) => {
  const cluster = await scene.connect();
  const [name, oid] = [uniqueName("given"), free()];
  if (scene.server.version < 15) {
    const old = await failure(cluster.databases.create({ name, oid }), InvalidValueError);
    assert.match(old.message, /oid needs PostgreSQL 15 or newer; the server runs 14\./);
    return;
  }
  const made = await cluster.databases.create({ name, oid });
  assert.equal(made.oid, oid);
  assert.deepEqual(await scene.ask(oidOf, [name]), [[String(oid)]]);
  const taken = await failure(cluster.databases.create({ name: uniqueName("given"), oid }), InvalidValueError);
  assert.match(taken.message, new RegExp(`OID ${oid} is already in use by database "${name}"`));
  await failure(cluster.databases.create({ name: uniqueName("given"), oid: 16_383 }), InvalidValueError);
});

asEachDeployer(
  "whether its oid is declared or not, a resource knows its database by the oid that it has",
  async (scene) => {
    if (scene.server.version < 15) return;
    const cluster = await scene.connect();
    const engine = new Engine(cluster);
    const [one, other] = [free(), free()];
    const [plain, given, adopted] = ["plain", "given", "adopted"].map(uniqueName) as [string, string, string];

    const undeclared = await engine.create("Database", { name: plain });
    assert.deepEqual(declaredOf(databaseType, undeclared.outputs), { name: plain });
    assert.deepEqual(await engine.read(undeclared), { name: plain });
    const commented = await engine.update(undeclared, { name: plain, comment: "x" });
    assert.deepEqual(await engine.read(commented), { name: plain, comment: "x" });
    assert.equal(commented.outputs.oid, undeclared.outputs.oid);

    const declared = await engine.create("Database", { name: given, oid: one });
    assert.deepEqual([declared.outputs.oid, await engine.read(declared)], [one, { name: given, oid: one }]);

    // Another database than the one that has the declared oid.
    await scene.ask(`CREATE DATABASE ${adopted} OID ${other} OWNER ${scene.deployer.name}`);
    const took = await engine.create("Database", { name: adopted, adopt: true, oid: one, comment: "y" });
    assert.equal(took.outputs.oid, other);
    assert.deepEqual(await scene.ask(`${oidOf} AND shobj_description(oid, 'pg_database') = 'y'`, [adopted]), [
      [String(other)],
    ]);
    const changed = await engine.update(took, { name: adopted, adopt: true, oid: one, comment: "z" });
    assert.equal(changed.outputs.oid, other);

    // Renamed by hand: found by the oid that it has, whatever is declared.
    await scene.ask(`ALTER DATABASE ${adopted} RENAME TO ${adopted}_2`);
    assert.equal((await engine.read(changed))?.name, `${adopted}_2`);
    const back = await engine.update(changed, { name: adopted, adopt: true, oid: one, comment: "z" });
    assert.deepEqual(await scene.ask(oidOf, [adopted]), [[String(other)]]);
    for (const resource of [declared, commented]) await engine.delete(resource);
    assert.deepEqual(await scene.ask(oidOf, [given]), []);
    await engine.delete(back); // let go of
    assert.deepEqual(await scene.ask(oidOf, [adopted]), [[String(other)]]);
  },
);

/** A role that is dropped in the run that renames its heir, or the databases that `onDelete` is about. */

import assert from "node:assert/strict";
import { freshDatabase, uniqueName } from "../../support/postgres-fixture";
import { asEachDeployer, failure, type Scene } from "../scene";
import { Engine } from "../through-hooks";

/** A role that owns a schema in a database of its own, and who owns that now. */
async function leaving(scene: Scene, engine: Engine, onDelete: { reassignOwnedTo: string; databases?: string[] }) {
  const leaver = await engine.create("Role", { name: uniqueName("leaver"), onDelete });
  const database = await freshDatabase(scene.server);
  await scene.ask(`CREATE SCHEMA s AUTHORIZATION ${leaver.outputs.name}`, [], database.name);
  await scene.ask(`GRANT CREATE ON DATABASE ${database.name} TO ${onDelete.reassignOwnedTo}`);
  const owner = async (name = database.name) =>
    (await scene.ask("SELECT nspowner::regrole::text FROM pg_namespace WHERE nspname = 's'", [], name)).flat()[0];
  return { leaver, database, owner };
}

asEachDeployer("the heir is renamed: he gets everything all the same", async (scene) => {
  const engine = new Engine(await scene.connect());
  const heir = await engine.create("Role", { name: uniqueName("heir") });
  const name = uniqueName("renamed");
  const { leaver, database, owner } = await leaving(scene, engine, { reassignOwnedTo: String(heir.outputs.name) });
  await engine.update(heir, { name });
  await engine.delete(leaver);
  assert.equal(await owner(), name);
  await database.drop();
});

asEachDeployer("the heir is renamed, and another role gets his name: the heir gets everything", async (scene) => {
  const engine = new Engine(await scene.connect());
  const heir = await engine.create("Role", { name: uniqueName("heir") });
  const other = await engine.create("Role", { name: uniqueName("other") });
  const [before, after] = [String(heir.outputs.name), uniqueName("renamed")];
  const { leaver, database, owner } = await leaving(scene, engine, { reassignOwnedTo: before });
  await engine.update(heir, { name: after });
  await engine.update(other, { name: before });
  await engine.delete(leaver);
  assert.equal(await owner(), after);
  await database.drop();
});

asEachDeployer("the heir gets the name that another role had: he gets everything, and not the other", async (scene) => {
  const engine = new Engine(await scene.connect());
  const other = await engine.create("Role", { name: uniqueName("other") });
  const heir = await engine.create("Role", { name: uniqueName("heir") });
  const before = String(other.outputs.name);
  const { leaver, database, owner } = await leaving(scene, engine, { reassignOwnedTo: String(heir.outputs.name) });
  await engine.update(other, { name: uniqueName("renamed") });
  await engine.update(heir, { name: before });
  await engine.delete(leaver);
  assert.equal(await owner(), before);
  await database.drop();
});

asEachDeployer("a rename that failed is none", async (scene) => {
  const engine = new Engine(await scene.connect());
  const heir = await engine.create("Role", { name: uniqueName("heir") });
  const other = await engine.create("Role", { name: uniqueName("other") });
  const before = String(heir.outputs.name);
  const { leaver, database, owner } = await leaving(scene, engine, { reassignOwnedTo: before });
  await failure(engine.update(heir, { name: String(other.outputs.name) }), Error);
  await engine.delete(leaver);
  assert.equal(await owner(), before);
  await database.drop();
});

asEachDeployer("a rename that was made by hand before is one of this run", async (scene) => {
  const engine = new Engine(await scene.connect());
  const heir = await engine.create("Role", { name: uniqueName("heir") });
  const name = uniqueName("renamed");
  const { leaver, database, owner } = await leaving(scene, engine, { reassignOwnedTo: String(heir.outputs.name) });
  await scene.ask(`ALTER ROLE ${heir.outputs.name} RENAME TO ${name}`);
  await engine.update(heir, { name });
  await engine.delete(leaver);
  assert.equal(await owner(), name);
  await database.drop();
});

asEachDeployer("a database of the list is renamed: it is in the list all the same", async (scene) => {
  const engine = new Engine(await scene.connect());
  const heir = await engine.create("Role", { name: uniqueName("heir") });
  const shop = await engine.create("Database", { name: uniqueName("shop"), dropNonEmpty: true });
  const onDelete = { reassignOwnedTo: String(heir.outputs.name), databases: [String(shop.outputs.name)] };
  const leaver = await engine.create("Role", { name: uniqueName("leaver"), onDelete });
  await scene.ask(`CREATE SCHEMA s AUTHORIZATION ${leaver.outputs.name}`, [], String(shop.outputs.name));
  const name = uniqueName("renamed");
  await engine.update(shop, { name, dropNonEmpty: true });
  await engine.delete(leaver);
  const owners = await scene.ask("SELECT nspowner::regrole::text FROM pg_namespace WHERE nspname = 's'", [], name);
  assert.deepEqual(owners, [[heir.outputs.name]]);
});

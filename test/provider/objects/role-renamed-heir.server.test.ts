/** A role that is dropped in the run that renames its heir, or the databases that `onDelete` is about. */

import assert from "node:assert/strict";
import { freshDatabase, uniqueName } from "../../support/postgres-fixture";
import { asEachDeployer, failure, type Scene } from "../scene";
import { Engine, type Resource } from "../through-hooks";

const nameOf = ({ outputs }: Resource) => String(outputs.name);

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

/** What happens before the role is dropped in the same run. Returns the name of the role that is to own everything. */
type Before = (engine: Engine, heir: Resource, other: Resource, scene: Scene) => Promise<string>;

const cases: Readonly<Record<string, Before>> = {
  "the heir is renamed: he gets everything all the same": async (engine, heir) =>
    nameOf(await engine.update(heir, { name: uniqueName("renamed") })),
  "the heir is renamed, and another role gets his name: the heir gets everything": async (engine, heir, other) => {
    const renamed = await engine.update(heir, { name: uniqueName("renamed") });
    await engine.update(other, { name: nameOf(heir) });
    return nameOf(renamed);
  },
  "the heir gets the name that another role had: he gets everything, and not the other": async (
    engine,
    heir,
    other,
  ) => {
    await engine.update(other, { name: uniqueName("renamed") });
    return nameOf(await engine.update(heir, { name: nameOf(other) }));
  },
  "a rename that failed is none": async (engine, heir, other) => {
    await failure(engine.update(heir, { name: nameOf(other) }), Error);
    return nameOf(heir);
  },
  "a rename that was made by hand before is one of this run": async (engine, heir, _, scene) => {
    const name = uniqueName("renamed");
    await scene.ask(`ALTER ROLE ${nameOf(heir)} RENAME TO ${name}`);
    return nameOf(await engine.update(heir, { name }));
  },
};

for (const [what, before] of Object.entries(cases)) {
  asEachDeployer(what, async (scene) => {
    const engine = new Engine(await scene.connect());
    const heir = await engine.create("Role", { name: uniqueName("heir") });
    const other = await engine.create("Role", { name: uniqueName("other") });
    const { leaver, database, owner } = await leaving(scene, engine, { reassignOwnedTo: nameOf(heir) });
    const expected = await before(engine, heir, other, scene);
    await engine.delete(leaver);
    assert.equal(await owner(), expected);
    await database.drop();
  });
}

asEachDeployer("a database of the list is renamed: it is in the list all the same", async (scene) => {
  const engine = new Engine(await scene.connect());
  const heir = await engine.create("Role", { name: uniqueName("heir") });
  const shop = await engine.create("Database", { name: uniqueName("shop"), dropNonEmpty: true });
  const onDelete = { reassignOwnedTo: nameOf(heir), databases: [nameOf(shop)] };
  const leaver = await engine.create("Role", { name: uniqueName("leaver"), onDelete });
  await scene.ask(`CREATE SCHEMA s AUTHORIZATION ${leaver.outputs.name}`, [], nameOf(shop));
  const name = uniqueName("renamed");
  await engine.update(shop, { name, dropNonEmpty: true });
  await engine.delete(leaver);
  const owners = await scene.ask("SELECT nspowner::regrole::text FROM pg_namespace WHERE nspname = 's'", [], name);
  assert.deepEqual(owners, [[heir.outputs.name]]);
});

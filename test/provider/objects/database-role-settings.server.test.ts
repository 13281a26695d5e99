/** What is set for roles in a database that is dropped and made anew in one run. */

import assert from "node:assert/strict";
import { uniqueName } from "../../support/postgres-fixture";
import { asEachDeployer, asRestricted, failure, onEachServer, type Scene } from "../scene";
import { Engine } from "../through-hooks";

/** What is set in a database, by role, as the server keeps it. */
async function settings(scene: Scene, database: unknown): Promise<Record<string, string[]>> {
  const rows = await scene.ask(
    `SELECT setrole::regrole::text, setconfig FROM pg_db_role_setting JOIN pg_database d ON d.oid = setdatabase
      WHERE datname = $1 AND setrole <> 0`,
    [database],
  );
  return Object.fromEntries(rows);
}

/** A role in a database, with everything that is hard to write down again. */
async function made(scene: Scene, engine: Engine) {
  const inputs = { name: uniqueName("shop"), dropNonEmpty: true };
  const database = await engine.create("Database", inputs);
  const configInDatabase = {
    [inputs.name]: {
      search_path: ["$user", "a, b", 'say "x"'],
      statement_timeout: "30s",
      application_name: 'it\'s\n"so" é',
      TimeZone: "UTC",
    },
  };
  const role = await engine.create("Role", { name: uniqueName("role"), configInDatabase });
  const none = await engine.create("Role", {
    name: uniqueName("none"),
    configInDatabase: { [inputs.name]: { search_path: "" } },
  });
  return { inputs, database, role, none, before: await settings(scene, inputs.name) };
}

asEachDeployer("they are set again, as the server had them", async (scene) => {
  const engine = new Engine(await scene.connect());
  const { inputs, database, role, none, before } = await made(scene, engine);
  assert.equal(before[String(role.outputs.name)]?.length, 4);
  await engine.delete(database);
  await engine.create("Database", inputs);
  assert.deepEqual(await settings(scene, inputs.name), before);
  assert.deepEqual((await engine.read(role))?.configInDatabase, role.outputs.configInDatabase);
  assert.deepEqual((await engine.read(none))?.configInDatabase, none.outputs.configInDatabase);
});

onEachServer("those of extensions, too, where everything may be set", async (scene) => {
  const engine = new Engine(await scene.connect());
  const { inputs, database, role } = await made(scene, engine);
  await scene.ask(`ALTER ROLE ${role.outputs.name} IN DATABASE ${inputs.name} SET my."Own" = 'x=y'`);
  const before = await settings(scene, inputs.name);
  assert.ok(before[String(role.outputs.name)]?.includes("my.Own=x=y"));
  await engine.delete(database);
  await engine.create("Database", inputs);
  assert.deepEqual(await settings(scene, inputs.name), before);
});

asEachDeployer("a role that is renamed meanwhile keeps them, one that is dropped is nobody", async (scene) => {
  const engine = new Engine(await scene.connect());
  const { inputs, database, role, none, before } = await made(scene, engine);
  await engine.delete(database);
  const name = uniqueName("renamed");
  await engine.update(role, { name });
  await engine.delete(none);
  await engine.create("Database", inputs);
  assert.deepEqual(await settings(scene, inputs.name), { [name]: before[String(role.outputs.name)] });
});

asEachDeployer("only the one that is made in its place gets them, once", async (scene) => {
  const engine = new Engine(await scene.connect());
  const { inputs, database } = await made(scene, engine);
  await scene.ask("CREATE TABLE t ()", [], inputs.name);
  await failure(engine.delete({ ...database, outputs: { ...database.outputs, dropNonEmpty: false } }), Error);
  await engine.delete(database);
  const other = await engine.create("Database", { name: uniqueName("other") });
  assert.deepEqual(await settings(scene, other.outputs.name), {});
  const again = await engine.create("Database", inputs);
  assert.notDeepEqual(await settings(scene, inputs.name), {});
  await scene.ask(`DROP DATABASE ${inputs.name}`);
  assert.equal(await engine.read(again), undefined);
  await engine.create("Database", inputs);
  assert.deepEqual(await settings(scene, inputs.name), {});
});

asRestricted("what may not be set is left, and keeps nothing else away", async (scene) => {
  const engine = new Engine(await scene.connect());
  const { inputs, database, role, none, before } = await made(scene, engine);
  const [name, other] = [String(role.outputs.name), String(none.outputs.name)];
  await scene.ask(`ALTER ROLE ${name} IN DATABASE ${inputs.name} SET log_min_messages = 'error'`);
  await scene.ask(`ALTER ROLE ${scene.server.superuser} IN DATABASE ${inputs.name} SET statement_timeout = '1s'`);
  await engine.delete(database);
  await engine.create("Database", inputs);
  assert.deepEqual(await settings(scene, inputs.name), { [name]: before[name], [other]: before[other] });
});

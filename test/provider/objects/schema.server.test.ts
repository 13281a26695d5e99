import assert from "node:assert/strict";
import pg from "pg";
import { AlreadyExistsError, type Cluster, InvalidValueError, NotFoundError, RefusedError } from "../../../provider";
import { freshDatabase, uniqueName } from "../../support/postgres-fixture";
import { asEachDeployer, failure, hostileNames, onEachServer, type Scene } from "../scene";

/** The core in a new database that the deployer owns, and a look at its schemas through plain pg. */
async function inDatabase(
  scene: Scene,
): Promise<{ cluster: Cluster; here: Cluster; database: string; row: (oid: number) => Promise<unknown> }> {
  const { name: database } = await freshDatabase(scene.server, { owner: scene.deployer.name });
  const cluster = await scene.connect();
  const sql = "SELECT nspname::text, pg_get_userbyid(nspowner)::text FROM pg_namespace WHERE oid = $1";
  return {
    cluster,
    here: cluster.in(database),
    database,
    row: async (oid) => (await scene.ask(sql, [oid], database))[0],
  };
}

asEachDeployer("a schema under any name: made, found, changed, renamed, scripted, dropped", async (scene) => {
  const { cluster, here, database, row } = await inDatabase(scene);
  const other = uniqueName("other");
  await cluster.roles.create({ name: other });
  const plain = await scene.client(database, scene.deployer);
  for (const name of hostileNames()) {
    await cluster.roles.create({ name });
    assert.equal(await here.schemas.has(name), false);
    const schema = await here.schemas.create({ name, owner: name });
    const { oid } = schema;
    assert.deepEqual(await row(oid), [name, name]);
    assert.deepEqual({ ...schema }, { name, owner: name, comment: null });
    await scene.ask(`CREATE TABLE ${pg.escapeIdentifier(name)}.t AS SELECT 7 AS a`, [], database);
    const content =
      "SELECT oid, (SELECT count(*) FROM pg_attribute WHERE attrelid = c.oid) FROM pg_class c WHERE relnamespace = $1 AND relkind = 'r'";
    const before = await scene.ask(content, [oid], database);
    await schema.alter({ name: "renamed" });
    assert.deepEqual(await row(oid), ["renamed", name]);
    await schema.alter({ owner: other });
    assert.deepEqual(await row(oid), ["renamed", other]);
    await schema.alter({ name, owner: scene.deployer.name });
    assert.deepEqual(await row(oid), [name, scene.deployer.name]);
    assert.deepEqual(await scene.ask(content, [oid], database), before, "the same tables");
    await plain.query(await schema.script({ name: "copy" }));
    const copy = await here.schemas.get("copy");
    assert.equal(copy.owner, scene.deployer.name);
    await copy.drop();
    await schema.alter({ owner: name });
    await schema.drop({ dropCascade: true });
    assert.equal(await row(oid), undefined);
    await (await cluster.roles.get(name)).drop();
  }
});

asEachDeployer("schemas of one database are not those of another; in order; refused; already there", async (scene) => {
  const { cluster, here, row } = await inDatabase(scene);
  const schema = await here.schemas.create({ name: "MiXed" });
  assert.deepEqual(await row(schema.oid), ["MiXed", scene.deployer.name]);
  assert.equal(await cluster.schemas.has("MiXed"), false);
  const listed: string[] = [];
  for await (const { name } of here.schemas) listed.push(name);
  assert.deepEqual(listed, ["MiXed", "information_schema", "pg_catalog", "pg_toast", "public"]);
  for (const name of ["é".repeat(32), "", "pg_mine"]) await failure(here.schemas.create({ name }), InvalidValueError);
  const missing = await failure(here.schemas.get('no "such'), NotFoundError);
  assert.deepEqual([missing.object, missing.message], ['schema "no ""such"', 'schema "no ""such": does not exist']);
  const there = await failure(here.schemas.create({ name: "MiXed" }), AlreadyExistsError);
  assert.deepEqual([there.object, there.sqlstate, there.intent], ['schema "MiXed"', "42P06", "create"]);
  await failure(schema.alter({ name: "public" }), AlreadyExistsError);
  const noOwner = await failure(here.schemas.create({ name: "x", owner: "no such role" }), NotFoundError);
  assert.match(
    noOwner.message,
    /^schema "x": cannot create: owner: role "no such role" does not exist\. Create it first/,
  );
  await failure(schema.alter({ owner: "no such role", name: "y" }), NotFoundError);
  assert.deepEqual(await row(schema.oid), ["MiXed", scene.deployer.name]);
  await failure(cluster.in(uniqueName("no_such_database")).schemas.has("public"), NotFoundError);
});

asEachDeployer(
  "a schema with content is not dropped unless opted in to; the list is of any kind of object",
  async (scene) => {
    const { here, database, row } = await inDatabase(scene);
    const schema = await here.schemas.create({ name: "stock" });
    await scene.ask(
      `CREATE TABLE stock."T x" (a serial PRIMARY KEY); CREATE FUNCTION stock.f() RETURNS int LANGUAGE sql AS 'SELECT 1';
     CREATE TYPE stock.mood AS ENUM ('ok'); CREATE VIEW stock.v AS SELECT 1`,
      [],
      database,
    );
    const error = await failure(schema.drop(), RefusedError);
    const expected = [
      'table stock."T x"',
      'sequence stock."T x_a_seq"',
      "function stock.f()",
      "type stock.mood",
      "view stock.v",
    ];
    for (const one of expected) assert.ok(error.message.includes(one), `${one} in ${error.message}`);
    assert.match(
      error.message,
      /^schema "stock": cannot drop: it is not empty \(.*\)\. Set dropCascade: true \(and apply it\)/,
    );
    assert.deepEqual(await row(schema.oid), ["stock", scene.deployer.name]);
    await scene.ask(
      "DO $$ BEGIN FOR i IN 1..15 LOOP EXECUTE format('CREATE TABLE stock.t%s ()', i); END LOOP; END $$",
      [],
      database,
    );
    assert.match((await failure(schema.drop(), RefusedError)).message, /, and \d+ more\)/);
    await schema.drop({ dropCascade: true });
    assert.equal(await row(schema.oid), undefined);
  },
);

asEachDeployer("the public schema of a database that another role owns", async (scene) => {
  const { cluster, here, row } = await inDatabase(scene);
  const owner = uniqueName("owner");
  await cluster.roles.create({ name: owner });
  await (await cluster.databases.get(here.currentDatabase)).alter({ owner });
  const before = await scene.memberships();
  const schema = await here.schemas.get("public");
  if (scene.server.version < 15) {
    // The bootstrap superuser owns it there, whoever owns the database.
    assert.equal(schema.owner, "postgres");
    if (!scene.deployer.superuser) {
      await assert.rejects(
        schema.alter({ name: "private" }),
        /"postgres" is a superuser: only a superuser can act for it/,
      );
      return;
    }
  } else {
    assert.equal(schema.owner, "pg_database_owner");
  }
  await schema.alter({ name: "private" });
  assert.equal(((await row(schema.oid)) as string[])[0], "private");
  await schema.alter({ name: "public", owner });
  assert.deepEqual(await row(schema.oid), ["public", owner]);
  await schema.drop();
  assert.deepEqual(await scene.memberships(), before);
});

onEachServer("a renamed database does not move what is in it", async (scene) => {
  const { cluster, here, database } = await inDatabase(scene);
  const schema = await here.schemas.create({ name: "s" });
  const renamed = uniqueName("renamed");
  await (await cluster.databases.get(database)).alter({ name: renamed });
  const found = await cluster.in(renamed).schemas.get("s");
  assert.equal(found.oid, schema.oid);
  await failure(schema.refresh(), NotFoundError);
  await (await cluster.databases.get(renamed)).drop({ dropNonEmpty: true });
});

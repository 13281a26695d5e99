import assert from "node:assert/strict";
import {
  DependentObjectsError,
  InvalidValueError,
  NotFoundError,
  PermissionError,
  PostgresError,
} from "../../../provider";
import { uniqueName } from "../../support/postgres-fixture";
import { id } from "../samples";
import { asEachDeployer, asRestricted, failure, hostileNames, onEachServer } from "../scene";
import { shop } from "./shop";

const WHERE = `SELECT n.nspname::text, c.relname::text, pg_get_userbyid(c.relowner)::text
                 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = $1`;

asEachDeployer(
  "a table under any name: found, changed, moved and renamed at once and again, dropped",
  async (scene) => {
    const { cluster, here, ask } = await shop(scene);
    const me = scene.deployer.name;
    const owner = uniqueName("owner");
    await cluster.roles.create({ name: owner });
    const before = await scene.memberships();
    const where = async (oid: number) => (await ask(WHERE, [oid]))[0];
    for (const name of hostileNames()) {
      const schema = await here.schemas.create({ name, owner });
      const path = `${id(name)}.${id(name)}`;
      assert.equal(await here.tables.has({ schema: name, name }), false);
      await ask(`CREATE TABLE ${path} (a serial PRIMARY KEY); ALTER TABLE ${path} OWNER TO ${owner}`);
      const table = await here.tables.get({ schema: name, name });
      const { oid } = table;
      assert.deepEqual(
        { ...table },
        {
          ...{ schema: name, name, owner, kind: "table", tablespace: null, comment: null },
          ...{ rowSecurity: false, forceRowSecurity: false, unlogged: false },
        },
      );
      const all = { rowSecurity: true, forceRowSecurity: true, unlogged: true, comment: "it's" };
      await table.alter({ schema: "public", name: "moved", owner: me, ...all });
      assert.deepEqual(await where(oid), ["public", "moved", me]);
      assert.deepEqual({ ...(await here.tables.get("moved")) }, { ...table });
      assert.deepEqual({ ...table, ...all }, { ...table }, "it shows what it is now");
      await table.alter({ name: "again" });
      await table.alter({ schema: name, name, owner, rowSecurity: false, unlogged: false, comment: null });
      assert.deepEqual(await where(oid), [name, name, owner]);
      assert.deepEqual([table.unlogged, table.comment, table.forceRowSecurity], [false, null, true]);
      await table.drop();
      assert.equal(await where(oid), undefined);
      await failure(table.refresh(), NotFoundError);
      await schema.drop();
    }
    assert.deepEqual(await scene.memberships(), before, "no right is left lent");
  },
);

asEachDeployer("names with dots do not run into each other", async (scene) => {
  const { here, ask } = await shop(scene);
  await ask('CREATE SCHEMA s1; CREATE TABLE public."s1.t" (); CREATE TABLE s1.t (); CREATE TABLE public.t ()');
  const oids = await Promise.all(
    ["s1.t", { schema: "s1", name: "t" }, "t"].map(async (key) => (await here.tables.get(key)).oid),
  );
  assert.equal(new Set(oids).size, 3);
  const there = { schema: "public", name: "s1.t" };
  assert.equal((await here.tables.get(there)).oid, oids[0]);
  const missing = await failure(here.tables.get({ schema: "s1", name: "s1.t" }), NotFoundError);
  assert.equal(missing.message, 'table "s1"."s1.t": does not exist');
});

asEachDeployer("filtered, in order, and changed while they are gone through", async (scene) => {
  const { cluster, here, ask } = await shop(scene);
  const other = uniqueName("other");
  await cluster.roles.create({ name: other });
  await here.schemas.create({ name: "old" });
  await here.schemas.create({ name: "new" });
  const me = scene.deployer.name;
  for (const name of ["b", "a", "MiXed"]) await here.execute(`CREATE TABLE old.${id(name)} (a int)`);
  await ask(`CREATE TABLE old.theirs (); ALTER TABLE old.theirs OWNER TO ${other}; CREATE TABLE public.a ()`);
  const names = async (filter: Parameters<typeof here.tables.where>[0]) => {
    const found: string[] = [];
    for await (const { schema, name } of here.tables.where(filter)) found.push(`${schema}.${name}`);
    return found;
  };
  assert.deepEqual(await names({ schema: "old", owner: me, name: /^.$/ }), ["old.a", "old.b"]);
  assert.deepEqual(await names({ schema: (schema) => schema !== "old", name: "a" }), ["public.a"]);
  assert.deepEqual(await names({ name: "pg_class", kind: "table" }), ["pg_catalog.pg_class"], "the system's as well");
  assert.deepEqual(await names({ schema: "no such" }), []);
  assert.throws(() => here.tables.where({ nam: "x" } as object), InvalidValueError);
  for await (const table of here.tables.where({ schema: "old", owner: me })) await table.alter({ schema: "new" });
  assert.deepEqual(await names({ schema: "new" }), ["new.MiXed", "new.a", "new.b"]);
  assert.deepEqual(await names({ schema: "old" }), ["old.theirs"]);
});

asEachDeployer("a change of several attributes is made whole or not at all", async (scene) => {
  const { here, ask } = await shop(scene);
  await here.schemas.create({ name: "old" });
  await here.execute("CREATE TABLE t (a int); CREATE TABLE old.taken (a int)");
  const table = await here.tables.get("t");
  const error = await failure(table.alter({ schema: "old", name: "taken", comment: "x" }), PostgresError);
  assert.deepEqual([error.object, error.intent, error.sqlstate], ['table "public"."t"', "alter", "42P07"]);
  await failure(table.alter({ name: "x", tablespace: "no such tablespace" }), NotFoundError);
  await failure(table.alter({ name: "x", owner: "no such role" }), NotFoundError);
  await failure(table.alter({ schema: "no such schema" }), NotFoundError);
  await failure(table.alter({ name: "" }), InvalidValueError);
  assert.deepEqual((await ask(WHERE, [table.oid]))[0], ["public", "t", scene.deployer.name]);
  await table.alter({});
  assert.equal((await here.tables.get("t")).oid, table.oid);
});

asEachDeployer(
  "a table that others depend on is not dropped but with them; the list is in the error",
  async (scene) => {
    const { here } = await shop(scene);
    await here.execute(
      `CREATE TABLE t (a int PRIMARY KEY, b int REFERENCES t); CREATE VIEW "v x" AS SELECT a FROM t;
     CREATE TABLE u (a int CONSTRAINT "to t" REFERENCES t)`,
    );
    const table = await here.tables.get("t");
    const error = await failure(table.drop(), DependentObjectsError);
    for (const one of ['view "v x" depends on table t', "constraint to t on table u depends on table t"])
      assert.ok(error.message.includes(one), `${one} in ${error.message}`);
    assert.match(error.message, /Set dropCascade: true to drop them with it$/);
    assert.equal(await here.tables.has("t"), true);
    await table.drop({ dropCascade: true });
    assert.deepEqual([await here.tables.has("t"), await here.tables.has("u")], [false, true]);
  },
);

asRestricted("what may not be done is refused with the reason, and nothing is left lent", async (scene) => {
  const { here, ask } = await shop(scene);
  const before = await scene.memberships();
  await ask("CREATE TABLE theirs ()");
  const table = await here.tables.get("theirs");
  const error = await failure(table.alter({ name: "ours" }), PermissionError);
  assert.match(error.message, /"postgres" is a superuser: only a superuser can act for it/);
  await failure(table.drop(), PermissionError);
  assert.deepEqual(await scene.memberships(), before);
});

onEachServer("partitioned and foreign tables, and tablespaces", async (scene) => {
  const { here, ask } = await shop(scene);
  const [fast, server] = [uniqueName("fast"), uniqueName("server")];
  const admin = await scene.client();
  await admin.query("SET allow_in_place_tablespaces = on");
  await admin.query(`CREATE TABLESPACE ${fast} LOCATION ''`);
  await ask(`CREATE FOREIGN DATA WRAPPER w; CREATE SERVER ${server} FOREIGN DATA WRAPPER w; CREATE SCHEMA s;
    CREATE TABLE p (a int) PARTITION BY LIST (a); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);
    CREATE FOREIGN TABLE f (a int) SERVER ${server}; CREATE TABLE t AS SELECT 7 AS a`);
  const kinds = await Promise.all(["p", "p1", "f"].map(async (name) => (await here.tables.get(name)).kind));
  assert.deepEqual(kinds, ["partitioned table", "table", "foreign table"]);
  for (const name of ["p", "f"]) {
    const table = await here.tables.get(name);
    await table.alter({ schema: "s", name: `${name}2`, comment: "it's" });
    assert.deepEqual([table.schema, table.name, table.comment], ["s", `${name}2`, "it's"]);
    await table.drop();
    assert.equal(await here.tables.has({ schema: "s", name: `${name}2` }), false);
  }
  const table = await here.tables.get("t");
  await table.alter({ tablespace: fast, unlogged: true, name: "t2" });
  assert.deepEqual([table.tablespace, table.unlogged], [fast, true]);
  await table.alter({ tablespace: "pg_default" });
  assert.equal(table.tablespace, null, "the database's own");
  await table.alter({ tablespace: fast });
  await table.alter({ tablespace: null, unlogged: false });
  assert.deepEqual([table.tablespace, table.unlogged], [null, false]);
  assert.deepEqual(await ask("SELECT a FROM t2"), [[7]]);
  await admin.query(`DROP TABLESPACE ${fast}`);
});

import assert from "node:assert/strict";
import { DependentObjectsError, InvalidValueError } from "../../../provider";
import { uniqueName } from "../../support/postgres-fixture";
import { id } from "../samples";
import { asEachDeployer, failure, hostileNames, onEachServer } from "../scene";
import { shop } from "./shop";

const WHERE = `SELECT n.nspname::text, c.relname::text, pg_get_userbyid(c.relowner)::text
                 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = $1`;

asEachDeployer("views of both kinds under any name: found, changed at once and again, dropped", async (scene) => {
  const { cluster, here, ask } = await shop(scene);
  const me = scene.deployer.name;
  const owner = uniqueName("owner");
  await cluster.roles.create({ name: owner });
  const before = await scene.memberships();
  for (const name of hostileNames().slice(0, 5)) {
    const schema = await here.schemas.create({ name, owner });
    for (const kind of ["VIEW", "MATERIALIZED VIEW"]) {
      const path = `${id(name)}.${id(name)}`;
      await ask(`CREATE ${kind} ${path} AS SELECT 7 AS a; ALTER ${kind} ${path} OWNER TO ${owner}`);
      const view = await here.views.get({ schema: name, name });
      const { oid } = view;
      assert.deepEqual(
        { ...view },
        {
          ...{ schema: name, name, owner, tablespace: null, comment: null },
          ...{ securityBarrier: false, securityInvoker: false, checkOption: null },
          ...{ kind: kind.toLowerCase(), materialized: kind !== "VIEW", definition: " SELECT 7 AS a;" },
        },
      );
      await view.alter({ schema: "public", name: "moved", owner: me, comment: "it's" });
      assert.deepEqual((await ask(WHERE, [oid]))[0], ["public", "moved", me]);
      assert.equal((await here.views.get("moved")).comment, "it's");
      await view.alter({ name: "again" });
      await view.alter({ schema: name, name, owner, comment: null });
      assert.deepEqual((await ask(WHERE, [oid]))[0], [name, name, owner]);
      await view.drop();
      assert.equal(await here.views.has({ schema: name, name }), false);
    }
    await schema.drop();
  }
  assert.deepEqual(await scene.memberships(), before, "no right is left lent");
});

asEachDeployer("views by key, by filter, and with what depends on them", async (scene) => {
  const { here } = await shop(scene);
  await here.schemas.create({ name: "s1" });
  await here.execute(
    `CREATE TABLE t (a int); CREATE VIEW public."s1.v" AS SELECT a FROM t; CREATE VIEW s1.v AS SELECT * FROM "s1.v"`,
  );
  const [one, other] = [await here.views.get("s1.v"), await here.views.get({ schema: "s1", name: "v" })];
  assert.notEqual(one.oid, other.oid);
  assert.equal(await here.views.has("t"), false, "a table is no view");
  const found: string[] = [];
  for await (const { schema, name } of here.views.where({ definition: /FROM public\.t;$/, kind: "view" }))
    found.push(`${schema} ${name}`);
  assert.deepEqual(found, ["public s1.v"]);
  const system: string[] = [];
  for await (const { schema } of here.views.where({ name: "pg_tables" })) system.push(schema);
  assert.deepEqual(system, ["pg_catalog"]);
  const error = await failure(one.drop(), DependentObjectsError);
  assert.match(error.message, /view s1\.v depends on view "s1\.v"\. Set dropCascade: true/);
  assert.match((await failure(one.alter({ tablespace: "x" }), InvalidValueError)).message, /not materialized has none/);
  await one.drop({ dropCascade: true });
  assert.equal(await here.views.has({ schema: "s1", name: "v" }), false);
});

onEachServer("a materialized view moves to a tablespace and back", async (scene) => {
  const { here } = await shop(scene);
  const fast = uniqueName("fast");
  const admin = await scene.client();
  await admin.query("SET allow_in_place_tablespaces = on");
  await admin.query(`CREATE TABLESPACE ${fast} LOCATION ''`);
  await here.execute("CREATE MATERIALIZED VIEW m AS SELECT 7 AS a");
  const view = await here.views.get("m");
  await view.alter({ tablespace: fast, name: "m2" });
  assert.deepEqual([view.tablespace, view.name], [fast, "m2"]);
  await view.alter({ tablespace: null });
  assert.equal(view.tablespace, null);
  await admin.query(`DROP TABLESPACE ${fast}`);
});

/** Looks that arrive together: one query per kind and database, and what is wrong with one object is told of that one alone. */

import assert from "node:assert/strict";
import { mock } from "node:test";
import { NotFoundError, ObjectInUseError } from "../../provider";
import { uniqueName } from "../support/postgres-fixture";
import { failure, onEachServer } from "./scene";

const numbered = (count: number, what: string) => Array.from({ length: count }, (_, index) => `${what}_${index}`);

onEachServer("objects that are asked for together are one query for each type and database", async (scene) => {
  const [database, schema] = [uniqueName("d"), uniqueName("s")];
  const cluster = await scene.connect();
  const home = numbered(30, schema);
  await cluster.databases.create({ name: database });
  await Promise.all(home.map((name) => cluster.schemas.create({ name })));
  await Promise.all(home.map((name) => cluster.in(database).schemas.create({ name })));

  const uses = mock.method(cluster.adapter, "use").mock;
  const [here, there, has] = await Promise.all([
    Promise.all(home.map((name) => cluster.schemas.get(name))),
    Promise.all(home.map((name) => cluster.in(database).schemas.get(name))),
    Promise.all([schema, ...home].map((name) => cluster.schemas.has(name))),
  ]);
  assert.equal(uses.callCount(), 2);
  assert.deepEqual(
    [here, there].map((all) => all.map(({ name }) => name)),
    [home, home],
  );
  assert.deepEqual(has, [false, ...home.map(() => true)]);
  assert.notEqual(here[0]?.oid, there[0]?.oid);

  uses.resetCalls();
  await Promise.all(here.map((one) => one.refresh()));
  assert.equal(uses.callCount(), 1);
  uses.restore();
  await Promise.all(here.map((one) => one.drop()));
  assert.equal((await failure(here[3]!.refresh(), NotFoundError)).object, `schema "${home[3]}"`);
  await cluster.databases.get(database).then((one) => one.drop({ dropNonEmpty: true }));
});

onEachServer("a view that somebody has locked holds up nobody but who asks for it", async (scene) => {
  const schema = uniqueName("s");
  const owner = await scene.client();
  await owner.query(
    `CREATE SCHEMA ${schema}; CREATE VIEW ${schema}.free AS SELECT 1 AS a; CREATE VIEW ${schema}.locked AS SELECT 2 AS b`,
  );
  await owner.query(`BEGIN; LOCK TABLE ${schema}.locked IN ACCESS EXCLUSIVE MODE`);
  const cluster = await scene.connect({
    user: scene.server.superuser,
    password: scene.server.password,
    lockTimeout: 300,
  });
  const [free, locked, none] = await Promise.allSettled(
    ["free", "locked", "none"].map((name) => cluster.views.get({ schema, name })),
  );
  await owner.query(`ROLLBACK; DROP SCHEMA ${schema} CASCADE`);
  assert.equal(free?.status === "fulfilled" && free.value.name, "free");
  assert.ok(locked?.status === "rejected" && locked.reason instanceof ObjectInUseError, String(locked?.status));
  assert.ok(none?.status === "rejected" && none.reason instanceof NotFoundError);
});

onEachServer("an oid that is none fails alone", async (scene) => {
  const cluster = await scene.connect();
  const oid = await cluster.largeObjects.create({}).then((one) => one.oid);
  const asked = await Promise.allSettled([oid, 2 ** 40, 2 ** 31].map((one) => cluster.largeObjects.has(one)));
  assert.deepEqual(
    asked.map(({ status }) => status),
    ["fulfilled", "rejected", "fulfilled"],
  );
  await cluster.largeObjects.get(oid).then((one) => one.drop());
});

onEachServer("what the plans for objects need to know is asked for together", async (scene) => {
  const schema = uniqueName("s");
  const cluster = await scene.connect();
  await cluster.schemas.create({ name: schema });
  const uses = mock.method(cluster.adapter, "use").mock;
  const made = await Promise.all(numbered(40, "q").map((name) => cluster.sequences.create({ schema, name })));
  // The facts, the statements, and a look at what came of them.
  assert.equal(uses.callCount(), 3);
  uses.restore();
  assert.deepEqual(
    made.map((one) => one.owner),
    made.map(() => scene.deployer.name),
  );
  await cluster.schemas.get(schema).then((one) => one.drop({ dropCascade: true }));
});

import assert from "node:assert/strict";
import pg from "pg";
import {
  AlreadyExistsError,
  InvalidValueError,
  identifier,
  NotFoundError,
  ObjectInUseError,
  RefusedError,
  sql,
} from "../../../provider";
import { uniqueName } from "../../support/postgres-fixture";
import { asEachDeployer, failure, hostileNames, onEachServer, type Scene } from "../scene";

/** A database as the server has it. */
async function databaseRow(scene: Scene, oid: number): Promise<unknown[] | undefined> {
  const sql = `SELECT datname::text, pg_get_userbyid(datdba)::text, pg_encoding_to_char(encoding)::text
                 FROM pg_database WHERE oid = $1`;
  return (await scene.ask(sql, [oid]))[0];
}

asEachDeployer("a database under any name: made, found, renamed, dropped", async (scene) => {
  const cluster = await scene.connect();
  for (const name of hostileNames()) {
    const owner = `${Buffer.from(name).subarray(0, 55).toString().replaceAll("\ufffd", "")}_o`;
    await cluster.roles.create({ name: owner });
    assert.equal(await cluster.databases.has(name), false);
    const database = await cluster.databases.create({ name, owner });
    const { oid } = database;
    assert.deepEqual(await databaseRow(scene, oid), [name, owner, "UTF8"]);
    assert.deepEqual([database.name, database.owner, database.encoding, database.comment], [name, owner, "UTF8", null]);
    assert.deepEqual(await cluster.in(name).execute("SELECT current_database()::text"), [[name]]);
    const renamed = `${owner}2`;
    await database.alter({ name: renamed });
    assert.deepEqual([database.name, database.oid], [renamed, oid]);
    assert.deepEqual(await databaseRow(scene, oid), [renamed, owner, "UTF8"]);
    assert.equal(await cluster.databases.has(name), false);
    await database.drop();
    assert.equal(await databaseRow(scene, oid), undefined);
  }
});

asEachDeployer("a rename keeps the oid and everything in it, and goes with a change of owner", async (scene) => {
  const cluster = await scene.connect();
  const [first, second] = [uniqueName("first"), uniqueName("second")];
  for (const name of [first, second]) await cluster.roles.create({ name });
  const database = await cluster.databases.create({ name: uniqueName("kept"), owner: first });
  const { oid } = database;
  await scene.ask("CREATE SCHEMA kept; CREATE TABLE kept.t AS SELECT 42 AS a", [], database.name);
  const content = "SELECT c.oid, (SELECT a FROM kept.t) FROM pg_class c WHERE relname = 't'";
  const before = await scene.ask(content, [], database.name);
  assert.equal((await cluster.in(database.name).schemas.get("kept")).name, "kept");
  const moved = uniqueName("moved");
  await database.alter({ name: moved, owner: second });
  assert.deepEqual(await databaseRow(scene, oid), [moved, second, "UTF8"]);
  assert.deepEqual(await scene.ask(content, [], moved), before);
  await database.alter({ owner: scene.deployer.name });
  await database.alter({ owner: first });
  assert.deepEqual(await databaseRow(scene, oid), [moved, first, "UTF8"]);
  assert.deepEqual(await scene.ask(content, [], moved), before);
});

asEachDeployer(
  "encoding and template: at creation, in any spelling; afterwards only by making it anew",
  async (scene) => {
    const cluster = await scene.connect();
    const latin = await cluster.databases.create({ name: uniqueName("latin"), encoding: "iso-8859-1" });
    assert.deepEqual((await databaseRow(scene, latin.oid))?.[2], "LATIN1");
    await latin.alter({ encoding: "Latin1" });
    const guarded = await failure(latin.alter({ encoding: "utf8" }), RefusedError);
    assert.match(guarded.message, /encoding is "LATIN1" and cannot become "utf8" in place\. Set allowReplace/);
    assert.equal((await databaseRow(scene, latin.oid))?.[2], "LATIN1");

    const plain = await scene.client("postgres", scene.deployer);
    for (const origin of [latin, await cluster.databases.create({ name: uniqueName("utf"), encoding: "utf-8" })]) {
      const name = uniqueName("copy");
      // CREATE DATABASE stands alone, so that each statement of the script is sent by itself.
      for (const statement of (await origin.script({ name })).split(";\n").filter(Boolean))
        await plain.query(statement);
      const copy = await cluster.databases.get(name);
      assert.deepEqual({ ...copy, name: origin.name }, { ...origin });
    }
    await scene.ask("CREATE TABLE copied ()", [], latin.name);
    const copied = await cluster.databases.create({ name: uniqueName("copied"), template: latin.name });
    assert.deepEqual(await scene.ask("SELECT to_regclass('copied')::text", [], copied.name), [["copied"]]);
    assert.equal(copied.encoding, "LATIN1");
    await failure(cluster.databases.create({ name: uniqueName("x"), encoding: "SJIS" }), InvalidValueError);
    await failure(cluster.databases.create({ name: uniqueName("x"), template: "no such template" }), NotFoundError);
  },
);

asEachDeployer(
  "all databases in order; refused, missing, already there, an owner that does not exist",
  async (scene) => {
    const cluster = await scene.connect();
    const name = uniqueName('q"uoted');
    const object = `database "${name.replaceAll('"', '""')}"`;
    await failure(cluster.databases.create({ name: "é".repeat(32) }), InvalidValueError);
    await failure(cluster.databases.create({ name, owner: "x".repeat(64) }), InvalidValueError);
    await failure(cluster.databases.create({ name, owner: null } as never), InvalidValueError);
    assert.equal((await failure(cluster.databases.get(name), NotFoundError)).message, `${object}: does not exist`);
    const noOwner = await failure(cluster.databases.create({ name, owner: "no such role" }), NotFoundError);
    assert.match(noOwner.message, /: cannot create: owner: role "no such role" does not exist\. Create it first/);
    assert.equal(noOwner.object, object);
    assert.equal(await cluster.databases.has(name), false);
    const database = await cluster.databases.create({ name });
    const there = await failure(cluster.databases.create({ name }), AlreadyExistsError);
    assert.deepEqual([there.object, there.sqlstate], [object, "42P04"]);
    await failure(database.alter({ owner: "no such role", name: uniqueName("y") }), NotFoundError);
    await failure(database.alter({ name: "template1" }), AlreadyExistsError);
    assert.deepEqual(await databaseRow(scene, database.oid), [name, scene.deployer.name, "UTF8"]);
    const listed: string[] = [];
    for await (const { name: one } of cluster.databases) listed.push(one);
    assert.deepEqual(
      listed,
      [...listed].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
    );
    for (const one of [name, "postgres", "template0", "template1"]) assert.ok(listed.includes(one), one);
    await scene.ask(`DROP DATABASE ${pg.escapeIdentifier(name)}`);
    assert.equal((await failure(database.refresh(), NotFoundError)).message, `${object}: does not exist any more`);
  },
);

asEachDeployer("a database that holds tables or sessions is not dropped unless opted in to", async (scene) => {
  const cluster = await scene.connect();
  const owner = uniqueName("owner");
  await cluster.roles.create({ name: owner });
  const database = await cluster.databases.create({ name: uniqueName("full"), owner });
  const { name, oid } = database;
  await scene.ask('CREATE TABLE "T x" (); CREATE MATERIALIZED VIEW m AS SELECT 1; SELECT lo_create(4711)', [], name);
  const before = await scene.memberships();
  const full = await failure(database.drop(), RefusedError);
  assert.equal(
    full.message,
    `database "${name}": cannot drop: it holds data (large object 4711, public."T x", public.m). ` +
      "Set dropNonEmpty: true (and apply it) to drop them with the database",
  );
  const visitor = await scene.client(name, scene.deployer);
  const busy = await failure(database.drop({ dropNonEmpty: true }), ObjectInUseError);
  assert.match(
    busy.message,
    new RegExp(`other sessions are in it: pid \\d+ of ${scene.deployer.name} \\(.*\\)\\. End them`),
  );
  assert.deepEqual(await databaseRow(scene, oid), [name, owner, "UTF8"]);
  assert.deepEqual(await scene.memberships(), before);
  const ended = new Promise((resolve) => visitor.once("error", resolve));
  await database.drop({ dropNonEmpty: true, forceDrop: true });
  assert.match(String(await ended), /terminating connection/);
  assert.equal(await databaseRow(scene, oid), undefined);
  assert.deepEqual(await scene.memberships(), before);
});

asEachDeployer("the connection's own database is neither dropped nor renamed", async (scene) => {
  const cluster = await scene.connect();
  const name = uniqueName("own");
  await cluster.databases.create({ name });
  const inside = await (await scene.connect({ database: name })).databases.get(name);
  for (const attempt of [() => inside.drop(), () => inside.alter({ name: uniqueName("renamed") })]) {
    const error = await failure(attempt(), RefusedError);
    assert.match(error.message, /the connection itself is to this database.*Give the Provider another `database`$/);
  }
  await inside.alter({ owner: scene.deployer.name });
});

asEachDeployer("20 databases of one owner at once", async (scene) => {
  const cluster = await scene.connect();
  const owner = uniqueName("owner");
  await cluster.roles.create({ name: owner });
  const before = await scene.memberships();
  const names = Array.from({ length: 20 }, () => uniqueName("many"));
  await Promise.all(names.map((name) => cluster.databases.create({ name, owner })));
  const sql = "SELECT datname::text FROM pg_database WHERE datname = ANY ($1) AND datdba = $2::regrole ORDER BY 1";
  assert.deepEqual((await scene.ask(sql, [names, owner])).flat(), [...names].sort());
  await Promise.all(names.map(async (name) => (await cluster.databases.get(name)).drop()));
  assert.deepEqual(await scene.memberships(), before);
});

onEachServer(
  "the statement timeout does not stop what may rightly take long, and is back afterwards",
  async (scene) => {
    const cluster = await scene.connect({ statementTimeout: 400, maxConnections: 1 });
    const { name: template } = await cluster.databases.create({ name: uniqueName("template") });
    const visitor = await scene.client(template);
    setTimeout(() => void visitor.end(), 1_000); // the server waits for others to leave a template
    const started = Date.now();
    await cluster.databases.create({ name: uniqueName("slow"), template });
    assert.ok(Date.now() - started > 800);
    assert.deepEqual(await cluster.execute("SHOW statement_timeout"), [["400ms"]]);
  },
);

asEachDeployer("what the server keeps of a database: its horizon, and who may do what", async (scene) => {
  const cluster = await scene.connect();
  const database = await cluster.databases.create({ name: uniqueName("kept") });
  const row = async () =>
    (await scene.ask("SELECT datfrozenxid::text, datminmxid::text FROM pg_database WHERE oid = $1", [database.oid]))
      .flat()
      .map(Number);
  const before = await database.status();
  assert.deepEqual([before.frozenXid, before.minMultixactId, before.acl], [...(await row()), null]);
  await cluster.execute(
    sql`GRANT CONNECT ON DATABASE ${identifier(database.name)} TO ${identifier(scene.server.superuser)}`,
  );
  const { acl } = await database.status();
  assert.ok(
    acl?.some((one) => one.startsWith(`${scene.server.superuser}=`) && one.includes("c")),
    `${acl}`,
  );
  await database.drop();
  await failure(database.status(), NotFoundError);
});

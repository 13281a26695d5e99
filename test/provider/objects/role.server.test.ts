import assert from "node:assert/strict";
import pg from "pg";
import { AlreadyExistsError, DependentObjectsError, InvalidValueError, NotFoundError } from "../../../provider";
import { freshDatabase, uniqueName } from "../../support/postgres-fixture";
import { token } from "../../support/postgres-names";
import { asEachDeployer, failure, hostileNames, onEachServer, type Scene } from "../scene";

const id = pg.escapeIdentifier;

/** A role as the server has it. */
async function roleRow(scene: Scene, oid: number): Promise<unknown> {
  const sql = `SELECT rolname::text, rolcanlogin, rolconnlimit, ARRAY(SELECT g.rolname::text FROM pg_auth_members m
                 JOIN pg_roles g ON g.oid = m.roleid WHERE m.member = r.oid ORDER BY 1) FROM pg_roles r WHERE oid = $1`;
  return (await scene.ask(sql, [oid]))[0];
}

asEachDeployer("a role under any name: made, found, changed, renamed, scripted, dropped", async (scene) => {
  const cluster = await scene.connect();
  const group = uniqueName("group");
  await cluster.roles.create({ name: group });
  const plain = await scene.client("postgres", scene.deployer);
  for (const name of hostileNames()) {
    assert.equal(await cluster.roles.has(name), false);
    const role = await cluster.roles.create({ name, login: true, connectionLimit: 5, memberOf: [group] });
    assert.deepEqual(await roleRow(scene, role.oid), [name, true, 5, [group]]);
    assert.deepEqual([role.name, role.login, role.connectionLimit, role.memberOf], [name, true, 5, [group]]);
    assert.equal(await cluster.roles.has(name), true);
    assert.deepEqual({ ...(await cluster.roles.get(name)) }, { ...role });

    await role.alter({ login: null, connectionLimit: 0 });
    assert.deepEqual(await roleRow(scene, role.oid), [name, false, 0, [group]]);
    assert.deepEqual([role.login, role.connectionLimit], [false, 0]);
    await role.alter({ connectionLimit: null, memberOf: null });
    assert.deepEqual(await roleRow(scene, role.oid), [name, false, -1, []]);
    await role.alter({ memberOf: [group] });
    const renamed = `${Buffer.from(name).subarray(0, 50).toString().replaceAll("\ufffd", "")}_2`;
    await role.alter({ name: renamed, login: true });
    assert.deepEqual(await roleRow(scene, role.oid), [renamed, true, -1, [group]]);
    assert.equal(role.name, renamed);
    assert.equal(await cluster.roles.has(name), false);

    await plain.query(await role.script({ name }));
    const copy = await cluster.roles.get(name);
    assert.deepEqual({ ...copy, name: renamed }, { ...role });
    await copy.drop();
    await role.drop();
    assert.equal(await roleRow(scene, role.oid), undefined);
  }
});

asEachDeployer("a script is text that can be edited and run", async (scene) => {
  const cluster = await scene.connect();
  const [name, copy] = [uniqueName("owner"), uniqueName("newrole")];
  const role = await cluster.roles.create({ name, login: true, connectionLimit: 7 });
  assert.deepEqual(await cluster.execute((await role.script()).replaceAll(name, copy)), []);
  assert.deepEqual({ ...(await cluster.roles.get(copy)), name }, { ...role });
});

asEachDeployer("all roles in order, and a role that somebody else renames or drops", async (scene) => {
  const cluster = await scene.connect();
  const names = ["b", "A", "a"].map((prefix) => uniqueName(prefix));
  for (const name of names) await cluster.roles.create({ name });
  const listed: string[] = [];
  for await (const role of cluster.roles) listed.push(role.name);
  const all = (await scene.ask("SELECT rolname::text FROM pg_roles ORDER BY rolname")).flat() as string[];
  // Other tests make roles meanwhile.
  assert.deepEqual(
    listed.filter((name) => name.includes(token) || name.startsWith("pg_")),
    all.filter((name) => name.includes(token) || name.startsWith("pg_")),
  );
  const role = await cluster.roles.get(names[0]!);
  const moved = uniqueName("moved");
  await scene.ask(`ALTER ROLE ${id(role.name)} RENAME TO ${id(moved)}`);
  await scene.ask(`ALTER ROLE ${id(names[1]!)} RENAME TO ${id(names[0]!)}`);
  assert.equal(role.name, names[0]);
  await role.refresh();
  assert.equal(role.name, moved, "the same role, not the one that has its name now");
  await scene.ask(`DROP ROLE ${id(moved)}`);
  const gone = await failure(role.refresh(), NotFoundError);
  assert.equal(gone.message, `role "${moved}": does not exist any more`);
  assert.equal((await failure(role.alter({ login: true }), NotFoundError)).object, `role "${moved}"`);
  await failure(role.drop(), NotFoundError);
});

asEachDeployer("alter and drop are about the role as it is now, not as it was read", async (scene) => {
  const cluster = await scene.connect();
  const [name, moved] = [uniqueName("read"), uniqueName("moved")];
  const role = await cluster.roles.create({ name, connectionLimit: 5 });
  await scene.ask(`ALTER ROLE ${name} CONNECTION LIMIT 9`);
  await role.alter({ connectionLimit: 5 });
  assert.deepEqual(await roleRow(scene, role.oid), [name, false, 5, []]);
  await scene.ask(`ALTER ROLE ${name} RENAME TO ${moved}`);
  const other = await cluster.roles.create({ name });
  await role.alter({ login: true });
  assert.deepEqual(await roleRow(scene, other.oid), [name, false, -1, []]);
  assert.deepEqual(await roleRow(scene, role.oid), [moved, true, 5, []]);
  await scene.ask(`ALTER ROLE ${moved} RENAME TO ${moved}_2`);
  await role.drop();
  assert.deepEqual(await roleRow(scene, other.oid), [name, false, -1, []]);
  assert.equal(await roleRow(scene, role.oid), undefined);
});

asEachDeployer("what a role's attributes do not take is refused before anything is sent", async (scene) => {
  const cluster = await scene.connect();
  const name = uniqueName("refused");
  const long = "é".repeat(32);
  for (const properties of [
    { name: long },
    { name: "" },
    { name: "a\0b" },
    { name: "pg_mine" },
    { name: "public" },
    { name: null },
    { name, connectionLimit: -2 },
    { name, connectionLimit: 1.5 },
    { name, login: "yes" },
    { name, memberOf: "group" },
    { name, memberOf: [long] },
    { name, password: "" },
    { name, bypassrls: 1 },
  ]) {
    await failure(cluster.roles.create(properties as never), InvalidValueError);
  }
  assert.equal(await cluster.roles.has(long), false);
  assert.equal((await failure(cluster.roles.get(long), NotFoundError)).object, `role "${long}"`);
  assert.deepEqual(await scene.ask("SELECT 1 FROM pg_roles WHERE rolname = $1", [name]), []);
  const role = await cluster.roles.create({ name });
  await failure(role.alter({ name: long }), InvalidValueError);
  // A name of 63 bytes is not found by a longer one that the server would cut off to it.
  const full = uniqueName("n").padEnd(63, "x");
  await cluster.roles.create({ name: full });
  assert.equal(await cluster.roles.has(`${full}x`), false);
});

asEachDeployer(
  "missing, already there, and a group that does not exist: who, what, and nothing changed",
  async (scene) => {
    const cluster = await scene.connect();
    for (const name of [uniqueName('mis"sing'), uniqueName("x.y")]) {
      const object = `role "${name.replaceAll('"', '""')}"`;
      const missing = await failure(cluster.roles.get(name), NotFoundError);
      assert.deepEqual([missing.object, missing.message], [object, `${object}: does not exist`]);
      const noGroup = await failure(cluster.roles.create({ name, memberOf: ["no such group"] }), NotFoundError);
      assert.match(noGroup.message, /: cannot create: memberOf: role "no such group" does not exist\. Create it first/);
      assert.equal(noGroup.object, object);
      assert.equal(await cluster.roles.has(name), false);
      const role = await cluster.roles.create({ name, connectionLimit: 4 });
      const there = await failure(
        cluster.roles.create({ name, password: "s3cret-one", connectionLimit: 9 }),
        AlreadyExistsError,
      );
      assert.deepEqual([there.object, there.sqlstate, there.intent], [object, "42710", "create"]);
      assert.doesNotMatch(there.message + JSON.stringify(there), /s3cret-one|SCRAM/);
      const other = await cluster.roles.create({ name: `${name}_2` });
      const taken = await failure(role.alter({ name: other.name, connectionLimit: 7 }), AlreadyExistsError);
      assert.equal(taken.object, object);
      assert.deepEqual(await roleRow(scene, role.oid), [name, false, 4, []]);
    }
  },
);

asEachDeployer("a role that owns things in two databases is not dropped; the list says which, where", async (scene) => {
  const cluster = await scene.connect();
  const name = uniqueName("owner");
  const role = await cluster.roles.create({ name });
  const databases = [await freshDatabase(scene.server), await freshDatabase(scene.server)];
  const [first, second] = databases.map((database) => database.name).sort() as [string, string];
  await scene.ask(
    `CREATE SCHEMA s AUTHORIZATION ${name}; CREATE TABLE s.t (); GRANT SELECT ON s.t TO ${name}`,
    [],
    first,
  );
  await scene.ask(`CREATE TABLE t (); ALTER TABLE t OWNER TO ${name}`, [], second);
  await scene.ask(`GRANT CREATE ON DATABASE ${first} TO ${name}`);
  const state = async () => [
    await roleRow(scene, role.oid),
    await scene.ask("SELECT dbid::int, objid::int, deptype::text FROM pg_shdepend WHERE refobjid = $1 ORDER BY 1, 2", [
      role.oid,
    ]),
  ];
  const before = await state();
  const error = await failure(role.drop(), DependentObjectsError);
  assert.equal(
    error.message,
    `role "${name}": cannot drop: objects depend on it (on the server: privileges for database ${first}; ` +
      `in database "${first}": owner of schema s, privileges for table s.t; in database "${second}": owner of table t). ` +
      "Set onDelete (and apply it) to give them to another role (reassignOwnedTo) or drop them (dropOwned); or " +
      "REASSIGN OWNED and DROP OWNED in each of these databases",
  );
  assert.deepEqual(await state(), before);
  for (const database of databases) await database.drop();
  await role.drop();
  assert.equal(await cluster.roles.has(name), false);
});

onEachServer("of a database that we may not enter the number of objects is said", async (scene) => {
  const name = uniqueName("hidden");
  const deployer = uniqueName("locked_out");
  await scene.ask(`CREATE ROLE ${deployer} LOGIN CREATEROLE PASSWORD 'x12345'`);
  const cluster = await scene.connect({ user: deployer, password: "x12345" });
  const role = await cluster.roles.create({ name });
  const database = await freshDatabase(scene.server);
  await scene.ask(`REVOKE CONNECT ON DATABASE ${database.name} FROM public`);
  await scene.ask(`CREATE SCHEMA a AUTHORIZATION ${name}; CREATE SCHEMA b AUTHORIZATION ${name}`, [], database.name);
  const error = await failure(role.drop(), DependentObjectsError);
  assert.match(
    error.message,
    new RegExp(`\\(in database "${database.name}": 2 objects, which cannot be seen from here\\)`),
  );
  await database.drop();
});

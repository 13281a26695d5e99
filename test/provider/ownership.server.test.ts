import assert from "node:assert/strict";
import pg from "pg";
import {
  type Cluster,
  InvalidValueError,
  NotFoundError,
  type OwnedObject,
  PermissionError,
  PostgresError,
} from "../../provider";
import { freshDatabase, uniqueName } from "../support/postgres-fixture";
import { asEachDeployer, asRestricted, failure, hostileNames, type Scene } from "./scene";

const quote = pg.escapeIdentifier;

/** An owner with a database of its own, and a schema with a table in each of two databases; and an heir. */
async function estate(scene: Scene, names: [owner: string, heir: string] = [uniqueName("owner"), uniqueName("heir")]) {
  const cluster = await scene.connect();
  const [owner, heir] = names;
  await cluster.roles.create({ name: owner });
  await cluster.roles.create({ name: heir, createDatabase: true });
  const owned = await cluster.databases.create({ name: uniqueName("owned"), owner });
  const fresh = async () => (await freshDatabase(scene.server, { owner: scene.deployer.name })).name;
  const databases = [await fresh(), await fresh()] as const;
  for (const name of databases) {
    await scene.ask(`GRANT CREATE ON DATABASE ${name} TO ${quote(heir)}`);
    await scene.ask(`CREATE SCHEMA s AUTHORIZATION ${quote(owner)}; CREATE TABLE s.t AS SELECT 42 AS a`, [], name);
    await scene.ask(`ALTER TABLE s.t OWNER TO ${quote(owner)}; CREATE TABLE others ()`, [], name);
  }
  /** Who owns the database, and the schema and the table in each of the two. */
  const owners = async () => {
    const [[database]] = (await scene.ask("SELECT pg_get_userbyid(datdba)::text FROM pg_database WHERE oid = $1", [
      owned.oid,
    ])) as [[string]];
    const inside = databases.map(async (name) => {
      const sql =
        "SELECT pg_get_userbyid(nspowner)::text, pg_get_userbyid(relowner)::text FROM pg_namespace n JOIN pg_class c ON relnamespace = n.oid WHERE nspname = 's'";
      return (await scene.ask(sql, [], name)).flat();
    });
    return [database, ...(await Promise.all(inside)).flat()];
  };
  const close = async () => {
    for (const name of [...databases, owned.name]) await scene.ask(`DROP DATABASE ${name} WITH (FORCE)`);
  };
  return { cluster, owner, heir, owned, databases, owners, close };
}

asEachDeployer("owner: everything in the current database, and databases, goes to the new owner", async (scene) => {
  const { cluster, owner, heir, databases, owners, close } = await estate(scene);
  const before = await scene.memberships();
  await cluster.in(databases[0]).reassignOwner({ owner, newOwner: heir });
  assert.deepEqual(await owners(), [heir, heir, heir, owner, owner]);
  await cluster.reassignOwner({ owner, newOwner: heir, databases: [databases[1]] });
  assert.deepEqual(await owners(), [heir, heir, heir, heir, heir]);
  assert.deepEqual(await scene.memberships(), before, "no right that was lent is left");
  await close();
});

asEachDeployer('databases: "all" reaches every database, whatever the roles are called', async (scene) => {
  const names = hostileNames();
  for (const pair of [names.slice(0, 2), names.slice(4, 6)] as [string, string][]) {
    const { cluster, owner, heir, owners, close } = await estate(scene, pair);
    await cluster.reassignOwner({ owner, newOwner: heir, databases: "all" });
    assert.deepEqual(new Set(await owners()), new Set([heir]));
    await cluster.reassignOwner({ owner, newOwner: heir, databases: "all" }); // nothing is left to do
    await cluster.reassignOwner({ owner: heir, newOwner: heir });
    await cluster.reassignOwner({ owner: heir, newOwner: owner, databases: "all" });
    assert.deepEqual(new Set(await owners()), new Set([owner]));
    await close();
  }
});

asEachDeployer("objects: these alone, of several databases, and the database itself", async (scene) => {
  const { cluster, owner, heir, owned, databases, owners, close } = await estate(scene);
  const schemas = await Promise.all(databases.map((name) => cluster.in(name).schemas.get("s")));
  const before = await scene.memberships();
  await cluster.reassignOwner({ newOwner: heir, objects: [schemas[0]!, owned, schemas[1]!] });
  assert.deepEqual(await owners(), [heir, heir, owner, heir, owner]);
  assert.deepEqual([owned.owner, schemas[0]?.owner], [heir, heir]);
  assert.deepEqual(await scene.memberships(), before);
  await cluster.reassignOwner({ newOwner: owner, owner, objects: [] });
  await cluster.reassignOwner({ newOwner: owner, objects: new Set([owned]) });
  assert.deepEqual(await owners(), [owner, heir, owner, heir, owner]);
  await close();
});

asEachDeployer("objects of every kind that has an owner, as the collections hand them out", async (scene) => {
  const { cluster, heir, owned, close } = await estate(scene);
  const { name } = await freshDatabase(scene.server, { owner: scene.deployer.name });
  await scene.ask(`GRANT CREATE ON DATABASE ${name} TO ${quote(heir)}`);
  const here = cluster.in(name);
  await here.execute(`GRANT CREATE ON SCHEMA public TO ${quote(heir)}; CREATE SCHEMA s; CREATE TABLE t (); CREATE SEQUENCE n;
    CREATE VIEW v AS SELECT 1 AS a; CREATE MATERIALIZED VIEW m AS SELECT 1 AS a; CREATE PROCEDURE p() LANGUAGE sql AS '';
    CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'SELECT 1';
    CREATE AGGREGATE g(int) (SFUNC = int4pl, STYPE = int)`);
  const objects: OwnedObject[] = [
    await here.schemas.get("s"),
    await here.tables.get("t"),
    await here.sequences.get("n"),
    await here.views.get("v"),
    await here.views.get("m"),
    await here.procedures.get("p"),
    ...(await here.procedures.overloads("f")),
    await here.procedures.get("g"),
    await here.largeObjects.create({ data: "x" }),
    owned,
  ];
  assert.equal(objects.length, 11);
  await cluster.reassignOwner({ newOwner: heir, objects });
  assert.deepEqual(new Set(objects.map((object) => object.owner)), new Set([heir]), "each shows it");
  const owners = `SELECT relowner FROM pg_class WHERE relname IN ('t', 'n', 'v', 'm') UNION ALL SELECT proowner FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION ALL SELECT lomowner FROM pg_largeobject_metadata UNION ALL SELECT nspowner FROM pg_namespace WHERE nspname = 's'`;
  assert.deepEqual(
    await scene.ask(`SELECT pg_get_userbyid(relowner)::text, count(*)::int FROM (${owners}) AS o GROUP BY 1`, [], name),
    [[heir, 10]],
  );
  await scene.ask(`DROP DATABASE ${name} WITH (FORCE)`);
  await close();
});

asEachDeployer("objects of one database change hands together, or not at all", async (scene) => {
  const { cluster, heir, databases, owners, close } = await estate(scene);
  const here = cluster.in(databases[0]);
  const before = await owners();
  const [fine, role] = [await here.schemas.get("s"), await cluster.roles.get(heir)];
  const objects = [fine, role as unknown as OwnedObject];
  await failure(cluster.reassignOwner({ newOwner: heir, objects }), InvalidValueError);
  await scene.ask("CREATE SCHEMA gone", [], databases[0]);
  const gone = await here.schemas.get("gone");
  await scene.ask("DROP SCHEMA gone", [], databases[0]);
  await failure(cluster.reassignOwner({ newOwner: heir, objects: [fine, gone] }), NotFoundError);
  if (scene.deployer.superuser) {
    // The server itself refuses the second: the first is taken back.
    await scene.ask(
      "CREATE FUNCTION stop() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN IF (SELECT count(*) FROM pg_event_trigger_ddl_commands() WHERE object_identity = 'z') > 0 THEN RAISE 'stop'; END IF; END $$; CREATE SCHEMA z; CREATE EVENT TRIGGER stop ON ddl_command_end EXECUTE FUNCTION stop()",
      [],
      databases[0],
    );
    const z = await here.schemas.get("z");
    const error = await failure(cluster.reassignOwner({ newOwner: heir, objects: [fine, z] }), PostgresError);
    assert.match(error.message, /^2 objects: cannot reassign ownership: stop/);
  }
  assert.deepEqual(await owners(), before);
  const foreign = await (await scene.connect()).in(databases[0]).schemas.get("s");
  await failure(cluster.reassignOwner({ newOwner: heir, objects: [foreign] }), InvalidValueError);
  await close();
});

asEachDeployer("what is not there, or not said, is a clear error before anything is changed", async (scene) => {
  const { cluster, owner, heir, owned, owners, close } = await estate(scene);
  const before = await owners();
  const table: [Parameters<Cluster["reassignOwner"]>[0], new (reason: string) => Error, RegExp][] = [
    [{ newOwner: heir }, InvalidValueError, /^cannot reassign ownership: neither owner nor objects says/],
    [{ newOwner: "nobody", owner }, NotFoundError, /^newOwner: role "nobody" does not exist$/],
    [{ newOwner: "nobody", objects: [owned] }, NotFoundError, /^newOwner: role "nobody" does not exist$/],
    [{ newOwner: heir, owner: 'no"body' }, NotFoundError, /^owner: role "no""body" does not exist$/],
    [
      { newOwner: heir, owner, databases: ["postgres", "nowhere"] },
      NotFoundError,
      /database "nowhere" does not exist$/,
    ],
  ];
  for (const [options, kind, message] of table) {
    assert.match((await failure(cluster.reassignOwner(options), kind)).message, message);
  }
  const made = await cluster.roles.create({ name: uniqueName("later") });
  await cluster.reassignOwner({ newOwner: made.name, objects: [owned] });
  await cluster.reassignOwner({ newOwner: owner, objects: [owned] });
  assert.deepEqual(await owners(), before);
  await close();
});

asRestricted("rights that cannot be had: the sentence names the grant, nothing is changed", async (scene) => {
  const { cluster, owner, owned, owners, close } = await estate(scene);
  const before = await owners();
  const options = { newOwner: scene.server.superuser, owner, databases: "all" } as const;
  for (const given of [options, { newOwner: options.newOwner, objects: [owned] }]) {
    const error = await failure(cluster.reassignOwner(given), PermissionError);
    assert.match(error.message, /"postgres" is a superuser: only a superuser can act for it/);
  }
  assert.deepEqual(await owners(), before);
  await close();
});

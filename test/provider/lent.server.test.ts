import assert from "node:assert/strict";
import pg from "pg";
import { Cluster, ConnectionError, InvalidValueError, PostgresError } from "../../provider";
import { freshDatabase, uniqueName } from "../support/postgres-fixture";
import { asEachDeployer, failure, onEachServer, type Scene } from "./scene";

/** A pool of the deployer, as a user of the core would have it. */
function poolOf({ server, deployer }: Scene, options: pg.PoolConfig = {}): pg.Pool {
  const connectionString = server.url("postgres", deployer.name, deployer.password);
  const pool = new pg.Pool({ connectionString, ssl: false, max: 3, ...options });
  pool.on("error", () => undefined);
  return pool;
}

/** A role that the deployer may become. */
async function roleToBecome(scene: Scene): Promise<string> {
  const name = uniqueName('Lent "role"');
  await scene.ask(`CREATE ROLE ${pg.escapeIdentifier(name)} ROLE ${scene.deployer.name}`);
  return name;
}

const currentRole = "SELECT current_user::text AS who";
const whoIs = async (client: pg.ClientBase | pg.Pool) => (await client.query(currentRole)).rows[0].who as string;

/** What `become` has to leave as it was: for a lent client, and for one that a pool lent to the user. */
async function lendClient(scene: Scene, client: pg.Client | pg.PoolClient): Promise<void> {
  const become = await roleToBecome(scene);
  const before = await roleToBecome(scene);
  for (const role of [scene.deployer.name, before]) {
    if (role === before) await client.query(`SET ROLE ${pg.escapeIdentifier(before)}`);
    const cluster = await Cluster.connect({ connection: client, become });
    assert.equal(cluster.currentDatabase, "postgres");
    assert.equal(cluster.version.major, scene.server.version);
    assert.equal(cluster.adapter.isConnected, true);
    assert.deepEqual(await cluster.execute(currentRole), [[become]]);
    await assert.rejects(cluster.execute("SELECT 1 / 0"), PostgresError);
    const mine = new Error("mine");
    await assert.rejects(
      cluster.transaction(async ({ execute }) => {
        await execute("CREATE TEMP TABLE never_made ()");
        throw mine;
      }),
      (error) => error === mine,
    );
    await cluster.close();
    assert.equal(cluster.adapter.isConnected, false);
    assert.equal(await whoIs(client), role, "the role before");
    assert.equal((await client.query("SELECT to_regclass('never_made') AS t")).rows[0].t, null);
    await cluster.close();
    await assert.rejects(cluster.execute("SELECT 1"), /the cluster is closed/);
    assert.equal(await whoIs(client), role, "still connected, still that role");
  }
}

asEachDeployer("a lent client is never closed and gets its role back, also after errors", async (scene) => {
  await lendClient(scene, await scene.client("postgres", scene.deployer));
});

asEachDeployer("so does a client out of the user's pool", async (scene) => {
  const pool = poolOf(scene);
  const client = await pool.connect();
  await lendClient(scene, client);
  assert.equal(pool.totalCount, 1);
  client.release();
  assert.equal(pool.idleCount, 1, "releasing it is left to the user");
  await pool.end();
});

asEachDeployer("a lent client keeps its role when become is refused", async (scene) => {
  const client = await scene.client("postgres", scene.deployer);
  const error = await failure(Cluster.connect({ connection: client, become: "nobody here" }), InvalidValueError);
  assert.match(error.message, /^the lent connection: cannot use: role "nobody here" does not exist/);
  assert.equal(await whoIs(client), scene.deployer.name);
});

onEachServer("without become a lent client keeps whatever role it has", async (scene) => {
  const client = await scene.client();
  const role = await roleToBecome(scene);
  const cluster = await Cluster.connect({ connection: client });
  await client.query(`SET ROLE ${pg.escapeIdentifier(role)}`);
  assert.deepEqual(await cluster.execute(currentRole), [[role]]);
  await cluster.close();
  assert.equal(await whoIs(client), role);
});

onEachServer("parallel use of one lent client takes turns", async (scene) => {
  const client = await scene.client();
  const { name } = await freshDatabase(scene.server);
  const cluster = await Cluster.connect({ connection: client });
  await client.query("CREATE TEMP TABLE t (a int)");
  const results = await Promise.all([
    ...Array.from({ length: 5 }, (_, i) =>
      cluster
        .transaction(async ({ execute }) => {
          await execute("INSERT INTO t VALUES ($1)", i);
          await execute("SELECT pg_sleep(0.01)");
          if (i === 2) throw new Error("rolled back alone");
          return i;
        })
        .catch((error: Error) => error.message),
    ),
    cluster.databases.has(name),
    ...[10, 11].map((i) => cluster.execute("SELECT $1::int", i)),
  ]);
  assert.deepEqual(results, [0, 1, "rolled back alone", 3, 4, true, [[10]], [[11]]]);
  assert.deepEqual(
    (await client.query({ text: "SELECT a FROM t ORDER BY a", rowMode: "array" })).rows.flat(),
    [0, 1, 3, 4],
  );
  await cluster.close();
});

asEachDeployer(
  "a lent pool: become is undone on every client, and the pool serves others afterwards",
  async (scene) => {
    const pool = poolOf(scene);
    const become = await roleToBecome(scene);
    const cluster = await Cluster.connect({ connection: pool, become });
    const who = Array.from({ length: 9 }, (_, i) =>
      i % 3 === 2
        ? cluster.execute("SELECT 1 / 0").catch((error: PostgresError) => error.sqlstate)
        : cluster.execute(`${currentRole} FROM pg_sleep(0.02)`),
    );
    const expected = who.map((_, i) => (i % 3 === 2 ? "22012" : [[become]]));
    assert.deepEqual(await Promise.all(who), expected);
    assert.ok(pool.totalCount <= 3);
    const clients = await Promise.all([1, 2, 3].map(() => pool.connect()));
    for (const client of clients) {
      assert.equal(await whoIs(client), scene.deployer.name);
      assert.equal(client.listenerCount("error"), 0, "no listener of ours is left");
    }
    for (const client of clients) client.release();
    await assert.rejects(cluster.execute("BEGIN; SELECT 1 / 0"), PostgresError);
    await cluster.execute("BEGIN");
    await cluster.close();
    const [next, another] = [await pool.connect(), await pool.connect()];
    for (const client of [next, another]) {
      assert.equal(await whoIs(client), scene.deployer.name);
      assert.equal((await client.query("SELECT now() = statement_timestamp() AS outside")).rows[0].outside, true);
      client.release();
    }
    await assert.rejects(cluster.execute("SELECT 1"), /the cluster is closed/);
    await pool.end();
  },
);

onEachServer("a lent pool without become, whose client is killed, and one that cannot connect", async (scene) => {
  const pool = poolOf(scene, { max: 1 });
  const cluster = await Cluster.connect({ connection: pool });
  await failure(cluster.execute("SELECT pg_terminate_backend(pg_backend_pid())"), PostgresError);
  assert.deepEqual(await cluster.execute("SELECT 1"), [[1]]);
  assert.equal(pool.totalCount, 1);
  await pool.end();
  const nowhere = poolOf(scene, { connectionString: "postgresql://u:hunter22@127.0.0.1:1/postgres" });
  const error = await failure(Cluster.connect({ connection: nowhere }), ConnectionError);
  assert.match(error.message, /^the lent pool: cannot connect: .*ECONNREFUSED/);
  await nowhere.end();
});

asEachDeployer("collections work over a lent connection; another database is refused by name", async (scene) => {
  const pool = poolOf(scene);
  const { name } = await freshDatabase(scene.server, { owner: scene.deployer.name });
  for (const connection of [await scene.client("postgres", scene.deployer), pool]) {
    const cluster = await Cluster.connect({ connection, passwordEncryption: "scram-sha-256" });
    const role = await cluster.roles.create({ name: uniqueName("lent"), login: true, password: "s3cret'" });
    await role.alter({ connectionLimit: 2 });
    await scene.client("postgres", { name: role.name, password: "s3cret'" });
    await role.drop();
    assert.equal(await cluster.databases.has(name), true);
    const error = await failure(cluster.in(name).execute("SELECT 1"), InvalidValueError);
    assert.match(error.message, new RegExp(`it is to "postgres", not "${name}"`));
    await failure(cluster.in(name).schemas.get("public"), InvalidValueError);
    await cluster.close();
  }
  await pool.end();
});

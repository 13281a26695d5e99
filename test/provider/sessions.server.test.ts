import assert from "node:assert/strict";
import pg from "pg";
import { Cluster, InvalidValueError, PermissionError, type TerminateOptions } from "../../provider";
import { freshDatabase, uniqueName } from "../support/postgres-fixture";
import { asEachDeployer, asRestricted, failure, hostileNames, onEachServer, type Scene } from "./scene";

const password = "s3ssion";

/** A login of a test, made by the deployer, so that it may act for it. */
async function login(cluster: Cluster, name = uniqueName("who")): Promise<string> {
  await cluster.roles.create({ name, login: true, password });
  return name;
}

/** A session of a role in a database, and the number of the process that serves it. */
async function session(scene: Scene, role: string, database: string): Promise<number> {
  const client = await scene.client(database, { name: role, password });
  return (await client.query("SELECT pg_backend_pid() AS pid")).rows[0].pid;
}

async function alive(scene: Scene, pids: number[]): Promise<number[]> {
  const rows = await scene.ask("SELECT pid FROM pg_stat_activity WHERE pid = ANY ($1) ORDER BY 1", [pids]);
  return rows.flat() as number[];
}

const sorted = (pids: number[]) => [...pids].sort((one, other) => one - other);

asEachDeployer("each filter ends the sessions that it means, and no others", async (scene) => {
  const cluster = await scene.connect();
  const roles = [await login(cluster), await login(cluster)] as [string, string];
  const databases = [(await freshDatabase(scene.server)).name, (await freshDatabase(scene.server)).name] as [
    string,
    string,
  ];
  const before = await scene.memberships();
  /** Role and database of each session, the options, and which of the sessions go. */
  const table: [options: (pids: number[]) => TerminateOptions, gone: number[]][] = [
    [() => ({ databases: [databases[0]], roles }), [0, 1]],
    [() => ({ roles: [roles[1]] }), [1, 3]],
    [(pids) => ({ pids: [pids[2]!, 0x7fffffff] }), [2]],
    [() => ({ roles, databases }), [0, 1, 2, 3]],
    [() => ({ roles, excludeDatabases: [databases[1]] }), [0, 1]],
    [() => ({ databases, roles, excludeRoles: [roles[0], "no such role"] }), [1, 3]],
    [(pids) => ({ roles, excludePids: [pids[0]!, pids[3]!] }), [1, 2]],
    [(pids) => ({ roles, pids: pids.slice(1), databases: [databases[0]] }), [1]],
    [(pids) => ({ allConnections: true, pids: [pids[1]!] }), [1]],
    [() => ({ databases, roles: [] }), []],
    [() => ({ databases: [], roles }), []],
    [() => ({ pids: [] }), []],
    [() => ({ databases: ["no such database"] }), []],
    [() => ({ roles: [`${roles[0]}' OR true --`] }), []],
  ];
  for (const [options, gone] of table) {
    const pids: number[] = [];
    for (const database of databases) for (const role of roles) pids.push(await session(scene, role, database));
    const given = options(pids);
    assert.deepEqual(await cluster.terminate(given), sorted(gone.map((at) => pids[at]!)), JSON.stringify(given));
    assert.deepEqual(
      await alive(scene, pids),
      sorted(pids.filter((_, at) => !gone.includes(at))),
      JSON.stringify(given),
    );
    await cluster.terminate({ roles });
  }
  assert.deepEqual(await scene.memberships(), before, "no right that was lent is left");
});

asEachDeployer("what says nothing about which sessions are meant is refused", async (scene) => {
  const cluster = await scene.connect();
  for (const options of [
    {},
    { allConnections: false },
    { excludeDatabases: ["x"] },
    { excludePids: [1] },
    { excludeRoles: [] },
  ]) {
    const error = await failure(cluster.terminate(options), InvalidValueError);
    assert.match(error.message, /^cannot terminate sessions: nothing says which sessions are meant\. Set databases, /);
  }
  await failure(cluster.terminate({ pids: [1], timeout: "soon" }), InvalidValueError);
});

asEachDeployer("names are compared as they are, whatever is in them", async (scene) => {
  const cluster = await scene.connect();
  for (const name of hostileNames()) {
    await login(cluster, name);
    await cluster.databases.create({ name });
    const pid = await session(scene, name, name);
    assert.deepEqual(await cluster.terminate({ roles: [name], databases: [name] }), [pid], name);
  }
});

onEachServer("neither its own connections nor the system's processes are ever ended", async (scene) => {
  const { name } = await freshDatabase(scene.server);
  const cluster = await scene.connect({ maxConnections: 4 });
  const others = (await scene.ask("SELECT pid FROM pg_stat_activity WHERE backend_type <> 'client backend'")).flat();
  const pids = async () =>
    Promise.all(
      [cluster, cluster, cluster.in(name)].map(async (one) =>
        Number((await one.execute("SELECT pg_backend_pid() FROM pg_sleep(0.05)"))[0]?.[0]),
      ),
    );
  const own = sorted(await pids());
  const victim = Number((await (await scene.client(name)).query("SELECT pg_backend_pid() AS pid")).rows[0].pid);
  const all = [...own, victim, ...(others as number[])];
  assert.deepEqual(await cluster.terminate({ pids: all }), [victim]);
  assert.deepEqual(await cluster.terminate({ databases: [name], roles: [scene.deployer.name] }), []);
  assert.deepEqual(await alive(scene, own), own);
  assert.deepEqual(sorted(await pids()), own, "the same connections still serve");
});

onEachServer("a physical replication, which is in no database, is ended by what means it", async (scene) => {
  const cluster = await scene.connect();
  const role = uniqueName("standby");
  await scene.ask(`CREATE ROLE ${role} LOGIN REPLICATION PASSWORD '${password}'`);
  const { host, port } = scene.server;
  for (const options of [{ roles: [role] }, { roles: [role], excludeDatabases: ["postgres"] }]) {
    const config = { host, port, user: role, password, ssl: false, replication: "true" };
    const walsender = new pg.Client(config as pg.ClientConfig);
    const ended = new Promise<void>((done) => walsender.on("error", () => done()).on("end", () => done()));
    await walsender.connect();
    const [[pid] = []] = await scene.ask("SELECT pid FROM pg_stat_activity WHERE usename = $1 AND datname IS NULL", [
      role,
    ]);
    assert.deepEqual(await cluster.terminate({ roles: [role], databases: ["postgres"] }), [], "it is in none");
    assert.deepEqual(await cluster.terminate(options), [pid]);
    await ended;
    await walsender.end().catch(() => undefined);
  }
});

onEachServer("a lent client and the clients of a lent pool are not ended either", async (scene) => {
  const client = await scene.client();
  const lent = await Cluster.connect({ connection: client });
  const own = Number((await lent.execute("SELECT pg_backend_pid()"))[0]?.[0]);
  assert.deepEqual(await lent.terminate({ pids: [own] }), []);
  await lent.close();
  const pool = new pg.Pool({ connectionString: scene.server.url(), max: 3 });
  const cluster = await Cluster.connect({ connection: pool });
  const [busy, found] = await Promise.all([
    cluster.execute("SELECT pg_backend_pid() FROM pg_sleep(0.3)"),
    (async () => {
      const [row] = await cluster.execute(
        "SELECT array_agg(pid) FROM pg_stat_activity WHERE query LIKE '%pg_backend_pid() FROM pg_sleep%' AND state = 'active' AND pid <> pg_backend_pid()",
      );
      return cluster.terminate({ pids: row?.[0] as number[] });
    })(),
  ]);
  assert.deepEqual([busy.length, found], [1, []]);
  await cluster.close();
  await pool.end();
});

asEachDeployer("a session that does not end in time is not among those that went", async (scene) => {
  const cluster = await scene.connect();
  const role = await login(cluster);
  const stubborn = await session(scene, role, "postgres");
  const [easy] = await Promise.all([session(scene, role, "postgres")]);
  process.kill(stubborn, "SIGSTOP"); // a process that is stopped answers no other signal
  try {
    assert.deepEqual(await cluster.terminate({ roles: [role], timeout: "300ms" }), [easy]);
    assert.deepEqual(await alive(scene, [stubborn]), [stubborn]);
  } finally {
    process.kill(stubborn, "SIGCONT");
  }
  assert.deepEqual(await cluster.terminate({ pids: [stubborn] }).then((pids) => pids.length <= 1), true);
  assert.deepEqual(await alive(scene, [stubborn]), []);
});

asRestricted("a session that it may not end: the sentence names the grant, and nobody is ended", async (scene) => {
  const cluster = await scene.connect();
  const mine = await login(cluster);
  const [theirs, boss] = [uniqueName("theirs"), uniqueName("boss")];
  await scene.ask(
    `CREATE ROLE ${theirs} LOGIN PASSWORD '${password}'; CREATE ROLE ${boss} LOGIN SUPERUSER PASSWORD '${password}'`,
  );
  const pids = [
    await session(scene, mine, "postgres"),
    await session(scene, theirs, "postgres"),
    await session(scene, boss, "postgres"),
  ];
  const superuser = await failure(cluster.terminate({ pids, excludeRoles: [theirs] }), PermissionError);
  assert.match(superuser.message, new RegExp(`"${boss}" is a superuser: only a superuser can act for it`));
  assert.deepEqual(await alive(scene, pids), sorted(pids));
  const { major } = cluster.version;
  if (major >= 16) {
    const error = await failure(cluster.terminate({ pids, excludeRoles: [boss] }), PermissionError);
    assert.match(
      error.message,
      new RegExp(`^"${scene.deployer.name}" has not the rights of role "${theirs}".*GRANT "${theirs}" TO `),
    );
    assert.deepEqual(await alive(scene, pids), sorted(pids));
  }
  const before = await scene.memberships();
  await scene.ask(`GRANT pg_signal_backend, pg_read_all_stats TO ${scene.deployer.name}`);
  assert.deepEqual(await cluster.terminate({ pids, excludeRoles: [boss] }), sorted(pids.slice(0, 2)));
  await scene.ask(`REVOKE pg_signal_backend, pg_read_all_stats FROM ${scene.deployer.name}`);
  assert.deepEqual(await scene.memberships(), before);
});

import assert from "node:assert/strict";
import { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { Cluster, ConnectionError, InvalidValueError, NotFoundError } from "../../provider";
import { freshDatabase, uniqueName } from "../support/postgres-fixture";
import { asEachDeployer, failure, hostileNames, onEachServer, type Scene } from "./scene";

const setting = (cluster: Cluster, name: string) =>
  cluster.query<{ value: string }>("SELECT current_setting($1) AS value", [name]).then(([row]) => row!.value);

asEachDeployer("connects by single settings, by a URL, and by a Unix socket", async (scene) => {
  const { server, deployer } = scene;
  const whoAndWhere = "SELECT session_user::text, current_database()::text, inet_server_port()";
  const tcp = await scene.connect({ sslMode: "disable" });
  assert.deepEqual(await tcp.execute(whoAndWhere), [[deployer.name, "postgres", server.port]]);
  assert.equal(tcp.currentDatabase, "postgres");
  assert.equal(tcp.version.major, server.version);
  assert.match(tcp.version.text, new RegExp(`^${server.version}\\.`));
  assert.equal(tcp.become, undefined);

  const url = server.url("template1", deployer.name, deployer.password);
  const byUrl = await Cluster.connect({ url: `${url}?application_name=by%20url` });
  assert.deepEqual(await byUrl.execute(whoAndWhere), [[deployer.name, "template1", server.port]]);
  assert.equal(await setting(byUrl, "application_name"), "by url");
  await byUrl.close();

  const socket = await scene.connect({ host: server.socketDir! });
  assert.deepEqual(await socket.execute("SELECT inet_server_port()"), [[null]]);
});

onEachServer(
  "what is not set comes from PG* variables, and an explicit host takes no address from them",
  async ({ server }) => {
    const before = { ...process.env };
    const { host, port, superuser, password } = server;
    try {
      Object.assign(process.env, { PGHOST: host, PGPORT: String(port), PGUSER: superuser, PGPASSWORD: password });
      const cluster = await Cluster.connect({ database: "template1" });
      assert.deepEqual(await cluster.execute("SELECT current_database()::text"), [["template1"]]);
      await cluster.close();
      process.env.PGPORT = "1";
      await (await Cluster.connect({ host, port, database: "postgres" })).close();
      await assert.rejects(Cluster.connect({ database: "postgres", connectTimeout: 100 }), ConnectionError);
    } finally {
      for (const name of ["PGHOST", "PGPORT", "PGUSER", "PGPASSWORD"]) delete process.env[name];
      Object.assign(process.env, before);
    }
  },
);

onEachServer("timeouts and the application's name are in force on every connection", async (scene) => {
  const { name } = await freshDatabase(scene.server);
  const cluster = await scene.connect({ statementTimeout: "300ms", lockTimeout: 150, applicationName: "it's me" });
  for (const here of [cluster, cluster.in(name)]) {
    assert.equal(await setting(here, "statement_timeout"), "300ms");
    assert.equal(await setting(here, "lock_timeout"), "150ms");
    assert.equal(await setting(here, "application_name"), "it's me");
    assert.equal(
      ((await failure(here.execute("SELECT pg_sleep(5)"), Error)) as { sqlstate?: string }).sqlstate,
      "57014",
    );
  }
  const locker = await scene.client(name);
  await locker.query("CREATE TABLE t ()");
  await locker.query("BEGIN; LOCK TABLE t");
  const blocked = await failure(cluster.in(name).execute("SELECT * FROM t"), Error);
  assert.equal((blocked as { sqlstate?: string }).sqlstate, "55P03");
  await locker.query("ROLLBACK");

  const byDefault = await scene.connect({ applicationName: undefined });
  assert.equal(await setting(byDefault, "lock_timeout"), "10s");
  assert.equal(await setting(byDefault, "statement_timeout"), "0");
});

const whoAmI = (cluster: Cluster) => cluster.execute("SELECT current_user::text, session_user::text, pg_backend_pid()");

asEachDeployer(
  "become is the role of every new connection, also elsewhere and after a killed session",
  async (scene) => {
    const { name: database } = await freshDatabase(scene.server);
    const name = uniqueName("Become");
    await scene.ask(`CREATE ROLE ${pg.escapeIdentifier(name)} ROLE ${scene.deployer.name}`);
    const cluster = await scene.connect({ become: name });
    assert.equal(cluster.become, name);
    const [[current, session, pid] = []] = await whoAmI(cluster);
    assert.deepEqual([current, session], [name, scene.deployer.name]);
    assert.equal((await whoAmI(cluster.in(database)))[0]?.[0], name);
    await scene.ask("SELECT pg_terminate_backend($1, 5000)", [pid]);
    const [[again, , newPid] = []] = await whoAmI(cluster);
    assert.equal(again, name);
    assert.notEqual(newPid, pid);
    const parallel = Array.from({ length: 6 }, () => cluster.execute("SELECT current_user::text FROM pg_sleep(0.05)"));
    assert.deepEqual(await Promise.all(parallel), Array(6).fill([[name]]));
  },
);

asEachDeployer("become takes any name", async (scene) => {
  for (const name of hostileNames()) {
    await scene.ask(`CREATE ROLE ${pg.escapeIdentifier(name)} ROLE ${scene.deployer.name}`);
    const cluster = await scene.connect({ become: name });
    assert.equal((await whoAmI(cluster))[0]?.[0], name);
    await cluster.close();
  }
});

onEachServer("a role that cannot be become is named with what to check", async (scene) => {
  const error = await failure(scene.connect({ become: "nobody by this name" }), InvalidValueError);
  assert.equal(error.sqlstate, "22023");
  assert.match(error.message, /role "nobody by this name" does not exist\. Check become \(SET ROLE /);
});

asEachDeployer("a wrong password and a missing database: who, where, why, what to do, and no secret", async (scene) => {
  const { server, deployer } = scene;
  const at = `PostgreSQL at ${server.host}:${server.port}: cannot connect as "${deployer.name}" to database `;
  const started = Date.now();
  const refused = await failure(scene.connect({ password: "wr0ng-secret" }), ConnectionError);
  assert.equal(refused.sqlstate, "28P01");
  assert.equal(
    refused.message,
    `${at}"postgres": password authentication failed for user "${deployer.name}". ` +
      "Check user and password of the Provider, and the server's pg_hba.conf",
  );
  assert.doesNotMatch(JSON.stringify(refused) + refused.stack, /wr0ng-secret/);
  const missing = await failure(scene.connect({ database: 'no "such' }), NotFoundError);
  assert.equal(missing.sqlstate, "3D000");
  assert.equal(missing.message, `${at}"no ""such": database "no "such" does not exist. Check the name of the database`);
  assert.ok(Date.now() - started < 5_000, "neither is tried again");
  const none = await failure(scene.connect({ password: "", url: `postgresql://${server.host}` }), ConnectionError);
  assert.match(none.message, /password/);
});

onEachServer(
  "a role at its CONNECTION LIMIT is not tried again, and is not told that the server is away",
  async (scene) => {
    const name = uniqueName("limited");
    await scene.ask(`CREATE ROLE ${name} LOGIN PASSWORD 'x12345' CONNECTION LIMIT 0`);
    const started = Date.now();
    const error = await failure(scene.connect({ user: name, password: "x12345" }), ConnectionError);
    assert.equal(error.sqlstate, "53300");
    assert.ok(Date.now() - started < 5_000);
    assert.doesNotMatch(error.message, /reachable/);
  },
);

/** How many connections of this name are open, as the server sees it. */
async function sessions(scene: Scene, applicationName: string): Promise<number> {
  const [row] = await scene.ask("SELECT count(*)::int FROM pg_stat_activity WHERE application_name = $1", [
    applicationName,
  ]);
  return row![0] as number;
}

asEachDeployer("isConnected and close", async (scene) => {
  const applicationName = uniqueName("app");
  const cluster = await scene.connect({ applicationName });
  assert.equal(cluster.adapter.isConnected, true);
  assert.equal(cluster.adapter.database, "postgres");
  await Promise.all([1, 2, 3].map(() => cluster.execute("SELECT pg_sleep(0.05)")));
  assert.ok((await sessions(scene, applicationName)) > 1);
  const running = cluster.execute("SELECT 7 FROM pg_sleep(0.3)");
  await sleep(50);
  await cluster.close();
  assert.equal(cluster.adapter.isConnected, false);
  assert.deepEqual(await running, [[7]], "what was under way ends as it should");
  await cluster.close();
  await assert.rejects(cluster.execute("SELECT 1"), /the cluster is closed/);
  for (let i = 0; i < 40 && (await sessions(scene, applicationName)) > 0; i++) await sleep(50);
  assert.equal(await sessions(scene, applicationName), 0);
});

onEachServer("the system asks within a minute whether a silent server is there still", async (scene) => {
  const { setKeepAlive } = Socket.prototype;
  const asked: unknown[][] = [];
  Socket.prototype.setKeepAlive = function (this: Socket, ...given) {
    asked.push(given);
    return setKeepAlive.apply(this, given);
  };
  try {
    await scene.connect();
  } finally {
    Socket.prototype.setKeepAlive = setKeepAlive;
  }
  assert.notEqual(asked.length, 0);
  for (const given of asked) assert.deepEqual(given, [true, 30_000]);
});

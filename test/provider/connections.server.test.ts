import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { AlreadyExistsError, type Cluster, ConnectionError, NotFoundError, ObjectInUseError } from "../../provider";
import type { Adapter, Session } from "../../provider/adapter";
import { freshDatabase, uniqueName } from "../support/postgres-fixture";
import { startProxy } from "../support/proxy";
import { asEachDeployer, asRestricted, failure, onEachServer, type Scene } from "./scene";

/** A role of its own, so that its sessions can be counted, and the server itself refuses one too many. */
async function countedRole(scene: Scene, limit: number): Promise<{ user: string; password: string }> {
  const user = uniqueName("counted");
  await scene.ask(`CREATE ROLE ${user} LOGIN CREATEDB CREATEROLE PASSWORD 'x12345' CONNECTION LIMIT ${limit}`);
  return { user, password: "x12345" };
}

/** Counts the role's sessions over and over until told to stop; the most there were. */
async function peakSessions(scene: Scene, user: string): Promise<() => Promise<number>> {
  const admin = await scene.client();
  let running = true;
  let peak = 0;
  const sampling = (async () => {
    while (running) {
      const { rows } = await admin.query("SELECT count(*)::int AS n FROM pg_stat_activity WHERE usename = $1", [user]);
      peak = Math.max(peak, rows[0].n);
    }
  })();
  return async () => {
    running = false;
    await sampling;
    return peak;
  };
}

for (const maxConnections of [1, 3]) {
  onEachServer(`never more than ${maxConnections} connections, over several databases`, async (scene) => {
    const role = await countedRole(scene, maxConnections);
    const databases = await Promise.all([1, 2, 3].map(() => freshDatabase(scene.server)));
    const names = ["postgres", ...databases.map(({ name }) => name)];
    const cluster = await scene.connect({ ...role, maxConnections });
    const stop = await peakSessions(scene, role.user);
    const answers = await Promise.all(
      Array.from({ length: 60 }, async (_, i) => {
        const here = cluster.in(names[i % names.length]!);
        if (i % 3 === 0) return here.schemas.has("public");
        if (i % 3 === 1) return here.transaction(({ execute }) => execute("SELECT current_database()::text"));
        return here.execute("SELECT current_database()::text FROM pg_sleep(0.01)");
      }),
    );
    const peak = await stop();
    for (const [i, answer] of answers.entries()) {
      assert.deepEqual(answer, i % 3 === 0 ? true : [[names[i % names.length]]]);
    }
    assert.ok(peak <= maxConnections, `${peak} at one time`);
    if (maxConnections > 1) assert.ok(peak > 1, "they run side by side");
  });
}

asEachDeployer("a whole life of objects with one connection: no operation needs two", async (scene) => {
  const cluster = await scene.connect({ maxConnections: 1 });
  const [owner, name] = [uniqueName("owner"), uniqueName("life")];
  await cluster.roles.create({ name: owner });
  const database = await cluster.databases.create({ name, owner });
  const schema = await cluster.in(name).schemas.create({ name: "s", owner });
  await failure((await cluster.roles.get(owner)).drop(), Error);
  await schema.drop();
  await database.alter({ name: `${name}_2` });
  await database.drop();
  await (await cluster.roles.get(owner)).drop();
});

onEachServer("idle connections to other databases close within about a second; the first one stays", async (scene) => {
  const role = await countedRole(scene, 10);
  const { name } = await freshDatabase(scene.server);
  const cluster = await scene.connect(role);
  await Promise.all(Array.from({ length: 4 }, () => cluster.in(name).execute("SELECT pg_sleep(0.05)")));
  const where = async () =>
    (
      await scene.ask("SELECT DISTINCT datname::text FROM pg_stat_activity WHERE usename = $1 ORDER BY 1", [role.user])
    ).flat();
  assert.deepEqual((await where()).includes(name), true);
  await sleep(1_300);
  assert.deepEqual(await where(), ["postgres"]);
});

asEachDeployer("drop, rename and use as a template succeed while reads go on there", async (scene) => {
  const cluster = await scene.connect({ maxConnections: 4 });
  const name = uniqueName("busy");
  let database = await cluster.databases.create({ name });
  let current = name;
  let [reading, renaming] = [true, false];
  const reads = Array.from({ length: 3 }, async () => {
    let count = 0;
    while (reading) {
      const [here, moving] = [current, renaming];
      const done = await cluster
        .in(here)
        .execute("SELECT pg_sleep(0.005)")
        .catch((error: Error) => error);
      if (Array.isArray(done)) count++;
      else if (!(done instanceof NotFoundError) || !(moving || renaming || here !== current)) return done;
    }
    return count;
  });
  for (let i = 0; i < 3; i++) {
    await cluster.databases.create({ name: `${name}_copy${i}`, template: current });
    renaming = true;
    await database.alter({ name: `${name}_${i}` });
    current = `${name}_${i}`;
    renaming = false;
    await sleep(30);
  }
  reading = false;
  for (const count of await Promise.all(reads)) assert.ok(Number(count) > 0, String(count));
  const last = cluster.in(current);
  const lastReads = Promise.allSettled(Array.from({ length: 6 }, () => last.execute("SELECT pg_sleep(0.01)")));
  database = await cluster.databases.get(current);
  await database.drop();
  await lastReads;
  assert.equal(await cluster.databases.has(current), false);
});

asRestricted("somebody else's session in the way of a rename is reported", async (scene) => {
  const cluster = await scene.connect();
  const database = await cluster.databases.create({ name: uniqueName("occupied") });
  const client = await scene.client(database.name);
  const error = await failure(database.alter({ name: uniqueName("other") }), ObjectInUseError);
  assert.equal(error.sqlstate, "55006");
  assert.match(error.message, new RegExp(`^database "${database.name}": cannot alter: .*1 other session`));
  await client.end();
});

/** Terminates every session of a role but those that are asked from. */
const killAll = (scene: Scene, user: string) =>
  scene.ask("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = $1", [user]);

onEachServer("killed sessions are replaced, idle or in the middle of changes", async (scene) => {
  const role = await countedRole(scene, 10);
  const cluster = await scene.connect(role);
  const { name } = await freshDatabase(scene.server);
  const work = (here: Cluster) => Promise.all([1, 2, 3].map(() => here.execute("SELECT pg_sleep(0.02)")));
  for (let i = 0; i < 3; i++) {
    await Promise.all([work(cluster), work(cluster.in(name))]);
    await killAll(scene, role.user);
    assert.deepEqual(await cluster.execute("SELECT 1"), [[1]]);
    assert.deepEqual(await cluster.in(name).execute("SELECT 1"), [[1]]);
  }
  const running = failure(cluster.execute("SELECT pg_sleep(10)"), ConnectionError);
  await sleep(100);
  await killAll(scene, role.user);
  assert.equal((await running).sqlstate, "57P01");
  assert.deepEqual(await cluster.execute("SELECT 1"), [[1]]);
});

/** The core through a proxy that can cut connections. */
async function throughProxy(
  scene: Scene,
  task: (cluster: Cluster, proxy: Awaited<ReturnType<typeof startProxy>>) => Promise<void>,
) {
  const proxy = await startProxy(scene.server);
  try {
    await task(await scene.connect({ host: proxy.host, port: proxy.port, sslMode: "disable" }), proxy);
  } finally {
    await proxy.close();
  }
}

asEachDeployer("a connection cut at COMMIT: done once, whether the server got it or not", async (scene) => {
  await throughProxy(scene, async (cluster, proxy) => {
    for (const where of ["before", "after"] as const) {
      for (const times of [1, 3]) {
        const cutsBefore = proxy.cuts;
        proxy.cutAtCommit(where, times);
        const name = uniqueName(where);
        const role = await cluster.roles.create({ name, connectionLimit: 3 });
        const made = await scene.ask("SELECT oid::int, rolconnlimit FROM pg_roles WHERE rolname = $1", [name]);
        assert.deepEqual(made, [[role.oid, 3]]);
        // Once it is committed no COMMIT is left to be cut.
        assert.equal(proxy.cuts - cutsBefore, where === "before" ? times : 1);
        proxy.cutAtCommit(where);
        await role.alter({ name: `${name}_2`, connectionLimit: 4 });
        const altered = await scene.ask("SELECT rolname::text, rolconnlimit FROM pg_roles WHERE oid = $1", [role.oid]);
        assert.deepEqual(altered, [[`${name}_2`, 4]]);
        proxy.cutAtCommit(where);
        await role.drop();
        assert.deepEqual(await scene.ask("SELECT 1 FROM pg_roles WHERE oid = $1", [role.oid]), []);
        proxy.cutAtCommit(where, 0);
      }
    }
    const taken = await cluster.roles.create({ name: uniqueName("taken") });
    proxy.cutAtCommit("after");
    await failure(cluster.roles.create({ name: taken.name }), AlreadyExistsError);
    proxy.cutAtCommit("after", 0);
  });
});

asEachDeployer("a drop whose answer is lost is not done to another one that has the name by then", async (scene) => {
  const own = (await scene.connect()).adapter;
  const name = uniqueName("again");
  const create = `CREATE ROLE ${name}`;
  let lost = 0;
  // The server does what it is told, somebody else is quick to use the name again, and nobody hears of the first.
  const losing = (session: Session): Session =>
    Object.assign(Object.create(session) as Session, {
      query: async (...[text, ...more]: Parameters<Session["query"]>) => {
        const answer = await session.query(text, ...more);
        if (!text.includes("DROP ROLE")) return answer;
        lost += 1;
        await scene.ask(create);
        throw new Error("Connection terminated unexpectedly");
      },
    });
  const adapter: Adapter = {
    isConnected: true,
    database: own.database,
    use: (database, task) => own.use(database, (session) => task(losing(session))),
    without: (database, task) => own.without(database, task),
    close: () => own.close(),
  };
  const { roles } = await scene.connect({ adapter });
  const role = await roles.create({ name });
  await role.drop();
  assert.equal(lost, 1);
  const left = await scene.ask("SELECT oid::int FROM pg_roles WHERE rolname = $1", [name]);
  assert.ok(left.length === 1 && left[0]?.[0] !== role.oid);
  await scene.ask(`DROP ROLE ${name}`);
});

onEachServer("connections that are cut between operations are replaced", async (scene) => {
  await throughProxy(scene, async (cluster, proxy) => {
    const name = uniqueName("cut");
    await cluster.roles.create({ name });
    for (let i = 0; i < 3; i++) {
      proxy.cutAll();
      await sleep(20);
      assert.equal(await cluster.roles.has(name), true);
    }
    assert.equal(proxy.accepted, 4);
  });
});

asEachDeployer("a template that somebody connects to for a moment is waited for", async (scene) => {
  const cluster = await scene.connect();
  const template = uniqueName("template");
  await cluster.databases.create({ name: template });
  const visitor = await scene.client(template);
  setTimeout(() => void visitor.end(), 300);
  const copy = await cluster.databases.create({ name: uniqueName("copy"), template });
  const found = await scene.ask(`SELECT 1 FROM pg_database WHERE datname = ${pg.escapeLiteral(copy.name)}`);
  assert.equal(found.length, 1);
});

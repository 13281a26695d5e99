/** Through PgBouncer: everything in session mode, and a clear sentence in the others. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { test } from "node:test";
import pg from "pg";
import { Cluster, type ClusterOptions, ConnectionError } from "../../provider";
import { findPgBouncer, type PgBouncer, startPgBouncer } from "../support/pgbouncer";
import { uniqueName } from "../support/postgres-fixture";
import { asEachDeployer, failure, onEachServer, type Scene } from "./scene";
import { Engine } from "./through-hooks";

const program = findPgBouncer();

/** Runs a body with a PgBouncer in front of the scene's server, and a way to connect the core through it. */
async function through(
  scene: Scene,
  mode: "session" | "transaction" | "statement",
  body: (connect: (options?: ClusterOptions) => Promise<Cluster>, bouncer: PgBouncer) => Promise<void>,
): Promise<void> {
  const bouncer = await startPgBouncer(program!, scene.server, [scene.deployer], mode);
  const open: Cluster[] = [];
  try {
    await body(async (options) => {
      const { host, port } = bouncer;
      const cluster = await scene.connect({ host, port, connectTimeout: "5s", ...options });
      open.push(cluster);
      return cluster;
    }, bouncer);
  } finally {
    await Promise.all(open.map((cluster) => cluster.close()));
    await bouncer.stop();
  }
}

const SHARED =
  /a pooler gives each transaction a session of the server that others use as well.* Use pool_mode = session/;

// Where there is no PgBouncer, the test run says so at its end.
if (program !== undefined) {
  for (const maxConnections of [1, 4]) {
    asEachDeployer(`session mode: a whole life of every type, with ${maxConnections} connections`, async (scene) => {
      await through(scene, "session", async (connect) => {
        const group = uniqueName("group");
        await scene.ask(`CREATE ROLE ${group} CREATEDB CREATEROLE REPLICATION ROLE ${scene.deployer.name}`);
        const superuser = scene.deployer.superuser;
        const cluster = await connect({ maxConnections, lockTimeout: "7s", ...(superuser ? {} : { become: group }) });
        const [[timeout, role] = []] = await cluster.execute(
          "SELECT current_setting('lock_timeout'), current_user::text",
        );
        assert.deepEqual([timeout, role], ["7s", superuser ? scene.deployer.name : group]);
        const engine = new Engine(cluster);
        const name = uniqueName("life");
        const inputs = { name, login: true, password: "s3cret", comment: "it's" };
        let login = await engine.create("Role", inputs);
        assert.deepEqual(await engine.read(login), inputs);
        login = await engine.update(login, { ...inputs, connectionLimit: 5, config: { work_mem: "1MB" } });
        let shop = await engine.create("Database", { name });
        const schema = await engine.create("Schema", { database: name, name: "sales", comment: "c" });
        let numbers = await engine.create("Sequence", { database: name, schema: "sales", name: "no", start: 7 });
        numbers = await engine.update(numbers, { database: name, schema: "sales", name: "number", increment: 2 });
        const copy = await engine.create("Database", { name: `${name}_copy`, template: name });
        shop = await engine.update(shop, { name: `${name}_2`, connectionLimit: 9 });
        const moved = await engine.update(schema, { database: `${name}_2`, name: "sales", comment: null });
        assert.deepEqual(await engine.read(moved), { database: `${name}_2`, name: "sales", comment: null });
        const slot = { type: "logical", name, database: `${name}_2`, plugin: "pgoutput" };
        if (superuser) await engine.delete(await engine.create("ReplicationSlot", slot));
        await engine.delete({ ...numbers, outputs: { ...numbers.outputs, database: `${name}_2` } });
        await engine.delete(moved);
        for (const resource of [copy, shop, login]) await engine.delete(resource);
        assert.deepEqual(await scene.ask("SELECT datname FROM pg_database WHERE starts_with(datname, $1)", [name]), []);
      });
    });
  }

  onEachServer("session mode: what a pooler keeps of processes that have ended is not in the way", async (scene) => {
    await through(scene, "session", async (connect) => {
      const name = uniqueName("kept");
      const first = await connect();
      await first.databases.create({ name });
      await first.close();
      // Whoever ends without a word, or knows nothing of this, leaves sessions behind.
      const before = await Promise.all([1, 2, 3].map(() => connect({ database: name })));
      await Promise.all(before.map((cluster) => cluster.execute("SELECT pg_sleep(0.05)")));
      await Promise.all(before.map((cluster) => cluster.close()));
      const inside = "SELECT count(*)::int FROM pg_stat_activity WHERE datname = $1";
      assert.ok(((await scene.ask(inside, [name]))[0]?.[0] as number) >= 3, "they are kept");
      const cluster = await connect();
      await cluster.databases.create({ name: `${name}_copy`, template: name });
      const database = await cluster.databases.get(name);
      await database.alter({ name: `${name}_2` });
      await database.drop();
      await (await cluster.databases.get(`${name}_copy`)).drop();

      // Somebody who is connected is nobody's to end.
      await cluster.databases.create({ name });
      const visitor = await connect({ database: name });
      const { message } = await failure((await cluster.databases.get(name)).drop(), Error);
      assert.match(message, /other sessions are in it: pid \d+ of /);
      assert.deepEqual(await visitor.execute("SELECT 1"), [[1]]);
    });
  });

  onEachServer("session mode: own sessions are known by the server's process ids", async (scene) => {
    await through(scene, "session", async (connect) => {
      const cluster = await connect();
      const [[pid] = []] = await cluster.execute("SELECT pg_backend_pid()");
      assert.deepEqual(cluster.adapter.pids, [pid]);
      const application = uniqueName("other");
      const other = await scene.client();
      await other.query(`SET application_name = '${application}'`);
      const [[victim] = []] = await scene.ask("SELECT pid FROM pg_stat_activity WHERE application_name = $1", [
        application,
      ]);
      assert.deepEqual(await cluster.terminate({ pids: [victim as number, pid as number] }), [victim]);
      assert.deepEqual(await cluster.execute("SELECT pg_backend_pid()"), [[pid]]);
    });
  });

  for (const mode of ["transaction", "statement"] as const) {
    asEachDeployer(`${mode} mode is refused before anything is set in a session`, async (scene) => {
      await through(scene, mode, async (connect, { host, port }) => {
        const started = Date.now();
        const error = await failure(connect({ lockTimeout: "7s" }), ConnectionError);
        assert.match(error.message, SHARED);
        assert.ok(Date.now() - started < 4_000, "it is not tried again");
        const { name: user, password } = scene.deployer;
        const other = new pg.Client({ host, port, user, password, database: "postgres", ssl: false });
        await other.connect();
        const { rows } = await other.query("SELECT current_setting('lock_timeout') AS timeout");
        await other.end();
        assert.deepEqual(rows, [{ timeout: "0" }], "whoever has the session next finds it as it was");
      });
    });
  }

  onEachServer(
    "transaction mode with one connection: refused as soon as the session changes, nothing done",
    async (scene) => {
      await through(scene, "transaction", async (connect, { host, port }) => {
        const cluster = await connect({ maxConnections: 1 });
        const name = uniqueName("moved");
        await cluster.roles.create({ name });
        // Somebody else is given the session that was ours; ours is then another one.
        const { name: user, password } = scene.deployer;
        const other = await Cluster.connect({ host, port, user, password, maxConnections: 1 });
        await other.transaction(async ({ execute }) => {
          await execute("SELECT 1");
          const error = await failure(cluster.roles.create({ name: `${name}_2` }), ConnectionError);
          assert.match(error.message, SHARED);
          assert.match((await failure((await cluster.roles.get(name)).alter({ login: true }), Error)).message, SHARED);
        });
        await other.close();
        const made = await scene.ask("SELECT rolname, rolcanlogin FROM pg_roles WHERE starts_with(rolname, $1)", [
          name,
        ]);
        assert.deepEqual(made, [[name, false]]);
      });
    },
  );

  onEachServer("a login that PgBouncer refuses is not tried again, and told with what to do", async (scene) => {
    await through(scene, "session", async (connect) => {
      const started = Date.now();
      const wrong = await failure(connect({ password: "wr0ng-secret" }), ConnectionError);
      assert.match(wrong.message, /SASL authentication failed\. Check user and password of the Provider/);
      process.env.PGOPTIONS = "-c work_mem=1MB";
      try {
        const { message } = await failure(connect(), ConnectionError);
        assert.match(message, /unsupported startup parameter: options\. A pooler is in between: leave PGOPTIONS/);
      } finally {
        delete process.env.PGOPTIONS;
      }
      assert.ok(Date.now() - started < 4_000);
    });
  });
}

test("a refusal in the manner of poolers (08P01) is final", async () => {
  let asked = 0;
  const fields = Buffer.from("SFATAL\0VFATAL\0C08P01\0Mno such database: shop\0\0");
  const answer = Buffer.concat([Buffer.from([0x45, 0, 0, 0, fields.length + 4]), fields]);
  const fake = createServer((socket) => {
    socket
      .on("error", () => undefined)
      .once("data", () => {
        asked += 1;
        socket.end(answer);
      });
  }).listen(0, "127.0.0.1");
  await once(fake, "listening");
  const { port } = fake.address() as AddressInfo;
  const login = { host: "127.0.0.1", port, user: "u", password: "x", sslMode: "disable" } as const;
  const error = await failure(Cluster.connect({ ...login, connectTimeout: "5s" }), ConnectionError);
  fake.close();
  assert.equal(asked, 1);
  assert.match(error.message, /no such database: shop/);
});

import assert from "node:assert/strict";
import { ConnectionError, PostgresError, sql } from "../../provider";
import type { Adapter } from "../../provider/adapter";
import { PgSession } from "../../provider/pg-session";
import { writingOutright } from "../../provider/transaction";
import { freshDatabase } from "../support/postgres-fixture";
import { startProxy } from "../support/proxy";
import { asEachDeployer, failure, onEachServer, type Scene } from "./scene";

/** The core in a database of the test with the table `t`, and what that table holds by plain pg. */
async function withTable(scene: Scene) {
  const { name } = await freshDatabase(scene.server, { owner: scene.deployer.name });
  await scene.ask("CREATE TABLE t (a int UNIQUE DEFERRABLE INITIALLY DEFERRED); GRANT ALL ON t TO public", [], name);
  const cluster = await scene.connect({ database: name });
  return { cluster, name, held: async () => (await scene.ask("SELECT a FROM t ORDER BY a", [], name)).flat() };
}

asEachDeployer("a cursor hands rows out one by one, some, or all", async (scene) => {
  const { cluster, held } = await withTable(scene);
  const result = await cluster.executeWithCursor(async (cursor) => {
    await cursor.execute("SELECT i, i * 2 FROM generate_series(1, $1::int) AS i", 6);
    assert.equal(cursor.rowCount, 6);
    assert.deepEqual(cursor.fetchOne(), [1, 2]);
    assert.deepEqual(cursor.fetchMany(2), [
      [2, 4],
      [3, 6],
    ]);
    assert.deepEqual(cursor.fetchAll(), [
      [4, 8],
      [5, 10],
      [6, 12],
    ]);
    assert.equal(cursor.fetchOne(), null);
    assert.deepEqual(cursor.fetchMany(3), []);
    assert.deepEqual(cursor.fetchAll(), []);
    await cursor.execute(sql`INSERT INTO t VALUES (${1}), (${2}) RETURNING a`);
    assert.deepEqual(cursor.fetchAll(), [[1], [2]]);
    await cursor.execute("DELETE FROM t WHERE a = 2");
    assert.equal(cursor.fetchOne(), null);
    assert.deepEqual(await held(), [], "not committed before the end");
    return "what the task returns";
  });
  assert.equal(result, "what the task returns");
  assert.deepEqual(await held(), [1]);
  assert.equal(await cluster.executeWithCursor(() => 5), 5);
});

asEachDeployer("a cursor counts what was changed, repeats a statement, and hands out single values", async (scene) => {
  const { cluster, held } = await withTable(scene);
  await cluster.executeWithCursor(async (cursor) => {
    assert.deepEqual([cursor.rowCount, cursor.command], [0, ""]);
    await cursor.executeMany("INSERT INTO t VALUES ($1)", [1, [2], [3]]);
    assert.deepEqual([cursor.rowCount, cursor.command, cursor.fetchOne()], [3, "INSERT", null]);
    await cursor.execute("UPDATE t SET a = a + 10 WHERE a > 1");
    assert.deepEqual([cursor.rowCount, cursor.command, cursor.fetchAll()], [2, "UPDATE", []]);
    await cursor.executeMany("SELECT 1", []);
    assert.equal(cursor.rowCount, 0);
    assert.equal(await cursor.scalar("SELECT max(a) FROM t"), 13);
    assert.equal(await cursor.scalar("SELECT a, 'x' FROM t WHERE a < $1 ORDER BY a DESC", 13), 12);
    assert.equal(await cursor.scalar("SELECT a FROM t WHERE false"), null);
    assert.equal(await cursor.scalar(sql`SELECT ${"it's"}`), "it's");
  });
  assert.deepEqual(await held(), [1, 12, 13]);
  const many = cluster.executeWithCursor((cursor) => cursor.executeMany("INSERT INTO t VALUES ($1)", [7, "x"]));
  await assert.rejects(many, PostgresError);
  assert.deepEqual(await held(), [1, 12, 13], "all of them or none");
});

asEachDeployer("cursor and transaction are rolled back on any error, which is passed on", async (scene) => {
  const { cluster, held } = await withTable(scene);
  const mine = new Error("mine");
  await assert.rejects(
    cluster.executeWithCursor(async (cursor) => {
      await cursor.execute("INSERT INTO t VALUES (1)");
      throw mine;
    }),
    (error) => error === mine,
  );
  // Errors of Node have a code, too.
  const withCode = Object.assign(new Error("no such file"), { code: "ENOENT", errno: -2 });
  await assert.rejects(
    cluster.transaction(async ({ execute }) => {
      await execute("INSERT INTO t VALUES (2)");
      throw withCode;
    }),
    (error) => error === withCode,
  );
  const failed = await failure(
    cluster.transaction(async ({ execute, query }) => {
      assert.deepEqual(await query("INSERT INTO t VALUES ($1) RETURNING a", 3), [{ a: 3 }]);
      await execute("SELECT 1 / 0");
    }),
    PostgresError,
  );
  assert.equal(failed.sqlstate, "22012");
  // An error that the task swallows leaves an aborted transaction, whose COMMIT rolls back.
  const swallowed = cluster.transaction(async ({ execute }) => {
    await execute("INSERT INTO t VALUES (4)");
    await execute("SELECT 1 / 0").catch(() => undefined);
  });
  await assert.rejects(swallowed, PostgresError);
  const deferred = await failure(
    cluster.transaction(({ execute }) => execute("INSERT INTO t VALUES (5), (5)")),
    PostgresError,
  );
  assert.equal(deferred.sqlstate, "23505", "an error that comes at COMMIT");
  assert.deepEqual(await held(), []);
  assert.deepEqual(await cluster.execute("SELECT 1"), [[1]], "the connection goes on");
});

asEachDeployer("a transaction that a text leaves open does not leak into what comes next", async (scene) => {
  const { cluster, held } = await withTable(scene);
  await cluster.execute("BEGIN; INSERT INTO t VALUES (1)");
  await cluster.execute("INSERT INTO t VALUES (2)");
  assert.deepEqual(await held(), [2]);
  await assert.rejects(cluster.execute("BEGIN; SELECT 1 / 0"), PostgresError);
  assert.deepEqual(await cluster.execute("SELECT 1"), [[1]]);
});

onEachServer("transactions run side by side", async (scene) => {
  const { cluster, held } = await withTable(scene);
  await Promise.all(
    Array.from({ length: 12 }, (_, i) =>
      cluster.transaction(async ({ execute }) => {
        await execute("INSERT INTO t VALUES ($1)", i);
        await execute("SELECT pg_sleep(0.02)");
        if (i % 2 === 1) throw new Error("odd");
      }),
    ).map((done, i) => (i % 2 === 0 ? done : assert.rejects(done, /odd/))),
  );
  assert.deepEqual(await held(), [0, 2, 4, 6, 8, 10]);
});

onEachServer("a session that is killed, or a connection that is cut, in a transaction", async (scene) => {
  const { name, held } = await withTable(scene);
  const proxy = await startProxy(scene.server);
  const cluster = await scene.connect({ ...proxy, database: name, sslMode: "disable" });
  try {
    const killed = await failure(
      cluster.transaction(async ({ execute }) => {
        const [[pid] = []] = await execute("INSERT INTO t VALUES (1) RETURNING pg_backend_pid()");
        await scene.ask("SELECT pg_terminate_backend($1, 5000)", [pid]);
        await execute("SELECT 1");
      }),
      ConnectionError,
    );
    assert.match(killed.message, /terminat|connection/i);
    const cut = cluster.transaction(async ({ execute }) => {
      await execute("INSERT INTO t VALUES (2)");
      proxy.cutAll();
      await execute("SELECT 1");
    });
    await failure(cut, ConnectionError);
    assert.deepEqual(await held(), []);

    for (const where of ["before", "after"] as const) {
      proxy.cutAtCommit(where);
      await failure(
        cluster.transaction(({ execute }) => execute("INSERT INTO t VALUES (3)")),
        ConnectionError,
      );
      assert.deepEqual(await held(), where === "before" ? [] : [3]);
    }
    assert.equal(proxy.cuts, 2);
    assert.deepEqual(await cluster.execute("SELECT 1"), [[1]], "the next operation has a new connection");
  } finally {
    await proxy.close();
  }
});

onEachServer(
  "a transaction that is one text: its settings are its own, and it is in the session that was connected to",
  async (scene) => {
    const { name } = await withTable(scene);
    const client = await scene.client(name);
    const notices: string[] = [];
    client.on("notice", ({ message }) => notices.push(message ?? ""));
    const pid = (await client.query("SELECT pg_backend_pid() AS pid")).rows[0].pid as number;
    const over = (backend: number) => {
      const session = new PgSession(client, name, backend);
      return { use: (_: unknown, task: (own: PgSession) => unknown) => task(session) } as unknown as Adapter;
    };
    const values = async () => (await client.query("SELECT a FROM t ORDER BY a")).rows.map(({ a }) => a);
    const text = (value: number) => [
      "SET LOCAL lock_timeout = 250",
      `INSERT INTO t SELECT ${value} WHERE current_setting('lock_timeout') = '250ms'`,
    ];
    await writingOutright(over(pid), name, text(1));
    assert.deepEqual([await values(), notices], [[1], []]);
    const another = await failure(writingOutright(over(pid + 1), name, text(2)), ConnectionError);
    assert.match(another.message, /pooler/);
    await assert.rejects(writingOutright(over(pid), name, [...text(3), ...text(3)]), { code: "23505" });
    assert.deepEqual(await values(), [1], "all of it or nothing");
    assert.equal((await client.query("SHOW lock_timeout")).rows[0].lock_timeout, "0");
  },
);

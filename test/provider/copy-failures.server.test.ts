import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { type Cluster, ConnectionError, PostgresError } from "../../provider";
import { freshDatabase } from "../support/postgres-fixture";
import { startProxy } from "../support/proxy";
import { failure, onEachServer, type Scene } from "./scene";

/** One connection, so that whatever a failure leaves behind meets the next statement. */
async function withTable(scene: Scene, body: (cluster: Cluster) => Promise<void>, options: object = {}): Promise<void> {
  const { name: database } = await freshDatabase(scene.server);
  const cluster = await scene.connect({ database, maxConnections: 1, ...options });
  await cluster.execute("CREATE TABLE t (id int, text text)");
  await body(cluster);
  assert.deepEqual(await cluster.execute("SELECT 1"), [[1]], "the cluster works on");
  await cluster.close();
}

const fill = (cluster: Cluster, rows: number) =>
  cluster.execute(`INSERT INTO t SELECT i, repeat('x', 1000) FROM generate_series(1, ${rows}) i`);

/** Ends the session that runs a COPY, as an administrator would. */
async function terminateCopy(scene: Scene): Promise<void> {
  const sql = `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
    WHERE query LIKE 'COPY%' AND usename = current_user AND application_name = $1 AND state = 'active'`;
  while ((await scene.ask(sql, [process.env.PGAPPNAME])).length === 0) await sleep(20);
}

/** Rows without end. */
async function* endless(each?: (rows: number) => Promise<void> | void): AsyncGenerator<string> {
  for (let rows = 0; ; rows++) {
    await each?.(rows);
    yield `${rows}\t${"y".repeat(1000)}\n`;
  }
}

const rowsLeft = async (cluster: Cluster) => (await cluster.execute("SELECT count(*)::int FROM t"))[0]?.[0];

onEachServer("progress is told in bytes, both ways, and ends with all of them", (scene) =>
  withTable(scene, async (cluster) => {
    const rows = Array.from({ length: 3000 }, (_, id) => `${id}\té${"x".repeat(100)}\n`);
    const bytes = Buffer.byteLength(rows.join(""));
    const into: number[] = [];
    await cluster.copyFrom("COPY t FROM STDIN", rows, { onProgress: (n) => into.push(n) });
    const out: number[] = [];
    const hash = createHash("sha256");
    await cluster.copyTo("COPY (SELECT * FROM t ORDER BY id) TO STDOUT", (chunks) => pipeline(chunks, hash), {
      onProgress: (n) => out.push(n),
    });
    assert.equal(hash.digest("hex"), createHash("sha256").update(rows.join("")).digest("hex"));
    for (const seen of [into, out]) {
      assert.equal(seen.at(-1), bytes);
      assert.ok(seen.length > 3 && seen.every((n, at) => at === 0 || n > seen[at - 1]!));
    }
    await failure(
      cluster.copyFrom("COPY t FROM STDIN", rows, {
        onProgress: () => {
          throw new RangeError("enough");
        },
      }),
      RangeError,
    );
    assert.equal(await rowsLeft(cluster), rows.length);
  }),
);

onEachServer("a consumer that takes its time is not flooded, and neither is a server", (scene) =>
  withTable(
    scene,
    async (cluster) => {
      await fill(cluster, 20_000);
      let [taken, ahead] = [0, 0];
      await cluster.copyTo("COPY t TO STDOUT", async (chunks) => {
        for await (const chunk of chunks) {
          taken += chunk.length;
          if (taken < 1_000_000) {
            await sleep(5);
            ahead = Math.max(ahead, process.memoryUsage().arrayBuffers);
          }
        }
      });
      assert.ok(taken > 20_000_000);
      assert.ok(ahead < 15_000_000, `${ahead} bytes were read ahead`);

      // The server waits for a lock, so it takes nothing: the source is asked for little more than the buffers hold.
      const [locker] = [await scene.client(cluster.currentDatabase)];
      await cluster.execute(
        "TRUNCATE t; CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_advisory_xact_lock_shared(7); RETURN NEW; END'; CREATE TRIGGER f BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f()",
      );
      await locker.query("SELECT pg_advisory_lock(7)");
      let asked = 0;
      const copying = cluster.copyFrom(
        "COPY t FROM STDIN",
        (async function* () {
          for await (const row of endless()) {
            if (asked === 60_000) return;
            asked++;
            yield row;
          }
        })(),
      );
      await sleep(700);
      const waited = asked;
      await locker.query("SELECT pg_advisory_unlock(7)");
      assert.equal(await copying, 60_000);
      assert.ok(waited > 0 && waited < 30_000, `${waited} rows were asked for while nothing was taken`);
    },
    { lockTimeout: 0 },
  ),
);

onEachServer("the server's backend is terminated in the middle", (scene) =>
  withTable(scene, async (cluster) => {
    await fill(cluster, 30_000);
    const slowly = async (chunks: AsyncIterable<Uint8Array>) => {
      let killed = false;
      for await (const _ of chunks) {
        if (!killed) await terminateCopy(scene);
        killed = true;
      }
    };
    await failure(cluster.copyTo("COPY t TO STDOUT", slowly), ConnectionError);
    await failure(
      cluster.copyTo("COPY t TO STDOUT", (chunks) => slowly(chunks).catch(() => {})),
      ConnectionError,
    );
    await cluster.execute("TRUNCATE t");
    const killing = endless(async (rows) => {
      if (rows === 2000) await terminateCopy(scene);
    });
    await failure(cluster.copyFrom("COPY t FROM STDIN", killing), ConnectionError);
    // A source that has nothing more to say for now does not keep the failure back.
    const silent = endless(async (rows) => {
      if (rows === 10) await new Promise(() => {});
    });
    const [error] = await Promise.all([
      failure(cluster.copyFrom("COPY t FROM STDIN", silent), ConnectionError),
      terminateCopy(scene),
    ]);
    // What was being written may have met the end of the connection first.
    assert.ok(error.sqlstate === "57P01" || /EPIPE|ECONNRESET/.test(error.message), error.message);
    assert.equal(await rowsLeft(cluster), 0);
  }),
);

onEachServer("the network goes in the middle, without a word", async (scene) => {
  const proxy = await startProxy(scene.server);
  const through = { host: proxy.host, port: proxy.port, sslMode: "disable" };
  await withTable(
    scene,
    async (cluster) => {
      await fill(cluster, 30_000);
      await failure(
        cluster.copyTo("COPY t TO STDOUT", async (chunks) => {
          for await (const _ of chunks) proxy.cutAll();
        }),
        ConnectionError,
      );
      await cluster.execute("TRUNCATE t");
      const cutting = endless((rows) => {
        if (rows === 2000) proxy.cutAll();
      });
      await failure(cluster.copyFrom("COPY t FROM STDIN", cutting), ConnectionError);
      assert.equal(await rowsLeft(cluster), 0);
    },
    through,
  );
  await proxy.close();
});

onEachServer("consumer or source fails in the middle: its own error comes out, nothing is stored", (scene) =>
  withTable(scene, async (cluster) => {
    await fill(cluster, 30_000);
    class Mine extends Error {}
    const throwing = async (chunks: AsyncIterable<Uint8Array>) => {
      for await (const _ of chunks) throw new Mine("the consumer broke");
    };
    await failure(cluster.copyTo("COPY t TO STDOUT", throwing), Mine);
    const full = new Writable({ write: (_chunk, _encoding, done) => done(new Mine("the disk is full")) });
    await failure(
      cluster.copyTo("COPY t TO STDOUT", (chunks) => pipeline(chunks, full)),
      Mine,
    );
    await cluster.execute("TRUNCATE t");
    const breaking = endless((rows) => {
      if (rows === 5000) throw new Mine("the source broke");
    });
    await failure(cluster.copyFrom("COPY t FROM STDIN", breaking), Mine);
    const destroyed = Readable.from(endless());
    setTimeout(() => destroyed.destroy(new Mine("the file is gone")), 100);
    await failure(cluster.copyFrom("COPY t FROM STDIN", destroyed), Mine);
    await failure(cluster.copyFrom("COPY t FROM STDIN", ["1\tone\n", "two\n"]), PostgresError);
    assert.equal(await rowsLeft(cluster), 0);
    assert.equal(await cluster.copyFrom("COPY t FROM STDIN", ["1\tone\n"]), 1);
  }),
);

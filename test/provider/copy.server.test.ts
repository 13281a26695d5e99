import assert from "node:assert/strict";
import test from "node:test";
import { Cluster, NotFoundError, PostgresError } from "../../provider";
import { freshDatabase, servers, type TestServer } from "../support/postgres-fixture";

async function onCluster(server: TestServer, body: (cluster: Cluster) => Promise<void>): Promise<void> {
  const { name } = await freshDatabase(server);
  const { host, port, superuser: user, password } = server;
  const cluster = await Cluster.connect({ host, port, user, password, database: name, maxConnections: 1 });
  try {
    await cluster.execute("CREATE TABLE t (id int, text text)");
    await body(cluster);
  } finally {
    await cluster.close();
  }
}

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  let text = "";
  for await (const chunk of chunks) text += Buffer.from(chunk).toString("latin1");
  return text;
}

for (const server of servers) {
  test(`COPY carries rows in and out (PostgreSQL ${server.version})`, () =>
    onCluster(server, async (cluster) => {
      const rows = Array.from({ length: 50_000 }, (_, id) => `${id}\trow ${id}\n`);
      assert.equal(await cluster.copyFrom("COPY t FROM STDIN", rows), rows.length);
      assert.equal(await cluster.copyTo("COPY (SELECT * FROM t ORDER BY id) TO STDOUT", collect), rows.join(""));
      const bytes = async function* () {
        yield Buffer.from("-1,one\n-2");
        yield ",two\n";
      };
      assert.equal(await cluster.copyFrom("COPY t FROM STDIN (FORMAT csv)", bytes()), 2);
    }));

  test(`a COPY that fails at either end leaves a connection that works (PostgreSQL ${server.version})`, () =>
    onCluster(server, async (cluster) => {
      const broken = async function* () {
        yield "1\tone\n";
        throw new Error("the source broke");
      };
      await assert.rejects(cluster.copyFrom("COPY t FROM STDIN", broken()), /the source broke/);
      await assert.rejects(cluster.copyFrom("COPY t FROM STDIN", ["no number\n"]), PostgresError);
      await assert.rejects(cluster.copyFrom("COPY nowhere FROM STDIN", ["1\n"]), NotFoundError);
      await assert.rejects(cluster.copyTo("COPY nowhere TO STDOUT", collect), NotFoundError);
      assert.deepEqual(await cluster.query("SELECT count(*) FROM t"), [{ count: "0" }]);

      await cluster.execute("INSERT INTO t SELECT i, repeat('x', 1000) FROM generate_series(1, 20000) i");
      const stopsEarly = async (chunks: AsyncIterable<Uint8Array>) => {
        for await (const _ of chunks) return "enough";
        return "nothing";
      };
      assert.equal(await cluster.copyTo("COPY t TO STDOUT", stopsEarly), "enough");
      const breaks = async () => {
        throw new Error("the consumer broke");
      };
      await assert.rejects(cluster.copyTo("COPY t TO STDOUT", breaks), /the consumer broke/);
      assert.deepEqual(await cluster.query("SELECT count(*) FROM t"), [{ count: "20000" }]);
    }));
}

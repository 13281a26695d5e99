import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Cluster, ConnectionError } from "../../provider";
import { startServer } from "../support/postgres";
import { versions } from "../support/versions";
import { failure } from "./scene";

test("nothing listening: given up after connectTimeout", async () => {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  const started = Date.now();
  const error = await failure(
    Cluster.connect({ host: "127.0.0.1", port, user: "u", password: "hunter22", connectTimeout: "700ms" }),
    ConnectionError,
  );
  const took = Date.now() - started;
  assert.ok(took >= 500 && took < 3_000, `${took} ms`);
  assert.match(
    error.message,
    new RegExp(`^PostgreSQL at 127\\.0\\.0\\.1:${port}: cannot connect as "u" .*ECONNREFUSED`),
  );
  assert.match(error.message, /Check that the server is running there and reachable from here$/);
  assert.doesNotMatch(error.message, /hunter22/);
});

test("a server that accepts and says nothing: given up about connectTimeout later", async () => {
  const mute = createServer((socket) => socket.on("error", () => undefined).resume()).listen(0, "127.0.0.1");
  await once(mute, "listening");
  const { port } = mute.address() as AddressInfo;
  const started = Date.now();
  await failure(
    Cluster.connect({ host: "127.0.0.1", port, user: "u", password: "x", connectTimeout: 1000 }),
    ConnectionError,
  );
  const took = Date.now() - started;
  assert.ok(took < 4_000, `${took} ms`);
  mute.close();
  await once(mute, "close"); // which waits for connections that were left open
});

/** An ErrorResponse as a server that is starting up answers, to whatever it is asked. */
function startingUp(): Buffer {
  const fields = Buffer.from("SFATAL\0VFATAL\0C57P03\0Mthe database system is starting up\0\0");
  const head = Buffer.from([0x45, 0, 0, 0, fields.length + 4]);
  return Buffer.concat([head, fields]);
}

test("a server that is still starting: tried again for connectTimeout, and said so", async () => {
  let asked = 0;
  const fake = createServer((socket) => {
    socket
      .on("error", () => undefined)
      .once("data", () => {
        asked += 1;
        socket.end(startingUp());
      });
  }).listen(0, "127.0.0.1");
  await once(fake, "listening");
  const { port } = fake.address() as AddressInfo;
  const started = Date.now();
  const error = await failure(
    Cluster.connect({ host: "127.0.0.1", port, user: "u", password: "x", connectTimeout: 1000, sslMode: "disable" }),
    ConnectionError,
  );
  fake.close();
  assert.equal(error.sqlstate, "57P03");
  assert.match(error.message, /the database system is starting up/);
  assert.ok(asked > 2, `asked ${asked} times`);
  const took = Date.now() - started;
  assert.ok(took >= 700 && took < 3_500, `${took} ms`);
});

for (const version of versions) {
  test(`PostgreSQL ${version}: a server that comes up while we are trying, and one that restarts`, async () => {
    const server = await startServer({ version });
    try {
      await server.stop("immediate");
      const { port, superuser: user, password } = server;
      const connecting = Cluster.connect({ host: "127.0.0.1", port, user, password, connectTimeout: "30s" });
      await sleep(300);
      await server.start();
      const cluster = await connecting;
      await cluster.roles.create({ name: "before" });
      await server.stop();
      await server.start();
      assert.equal((await cluster.roles.get("before")).name, "before", "idle connections that died are replaced");

      const restart = server.stop().then(() => server.start());
      const made = await Promise.all(
        Array.from({ length: 10 }, (_, i) => cluster.roles.create({ name: `during_${i}` }).then(({ name }) => name)),
      );
      await restart;
      for (const [i, name] of made.entries()) assert.equal((await cluster.roles.get(`during_${i}`)).name, name);
      await cluster.close();
    } finally {
      await server.remove();
    }
  });
}

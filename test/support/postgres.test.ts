import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { runningServer, type Server, startServer, temporaryRoot } from "./postgres";
import { postmasterPid } from "./postgres-process";
import { versions } from "./versions";

async function ask(server: Server, sql: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: server.url() });
  await client.connect();
  try {
    return (await client.query({ text: sql, rowMode: "array" })).rows[0]?.[0];
  } finally {
    await client.end();
  }
}

for (const version of versions) {
  test(`PostgreSQL ${version} starts, survives kill -9, restarts on its port and goes`, async () => {
    const server = await startServer({ version, settings: { wal_level: "replica", application_name: "it's" } });
    try {
      assert.match(String(await ask(server, "SHOW server_version")), new RegExp(`^${version}\\.`));
      assert.equal(await ask(server, "SHOW server_encoding"), "UTF8");
      assert.equal(await ask(server, "SHOW wal_level"), "replica");
      assert.equal(await ask(server, "SHOW application_name"), "it's");
      assert.equal(await ask(server, "SHOW listen_addresses"), "127.0.0.1");
      const { port } = server;
      await server.kill();
      await assert.rejects(ask(server, "SELECT 1"), /ECONNREFUSED/);
      await server.start();
      await server.stop();
      await server.start();
      assert.equal(server.port, port);
      assert.match(await server.log(), /statement: |execute <unnamed>: /);
    } finally {
      await server.remove();
    }
    assert.equal(existsSync(server.folder), false);
  });
}

test("a wrong password is refused", async () => {
  const server = await startServer({ version: 18 });
  const client = new pg.Client({ connectionString: server.url().replace(server.password, "wrong") });
  await assert.rejects(client.connect(), { code: "28P01" });
  await server.remove();
});

test("a server put in a folder with a space is found again, running or not, and moves off a taken port", async () => {
  const parent = await mkdtemp(join(await temporaryRoot(), "pgmob-with a space-"));
  await chmod(parent, 0o755);
  const folder = join(parent, "server");
  await mkdir(join(folder, "data"), { recursive: true });
  await writeFile(join(folder, "data", "half-made"), "what a killed initdb leaves");
  const first = await startServer({ version: 18, folder, detached: true });
  try {
    assert.equal(await ask(first, "SHOW fsync"), "on");
    const pid = await postmasterPid(first.dataDir);
    const again = await startServer({ version: 18, folder, detached: true });
    assert.equal(await postmasterPid(again.dataDir), pid);
    assert.equal(again.url(), first.url());
    await first.kill();
    assert.equal(await runningServer(folder), undefined);

    const squatter = createServer().listen(first.port, "127.0.0.1");
    await once(squatter, "listening");
    // A pid that some other process has got meanwhile.
    await writeFile(join(folder, "data", "postmaster.pid"), `${process.pid}\n${folder}/data\n`);
    const moved = await startServer({ version: 18, folder, detached: true });
    assert.notEqual(moved.port, first.port);
    assert.equal(await ask(moved, "SHOW data_directory"), join(folder, "data"));
    assert.equal((await runningServer(folder))?.port, moved.port);
    squatter.close();
    await assert.rejects(startServer({ version: 14, folder }), /holds a server of version 18, not 14/);
  } finally {
    await first.remove();
    await rm(parent, { recursive: true, force: true });
  }
});

test("a server stops and its folder goes when the process that started it is killed", async () => {
  const script = `require(${JSON.stringify(join(__dirname, "postgres.js"))}).startServer({ version: 18 })
    .then((server) => { console.log(server.folder); setInterval(() => undefined, 1000); })`;
  const child = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "inherit"] });
  const [output] = (await once(child.stdout.setEncoding("utf8"), "data")) as [string];
  const folder = output.trim();
  assert.notEqual(await postmasterPid(join(folder, "data")), undefined);
  child.kill("SIGKILL");
  for (let i = 0; i < 200 && existsSync(folder); i++) await sleep(50);
  assert.equal(existsSync(folder), false);
});

test("a server that cannot start says why", async () => {
  await assert.rejects(
    startServer({ version: 18, settings: { shared_buffers: "plenty" } }),
    /did not start.*invalid value for parameter "shared_buffers"/s,
  );
});

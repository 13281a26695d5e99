/** Passwords that change: functions, commands and the password file, for every connection. */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { type ClusterOptions, ConnectionError } from "../../provider";
import { fitClients } from "../support/clients";
import { freshDatabase, uniqueName } from "../support/postgres-fixture";
import { asEachDeployer, failure, onEachServer, type Scene } from "./scene";

/** A role whose password is another one for each login: what was valid once is not valid again. */
async function tokens(scene: Scene): Promise<{ user: string; issued: string[]; password: () => Promise<string> }> {
  const user = uniqueName("token");
  await scene.ask(`CREATE ROLE ${user} LOGIN CREATEDB`);
  const issued: string[] = [];
  const one = async () => {
    const token = `t0ken-${issued.length}-${user}`;
    issued.push(token);
    await scene.ask(`ALTER ROLE ${user} PASSWORD ${pg.escapeLiteral(token)}`);
    return token;
  };
  let last: Promise<unknown> = Promise.resolve();
  const password = () => {
    const next = last.then(one);
    last = next;
    return next;
  };
  return { user, issued, password };
}

onEachServer("a function gives a new password to each connection, and is asked for no others", async (scene) => {
  const { user, issued, password } = await tokens(scene);
  const { name } = await freshDatabase(scene.server);
  const cluster = await scene.connect({ user, password, maxConnections: 1 });
  assert.equal(issued.length, 1);
  for (let i = 0; i < 3; i++) {
    assert.deepEqual(await cluster.in(name).execute("SELECT session_user::text"), [[user]]);
    assert.deepEqual(await cluster.execute("SELECT session_user::text"), [[user]]);
    assert.deepEqual(await cluster.execute("SELECT 1"), [[1]]);
  }
  assert.equal(issued.length, 7, "one for each connection");
  await scene.ask("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = $1", [user]);
  assert.deepEqual(await cluster.execute("SELECT 1"), [[1]]);
  assert.equal(issued.length, 8);
});

onEachServer("a token that is not valid: said so, without the token", async (scene) => {
  const { user } = await tokens(scene);
  const passwords: ClusterOptions[] = [
    { password: async () => "stale-t0ken" },
    { passwordCommand: "echo stale-t0ken" },
  ];
  for (const given of passwords) {
    const error = await failure(scene.connect({ user, password: undefined, ...given }), ConnectionError);
    assert.equal(error.sqlstate, "28P01");
    assert.match(error.message, /password authentication failed/);
    assert.doesNotMatch(JSON.stringify(error) + error.stack, /stale-t0ken/);
  }
});

onEachServer("a function or a command that fails is not tried again, and is told what it was for", async (scene) => {
  let asked = 0;
  const password = async () => {
    asked++;
    throw Object.assign(new Error("the token service is down"), { code: "ECONNREFUSED" });
  };
  const started = Date.now();
  const error = await failure(scene.connect({ password }), ConnectionError);
  const { host, port, superuser } = scene.server;
  assert.equal(
    error.message,
    `PostgreSQL at ${host}:${port}: cannot connect as "${superuser}" to database "postgres": the password's function failed: the token service is down`,
  );
  const command = await failure(scene.connect({ password: undefined, passwordCommand: "exit 4" }), ConnectionError);
  assert.match(command.message, /: cannot connect as .*: passwordCommand ended with exit code 4$/);
  const slow = { password: undefined, passwordCommand: "sleep 20", connectTimeout: "1s" };
  const late = await failure(scene.connect(slow), ConnectionError);
  assert.match(late.message, /: passwordCommand took longer than connectTimeout$/);
  assert.equal(asked, 1);
  assert.ok(Date.now() - started < 8_000);
});

asEachDeployer("the password file has its say for each database", async (scene) => {
  const { name } = await freshDatabase(scene.server);
  const folder = mkdtempSync(join(tmpdir(), "pgmob-passfile-"));
  const { name: user, password } = scene.deployer;
  writeFileSync(join(folder, "pass"), `*:*:${name}:${user}:wr0ng-secret\n*:*:*:${user}:${password}\n`, { mode: 0o600 });
  process.env.PGPASSFILE = join(folder, "pass");
  try {
    const cluster = await scene.connect({ password: undefined });
    assert.deepEqual(await cluster.execute("SELECT session_user::text"), [[user]]);
    const error = await failure(cluster.in(name).execute("SELECT 1"), ConnectionError);
    assert.equal(error.sqlstate, "28P01");
    assert.doesNotMatch(error.message, /wr0ng-secret/);
  } finally {
    delete process.env.PGPASSFILE;
    rmSync(folder, { recursive: true });
  }
  const none = await failure(scene.connect({ password: undefined }), ConnectionError);
  assert.match(none.message, /the server asks for a password, and there is none\. Set password or passwordCommand/);
});

onEachServer("backups log in with such a password as well", async (scene) => {
  const clientPath = fitClients(scene.server.version);
  if (clientPath === undefined) return; // the test run says so at its end
  const { user, issued, password } = await tokens(scene);
  const { name } = await freshDatabase(scene.server, { owner: user });
  const cluster = await scene.connect({ user, password, database: name });
  const before = issued.length;
  const folder = mkdtempSync(join(tmpdir(), "pgmob-tokens-"));
  try {
    await cluster.backup({ at: "client", path: join(folder, "dump") }, { clientPath });
    assert.equal(issued.length, before + 1);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

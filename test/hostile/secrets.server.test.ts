/** What is secret to the core is nowhere: in no error, log, process, file, and not on the console. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Cluster } from "../../provider";
import type { Values } from "../../provider/definition";
import { Host } from "../../provider/host";
import type { TypeHooks } from "../../provider/type-hooks";
import { type OwnServer, onOwnServers } from "../provider/hba/own-server";
import { hooksOver } from "../provider/through-hooks";
import { fitClients } from "../support/clients";
import { randomSecrets, Watch } from "./watch";

const IMPORT = resolve(__dirname, "../../provider/import/bin.js");
/** Programs that connect by themselves have the password in their environment, which nobody else may read. */
const connects = (commandLine: string) => /pg_dump|pg_restore|psql|import\/bin\.js/.test(commandLine);

/** One server, with secrets that are watched. */
class Scene {
  readonly secrets = randomSecrets();
  readonly watch = new Watch(connects);
  readonly folder = mkdtempSync(join(tmpdir(), "pgmob-secrets-"));

  constructor(readonly own: OwnServer) {
    for (const [shape, secret] of Object.entries(this.secrets)) this.watch.add(shape, secret);
  }

  hooks(type: string, cluster: Cluster): TypeHooks {
    return hooksOver(type, Host.over(cluster));
  }

  /** Looks at what the server has logged, and what it has shown of its sessions. */
  async server(): Promise<void> {
    this.watch.text("the server's log", await this.own.server.log());
  }

  /** Looks at the statements of all sessions until the work is done. */
  async whileActive<T>(work: Promise<T>): Promise<T> {
    const client = await this.own.session();
    let done = false;
    const looking = (async () => {
      while (!done) {
        const { rows } = await client.query("SELECT json_agg(a)::text AS a FROM pg_stat_activity a");
        this.watch.text("pg_stat_activity", rows[0].a);
        await sleep(5);
      }
    })().catch(() => {}); // the server may be killed
    try {
      return await work;
    } finally {
      done = true;
      await looking;
      await client.end().catch(() => {});
    }
  }
}

function onScenes(name: string, body: (scene: Scene, cluster: Cluster) => Promise<void>, own: OwnServer): void {
  test(name, async () => {
    const scene = new Scene(own);
    const cluster = await own.connect();
    try {
      scene.watch.start();
      await scene.whileActive(body(scene, cluster));
      await scene.server();
      scene.watch.files(tmpdir(), (path) => /\/pgmob-pg\d+-[^/]*$/.test(path)); // the data of servers
    } finally {
      scene.watch.stop();
      await own.server.start(); // where it was killed
      rmSync(scene.folder, { recursive: true });
    }
    scene.watch.nothingFound();
  });
}

/** A session of the superuser that holds a role's row, so that others wait for it. */
async function holding(own: OwnServer, role: string): Promise<{ release(): Promise<void> }> {
  const client = await own.session();
  await client.query(`BEGIN; ALTER ROLE ${role} CONNECTION LIMIT 5`);
  return { release: () => client.end() };
}

onOwnServers((own) => {
  onScenes(
    "passwords of roles: created, changed, verified, and in failures of every kind",
    async ({ watch, secrets }, cluster) => {
      const hooks = hooksOver("Role", Host.over(cluster));
      for (const [shape, password] of Object.entries(secrets)) {
        const inputs: Values = { name: `role_${shape}`, login: true, password };
        const refused = [
          { ...inputs, password: `${password}\0` },
          { ...inputs, password: [password] },
          { ...inputs, password: { [password]: password } },
          { ...inputs, password: "", passwordVersion: `${password}\0`, validUntil: "x" },
        ] as Values[];
        for (const wrong of refused) {
          const { failures } = await hooks.check({}, wrong);
          assert.ok(failures.length > 0);
          for (const { property, reason } of failures)
            if (wrong.password !== "" || property !== "passwordVersion") watch.text("check", `${property} ${reason}`);
        }
        const { id, outs } = await hooks.create(inputs);
        assert.ok(String(outs.password) === password);
        watch.text("outputs beside the password", JSON.stringify({ ...outs, password: "" }));
        watch.text("diff", JSON.stringify(await hooks.diff(id, outs, { ...inputs, password: `${password}2` })));
        await watch.failure("creating it twice", hooks.create(inputs));
        const unknown = { ...inputs, name: `other_${shape}`, config: { no_such_parameter: "x" } };
        await watch.failure("a statement that fails", hooks.create(unknown));
        const half = { ...inputs, password: `${password}x`, config: { no_such_parameter: "x" } };
        await watch.failure("an update that fails", hooks.update(id, outs, half));
        const next = { ...inputs, password: `${password}${password}` };
        const { outs: later } = await hooks.update(id, outs, next);
        await cluster.execute(`ALTER ROLE role_${shape} PASSWORD NULL`);
        const read = await hooks.read(id, later);
        watch.text("what drift shows", JSON.stringify(read.inputs));
        const role = await cluster.roles.get(`role_${shape}`);
        await role.alter({ password });
        watch.text("a script", await role.script());
        watch.text("a role", JSON.stringify(role) + String(role));
      }
    },
    own,
  );

  onScenes(
    "changes that time out, lose their connection, or their server",
    async ({ watch, secrets }, cluster) => {
      const [first, second, third] = Object.values(secrets) as [string, string, string];
      const role = await cluster.roles.create({ name: "held", password: first });
      const timed = await own.connect({ lockTimeout: 100 });
      const held = await holding(own, "held");
      const late = (await timed.roles.get("held")).alter({ password: second });
      await watch.failure("a timeout", late);
      const lost = (await own.connect({ lockTimeout: "10s" })).roles
        .get("held")
        .then((one) => one.alter({ password: third }));
      await sleep(300);
      await own.ask("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock'");
      await sleep(100);
      const dead = watch.failure("a killed server", lost);
      await own.server.kill();
      await held.release().catch(() => {});
      await dead;
      await own.server.start();
      assert.ok(role);
    },
    own,
  );

  onScenes(
    "logins: refused, with what is no connection string, key or password command",
    async ({ watch, secrets, folder }) => {
      const { port, superuser: user, password: right } = own.server;
      const to = { host: "127.0.0.1", port, user };
      await own.ask("CREATE ROLE login LOGIN");
      for (const [shape, secret] of Object.entries(secrets)) {
        const encoded = encodeURIComponent(secret);
        const file = join(folder, "secret");
        writeFileSync(file, secret);
        const wrong: Record<string, object> = {
          password: { ...to, password: secret },
          url: { url: `postgresql://${user}:${encoded}@127.0.0.1:${port}/postgres` },
          "a url that is none": { url: `postgresql://${user}:${encoded}@127.0.0.1:port/postgres` },
          "a url of another kind": { url: `http://${user}:${encoded}@127.0.0.1/` },
          "a url that is not encoded": { url: `postgresql://${user}:${secret}@127.0.0.1:${port}/postgres` },
          "a url with a wrong parameter": { url: `postgresql://127.0.0.1:${port}/?password=${encoded}&no_such=x` },
          "a url beside a password": { url: `postgresql://127.0.0.1:${port}/?password=${encoded}`, password: secret },
          "a password that is none": { ...to, password: [secret] },
          "a server that is not there": { host: "127.0.0.1", port: 1, user, password: secret, connectTimeout: 50 },
          "a command that fails": { ...to, passwordCommand: `cat ${file}; exit 3` },
          "a command whose password is wrong": { ...to, passwordCommand: `cat ${file}` },
          "a key that is none": {
            ...to,
            password: right,
            sslMode: "require",
            sslCert: `-----BEGIN CERTIFICATE-----\n${secret}\n-----END CERTIFICATE-----`,
            sslKey: `-----BEGIN PRIVATE KEY-----\n${secret}\n-----END PRIVATE KEY-----`,
          },
          "a key that is not PEM": { ...to, password: right, sslMode: "require", sslCert: file, sslKey: secret },
        };
        for (const [what, settings] of Object.entries(wrong))
          await watch.failure(`${what} (${shape})`, own.connect({ password: undefined, ...settings }));
        rmSync(file);
        // A login that succeeds, with an error of the server afterwards.
        const cluster = await own.connect();
        await (await cluster.roles.get("login")).alter({ password: secret });
        const in_ = await own.connect({ user: "login", password: secret });
        await watch.failure("an error of the server", in_.execute("SELECT 1/0"));
        await watch.failure("a right that is missing", in_.roles.create({ name: "x", password: secret }));
      }
    },
    own,
  );

  onScenes(
    "options of rules of pg_hba.conf",
    async ({ watch, secrets }, cluster) => {
      const hooks = hooksOver("HbaRule", Host.over(cluster));
      for (const [shape, secret] of Object.entries(secrets)) {
        const options = { ldapserver: "l", ldapbasedn: "b", ldapbinddn: "c", ldapbindpasswd: secret };
        const rule: Values = { name: shape, type: "host", databases: ["x"], users: ["y"], address: "10.0.0.0/8" };
        const inputs = { ...rule, method: "ldap", options };
        const wrong: Values[] = [
          { ...inputs, options: { ...options, ldapbindpasswd: `${secret}\n` } },
          { ...inputs, method: "md5" },
          { ...inputs, options: [secret] },
        ];
        for (const one of wrong)
          for (const { property, reason } of (await hooks.check({}, one)).failures)
            watch.text("check", `${property} ${reason}`);
        const made = await hooks.create(inputs).catch((error: unknown) => watch.error("a server without LDAP", error));
        const without = { ...inputs, options: { ...options, ldapprefix: "p" } }; // not with a base
        await watch.failure("a rule that the server refuses", hooks.create({ ...without, name: `${shape}-2` }));
        if (made === undefined) continue;
        watch.text(
          "diff",
          JSON.stringify(
            await hooks.diff(made.id, made.outs, { ...inputs, options: { ldapbindpasswd: `${secret}x` } }),
          ),
        );
        await hooks.delete(made.id, made.outs);
      }
      assert.equal(own.bytes, own.initial);
    },
    own,
  );

  onScenes(
    "backups, restores and the import, which log in by themselves",
    async ({ watch, secrets, folder }, cluster) => {
      const clientPath = fitClients(own.version);
      for (const [shape, password] of Object.entries(secrets)) {
        const user = `dumper_${shape}`;
        await cluster.roles.create({ name: user, login: true, superuser: true, password });
        const theirs = await own.connect({ user, password });
        const path = join(folder, shape);
        if (clientPath !== undefined) {
          await theirs.backup({ at: "client", path }, { clientPath });
          watch.text("a backup", readFileSync(path, "latin1"));
          writeFileSync(join(folder, "none"), "PGDMP");
          await watch.failure(
            "a restore of a broken archive",
            theirs.restore({ at: "client", path: join(folder, "none") }, { clientPath }),
          );
          await watch.failure(
            "a backup to nowhere",
            theirs.backup({ at: "client", path: join(folder, "no", "where") }, { clientPath }),
          );
        }
        const env = {
          ...process.env,
          PGHOST: "127.0.0.1",
          PGPORT: String(own.server.port),
          PGUSER: user,
          PGMOB_DEBUG: "1",
        };
        for (const given of [password, `${password}-wrong`]) {
          const out = join(folder, `import-${shape}-${given === password}`);
          const child = spawn(process.execPath, [IMPORT, "import", "--out", out], {
            env: { ...env, PGPASSWORD: given },
          });
          let said = "";
          for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (said += text));
          const [code] = (await once(child, "close")) as [number];
          assert.equal(code === 0, given === password, said);
          watch.text("what the import says", said);
        }
      }
    },
    own,
  );

  test("what is sent as it is on purpose is found in the log, and in no error", async () => {
    const scene = new Scene(own);
    const cluster = await own.connect({ passwordEncryption: "server" });
    const hooks = scene.hooks("Role", cluster);
    for (const [shape, password] of Object.entries(scene.secrets)) {
      const inputs: Values = { name: `plain_${shape}`, password };
      await hooks.create(inputs);
      await scene.watch.failure("creating it twice", hooks.create(inputs));
      const late = { ...inputs, name: `late_${shape}`, config: { no_such_parameter: "x" } };
      await scene.watch.failure("a statement that fails", hooks.create(late));
    }
    assert.deepEqual(scene.watch.taken(), []);
    await scene.server();
    const found = scene.watch.taken().join("\n");
    for (const shape of Object.keys(scene.secrets)) assert.match(found, new RegExp(`^${shape}, `, "m"));
    rmSync(scene.folder, { recursive: true });
  });
});

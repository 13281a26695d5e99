import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ConnectionError, NotFoundError } from "../../../provider";
import { failure } from "../scene";
import { CHECK, meddled, type OwnServer, onOwnServers, RELOAD, SCRIPT } from "./own-server";

/** A process of its own that creates a rule, and is killed right before the n-th statement that a pattern matches. */
async function killedWrite(own: OwnServer, pattern: string, count: number, method = "trust"): Promise<void> {
  const { port, superuser: user, password } = own.server;
  const settings = JSON.stringify({ host: "127.0.0.1", port, user, password });
  const root = join(__dirname, "..", "..", "..");
  const script = `
    const { Cluster } = require(${JSON.stringify(join(root, "provider"))});
    const { meddled } = require(${JSON.stringify(join(__dirname, "own-server.js"))});
    Cluster.connect(${settings}).then((cluster) =>
      meddled(cluster, new RegExp(${JSON.stringify(pattern)}), (_, count) => {
        if (count === ${count}) process.kill(process.pid, "SIGKILL");
      }).managed.create({ name: "killed", type: "host", databases: ["all"], users: ["guest"], address: "127.0.0.1/32",
        method: ${JSON.stringify(method)}, order: -1 }))`;
  const child = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "inherit", "inherit"] });
  const [, signal] = await once(child, "exit");
  assert.equal(signal, "SIGKILL");
}

onOwnServers((own) => {
  const table: [what: string, pattern: string, count: number, there: boolean][] = [
    ["before anything is written", SCRIPT.source, 1, false],
    ["between rename and check", CHECK.source, 1, true],
    ["between check and reload", RELOAD.source, 1, true],
    ["while the server reloads", "pg_conf_load_time\\(\\) >", 1, true],
    ["before the last step", SCRIPT.source, 2, true],
  ];
  for (const [what, pattern, count, there] of table) {
    test(`killed ${what}: the next run has it in force, or never sees it`, async () => {
      await own.ask("DO $$ BEGIN CREATE ROLE guest LOGIN; EXCEPTION WHEN duplicate_object THEN END $$");
      await killedWrite(own, pattern, count);
      assert.equal(own.bytes.includes("name=killed"), there);
      const { hbaRules } = await own.connect();
      assert.equal((await hbaRules.managed.observe("killed"))?.inPlace, there ? true : undefined);
      assert.equal(await own.letsIn("guest"), there);
      assert.deepEqual(own.leftovers, []);
    });
  }

  test("killed over a file that the server cannot read: the next read puts back what was", async () => {
    await killedWrite(own, CHECK.source, 1, "bsd");
    assert.match(own.bytes, /bsd .*name=killed/);
    const { hbaRules } = await own.connect();
    assert.equal(await hbaRules.managed.observe("killed"), undefined);
    assert.deepEqual([own.bytes === own.initial, own.leftovers], [true, []]);
    await own.server.stop();
    await own.server.start();
  });

  test("the next write heals as well, before its own", async () => {
    await killedWrite(own, CHECK.source, 1, "bsd");
    const { hbaRules } = await own.connect();
    await hbaRules.append("host all other all reject");
    assert.equal(own.bytes, `${own.initial}host all other all reject\n`);
    await killedWrite(own, CHECK.source, 1);
    await hbaRules.managed.drop("killed");
    assert.equal(own.bytes, `${own.initial}host all other all reject\n`);
    assert.deepEqual(own.leftovers, []);
  });

  test("a drop that leaves something beside the file, because the server is gone, fails; the next look takes it away", async () => {
    const rule = { name: "gone", type: "local", databases: ["all"], users: ["guest"], method: "reject" } as const;
    await (await own.connect()).hbaRules.managed.create(rule);
    const { managed } = meddled(await own.connect({ connectTimeout: "1s" }), SCRIPT, async (_, count) => {
      if (count === 2) await own.server.stop("immediate");
    });
    await failure(managed.drop("gone"), ConnectionError);
    await own.server.start();
    assert.equal(own.bytes, own.initial);
    assert.notDeepEqual(own.leftovers, []);
    const { hbaRules } = await own.connect();
    assert.equal(await hbaRules.managed.observe("gone"), undefined);
    assert.deepEqual([own.bytes, own.leftovers], [own.initial, []]);
  });

  test("what somebody wrote since is not undone", async () => {
    await killedWrite(own, CHECK.source, 1, "bsd");
    const repaired = `${own.initial}# repaired by hand\n`;
    own.bytes = repaired;
    const { hbaRules } = await own.connect();
    await failure(hbaRules.managed.alter("killed", { method: "md5" }), NotFoundError);
    assert.deepEqual([own.bytes, own.leftovers], [repaired, []]);
  });

  test("a write that was killed within its command is forgotten, and its files with it", async () => {
    const { hbaRules } = await own.connect();
    const hash = "0".repeat(64);
    for (const [name, text] of [
      [own.file.replace("pg_hba.conf", "pgmob_hba_pending"), `dead ${hash} ${hash} 1 2`],
      [`${own.file}.pgmob-new`, "half"],
      [`${own.file}.pgmob-old`, own.initial],
    ] as const) {
      writeFileSync(name, text, { mode: 0o600 });
      own.own(name);
    }
    assert.equal(await hbaRules.has("nothing like it"), false);
    assert.deepEqual([own.bytes === own.initial, own.leftovers], [true, []]);
  });

  test("a write that is under way is waited for, by readers and writers, and not taken for a dead one", async () => {
    const [slow, other] = [await own.connect(), await own.connect()];
    let reached: () => void;
    const checking = new Promise<void>((resolve) => {
      reached = resolve;
    });
    let goOn: () => void;
    const told = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const list = meddled(slow, CHECK, async (_, count) => {
      if (count > 1) return;
      reached();
      await told;
    });
    const events: string[] = [];
    const first = list.append("host all one all bsd").catch(() => events.push("refused"));
    await checking;
    assert.match(readFileSync(own.file, "utf8"), /one all bsd/);
    const read = other.hbaRules.has("host all one all bsd").then((found) => events.push(`read ${found}`));
    const second = other.hbaRules.append("host all two all reject").then(() => events.push("written"));
    // Long enough for both to have looked, which is all that they can do.
    await other.execute("SELECT pg_sleep(0.2)");
    assert.deepEqual(events, []);
    goOn!();
    await Promise.all([first, read, second]);
    assert.deepEqual(events.sort(), ["read false", "refused", "written"]);
    assert.equal(own.bytes, `${own.initial}host all two all reject\n`);
  });
});

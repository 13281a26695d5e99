import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { test } from "node:test";
import type { ManagedHbaRule } from "../../../provider";
import { meddled, type OwnServer, onOwnServers } from "./own-server";

const rule = (name: string, changes: Partial<ManagedHbaRule> = {}): ManagedHbaRule => ({
  name,
  type: "host",
  databases: ["shop"],
  users: [name],
  address: "10.0.0.0/8",
  method: "scram-sha-256",
  ...changes,
});

/** A process that makes changes through a database of its own, in several waves of many at once. */
async function editor(own: OwnServer, database: string, waves: number, each: number): Promise<void> {
  const { port, superuser: user, password } = own.server;
  const settings = JSON.stringify({ host: "127.0.0.1", port, user, password, database });
  const script = `
    const { Cluster } = require(${JSON.stringify(join(__dirname, "..", "..", "..", "provider"))});
    const rule = (name) => ({ name, type: "host", databases: ["shop"], users: [name], address: "10.0.0.0/8", method: "md5" });
    (async () => {
      const cluster = await Cluster.connect(${settings});
      for (let wave = 0; wave < ${waves}; wave++) {
        await Promise.all(Array.from({ length: ${each} }, (_, i) => cluster.hbaRules.managed.create(rule(${JSON.stringify(database)} + (wave * ${each} + i)))));
      }
      await cluster.close();
    })()`;
  const child = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "inherit", "inherit"] });
  const [code] = await once(child, "exit");
  assert.equal(code, 0);
}

onOwnServers((own) => {
  test("thirty rules that are created at once end in order, whatever the sequence", async () => {
    const { hbaRules } = await own.connect();
    const orders = Array.from({ length: 30 }, (_, i) => ((i * 7) % 30) - 5);
    await Promise.all(orders.map((order) => hbaRules.managed.create(rule(`r${order}`, { order }))));
    const seen = [];
    for await (const { name, inPlace } of hbaRules.managed) seen.push(`${name} ${inPlace}`);
    assert.deepEqual(
      seen,
      Array.from({ length: 30 }, (_, i) => `r${i - 5} true`),
    );
    assert.equal(
      own.bytes.match(/^host all all 127|^local .*\n/gm)?.length,
      own.initial.match(/^host all all 127|^local .*\n/gm)?.length,
    );
    const first = own.bytes.indexOf("name=r-1 ");
    assert.ok(
      first > 0 &&
        first < own.bytes.search(/^local +all/m) &&
        own.bytes.indexOf("name=r0 ") > own.bytes.lastIndexOf("::1/128"),
    );
  });

  test("rules that name each other as their place, created at once, end in order", async () => {
    const { hbaRules } = await own.connect();
    await Promise.all([
      hbaRules.managed.create(rule("c", { after: "b" })),
      hbaRules.managed.create(rule("a", { before: "b" })),
      hbaRules.managed.create(rule("d", { after: "c" })),
      hbaRules.managed.create(rule("b", { order: -3 })),
    ]);
    const seen = [];
    for await (const { name, place, inPlace } of hbaRules.managed) seen.push([name, place, inPlace]);
    assert.deepEqual(seen, [
      ["a", { before: "b" }, true],
      ["b", { order: -3 }, true],
      ["c", { after: "b" }, true],
      ["d", { after: "c" }, true],
    ]);
  });

  test("changes that arrive together are one write, reads that arrive together one query", async () => {
    const cluster = await own.connect();
    const counted = { scripts: 0, reads: 0 };
    const list = meddled(cluster, /TO PROGRAM|WITH files/, () => undefined);
    const writes = meddled(cluster, /TO PROGRAM/, () => void counted.scripts++);
    const reads = meddled(cluster, /WITH files/, () => void counted.reads++);
    await Promise.all(Array.from({ length: 20 }, (_, i) => writes.managed.create(rule(`r${i}`))));
    assert.equal(counted.scripts, 2, "one to write it, one to end it");
    const observed = await Promise.all(Array.from({ length: 20 }, (_, i) => reads.managed.observe(`r${i}`)));
    assert.ok(observed.every((one) => one?.inPlace));
    assert.equal(counted.reads, 1);
    await Promise.all(Array.from({ length: 20 }, (_, i) => list.managed.drop(`r${i}`)));
    assert.equal(own.bytes, own.initial);
  });

  test("what is there already is not written again", async () => {
    const cluster = await own.connect();
    await cluster.hbaRules.managed.create(rule("a", { options: {} }));
    let scripts = 0;
    const list = meddled(cluster, /TO PROGRAM/, () => void scripts++);
    await list.managed.create(rule("a", { users: ["a", "a"] }), { adopt: true });
    await list.managed.alter("a", { address: "10.0.0.0", netmask: "255.0.0.0", order: 0 });
    await list.managed.drop("b");
    await list.remove("no such line");
    assert.equal(scripts, 0);
  });

  test("two hundred changes by two processes through different databases: none is lost", async () => {
    await own.ask("CREATE DATABASE one");
    await own.ask("CREATE DATABASE two");
    await Promise.all([editor(own, "one", 10, 10), editor(own, "two", 10, 10)]);
    const { hbaRules } = await own.connect();
    const seen: string[] = [];
    for await (const { name, inPlace } of hbaRules.managed) if (inPlace) seen.push(name);
    const all = ["one", "two"].flatMap((name) => Array.from({ length: 100 }, (_, i) => `${name}${i}`));
    assert.deepEqual(seen, all.sort());
    assert.equal(own.bytes.replaceAll(/^.*# pgmob name=.*\n/gm, ""), own.initial);
    assert.deepEqual(own.leftovers, []);
    const [[loaded]] = (await own.ask("SELECT count(*)::int FROM pg_hba_file_rules WHERE database = '{shop}'")) as [
      [number],
    ];
    assert.equal(loaded, 200);
  });
});

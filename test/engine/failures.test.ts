import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { PASSPHRASE } from "../support/workspace";
import { Stack } from "./index";
import { Scene, scenes } from "./scene";

scenes("failures", (scene) => {
  test("a program that stops half-way deletes nothing", async () => {
    const { workspace } = scene();
    await scene().program(`new Thing("early"); new Thing("late");`);
    await workspace.up();
    await scene().program(`new Thing("early"); throw new Error("out of ideas");`);
    const failed = await workspace.up();
    assert.equal(failed.exitCode, 1);
    assert.match(failed.output, /out of ideas/);
    assert.deepEqual(scene().changes(), []);
    assert.ok(await scene().stored("late"));
  });

  test("a half-done creation is recorded, and finished by an update", async () => {
    const { workspace } = scene();
    await scene().program(`new Thing("torn", { half: "no lid" });`);
    const failed = await workspace.up();
    assert.equal(failed.exitCode, 1);
    assert.match(failed.output, /1 error occurred:\n\s+\* no lid/);
    assert.deepEqual((await scene().stored("torn"))?.initErrors, ["no lid"]);
    const finished = await workspace.up();
    assert.deepEqual(finished.summary.update, 1, finished.output);
    assert.equal((await scene().stored("torn"))?.initErrors, undefined);
  });

  test("a host that dies in the middle of a creation leaves nothing behind", async () => {
    const { workspace } = scene();
    await scene().program(`const first = new Thing("first"); new Thing("deadly", { crash: true, after: first.name });`);
    const failed = await workspace.up();
    assert.equal(failed.exitCode, 1);
    assert.equal(await scene().stored("deadly"), undefined);
    assert.ok(await scene().stored("first"));
    assert.equal((await workspace.export()).deployment.pending_operations, undefined);
    await scene().program(`const first = new Thing("first"); new Thing("deadly", { after: first.name });`);
    assert.equal((await workspace.up()).exitCode, 0);
  });

  test("what a resource needs stays when the resource cannot be deleted", async () => {
    const { workspace } = scene();
    await scene().program(`const base = new Thing("base"); new Thing("top", { undeletable: true, on: base.name });`);
    await workspace.up();
    const failed = await workspace.destroy();
    assert.equal(failed.exitCode, 1);
    assert.match(failed.output, /top is in use/);
    assert.ok(await scene().stored("base"));
    assert.ok(!scene().changes().includes("delete base"));
  });

  test("two resources of one name are refused", async () => {
    const { workspace } = scene();
    await scene().program(`new Thing("twin"); new Thing("twin");`);
    assert.match((await workspace.preview()).output, /Duplicate resource URN .*::twin'; try giving it a unique name/);
  });
});

test("an engine that is killed leaves a state that the next one goes on with", async () => {
  const scene = await Scene.create("engine");
  try {
    const { dir } = scene.workspace;
    const state = path.join(dir, "..", "state.json");
    await scene.program(`const quick = new Thing("quick"); new Thing("slow", { wait: 60000, after: quick.name });`);
    const cli = spawn(
      process.execPath,
      [path.join(__dirname, "cli.js"), "up", "--yes", "--cwd", dir, "--state", state],
      {
        env: { ...process.env, PULUMI_CONFIG_PASSPHRASE: PASSPHRASE },
        stdio: "ignore",
      },
    );
    const began = () => existsSync(path.join(dir, "calls.log")) && scene.calls().includes("create slow");
    for (const end = Date.now() + 60_000; !began() && Date.now() < end; ) await sleep(50);
    assert.ok(began(), "the engine got to the slow resource");
    await assert.rejects(scene.workspace.up(), new RegExp(`currently locked by process ${cli.pid}`));
    const exited = new Promise((resolve) => cli.once("exit", resolve));
    cli.kill("SIGKILL");
    await exited;
    assert.ok(await scene.stored("quick"));
    assert.equal((await scene.workspace.export()).deployment.pending_operations?.[0]?.type, "creating");
    await scene.program(`const quick = new Thing("quick"); new Thing("slow", { after: quick.name });`);
    const next = await scene.workspace.up();
    assert.equal(next.exitCode, 0, next.output);
    assert.match(next.output, /1 pending operations from previous deployment/);
    assert.deepEqual(next.summary, { create: 1, same: 2 });
    const options = { projectDir: dir, stack: "dev", stateFile: state, passphrase: PASSPHRASE };
    await (await Stack.open(options)).refresh({ clearPendingCreates: true });
    assert.ok(!readFileSync(state, "utf8").includes("pending_operations"));
  } finally {
    await scene.workspace.close();
  }
});

test("an operation that is cancelled finishes what it has begun, and nothing else", async () => {
  const scene = await Scene.create("engine");
  try {
    const { dir } = scene.workspace;
    const stateFile = path.join(dir, "..", "state.json");
    await scene.program(`const slow = new Thing("slow", { wait: 1000 }); new Thing("next", { after: slow.name });`);
    const stack = await Stack.open({ projectDir: dir, stack: "dev", stateFile, passphrase: PASSPHRASE });
    const abort = new AbortController();
    const onLine = (line: string) => line.includes("slow creating") && abort.abort();
    const { exitCode, output } = await stack.up({ signal: abort.signal, onLine });
    assert.equal(exitCode, 1);
    assert.match(output, /error: update canceled/);
    assert.ok(await scene.stored("slow"));
    assert.deepEqual(scene.changes(), ["create slow"]);
    assert.equal((await scene.workspace.export()).deployment.pending_operations, undefined);
  } finally {
    await scene.workspace.close();
  }
});

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { temporaryRoot } from "../support/postgres";

/** Runs the bench with a temporary folder of its own, and tells what is left there. `stopAt`: the text to interrupt it at. */
async function bench(args: string[], stopAt?: string) {
  const folder = await mkdtemp(join(await temporaryRoot(), "pgmob-bench-test-"));
  try {
    const child = spawn(process.execPath, [join(__dirname, "bench.js"), ...args], {
      env: { ...process.env, TMPDIR: folder },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        output += text;
        if (stopAt !== undefined && output.includes(stopAt)) child.kill("SIGINT");
      });
    }
    const [code] = (await once(child, "close")) as [number | null];
    return { code, output, left: await readdir(folder) };
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

test("the bench prints a number for every cell, the machine, the versions and the limits, and leaves nothing", async () => {
  const { code, output, left } = await bench(["--count", "2", "--engine", "engine"]);
  assert.equal(code, 0, output);
  assert.deepEqual(left, []);
  const number = String.raw`[\d.,]+( s)?`;
  for (const step of [
    "preview of 2 creates",
    "up",
    "preview, nothing to do",
    "update of 1 passwords",
    "refresh",
    "destroy",
  ]) {
    assert.match(
      output,
      new RegExp(`^\\| ${step} \\| ${number} \\| ${number} \\| ${number} \\| (${number}|—) \\|$`, "m"),
    );
  }
  assert.match(output, /^\| state, bytes per resource \| [\d,]{4,} \| [\d,]{4,} \| 1\.\d\d \| — \|$/m);
  assert.match(output, /^Machine: \d+ × .+, \d+ GiB of memory, .+\.$/m);
  assert.match(
    output,
    /^Versions: Node\.js \d.*, PostgreSQL 18.*, test engine, @pulumi\/pulumi 3.*, pulumi-pgmob \d.*\.$/m,
  );
  assert.match(output.trimEnd().split("\n").at(-1) ?? "", /^Limits: /);
});

test("an interrupted bench stops early and leaves nothing", async () => {
  const { code, output, left } = await bench(["--count", "20", "--engine", "engine"], "creates, ours");
  assert.equal(code, 0, output);
  assert.match(output, /Interrupted/);
  assert.doesNotMatch(output, /Limits/);
  assert.deepEqual(left, []);
});

test("what cannot be measured is told in one line, and fails nothing", async () => {
  const { code, output, left } = await bench(["--count", "3"]);
  assert.equal(code, 0, output);
  assert.match(output, /--count must be even/);
  assert.deepEqual(left, []);
});

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cp, mkdir, rm, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { it } from "node:test";
import { promisify } from "node:util";
import { createWorkspace, engines, type Workspace } from "../support/workspace";

const CHECKOUT = path.join(__dirname, "..", "..", "..");
const MODULES = path.join(CHECKOUT, "node_modules");

/** A program that gets this package from one that it depends on, as package managers that are strict install it. */
async function byAnother({ dir, program, setConfig }: Workspace): Promise<void> {
  const modules = path.join(dir, "node_modules");
  await rm(modules);
  await mkdir(path.join(modules, "acme", "node_modules"), { recursive: true });
  await symlink(path.join(MODULES, "@pulumi"), path.join(modules, "@pulumi"), "dir");
  await symlink(CHECKOUT, path.join(modules, "acme", "node_modules", "pulumi-pgmob"), "dir");
  await writeFile(path.join(modules, "acme", "index.js"), 'module.exports = require("pulumi-pgmob");');
  await setConfig("pgmob:host", "127.0.0.1");
  await program('const pgmob = require("acme"); new pgmob.Role("one"); new pgmob.Role("other");');
}

/** Puts another version where the provider host finds it. */
async function otherVersion({ dir }: Workspace, version: string): Promise<void> {
  const folder = path.join(dir, "node_modules", "pulumi-pgmob");
  await mkdir(folder, { recursive: true });
  const manifest = {
    name: "pulumi-pgmob",
    version,
    exports: { "./provider": "./host.js", "./package.json": "./package.json" },
  };
  await writeFile(path.join(folder, "package.json"), JSON.stringify(manifest));
  const provider = JSON.stringify(path.join(CHECKOUT, "dist", "provider"));
  await writeFile(path.join(folder, "host.js"), `module.exports = require(${provider});`);
}

for (const kind of engines) {
  it(`the provider host has to find this package, too, in the program's version (${kind})`, async () => {
    const workspace = await createWorkspace(kind, { name: "elsewhere" });
    try {
      await byAnother(workspace);
      const missing = await workspace.preview();
      assert.notEqual(missing.exitCode, 0);
      assert.match(
        missing.output,
        /finds no pulumi-pgmob from \S+project, where the program runs\. Add pulumi-pgmob to the dependencies there/,
      );
      assert.doesNotMatch(missing.output, /Cannot find module|^ +at /m);

      await otherVersion(workspace, "0.0.1");
      const other = await workspace.preview();
      assert.deepEqual([other.exitCode, other.summary], [0, { create: 3 }], other.output);
      const warnings = other.output.match(/the provider host 0\.0\.1 \(\S+package\.json\), which may not know/g) ?? [];
      assert.ok(warnings.length > 0, other.output);

      const { version } = require(path.join(CHECKOUT, "package.json")) as { version: string };
      await otherVersion(workspace, version);
      const same = await workspace.preview();
      assert.deepEqual([same.exitCode, same.summary], [0, { create: 3 }], same.output);
      assert.doesNotMatch(same.output, /the provider host/);
    } finally {
      await workspace.close();
    }
  });
}

it("a program that has this package in a bundle is not taken for another version of it", async () => {
  const workspace = await createWorkspace("engine", { name: "bundle" });
  try {
    await cp(path.join(CHECKOUT, "dist", "resources"), path.join(workspace.dir, "out", "bundle", "resources"), {
      recursive: true,
    });
    await writeFile(path.join(workspace.dir, "out", "package.json"), '{ "name": "shop", "version": "9.9.9" }');
    await workspace.setConfig("pgmob:host", "127.0.0.1");
    await workspace.program('const pgmob = require("./out/bundle/resources"); new pgmob.Role("one");');
    const { exitCode, summary, output } = await workspace.preview();
    assert.deepEqual([exitCode, summary], [0, { create: 2 }], output);
    assert.doesNotMatch(output, /the provider host/);
  } finally {
    await workspace.close();
  }
});

it("a unit test with mocks, which has no provider host, runs from any folder", async () => {
  const test = `
    const pulumi = require(${JSON.stringify(path.join(MODULES, "@pulumi", "pulumi"))});
    const pgmob = require(${JSON.stringify(CHECKOUT)});
    pulumi.runtime.setMocks({ call: () => ({}), newResource: ({ name, inputs }) => ({ id: name, state: inputs }) });
    new pgmob.Role("one").name.apply(console.log);`;
  const { stdout } = await promisify(execFile)(process.execPath, ["-e", test], { cwd: path.parse(CHECKOUT).root });
  assert.equal(stdout, "one\n");
});

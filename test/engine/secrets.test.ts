import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { createWorkspace, engines, PASSPHRASE } from "../support/workspace";
import { CliStack } from "../support/workspace-cli";
import { Stack } from "./index";
import { PassphraseSecrets } from "./secrets";

const PROGRAM = `
const pulumi = require("@pulumi/pulumi");
const config = new pulumi.Config();
exports.word = config.requireSecret("word");
exports.nested = { list: [1, pulumi.secret({ deep: true })] };
console.log("printed: secret-word");
`;

test("what is encrypted is decrypted again, and with no other passphrase", async () => {
  const secrets = await PassphraseSecrets.create("right");
  const encrypted = secrets.encrypt("naïve 🐘");
  assert.notEqual(encrypted, secrets.encrypt("naïve 🐘"));
  assert.equal((await PassphraseSecrets.open("right", secrets.salt)).decrypt(encrypted), "naïve 🐘");
  await assert.rejects(PassphraseSecrets.open("wrong", secrets.salt), /incorrect passphrase/);
});

for (const kind of engines) {
  test(`secrets are in no file and in no output (${kind})`, async () => {
    const workspace = await createWorkspace(kind, { name: "secrets" });
    try {
      await workspace.program(PROGRAM);
      await workspace.setConfig("secrets:word", "secret-word", { secret: true });
      const up = await workspace.up();
      assert.equal(up.exitCode, 0, up.output);
      assert.ok(!up.output.includes("secret-word"), up.output);
      assert.match(up.output, /printed: \[secret\]/);
      assert.ok(!JSON.stringify(await workspace.export()).includes("secret-word"));
      assert.ok(!readFileSync(path.join(workspace.dir, "Pulumi.dev.yaml"), "utf8").includes("secret-word"));
      const outputs = await workspace.outputs();
      assert.deepEqual(outputs, { word: "secret-word", nested: { list: [1, { deep: true }] } });
    } finally {
      await workspace.close();
    }
  });
}

if (engines.includes("cli")) {
  test("the real CLI goes on with the engine's state and config, and the engine with the CLI's", async () => {
    const workspace = await createWorkspace("engine", { name: "secrets" });
    try {
      await workspace.program(PROGRAM);
      await workspace.setConfig("secrets:word", "secret-word", { secret: true });
      await workspace.up();
      const options = { projectDir: workspace.dir, stack: "dev", passphrase: PASSPHRASE };
      const cli = await CliStack.create({ ...options, base: path.join(workspace.dir, "..") });
      await cli.import(await workspace.export());
      assert.deepEqual((await cli.preview()).summary, { same: 1 });
      assert.deepEqual(await cli.outputs({ showSecrets: true }), await workspace.outputs());
      await cli.setConfig("secrets:word", "other-word", { secret: true });
      await cli.up();
      const stateFile = path.join(workspace.dir, "..", "of-the-cli.json");
      writeFileSync(stateFile, JSON.stringify(await cli.export()));
      const stack = await Stack.open({ ...options, stateFile });
      assert.deepEqual((await stack.preview()).summary, { same: 1 });
      assert.equal((await stack.outputs({ showSecrets: true })).word, "other-word");
      assert.equal((await stack.outputs()).word, "[secret]");
    } finally {
      await workspace.close();
    }
  });
}

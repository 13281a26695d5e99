import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { readme } from "./support/reference";

test("the README's table is what the field tables say", () => {
  const { is, shouldBe } = readme();
  assert.equal(is, shouldBe, "run `npm run docs`");
});

test("the README begins with the two commands", () => {
  const commands = [...readme().is.matchAll(/^(npm .*)$/gm)].map(([command]) => command);
  assert.deepEqual(commands.slice(0, 2), ["npm ci && npm start", "npm test"]);
});

test("every promise is held by tests that there are", () => {
  const [, promises = ""] = /^## What you can rely on\n(.*?)^## /ms.exec(readme().is) ?? [];
  const rows = promises
    .split("\n")
    .filter((line) => line.startsWith("| ") && !line.startsWith("| promise") && !line.startsWith("| ---"));
  assert.ok(rows.length >= 20, `${rows.length} promises`);
  for (const row of rows) {
    const tests = [...row.matchAll(/\]\((test\/\S+\.test\.ts)\)/g)].map(([, path]) => path ?? "");
    assert.ok(tests.length > 0, row);
    for (const path of tests) assert.ok(existsSync(join(__dirname, "..", "..", path)), path);
  }
});

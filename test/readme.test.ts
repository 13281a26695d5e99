import assert from "node:assert/strict";
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

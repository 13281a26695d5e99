import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";
import { createWorkspace, engines } from "../support/workspace";
import { FIXTURE, installFixture, runStep, STEPS } from "./recording";

const expected = (file: string) => readFileSync(path.join(FIXTURE, "expected", file), "utf8");

for (const kind of engines) {
  describe(`the recorded steps on the ${kind}`, async () => {
    const workspace = await createWorkspace(kind, { name: "library" });
    installFixture(workspace);
    for (const step of STEPS) {
      test(step.name, async () => {
        const { text, state } = await runStep(workspace, step);
        assert.equal(text, expected(`${step.name}.txt`));
        if (step.state) assert.deepEqual(state, JSON.parse(expected(`${step.name}.json`)));
      });
    }
    test("the workspace is removed", () => workspace.close());
  });
}

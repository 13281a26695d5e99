/** What GitHub's own language service says of the workflow, and what must stay true of it whoever changes it. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { register } from "node:module";
import path from "node:path";
import { describe, it } from "node:test";
import { TextDocument } from "vscode-languageserver-textdocument";
import { parse } from "yaml";
import { asModule, complaints } from "../support/compile";
import type { Workflow } from "./github-job";
import { readBlocks } from "./repository";

const FILE = path.join(__dirname, "..", "..", "..", "examples", "pipelines", "github-actions.yml");
const text = readFileSync(FILE, "utf8");
const workflow = parse(text) as Workflow & Readonly<Record<string, unknown>>;
const jobs = Object.entries(workflow.jobs);

// The service imports its schemas as Node.js lets nobody do any more.
register(
  `data:text/javascript,${encodeURIComponent(`
  export const load = (url, context, next) =>
    next(url, url.endsWith(".json") ? { ...context, importAttributes: { type: "json" } } : context);
`)}`,
);

let documents = 0; // the service keeps what it has read, by the name

async function diagnostics(workflowText: string): Promise<string[]> {
  const { validate } = await import("@actions/languageservice");
  const document = TextDocument.create(`file:///.github/workflows/${++documents}.yml`, "yaml", 0, workflowText);
  return (await validate(document)).map(({ message, range }) => `${range.start.line + 1}: ${message}`);
}

describe("the workflow for GitHub Actions", () => {
  it("is one, with every expression", async () => assert.deepEqual(await diagnostics(text), []));

  it("would not be one with a mistake", async () => {
    const line = text.split("\n").findIndex((one) => one.includes("timeout-minutes")) + 1;
    assert.deepEqual(await diagnostics(text.replace("timeout-minutes", "timeout-minuts")), [
      `${line}: Unexpected value 'timeout-minuts'`,
    ]);
    const misspelt = await diagnostics(text.replaceAll("steps.plan.outcome", "step.plan.outcome"));
    assert.match(misspelt.join("\n"), /Unrecognized named-value: 'step'/);
  });

  it("uses actions by the commit, and says which version that is", () => {
    const uses = [...text.matchAll(/uses: (.*)$/gm)].map(([, action]) => action ?? "");
    assert.equal(uses.length, 5);
    for (const action of uses) assert.match(action, /^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  it("gives nobody more than the job needs, and each job an end", () => {
    assert.deepEqual(workflow.permissions, {});
    assert.deepEqual(Object.fromEntries(jobs.map(([name, { permissions }]) => [name, permissions])), {
      try: { contents: "read" },
      preview: { contents: "read", "id-token": "write", "pull-requests": "write" },
      up: { contents: "read", "id-token": "write" },
      drift: { contents: "read", "id-token": "write", issues: "write" },
    });
    for (const [name, job] of jobs) {
      assert.equal(typeof job["timeout-minutes"], "number", name);
      assert.ok(job.concurrency, name);
    }
  });

  it("runs what is not merged on GitHub's machines alone, and never cancels an `up`", () => {
    for (const name of ["try", "preview"]) assert.equal(workflow.jobs[name]?.["runs-on"], "ubuntu-24.04");
    assert.equal(workflow.jobs.up?.concurrency?.["cancel-in-progress"], false);
    const groups = jobs.map(([, { concurrency }]) => concurrency?.group);
    assert.equal(new Set(groups).size, jobs.length, "a job that waits would be cancelled by another one");
    assert.deepEqual(Object.keys(workflow.on as object), ["pull_request", "push", "schedule", "workflow_dispatch"]);
  });

  it("puts no expression into a script, and no secret where it is not asked for", () => {
    for (const [name, { steps, ...job }] of jobs) {
      assert.doesNotMatch(JSON.stringify(job), /secrets\./, name);
      for (const { run = "", with: inputs = {}, env } of steps) {
        assert.doesNotMatch(run + String(inputs.script ?? ""), /\$\{\{/);
        assert.equal(
          /secrets\./.test(JSON.stringify(env ?? {})),
          /pulumi (up --yes --diff$|preview .*tee)/.test(run) && name !== "try",
          run,
        );
      }
    }
  });
});

it("the README's program compiles", () => {
  const [, program] = readBlocks();
  assert.deepEqual(complaints([program?.text ?? ""]), []);
  assert.equal(complaints([asModule("const n: number = 'text';")]).length, 1);
});

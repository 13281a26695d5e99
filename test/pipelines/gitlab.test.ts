/** The pipeline for GitLab of examples/pipelines, as github.test.ts has it for GitHub. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { engines } from "../support/workspace";
import { BOT } from "./forge";
import { type Outcome, readPipeline, runJob } from "./gitlab-job";
import { PASSPHRASE, Scene } from "./scene";

const EXAMPLE = "gitlab-ci.yml";

const mergeRequest = (source = "1") => ({
  CI_PIPELINE_SOURCE: "merge_request_event",
  CI_MERGE_REQUEST_IID: "7",
  CI_MERGE_REQUEST_PROJECT_ID: "1",
  CI_MERGE_REQUEST_SOURCE_PROJECT_ID: source,
});
const PUSH = { CI_PIPELINE_SOURCE: "push", CI_COMMIT_BRANCH: "main" };
const SCHEDULE = { CI_PIPELINE_SOURCE: "schedule", CI_COMMIT_BRANCH: "main" };

for (const kind of engines) {
  test(`on GitLab, from the first push to drift (${kind})`, async (t) => {
    const scene = await Scene.create(kind);
    const { forge, repository, server, empty } = scene;
    const file = await repository.pipeline(EXAMPLE, {
      "PULUMI_STACK: my-company/prod": "PULUMI_STACK: prod",
      "PULUMI_BACKEND_URL: https://api.pulumi.com": `PULUMI_BACKEND_URL: ${repository.backend}`,
      "tags: [database]": "tags: [near-the-server]",
    });
    const pipeline = await readPipeline(file);
    const secrets = { PULUMI_CONFIG_PASSPHRASE: PASSPHRASE, GITLAB_TOKEN: forge.token({ api: "write" }) };
    const run = async (job: string, happened: Readonly<Record<string, string>>): Promise<Outcome> => {
      const outcome = await runJob(pipeline, job, {
        predefined: { CI_API_V4_URL: forge.url, CI_PROJECT_ID: "1", CI_DEFAULT_BRANCH: "main", ...COMMON, ...happened },
        variables: { preview: secrets, production: secrets },
        network: { PGHOST: "127.0.0.1", PGPORT: String(empty.port) },
        folder: repository.folder,
        machine: { ...repository.machine, PGCONNECT_TIMEOUT: "1" },
      });
      assert.ok(!scene.tells(outcome.log), outcome.log);
      return outcome;
    };
    const expected = async (result: Outcome["result"], job: string, happened: Readonly<Record<string, string>>) => {
      const outcome = await run(job, happened);
      assert.equal(outcome.result, result, outcome.log);
      return outcome;
    };
    const comments = () => forge.comments.filter(({ author }) => author === BOT).map(({ body }) => body);
    try {
      await t.test("a push to main, near the server; another branch is none of its business", async () => {
        for (const job of ["try", "preview", "drift"]) await expected("skipped", job, PUSH);
        await expected("skipped", "up", { ...PUSH, CI_COMMIT_BRANCH: "feature" });
        const up = await expected("success", "up", PUSH);
        assert.match(up.log, /\+ 4 created/);
        assert.deepEqual(up.tags, ["near-the-server"]);
      });

      await t.test("a merge request: one comment, which follows it", async () => {
        for (let i = 0; i < 101; i++) forge.add("ann", `Thought ${i}`);
        forge.add("mallory", "<!-- pulumi: prod -->\nNot a plan.");
        const preview = await expected("success", "preview", mergeRequest());
        assert.deepEqual(preview.tags, []);
        assert.match(comments()[0] ?? "", /^### prod: nothing to change$/m);
        await repository.edit("index.ts", "memberOf:", "connectionLimit: 20,\n  memberOf:");
        await expected("success", "preview", mergeRequest());
        assert.equal(comments().length, 1);
        assert.match(comments()[0] ?? "", /^### prod: 1 to update\n[^`]+```\n[^`]+\+ connectionLimit: 20\n/m);
        assert.deepEqual(forge.requests, [
          "POST /projects/1/merge_requests/7/notes: 201",
          "PUT /projects/1/merge_requests/7/notes/103: 200",
        ]);
      });

      await t.test("a merge request from a fork: tried on an empty server, without any secret", async () => {
        await expected("skipped", "preview", mergeRequest("2"));
        const tried = await expected("success", "try", mergeRequest("2"));
        assert.match(tried.log, /\+ 4 created[\s\S]*4 unchanged/);
        assert.ok(!scene.tells(JSON.stringify(tried.environment)) && !("GITLAB_TOKEN" in tried.environment));
      });

      await t.test("drift: an issue that is updated", async () => {
        await scene.sql(server, "ALTER ROLE shop_app NOLOGIN");
        await expected("failed", "drift", SCHEDULE);
        const [issue] = forge.issues;
        assert.equal(issue?.title, "Drift: prod is not as the program says");
        assert.deepEqual(issue?.labels, ["drift"]);
        assert.match(issue?.body ?? "", /~ login *: false => true/);
        await server.stop();
        await expected("failed", "drift", SCHEDULE);
        assert.equal(issue?.title, "Drift: prod could not be compared with the program");
        assert.match(issue?.body ?? "", /cannot connect as "deployer"/);
        assert.equal(forge.issues.length, 1);
      });
      assert.ok(!scene.tells(JSON.stringify([forge.comments, forge.issues])));
    } finally {
      await scene.close();
    }
  });
}

const COMMON = { CI: "true", GITLAB_CI: "true", CI_JOB_URL: "https://gitlab.example/-/jobs/4711" };

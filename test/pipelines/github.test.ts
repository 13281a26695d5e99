/** The workflow of examples/pipelines, job by job: each `run:` in a shell, against servers. GitHub itself is in memory. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { engines } from "../support/workspace";
import { BOT } from "./forge";
import { type Occasion, type Outcome, readWorkflow, runJob, type Workflow } from "./github-job";
import { readBlocks } from "./repository";
import { PASSPHRASE, Scene } from "./scene";

const EXAMPLE = "github-actions.yml";
const RUN = "https://github.example/company/database/actions/runs/4711";
const MARKER = "<!-- pulumi: prod -->";

const pullRequest = (repo = "company/database", login = "ann") => ({
  event: "pull_request" as const,
  payload: { pull_request: { number: 7, user: { login }, head: { repo: { full_name: repo } } } },
});
const PUSH = { event: "push" as const, payload: { ref: "refs/heads/main" } };
const SCHEDULE = { event: "schedule" as const, payload: {} };

/** The repository on GitHub: what happens to it, and what its workflow does then. */
class OnGitHub {
  private constructor(
    readonly scene: Scene,
    private workflow: Workflow,
  ) {}

  static async create(scene: Scene): Promise<OnGitHub> {
    const file = await scene.repository.pipeline(EXAMPLE, {
      "PULUMI_STACK: my-company/prod": "PULUMI_STACK: prod",
      "PULUMI_BACKEND_URL: https://api.pulumi.com": `PULUMI_BACKEND_URL: ${scene.repository.backend}`,
      "PULUMI_ORGANIZATION: my-company": 'PULUMI_ORGANIZATION: ""',
    });
    return new OnGitHub(scene, await readWorkflow(file));
  }

  /** Runs a job, if it is one for that. */
  async run(job: string, happened: Pick<Occasion, "event" | "payload">): Promise<Outcome> {
    const { repository, forge, empty } = this.scene;
    const fork = JSON.stringify(happened.payload).includes("somebody/");
    const outcome = await runJob(this.workflow, job, {
      ...happened,
      secrets: fork ? {} : { PULUMI_CONFIG_PASSPHRASE: PASSPHRASE, PULUMI_ACCESS_TOKEN: "a token for ever" },
      environments: { production: { PULUMI_ACCESS_TOKEN: "a token to deploy" } },
      variables: { DATABASE_RUNNER: "near-the-server" },
      forge,
      folder: repository.folder,
      // The port of the container's server, which the workflow maps to 5432.
      machine: {
        ...repository.machine,
        PGCONNECT_TIMEOUT: "1",
        ...(job === "try" ? { PGPORT: String(empty.port) } : {}),
      },
    });
    assert.ok(!this.scene.tells(outcome.log), outcome.log);
    return outcome;
  }

  /** The comments of the workflow. */
  get comments(): string[] {
    return this.scene.forge.comments.filter(({ author }) => author === BOT).map(({ body }) => body);
  }

  /** The organization that the workflow logs in to. */
  set organization(name: string) {
    this.workflow = { ...this.workflow, env: { ...this.workflow.env, PULUMI_ORGANIZATION: name } };
  }
}

/** The block of the README that has this in it. */
function shown(part: string): string {
  return readBlocks().find(({ language, text }) => language === "text" && text.includes(part))?.text ?? "";
}

/** Every line of the README's block that has this in it is among the lines of a text, in that order. */
function assertShown(part: string, text = ""): void {
  const lines = shown(part).trimEnd().split("\n");
  assert.ok(lines.join(), `the README has no ${part}`);
  let at = -1;
  for (const line of lines) {
    const next = text.split("\n").indexOf(line, at + 1);
    assert.ok(next > at, `${line}\n\nis not, or not there, in\n\n${text}`);
    at = next;
  }
}

function succeeded(outcome: Outcome): Outcome {
  assert.equal(outcome.result, "success", outcome.log);
  return outcome;
}

function failed(outcome: Outcome): Outcome {
  assert.equal(outcome.result, "failure", outcome.log);
  assert.doesNotMatch(outcome.log, /\n\s+at .*\.js:\d+/, "a stack trace is shown");
  return outcome;
}

for (const kind of engines) {
  test(`on GitHub, from the first push to drift (${kind})`, async (t) => {
    const scene = await Scene.create(kind);
    const { forge, repository, server } = scene;
    try {
      const github = await OnGitHub.create(scene);

      await t.test(
        "a push to main: what is there is made, near the server, with the secrets of production",
        async () => {
          for (const job of ["try", "preview", "drift"]) assert.equal((await github.run(job, PUSH)).result, "skipped");
          const up = succeeded(await github.run("up", PUSH));
          assert.equal(up.runner, "near-the-server");
          assert.match(up.log, /\+ 4 created/);
          assert.equal(up.environments.Up?.PULUMI_ACCESS_TOKEN, "a token to deploy");
          assert.equal("PULUMI_ACCESS_TOKEN" in (up.environments["npm ci"] ?? {}), false, "for whom it is not meant");
          assert.equal((await scene.sql(server, "SELECT 1 FROM pg_database WHERE datname = 'shop'")).length, 1);
        },
      );

      await t.test("a pull request: one comment with the plan, and no way to the server is needed", async () => {
        for (let i = 0; i < 40; i++) forge.add("ann", `Thought ${i}`);
        forge.add("mallory", `${MARKER}\nNot a plan.`);
        await repository.edit("index.ts", "memberOf:", "connectionLimit: 20,\n  memberOf:");
        const schema = 'new pgmob.Schema("sales", { database: shop, owner: owner.name });';
        await repository.edit("index.ts", "\nexport", `\n${schema}\n\nexport`);
        const logged = (await server.log()).length;
        const preview = succeeded(await github.run("preview", pullRequest()));
        assert.equal(preview.runner, "ubuntu-24.04");
        assert.equal((await server.log()).length, logged);
        assert.equal(github.comments.length, 1);
        const plan = `### prod: 1 to create, 1 to update\n\n\`\`\`\n${shown("Schema: (create)")}\`\`\``;
        const comment = github.comments[0]?.replace(/ +$/gm, "");
        assert.equal(comment, `${MARKER}\n${plan}\n\n[Log](${RUN})\n`);
      });

      await t.test(
        "a commit that cannot be previewed: the same comment says why; a login without a secret",
        async () => {
          github.organization = "my-company";
          await repository.edit("index.ts", "connectionLimit: 20", "connectionLimit: -30");
          const preview = failed(await github.run("preview", pullRequest()));
          github.organization = "";
          assert.equal(preview.environments.Preview?.PULUMI_ACCESS_TOKEN, "a token for an hour");
          assert.equal(github.comments.length, 1);
          assert.match(github.comments[0] ?? "", /^### prod: the preview failed$/m);
          assert.match(github.comments[0] ?? "", /connectionLimit value \{-30\} has a problem: must be a whole number/);
          assert.deepEqual(forge.requests, [
            "POST /repos/company/database/issues/7/comments: 201",
            "PATCH /repos/company/database/issues/comments/42: 200",
          ]);
          await repository.edit("index.ts", "connectionLimit: -30", "connectionLimit: 20");
        },
      );

      await t.test(
        "a pull request from a fork, or by Dependabot: tried on an empty server, without any secret",
        async () => {
          const fork = pullRequest("somebody/database", "mallory");
          assert.equal((await github.run("preview", fork)).result, "skipped");
          assert.equal((await github.run("preview", pullRequest(undefined, "dependabot[bot]"))).result, "skipped");
          const tried = succeeded(await github.run("try", fork));
          assert.match(tried.log, /\+ 5 created[\s\S]*5 unchanged/);
          assert.equal(tried.runner, "ubuntu-24.04");
          for (const environment of Object.values(tried.environments))
            assert.ok(!scene.tells(JSON.stringify(environment)) && !("PULUMI_ACCESS_TOKEN" in environment));
        },
      );

      await t.test("merged: just what was previewed is done", async () => {
        assert.match(succeeded(await github.run("up", PUSH)).log, /\+ 1 created\n\s+~ 1 updated/);
      });

      await t.test("drift: an issue that each run updates that finds some, and that none closes", async () => {
        await scene.sql(server, "ALTER ROLE shop_app CONNECTION LIMIT 99");
        failed(await github.run("drift", SCHEDULE));
        const [issue] = forge.issues;
        assert.equal(issue?.title, "Drift: prod is not as the program says");
        assert.deepEqual(issue?.labels, ["drift"]);
        assertShown("~ connectionLimit: 99", issue?.body);
        await server.stop();
        failed(await github.run("drift", { event: "workflow_dispatch", payload: {} }));
        assert.equal(issue?.title, "Drift: prod could not be compared with the program");
        assert.match(
          issue?.body ?? "",
          /cannot connect as "deployer" .*ECONNREFUSED.*Check that the server is running/,
        );
        await server.start();
        await scene.sql(server, "ALTER ROLE shop_app CONNECTION LIMIT 20");
        succeeded(await github.run("drift", SCHEDULE));
        assert.equal(forge.issues.length, 1);
        assert.equal(issue?.title, "Drift: prod could not be compared with the program");
      });

      await t.test("what fails says what, why, and what to do", async () => {
        await scene.sql(server, "CREATE ROLE auditor");
        await repository.edit("index.ts", "\nexport", '\nnew pgmob.Role("auditor");\n\nexport');
        assertShown("error: role", failed(await github.run("up", PUSH)).log);
      });
      assert.ok(!scene.tells(JSON.stringify([forge.comments, forge.issues])));
    } finally {
      await scene.close();
    }
  });
}

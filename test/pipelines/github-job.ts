/** Runs a job of a workflow of GitHub Actions: its steps in order, with the environment that the workflow gives each. */

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { parse } from "yaml";
import { Expressions } from "./expressions";
import type { Forge } from "./forge";
import { bash, type Ended } from "./shell";

type Texts = Readonly<Record<string, string>>;

interface Step {
  readonly name?: string;
  readonly id?: string;
  readonly if?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly env?: Texts;
  readonly with?: Readonly<Record<string, unknown>>;
}

interface Job {
  readonly if?: string;
  readonly "runs-on": string;
  readonly environment?: string;
  readonly permissions: Texts;
  readonly "timeout-minutes"?: number;
  readonly concurrency?: { readonly group: string; readonly "cancel-in-progress": boolean };
  readonly env?: Texts;
  readonly steps: readonly Step[];
}

/** A workflow as far as its jobs are concerned. */
export interface Workflow {
  readonly env: Texts;
  readonly jobs: Readonly<Record<string, Job>>;
}

/** What has happened on GitHub, and what the runner has. */
export interface Occasion {
  readonly event: "pull_request" | "push" | "schedule" | "workflow_dispatch";
  readonly payload: Readonly<Record<string, unknown>>;
  /** Of the repository, and of its environments. A run that is for a fork gets none of them. */
  readonly secrets: Texts;
  readonly environments: Readonly<Record<string, Texts>>;
  readonly variables: Texts;
  readonly forge: Forge;
  /** The checkout. */
  readonly folder: string;
  /** Of every process on the machine: PATH, HOME. */
  readonly machine: Texts;
}

/** What became of a job. */
export interface Outcome {
  readonly result: "success" | "failure" | "skipped";
  readonly runner: string;
  readonly log: string;
  /** The environment of each step that ran, by its name. */
  readonly environments: Readonly<Record<string, Texts>>;
}

/** Reads a workflow. */
export async function readWorkflow(file: string): Promise<Workflow> {
  return parse(await readFile(file, "utf8")) as Workflow;
}

/** Runs one job, unless its condition does not hold. */
export async function runJob(workflow: Workflow, name: string, occasion: Occasion): Promise<Outcome> {
  const job = workflow.jobs[name];
  if (job === undefined) throw new Error(`there is no job ${name}`);
  const github = { event_name: occasion.event, event: occasion.payload, repository: REPOSITORY };
  const secrets = { ...occasion.secrets, ...(job.environment ? occasion.environments[job.environment] : {}) };
  const before = await Expressions.in({ github, vars: occasion.variables });
  const runner = before.text(job["runs-on"]);
  if (!before.holds(job.if ?? "true")) return { result: "skipped", runner, log: "", environments: {} };
  const temporary = await mkdtemp(path.join(tmpdir(), "pgmob-runner-"));
  try {
    const around = { github, secrets, vars: occasion.variables };
    return { runner, ...(await new JobRun(job, workflow.env, occasion, around, temporary).run()) };
  } finally {
    await rm(temporary, { recursive: true });
  }
}

const REPOSITORY = "company/database";

class JobRun {
  private readonly steps: Record<string, { outcome: string; outputs: Texts }> = {};
  private readonly environments: Record<string, Texts> = {};
  private log = "";
  private failed = false;

  constructor(
    private readonly job: Job,
    private readonly env: Texts,
    private readonly occasion: Occasion,
    private readonly around: Readonly<Record<string, unknown>>,
    private readonly temporary: string,
  ) {}

  async run(): Promise<Omit<Outcome, "runner">> {
    const { env } = this;
    const jobEnv = { ...env, ...(await Expressions.in(this.around)).texts(this.job.env) };
    const event = path.join(this.temporary, "event.json");
    await writeFile(event, JSON.stringify(this.occasion.payload));
    for (const step of this.job.steps) {
      const contexts = { ...this.around, env: jobEnv, steps: this.steps };
      const expressions = await Expressions.in(contexts, this.failed);
      const environment = { ...this.runnerEnvironment(event), ...jobEnv, ...expressions.texts(step.env) };
      const ended = expressions.holds(step.if ?? "true") ? await this.step(step, environment, expressions) : undefined;
      if (step.id) this.steps[step.id] = { outcome: outcomeOf(ended), outputs: ended?.outputs ?? {} };
      if (ended === undefined) continue;
      this.environments[step.name ?? step.run ?? step.uses!] = environment;
      this.log += ended.output;
      this.failed ||= ended.code !== 0;
    }
    return { result: this.failed ? "failure" : "success", log: this.log, environments: this.environments };
  }

  private runnerEnvironment(event: string): Texts {
    const { forge, machine, event: name } = this.occasion;
    return {
      ...machine,
      CI: "true",
      GITHUB_ACTIONS: "true",
      GITHUB_API_URL: forge.url,
      GITHUB_SERVER_URL: "https://github.example",
      GITHUB_REPOSITORY: REPOSITORY,
      GITHUB_RUN_ID: "4711",
      GITHUB_EVENT_NAME: name,
      GITHUB_EVENT_PATH: event,
      RUNNER_TEMP: this.temporary,
    };
  }

  private async step(step: Step, env: Texts, expressions: Expressions): Promise<Ended & { outputs?: Texts }> {
    const { folder, forge } = this.occasion;
    if (step.run !== undefined) return bash(expressions.text(step.run), folder, env);
    const inputs = expressions.texts(step.with);
    const action = step.uses?.split("@")[0] ?? "";
    if (action !== "actions/github-script") return this.done(action, inputs);
    const given = { INPUT_SCRIPT: inputs.script ?? "", INPUT_TOKEN: forge.token(this.job.permissions) };
    const script = path.join(__dirname, "github-script.js");
    return bash(`exec "${process.execPath}" "${script}"`, folder, { ...env, ...given });
  }

  /** What an action does that a test needs not do: its machine has everything. */
  private done(action: string, inputs: Texts): Ended & { outputs: Texts } {
    if (JSON.stringify(inputs) !== JSON.stringify(ACTIONS[action]))
      throw new Error(`unknown: ${action} ${JSON.stringify(inputs)}`);
    if (action !== LOGIN) return { code: 0, output: "", outputs: {} };
    const allowed = this.job.permissions["id-token"] === "write";
    return { code: allowed ? 0 : 1, output: "", outputs: { "pulumi-access-token": "a token for an hour" } };
  }
}

function outcomeOf(ended: Ended | undefined): string {
  if (ended === undefined) return "skipped";
  return ended.code === 0 ? "success" : "failure";
}

const LOGIN = "pulumi/auth-actions";

/** The inputs that each action is given. */
const ACTIONS: Readonly<Record<string, Texts>> = {
  "actions/checkout": { "persist-credentials": "false" },
  "actions/setup-node": { "node-version": "22" },
  // Without a `command` it installs the CLI, and no more.
  "pulumi/actions": { "pulumi-version": "3.259.0" },
  [LOGIN]: {
    organization: "my-company",
    "requested-token-type": "urn:pulumi:token-type:access_token:organization",
    "export-environment-variables": "false",
  },
};

/** Runs a job of a `.gitlab-ci.yml`: its scripts, with the variables that the file and the project give it. */

import { readFile } from "node:fs/promises";
import { parse } from "yaml";
import { bash } from "./shell";

type Texts = Readonly<Record<string, string>>;

interface Job {
  readonly extends?: string | readonly string[];
  readonly rules: readonly { readonly if: string }[];
  readonly tags?: readonly string[];
  readonly environment?: { readonly name: string };
  readonly variables?: Texts;
  readonly before_script: readonly string[];
  readonly script: readonly string[];
  readonly after_script?: readonly string[];
}

/** Every keyword that the runner here does as it should, or that says nothing about what a script does. */
const KNOWN = [
  ...["extends", "rules", "tags", "environment", "variables", "before_script", "script", "after_script"],
  ...["image", "services", "timeout", "interruptible", "resource_group"],
];

/** A pipeline by the names of its jobs. */
export type Pipeline = Readonly<Record<string, Job>> & { readonly variables: Texts; readonly default: Partial<Job> };

/** What has happened, and what the project and the runner have. */
export interface Occasion {
  /** What GitLab itself says: CI_PIPELINE_SOURCE and others. */
  readonly predefined: Texts;
  /** The project's variables by the environment that they are for. They go before those of the file. */
  readonly variables: Readonly<Record<string, Texts>>;
  /** What stands in the place of the addresses of services. */
  readonly network: Texts;
  readonly folder: string;
  readonly machine: Texts;
}

/** What became of a job. */
export interface Outcome {
  readonly result: "success" | "failed" | "skipped";
  readonly tags: readonly string[];
  readonly log: string;
  readonly environment: Texts;
}

/** Reads a pipeline. */
export async function readPipeline(file: string): Promise<Pipeline> {
  return parse(await readFile(file, "utf8")) as Pipeline;
}

/** Runs one job, unless it has no rule for what has happened. */
export async function runJob(pipeline: Pipeline, name: string, occasion: Occasion): Promise<Outcome> {
  const job = complete(pipeline, name);
  const { predefined, variables, network, folder, machine } = occasion;
  const scoped = variables[job.environment?.name ?? ""];
  const all = { ...machine, ...predefined, ...pipeline.variables, ...job.variables, ...scoped };
  const environment = { ...all, ...(job.variables?.PGHOST === "postgres" ? network : {}) };
  const outcome = { tags: job.tags ?? [], environment };
  if (!job.rules.some((rule) => holds(rule.if, environment))) return { ...outcome, result: "skipped", log: "" };
  const ended = await bash([...job.before_script, ...job.script].join("\n"), folder, environment);
  const result = ended.code === 0 ? "success" : "failed";
  const after = await bash((job.after_script ?? []).join("\n"), folder, { ...environment, CI_JOB_STATUS: result });
  if (after.code !== 0) throw new Error(`after_script:\n${after.output}`);
  return { ...outcome, result, log: ended.output + after.output };
}

/** A job with what it extends, and what every job has unless it says otherwise. */
function complete(pipeline: Pipeline, name: string): Job {
  const job = pipeline[name];
  if (job === undefined) throw new Error(`there is no job ${name}`);
  const bases = [job.extends ?? []].flat().map((base) => pipeline[base]);
  const whole = Object.assign({}, pipeline.default, ...bases, job) as Job;
  const unknown = Object.keys(whole).filter((keyword) => !KNOWN.includes(keyword));
  if (unknown.length > 0 || bases.includes(undefined as never)) throw new Error(`${name}: ${unknown.join()}`);
  return whole;
}

/** The part of GitLab's conditions that compares variables and texts. */
function holds(condition: string, environment: Texts): boolean {
  return condition.split("&&").every((part) => {
    const match = /^\s*(\$\w+|"[^"]*")\s*==\s*(\$\w+|"[^"]*")\s*$/.exec(part);
    if (match === null) throw new Error(`no comparison: ${part}`);
    const [left, right] = match
      .slice(1)
      .map((one) => (one.startsWith("$") ? environment[one.slice(1)] : one.slice(1, -1)));
    return left === right;
  });
}

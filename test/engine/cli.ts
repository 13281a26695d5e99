/** This engine as a command, with the few arguments of the Pulumi CLI that it knows. Anything else is an error. */

import { existsSync, readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { text } from "node:stream/consumers";
import { parseArgs } from "node:util";
import { Stack } from "./index";
import { readProject } from "./project";

const USAGE =
  "usage: cli.js preview|up|refresh|destroy [--diff] [--show-full-output] [--refresh] [--expect-no-changes] [--yes]\n" +
  "       cli.js stack init NAME\n" +
  "       cli.js config set KEY [VALUE] [--secret]\n" +
  "with [--stack NAME] [--cwd FOLDER] [--state FILE] each. The state is in the folder that PULUMI_BACKEND_URL names\n" +
  "(file://…), and the passphrase of the stack's secrets in PULUMI_CONFIG_PASSPHRASE.";

function readArguments() {
  return parseArgs({
    allowPositionals: true,
    options: {
      diff: { type: "boolean", default: false },
      "show-full-output": { type: "boolean", default: false },
      refresh: { type: "boolean", default: false },
      "expect-no-changes": { type: "boolean", default: false },
      secret: { type: "boolean", default: false },
      yes: { type: "boolean", default: false },
      stack: { type: "string", default: process.env.PULUMI_STACK ?? "" },
      cwd: { type: "string", default: "." },
      state: { type: "string", default: "" },
    },
  });
}

type Values = ReturnType<typeof readArguments>["values"];

/** Where the states of a project's stacks are, and which of them was made last. */
function backend({ cwd }: Values): string {
  const url = process.env.PULUMI_BACKEND_URL;
  if (url === undefined) return path.join(cwd, ".pulumi-state");
  if (!url.startsWith("file://")) throw new Error(`PULUMI_BACKEND_URL is no folder (file://…): ${url}`);
  return path.join(url.slice("file://".length), ".pulumi", "stacks", readProject(path.resolve(cwd)).name);
}

function open(values: Values, stack: string): Promise<Stack> {
  const passphrase = process.env.PULUMI_CONFIG_PASSPHRASE;
  if (passphrase === undefined) throw new Error("PULUMI_CONFIG_PASSPHRASE is not set");
  const stateFile = values.state || path.join(backend(values), `${stack}.json`);
  return Stack.open({ projectDir: values.cwd, stack, stateFile, passphrase });
}

async function initialise(values: Values, stack: string): Promise<number> {
  await open(values, stack);
  await mkdir(backend(values), { recursive: true });
  await writeFile(path.join(backend(values), "selected"), stack);
  return 0;
}

function selected(values: Values): string {
  const file = path.join(backend(values), "selected");
  return values.stack || (existsSync(file) ? readFileSync(file, "utf8") : "dev");
}

async function setConfig(values: Values, key: string, value: string | undefined): Promise<number> {
  const stack = await open(values, selected(values));
  // As the CLI does, where nobody can be asked: a secret is not for the command line.
  await stack.setConfig(key, value ?? (await text(process.stdin)).replace(/\n$/, ""), { secret: values.secret });
  return 0;
}

type Operation = "preview" | "up" | "refresh" | "destroy";

async function operate(values: Values, operation: Operation): Promise<number> {
  if (operation !== "preview" && process.env.CI && !values.yes) throw new Error(`${operation} takes --yes here`);
  const stack = await open(values, selected(values));
  const interrupt = new AbortController();
  process.once("SIGINT", () => interrupt.abort());
  const options = {
    signal: interrupt.signal,
    diff: values.diff,
    showFullOutput: values["show-full-output"],
    refresh: values.refresh,
    color: process.stdout.isTTY,
  };
  const onLine = (line: string) => process.stdout.write(`${line}\n`);
  const { exitCode, summary } = await stack[operation]({ ...options, onLine });
  const changes = Object.keys(summary).some((kind) => kind !== "same" && kind !== "read");
  if (exitCode === 0 && values["expect-no-changes"] && changes) {
    const { message, code } = UNEXPECTED;
    process.stderr.write(`error: ${message}\n`);
    return code;
  }
  return exitCode;
}

/** What the CLI says then. */
const UNEXPECTED = { message: "no changes were expected for preview but changes were proposed", code: 7 };

function main(): Promise<number> {
  const { values, positionals } = readArguments();
  const [command, verb, name, value, ...rest] = positionals;
  if (command === "stack" && verb === "init" && name && value === undefined) return initialise(values, name);
  if (command === "config" && verb === "set" && name && rest.length === 0) return setConfig(values, name, value);
  const operations: readonly string[] = ["preview", "up", "refresh", "destroy"];
  if (verb === undefined && command && operations.includes(command)) return operate(values, command as Operation);
  throw new Error(USAGE);
}

Promise.resolve()
  .then(main)
  .then(
    (code) => {
      process.exitCode = code;
    },
    (error: Error) => {
      process.stderr.write(`error: ${error.message}\n`);
      process.exitCode = 1;
    },
  );

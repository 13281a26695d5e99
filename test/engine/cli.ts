import { parseArgs } from "node:util";
import { Stack } from "./index";

const USAGE =
  "usage: cli.js preview|up|refresh|destroy [--diff] [--refresh] [--stack NAME] [--cwd FOLDER] [--state FILE]\n" +
  "The passphrase of the stack's secrets comes from PULUMI_CONFIG_PASSPHRASE.";

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      diff: { type: "boolean", default: false },
      refresh: { type: "boolean", default: false },
      stack: { type: "string", default: "dev" },
      cwd: { type: "string", default: "." },
      state: { type: "string", default: "" },
    },
  });
  const [command] = positionals;
  const passphrase = process.env.PULUMI_CONFIG_PASSPHRASE;
  if (passphrase === undefined) throw new Error("PULUMI_CONFIG_PASSPHRASE is not set");
  const stack = await Stack.open({
    projectDir: values.cwd,
    stack: values.stack,
    stateFile: values.state || `${values.cwd}/.pulumi-state/${values.stack}.json`,
    passphrase,
  });
  if (
    positionals.length !== 1 ||
    !(command === "preview" || command === "up" || command === "refresh" || command === "destroy")
  ) {
    throw new Error(USAGE);
  }
  const interrupt = new AbortController();
  process.once("SIGINT", () => interrupt.abort());
  const options = { signal: interrupt.signal, diff: values.diff, refresh: values.refresh, color: process.stdout.isTTY };
  const result = await stack[command]({ ...options, onLine: (line) => process.stdout.write(`${line}\n`) });
  return result.exitCode;
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: Error) => {
    process.stderr.write(`error: ${error.message}\n`);
    process.exitCode = 1;
  },
);

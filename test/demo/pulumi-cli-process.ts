import { spawn, spawnSync } from "node:child_process";
import { pulumiVariables, withoutPgVariables } from "./environment";
import { markChild } from "./marker";
import { projectDir } from "./place";

/** The version of the Pulumi CLI on the PATH, such as `v3.260.0`, or undefined when there is none. */
export function pulumiVersion(): string | undefined {
  const { status, stdout } = spawnSync("pulumi", ["version"], { encoding: "utf8", env: environment() });
  return status === 0 ? stdout.trim() : undefined;
}

function environment(): NodeJS.ProcessEnv {
  return {
    ...process.env,
    ...withoutPgVariables(),
    ...pulumiVariables,
    PULUMI_CONFIG_PASSPHRASE_FILE: undefined,
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_SUPPRESS_NEO_LINK: "true",
  };
}

/** What a run of the Pulumi CLI printed, and its exit code. */
export interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs the Pulumi CLI in the project. `show` prints what it prints as it comes; `terminal` gives it the terminal
 * itself, with nothing to read afterwards. When this process is interrupted, it waits for the CLI to end in order.
 * @throws when the CLI is killed or interrupted.
 */
export async function pulumi(
  args: string[],
  o: { show?: boolean; terminal?: boolean; input?: string } = {},
): Promise<Run> {
  const output = o.terminal ? "inherit" : "pipe";
  const child = spawn("pulumi", args, {
    cwd: projectDir,
    env: environment(),
    stdio: [o.input === undefined ? "ignore" : "pipe", output, output],
  });
  const printed = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name]?.setEncoding("utf8").on("data", (text: string) => {
      printed[name] += text;
      if (o.show) process[name].write(text);
    });
  }
  child.stdin?.end(o.input);
  // The terminal interrupts the child itself; `kill` does not.
  let interrupted = false;
  const wait = () => {
    interrupted = true;
  };
  const interrupt = () => {
    interrupted = true;
    child.kill("SIGINT");
  };
  process.on("SIGINT", wait).on("SIGTERM", interrupt);
  try {
    const ended = new Promise<number>((resolve, reject) => {
      child.once("error", reject).once("close", (code, signal) => {
        if (code === null || interrupted) reject(new Error(`The Pulumi CLI was interrupted (${signal ?? "SIGINT"}).`));
        else resolve(code);
      });
    });
    await markChild(child.pid);
    return { code: await ended, ...printed };
  } finally {
    process.off("SIGINT", wait).off("SIGTERM", interrupt);
  }
}

/** Runs the Pulumi CLI silently, for its standard output. @throws with what it printed, when it fails. */
export async function pulumiQuietly(args: string[], input?: string): Promise<string> {
  const { code, stdout, stderr } = await pulumi(args, { input });
  if (code !== 0) throw new Error(`pulumi ${args.join(" ")} failed:\n${stdout}${stderr}`);
  return stdout;
}

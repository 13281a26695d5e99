import { spawn } from "node:child_process";
import path from "node:path";
import type { Deployment, OperationOptions, OperationResult, StackOptions } from "../engine";

type CliOptions = Omit<StackOptions, "stateFile"> & { base: string };

/** A stack that the real Pulumi CLI works on, its state in a folder of its own. */
export class CliStack {
  private constructor(private readonly options: CliOptions) {}

  /** Makes the stack. `base` is a folder for Pulumi's own files. */
  static async create(options: CliOptions): Promise<CliStack> {
    const cli = new CliStack(options);
    const { mkdir } = await import("node:fs/promises");
    await mkdir(path.join(options.base, "backend"));
    await cli.succeed(["stack", "init", options.stack]);
    return cli;
  }

  /** `pulumi preview`. */
  preview(options: OperationOptions = {}): Promise<OperationResult> {
    return this.operate(["preview"], options);
  }

  /** `pulumi up`. */
  up(options: OperationOptions = {}): Promise<OperationResult> {
    return this.operate(["up", "--yes", "--skip-preview"], options);
  }

  /** `pulumi refresh`. */
  refresh(options: OperationOptions = {}): Promise<OperationResult> {
    return this.operate(["refresh", "--yes", "--skip-preview"], { ...options, refresh: false });
  }

  /** `pulumi destroy`. */
  destroy(options: OperationOptions = {}): Promise<OperationResult> {
    return this.operate(["destroy", "--yes", "--skip-preview"], options);
  }

  /** `pulumi stack export`. */
  async export(): Promise<Deployment> {
    return JSON.parse(await this.succeed(["stack", "export"])) as Deployment;
  }

  /** `pulumi stack import`. */
  async import(deployment: Deployment): Promise<void> {
    const { writeFile } = await import("node:fs/promises");
    const file = path.join(this.options.base, "import.json");
    await writeFile(file, JSON.stringify(deployment));
    await this.succeed(["stack", "import", "--file", file]);
  }

  /** `pulumi import --file`. */
  async importFile(file: string): Promise<void> {
    await this.succeed(["import", "--file", file, "--generate-code=false", "--protect=false", "--yes"]);
  }

  /** `pulumi config set`. */
  async setConfig(key: string, value: string, options: { secret?: boolean } = {}): Promise<void> {
    await this.succeed(["config", "set", options.secret ? "--secret" : "--plaintext", key, "--", value]);
  }

  /** `pulumi stack output`. */
  async outputs(options: { showSecrets?: boolean } = {}): Promise<Record<string, unknown>> {
    const flags = options.showSecrets ? ["--show-secrets"] : [];
    return JSON.parse(await this.succeed(["stack", "output", "--json", ...flags])) as Record<string, unknown>;
  }

  /** Runs any other command; resolves with what it printed, rejects when it fails. */
  async succeed(command: string[]): Promise<string> {
    const { exitCode, output } = await this.run([...command, "--non-interactive", "--color", "never"]);
    if (exitCode !== 0) throw new Error(`pulumi ${command.join(" ")} failed:\n${output}`);
    return output;
  }

  private async operate(command: string[], options: OperationOptions): Promise<OperationResult> {
    const flags = ["--non-interactive", "--color", "never"];
    if (options.diff) flags.push("--diff");
    // A refresh cuts nothing, and has no such flag.
    if (options.diff && options.showFullOutput && command[0] !== "refresh") flags.push("--show-full-output");
    if (options.refresh) flags.push("--refresh");
    const { exitCode, output } = await this.run([...command, ...flags], options.onLine);
    return { exitCode, output, summary: readSummary(output) };
  }

  /** The shell joins the two streams, so that messages stay where they were printed. */
  private run(command: string[], onLine?: (line: string) => void): Promise<{ exitCode: number; output: string }> {
    const separator = command.indexOf("--");
    const [flags, rest] = separator < 0 ? [command, []] : [command.slice(0, separator), command.slice(separator)];
    const late = separator < 0 ? [] : rest.slice(2);
    const args = separator < 0 ? flags : [...flags, ...late, ...rest.slice(0, 2)];
    const { base, projectDir, passphrase, parallel } = this.options;
    const child = spawn("sh", ["-c", 'exec pulumi "$@" 2>&1', "pulumi", ...args], {
      cwd: projectDir,
      stdio: ["ignore", "pipe", "inherit"],
      env: {
        ...process.env,
        ...this.options.env,
        PULUMI_BACKEND_URL: `file://${path.join(base, "backend")}`,
        PULUMI_HOME: path.join(base, "home"),
        PULUMI_CONFIG_PASSPHRASE: passphrase,
        PULUMI_SKIP_UPDATE_CHECK: "true",
        PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
        ...(parallel === undefined ? {} : { PULUMI_PARALLEL: String(parallel) }),
      },
    });
    return new Promise((resolve, reject) => {
      let output = "";
      let rest = "";
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        output += text;
        const lines = (rest + text).split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) onLine?.(line);
      });
      child.once("error", reject);
      child.once("close", (code) => resolve({ exitCode: code ?? 1, output }));
    });
  }
}

/** Pulumi's names of the operations, by the verbs of its summary. */
const VERBS: Record<string, string> = { unchanged: "same", read: "read", refreshed: "refresh" };

/** Reads the numbers under "Resources:" in what the CLI has printed. */
export function readSummary(output: string): Record<string, number> {
  const summary: Record<string, number> = {};
  const section = output.split(/^Resources:$/m).at(-1) ?? "";
  for (const [, count, verb = ""] of section.matchAll(/(\d+) (?:to )?([a-z-]+)/g)) {
    if (/^(change|changes|errored|errors)$/.test(verb)) continue;
    const op = VERBS[verb] ?? (/^(create|update|delete|replace|discard|import)/.exec(verb)?.[1] as string | undefined);
    if (op !== undefined) summary[op] = Number(count);
  }
  return output.includes("Resources:") ? summary : {};
}

import { existsSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { relative } from "node:path";
import { stripVTControlCharacters } from "node:util";
import {
  type ConfigValue,
  type Deployer,
  type ExportedDeployment,
  type Outcome,
  type StackState,
  stateOf,
} from "./deployer";
import { endOrphans } from "./orphans";
import { backendDir, checkpointFile, projectDir, stackName, stateFile } from "./place";
import { pulumi, pulumiQuietly } from "./pulumi-cli-process";

const stack = ["--stack", stackName];

/** The Pulumi CLI, with a file backend inside the project. */
export class PulumiCli implements Deployer {
  readonly introduction: string;
  readonly usesCli = true;

  constructor(version: string) {
    this.introduction = `${["The Pulumi CLI", version].join(" ").trim()} runs the program, with a local backend in ${relative(projectDir, backendDir)}.`;
  }

  async open(): Promise<void> {
    await mkdir(backendDir, { recursive: true });
    if (!existsSync(checkpointFile)) await pulumiQuietly(["stack", "init", stackName, "--no-select"]);
    if (existsSync(stateFile)) {
      await pulumiQuietly(["stack", "import", "--file", stateFile, ...stack]);
      await rm(stateFile);
    }
  }

  async setConfig(values: ConfigValue[]): Promise<void> {
    for (const { key, value, secret } of values) {
      // A secret goes through standard input: the command line is for every user to see.
      await pulumiQuietly(["config", "set", secret ? "--secret" : "--plaintext", key, ...stack], value);
    }
  }

  preview({ refresh }: { refresh: boolean }): Promise<Outcome> {
    return this.operate(["preview", "--diff", ...(refresh ? ["--refresh"] : [])], "show");
  }

  up({ refresh }: { refresh: boolean }): Promise<Outcome> {
    return this.operate(["up", "--yes", "--skip-preview", ...(refresh ? ["--refresh"] : [])], "terminal");
  }

  destroy(): Promise<Outcome> {
    return this.operate(["destroy", "--yes", "--skip-preview"], "terminal");
  }

  async unlock(): Promise<void> {
    endOrphans();
    await pulumiQuietly(["cancel", "--yes", ...stack]);
    const exported = await this.export();
    if ((exported.deployment.pending_operations ?? []).length === 0) return;
    exported.deployment.pending_operations = [];
    await pulumiQuietly(["stack", "import", ...stack], JSON.stringify(exported));
  }

  async state(): Promise<StackState> {
    return stateOf(await this.export());
  }

  private async export(): Promise<ExportedDeployment> {
    return JSON.parse(await pulumiQuietly(["stack", "export", ...stack])) as ExportedDeployment;
  }

  private async operate(args: string[], how: "show" | "terminal"): Promise<Outcome> {
    const color = process.stdout.isTTY ? "always" : "never";
    const all = [...args, ...stack, "--color", color, "--suppress-permalink=true"];
    const { code, stdout } = await pulumi(all, { [how]: true });
    return { succeeded: code === 0, changes: changesIn(stdout) };
  }
}

/** Reads the lines under `Resources:`, such as `+ 4 to create` and `~ 1 updated`. */
function changesIn(output: string): Record<string, number> {
  const changes: Record<string, number> = {};
  const [, summary = ""] = stripVTControlCharacters(output).split(/^Resources:$/m);
  for (const [, count, word] of summary.matchAll(/^ {4}\S+ (\d+) (?:to )?(\w+)$/gm)) changes[word!] = Number(count);
  return changes;
}

import { existsSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { type OperationResult, Stack } from "../engine/index";
import {
  type ConfigValue,
  type Deployer,
  type ExportedDeployment,
  type Outcome,
  type StackState,
  stateOf,
} from "./deployer";
import { withoutPgVariables } from "./environment";
import { backendDir, checkpointFile, passphrase, projectDir, stackName, stateFile } from "./place";

/** The project's own engine, for a machine without the Pulumi CLI. */
export class TestEngine implements Deployer {
  readonly introduction =
    "The Pulumi CLI is not on the PATH (https://www.pulumi.com/docs/install/): the project's test engine runs the program.";
  readonly usesCli = false;

  async open(): Promise<void> {
    if (!existsSync(checkpointFile)) return;
    const { version, checkpoint } = JSON.parse(await readFile(checkpointFile, "utf8"));
    await this.write({ version, deployment: checkpoint.latest ?? {} });
    await rm(backendDir, { recursive: true });
  }

  async setConfig(values: ConfigValue[]): Promise<void> {
    const stack = await this.stack();
    for (const { key, value, secret } of values) await stack.setConfig(key, value, { secret });
  }

  async preview({ refresh }: { refresh: boolean }): Promise<Outcome> {
    return outcome(await (await this.stack()).preview({ ...display, diff: true, refresh }));
  }

  async up({ refresh }: { refresh: boolean }): Promise<Outcome> {
    return outcome(await (await this.stack()).up({ ...display, refresh }));
  }

  async destroy(): Promise<Outcome> {
    return outcome(await (await this.stack()).destroy(display));
  }

  /** The engine takes over the lock of a killed one by itself. */
  async unlock(): Promise<void> {
    if (!existsSync(stateFile)) return;
    const exported = JSON.parse(await readFile(stateFile, "utf8")) as ExportedDeployment;
    exported.deployment.pending_operations = [];
    await this.write(exported);
  }

  async state(): Promise<StackState> {
    return stateOf((await (await this.stack()).export()) as ExportedDeployment);
  }

  private stack(): Promise<Stack> {
    return Stack.open({ projectDir, stack: stackName, stateFile, passphrase, env: withoutPgVariables() });
  }

  private async write(exported: ExportedDeployment): Promise<void> {
    await writeFile(stateFile, `${JSON.stringify(exported, undefined, 4)}\n`);
  }
}

const display = { color: process.stdout.isTTY === true, onLine: (line: string) => console.log(line) };

function outcome({ exitCode, summary }: OperationResult): Outcome {
  const changes = Object.entries(summary).filter(([word, count]) => word !== "same" && count > 0);
  return { succeeded: exitCode === 0, changes: Object.fromEntries(changes) };
}

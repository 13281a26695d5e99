import { existsSync, mkdtempSync, realpathSync } from "node:fs";
import { mkdir, rm, symlink, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { type Deployment, type OperationOptions, type OperationResult, Stack } from "../engine";
import { CliStack } from "./workspace-cli";

/** What carries a program out: this project's own engine, or the real Pulumi CLI. */
export type EngineKind = "engine" | "cli";

/** The kinds that can be used here: the CLI only when `pulumi` is on the PATH. */
export const engines: EngineKind[] = isOnPath("pulumi") ? ["engine", "cli"] : ["engine"];

/** The options of an operation that both kinds have. Long texts are shown whole where nothing else is said. */
export type WorkspaceOptions = Pick<OperationOptions, "diff" | "refresh" | "showFullOutput">;

/** A Pulumi project of its own in a temporary folder, with one stack, `dev`. */
export interface Workspace {
  /** The folder of the project. */
  readonly dir: string;
  /** The environment of the operations that follow, on top of this process's; `undefined` takes a variable out. */
  readonly env: Record<string, string | undefined>;
  /** Writes index.js of the project. */
  program(source: string): Promise<void>;
  /** Sets a value of the stack's configuration, by its full key (`namespace:name`). */
  setConfig(key: string, value: string, options?: { secret?: boolean }): Promise<void>;
  /** `pulumi preview`. */
  preview(options?: WorkspaceOptions): Promise<OperationResult>;
  /** `pulumi up`, without a preview before. */
  up(options?: WorkspaceOptions): Promise<OperationResult>;
  /** `pulumi refresh`, without a preview before. */
  refresh(options?: WorkspaceOptions): Promise<OperationResult>;
  /** `pulumi destroy`, without a preview before. */
  destroy(options?: WorkspaceOptions): Promise<OperationResult>;
  /** `pulumi import --file`, into an empty stack. */
  importFile(file: string): Promise<void>;
  /** The state; secrets stay encrypted. */
  export(): Promise<Deployment>;
  /** What the program has exported, secrets included. */
  outputs(): Promise<Record<string, unknown>>;
  /** Removes the folder. What the program has created is left alone. */
  close(): Promise<void>;
}

/** The passphrase of every workspace's secrets. */
export const PASSPHRASE = "workspace";

/** The folder of this checkout. */
const CHECKOUT = path.join(__dirname, "..", "..", "..");

/** Makes a project called `name` that finds this package, and the SDK, in its node_modules. */
export async function createWorkspace(
  kind: EngineKind,
  options: { name: string; env?: Record<string, string | undefined> },
): Promise<Workspace> {
  const base = realpathSync(mkdtempSync(path.join(os.tmpdir(), "pgmob-")));
  const dir = path.join(base, "project");
  await mkdir(dir);
  // The programs are JavaScript: no compiler needs to be started for them.
  const runtime = "runtime:\n  name: nodejs\n  options:\n    typescript: false\n";
  await writeFile(path.join(dir, "Pulumi.yaml"), `name: ${options.name}\n${runtime}`);
  const manifest = { name: options.name, private: true, main: "index.js" };
  await writeFile(path.join(dir, "package.json"), `${JSON.stringify(manifest)}\n`);
  await symlink(path.join(CHECKOUT, "node_modules"), path.join(dir, "node_modules"), "dir");
  const env = { ...options.env };
  const stack =
    kind === "cli"
      ? await CliStack.create({ base, projectDir: dir, stack: "dev", passphrase: PASSPHRASE, env })
      : await Stack.open({
          projectDir: dir,
          stack: "dev",
          stateFile: path.join(base, "state.json"),
          passphrase: PASSPHRASE,
          env,
        });
  const whole = (given?: WorkspaceOptions) => ({ showFullOutput: true, ...given });
  return {
    dir,
    env,
    program: (source) => writeFile(path.join(dir, "index.js"), source),
    setConfig: (key, value, secret) => stack.setConfig(key, value, secret),
    preview: (o) => stack.preview(whole(o)),
    up: (o) => stack.up(whole(o)),
    refresh: (o) => stack.refresh(whole(o)),
    destroy: (o) => stack.destroy(whole(o)),
    importFile: (file) => stack.importFile(file),
    export: () => stack.export(),
    outputs: () => stack.outputs({ showSecrets: true }),
    close: () => rm(base, { recursive: true, force: true }),
  };
}

function isOnPath(command: string): boolean {
  const folders = (process.env.PATH ?? "").split(path.delimiter);
  return folders.some((folder) => folder !== "" && existsSync(path.join(folder, command)));
}

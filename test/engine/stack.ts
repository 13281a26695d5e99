import { readFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import type { OutputLine } from "./child";
import { Deployment as Run, type SourceEvent } from "./deployment";
import { Display, type OperationKind } from "./display/display";
import { type EngineEvent, hideSecrets } from "./events";
import type { GeneratorContext } from "./generator";
import { ProviderHost } from "./host";
import { type ImportFile, importedStates } from "./import";
import { Monitor } from "./monitor";
import { StepReporter } from "./operation";
import { startProgram } from "./program";
import { type Project, readProject, StackConfig } from "./project";
import { ProviderRegistry } from "./registry";
import { Snapshot } from "./snapshot";
import { type Deployment, type ResourceState, readDeployment, writeDeployment } from "./state";
import { StateFile } from "./store";
import { providerType, STACK_TYPE } from "./urn";
import { type PropertyMap, reveal, Secret } from "./values";
import { World } from "./world";

/** Which stack to work on. */
export interface StackOptions {
  /** The folder with Pulumi.yaml. */
  projectDir: string;
  /** The name of the stack; its configuration is `Pulumi.STACK.yaml` in the same folder. */
  stack: string;
  /** The file that holds, or will hold, the state. */
  stateFile: string;
  /** What the stack's secrets are encrypted with. */
  passphrase: string;
  /** How many operations run side by side. Default: four times the processors, as in Pulumi. */
  parallel?: number;
  /** Changes to the environment of the program and the provider hosts; `undefined` takes a variable out. */
  env?: Record<string, string | undefined>;
}

/** How an operation is shown, and what it does besides. */
export interface OperationOptions {
  /** Show every property that changes, instead of one line per step. Default: false. */
  diff?: boolean;
  /** Show long texts whole, instead of their beginnings; a refresh always does. Default: false. */
  showFullOutput?: boolean;
  /** Bring the state up to date first. Default: false. */
  refresh?: boolean;
  /** With `refresh()`: forget creations that were interrupted. Default: false. */
  clearPendingCreates?: boolean;
  /** Is given every line as soon as there is one. */
  onLine?: (line: string) => void;
  /** Print in colours. Default: false. */
  color?: boolean;
  /** Ends the operation early: what is under way is finished and recorded, nothing else is begun. */
  signal?: AbortSignal;
}

/** How an operation has ended. */
export interface OperationResult {
  /** 0 when it succeeded. */
  exitCode: number;
  /** Everything that was printed. */
  output: string;
  /** The numbers under "Resources:", by Pulumi's names (`create`, `update`, `same`, …). */
  summary: Record<string, number>;
}

/** A stack: a program, its configuration, and the state of what it has created. */
export class Stack {
  private constructor(
    private readonly options: StackOptions,
    private readonly project: Project,
    private readonly config: StackConfig,
    private readonly store: StateFile,
  ) {}

  /** Opens a stack, or begins a new one. Rejects when the project cannot be read or the passphrase is wrong. */
  static async open(options: StackOptions): Promise<Stack> {
    const project = readProject(path.resolve(options.projectDir));
    const store = new StateFile(path.resolve(options.stateFile));
    const salt = store.read()?.deployment.secrets_providers?.state.salt;
    const config = await StackConfig.open(project, options.stack, options.passphrase, salt);
    return new Stack(options, project, config, store);
  }

  /** Shows what `up` would do. Changes nothing. */
  preview(options: OperationOptions = {}): Promise<OperationResult> {
    return this.operate("preview", options);
  }

  /** Makes what exists like the program. Shows no preview first. */
  up(options: OperationOptions = {}): Promise<OperationResult> {
    return this.operate("update", options);
  }

  /** Makes the state like what exists, without running the program. */
  refresh(options: OperationOptions = {}): Promise<OperationResult> {
    return this.operate("refresh", { ...options, refresh: true });
  }

  /** Deletes everything in the state, without running the program. */
  destroy(options: OperationOptions = {}): Promise<OperationResult> {
    return this.operate("destroy", options);
  }

  /** Takes what a file describes into the state, which must be empty. */
  async importFile(file: string): Promise<void> {
    const unlock = this.store.lock();
    try {
      if (this.load().resources.length > 0) throw new Error("resources can be imported into an empty stack only");
      const { stack } = this.options;
      const config = Object.fromEntries(this.config.read());
      const states = importedStates(JSON.parse(await readFile(file, "utf8")) as ImportFile, {
        ...{ stack, config, project: this.project.name },
      });
      await this.store.write(writeDeployment(states, [], this.config.secrets));
    } finally {
      unlock();
    }
  }

  /** The state in the format of `pulumi stack export`; secrets stay encrypted. */
  async export(): Promise<Deployment> {
    const { secrets } = this.config;
    return this.store.read() ?? new Snapshot(this.store, secrets, () => [], []).deployment();
  }

  /** Sets a value of the stack's configuration; a key without a namespace belongs to the project. */
  setConfig(key: string, value: string, options: { secret?: boolean } = {}): Promise<void> {
    return this.config.set(key, value, options);
  }

  /** What the program has exported. A secret is `"[secret]"` unless asked for. */
  async outputs(options: { showSecrets?: boolean } = {}): Promise<Record<string, unknown>> {
    const stack = this.load().resources.find((resource) => resource.type === STACK_TYPE);
    return Object.fromEntries(
      Object.entries(stack?.outputs ?? {}).map(([key, value]) => [
        key,
        value instanceof Secret && !options.showSecrets ? "[secret]" : reveal(value),
      ]),
    );
  }

  private load() {
    const stored = this.store.read();
    return stored ? readDeployment(stored, this.config.secrets) : { resources: [], pending: [] };
  }

  private async operate(kind: OperationKind, options: OperationOptions): Promise<OperationResult> {
    const unlock = kind === "preview" ? () => undefined : this.store.lock();
    try {
      return await this.run(kind, options);
    } finally {
      unlock();
    }
  }

  private async run(kind: OperationKind, options: OperationOptions): Promise<OperationResult> {
    const preview = kind === "preview";
    const parallel = this.options.parallel ?? os.availableParallelism() * 4;
    const display = new Display({ kind, stack: this.options.stack, project: this.project.name, ...options });
    const { resources, pending } = this.load();
    const config = this.config.read();
    const filter = hideSecrets([...config.values()].flatMap((v) => (v instanceof Secret ? [String(v.value)] : [])));

    const world = new World(resources);
    const leftOver = options.clearPendingCreates ? [] : pending;
    const snapshot = new Snapshot(this.store, this.config.secrets, () => world.resources, leftOver);
    const flags = { preview, refreshOnly: kind === "refresh", refresh: options.refresh ?? false };
    const emit = (event: EngineEvent) => display.show(event);
    const reporter = new StepReporter(flags, emit, filter, preview ? undefined : snapshot);

    const env = this.environment();
    const address: { value: string } = { value: "" };
    let streams = 0;
    const printer = () => {
      const ids = { stdout: ++streams, stderr: ++streams };
      return ({ text, stream }: OutputLine) => {
        if (text.trim() !== "") reporter.diagnostic("info", "", `${text}\n`, ids[stream]);
      };
    };
    const registry = new ProviderRegistry(() =>
      ProviderHost.start({ directory: this.project.directory, env, engineAddress: address.value, onLine: printer() }),
    );
    const context: GeneratorContext = {
      preview,
      registry,
      world,
      project: this.project.name,
      stack: this.options.stack,
      report: (severity, urn, message) => reporter.diagnostic(severity, urn, message),
    };

    let program: ReturnType<typeof startProgram> | undefined;
    const queue: { push(event: SourceEvent): void } = { push: (event) => run.events.push(event) };
    const monitor = new Monitor(
      {
        register: (registration) => queue.push({ kind: "register", registration }),
        read: (request) => queue.push({ kind: "read", request }),
        registerOutputs: (urn, outputs, done) => queue.push({ kind: "outputs", urn, outputs, done }),
        finished: () => queue.push({ kind: "end", end: { ok: true } }),
        log: (urn, severity, message, stream, ephemeral) =>
          reporter.diagnostic(severity, urn, message, stream, ephemeral),
        defaultProvider: defaultProviders(queue, config),
      },
      this.project.root,
    );
    const start = (): void => {
      program = startProgram({
        project: this.project,
        stack: this.options.stack,
        monitorAddress: address.value,
        preview,
        parallel,
        env,
        onLine: printer(),
      });
      program.ended.then(
        (end) => queue.push({ kind: "end", end }),
        (error: Error) => queue.push({ kind: "end", end: { ok: false, message: error.message } }),
      );
    };
    const runsProgram = kind === "preview" || kind === "update";
    const run = new Run(context, reporter, { parallel, ...flags, start: runsProgram ? start : undefined }, async () =>
      preview ? undefined : snapshot.write(),
    );

    const begin = Date.now();
    const cancel = () => run.cancel();
    options.signal?.addEventListener("abort", cancel);
    let ok = false;
    try {
      address.value = await monitor.listen();
      if (pending.length > 0 && !flags.refresh && !preview) reporter.diagnostic("warning", "", pendingWarning(pending));
      ok = await run.run();
    } finally {
      options.signal?.removeEventListener("abort", cancel);
      monitor.release();
      await Promise.all([program?.stop(), registry.close()]);
      monitor.close();
      if (!preview) await snapshot.flush();
    }
    display.show({ kind: "summary", changes: reporter.changes, seconds: (Date.now() - begin) / 1000 });
    return { exitCode: ok ? 0 : 1, output: display.finish(), summary: { ...reporter.changes } };
  }

  private environment(): NodeJS.ProcessEnv {
    const env: NodeJS.ProcessEnv = { ...process.env, ...this.options.env };
    for (const [key, value] of Object.entries(env)) if (value === undefined) delete env[key];
    const values: Record<string, string> = {};
    const secretKeys: string[] = [];
    for (const [key, value] of this.config.read()) {
      values[key] = value instanceof Secret ? String(value.value) : value;
      if (value instanceof Secret) secretKeys.push(key);
    }
    return {
      ...env,
      PULUMI_CONFIG: JSON.stringify(values),
      PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(secretKeys),
      PULUMI_NODEJS_PROJECT: this.project.name,
      PULUMI_PROJECT: this.project.name,
    };
  }
}

/** Registers the provider of a package that resources get when they name none, once, with the stack's configuration. */
function defaultProviders(
  queue: { push(event: SourceEvent): void },
  config: ReadonlyMap<string, string | Secret>,
): (pkg: string) => Promise<string> {
  const references = new Map<string, Promise<string>>();
  return (pkg) => {
    let reference = references.get(pkg);
    if (reference === undefined) {
      const inputs: PropertyMap = Object.fromEntries(config);
      reference = new Promise<ResourceState>((done) => {
        const goal = {
          type: providerType(pkg),
          name: "default",
          custom: true,
          inputs,
          parent: "",
          provider: "",
          deletedWith: "",
          dependencies: [],
          propertyDependencies: {},
          ignoreChanges: [],
          replaceOnChanges: [],
          additionalSecretOutputs: [],
          aliases: [],
          customTimeouts: undefined,
          position: {},
        };
        queue.push({ kind: "register", registration: { goal, done } });
      }).then((state) => `${state.urn}::${state.id}`);
      references.set(pkg, reference);
    }
    return reference;
  };
}

function pendingWarning(pending: { resource: ResourceState; type: string }[]): string {
  const list = pending.map(({ resource, type }) => `  * ${resource.urn}, interrupted while ${type}\n`).join("");
  return (
    `Attempting to deploy or update resources with ${pending.length} pending operations from previous deployment.\n` +
    `${list}These resources are in an unknown state because the engine was interrupted while waiting for changes to ` +
    "these resources to complete. Confirm whether or not the operations listed completed successfully by checking the " +
    "state of the appropriate provider; a refresh then brings the state up to date."
  );
}

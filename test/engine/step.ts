import type { StepOp } from "./events";
import type { DiffResult } from "./provider";
import type { Hooks, ProviderRegistry } from "./registry";
import type { ResourceState } from "./state";
import { isDefaultProvider, isProviderType } from "./urn";
import { Secret } from "./values";

/** What a step needs of the operation it belongs to. */
export interface StepContext {
  preview: boolean;
  registry: ProviderRegistry;
}

/** What is left to say when a step has been applied. */
export interface Applied {
  /** The step has failed. */
  error?: Error;
  /** The step has failed half-way: what was done is recorded in the new state. */
  partial?: boolean;
}

/** What led to a replacement or an update. */
export type Difference = Pick<DiffResult, "replaceKeys" | "changedKeys" | "detailed">;

/** Takes the result of a registration or a read back to the program. */
export type Done = (state: ResourceState) => void;

/** One operation on one resource. */
export abstract class Step {
  abstract readonly op: StepOp;
  abstract readonly old: ResourceState | undefined;
  abstract readonly now: ResourceState | undefined;
  /** A step of its own in the program's sense, not one part of a replacement. */
  readonly logical: boolean = true;
  abstract readonly difference: Difference | undefined;

  /** The latest state that is known. */
  get res(): ResourceState {
    return (this.now ?? this.old) as ResourceState;
  }

  get urn(): string {
    return this.res.urn;
  }

  /** Steps on providers that the engine made itself are not shown. */
  get internal(): boolean {
    return isDefaultProvider(this.urn);
  }

  /** Carries the step out: calls the hook, unless in a preview, and completes the new state. */
  abstract apply(context: StepContext): Promise<Applied>;

  /** Lets the program go on, once the result is recorded. */
  complete(): void {}

  protected hooks(context: StepContext, resource: ResourceState = this.res): Hooks {
    return isProviderType(resource.type) ? context.registry : context.registry.get(resource.provider ?? "");
  }
}

/** Nothing changes for the resource itself; its inputs, options and place in the program may. */
export class SameStep extends Step {
  readonly op = "same";
  readonly difference = undefined;

  constructor(
    readonly old: ResourceState,
    readonly now: ResourceState,
    private readonly done: Done,
  ) {
    super();
  }

  async apply(context: StepContext): Promise<Applied> {
    this.now.id = this.old.id;
    this.now.outputs = this.old.outputs;
    if (isProviderType(this.now.type)) context.registry.same({ ...this.now, inputs: this.old.inputs });
    return {};
  }

  override complete(): void {
    this.done(this.now);
  }
}

/** A resource is created, or the replacement of one. */
export class CreateStep extends Step {
  readonly op: "create" | "create-replacement";
  override readonly logical: boolean;

  constructor(
    readonly now: ResourceState,
    private readonly done: Done,
    /** What it replaces; with `deleteLater` that stays until everything else is done. */
    private readonly replacing?: { old: ResourceState; difference?: Difference; deleteLater: boolean },
  ) {
    super();
    this.op = replacing === undefined ? "create" : "create-replacement";
    this.logical = replacing === undefined;
  }

  get old(): ResourceState | undefined {
    return this.replacing?.old;
  }

  get difference(): Difference | undefined {
    return this.replacing?.difference;
  }

  async apply(context: StepContext): Promise<Applied> {
    let failure: Error | undefined;
    if (this.now.custom) {
      const outcome = await this.hooks(context).create(this.urn, this.now.inputs, context.preview);
      this.now.id = outcome.id;
      this.now.outputs = outcome.outputs;
      failure = outcome.failure;
      if (outcome.failure) this.now.initErrors = outcome.failure.reasons;
    }
    this.now.created = new Date().toISOString();
    this.now.modified = this.now.created;
    if (this.replacing?.deleteLater) this.replacing.old.delete = true;
    return failure === undefined ? {} : { error: failure, partial: true };
  }

  override complete(): void {
    this.done(this.now);
  }
}

/** A resource is changed in place. */
export class UpdateStep extends Step {
  readonly op = "update";

  constructor(
    readonly old: ResourceState,
    readonly now: ResourceState,
    readonly difference: Difference,
    private readonly ignoreChanges: string[],
    private readonly done: Done,
  ) {
    super();
  }

  async apply(context: StepContext): Promise<Applied> {
    const { old } = this;
    this.now.id = old.id;
    this.now.created = old.created;
    this.now.modified = old.modified;
    if (!this.now.custom) return {};
    const options = { preview: context.preview, ignoreChanges: this.ignoreChanges };
    const outcome = await this.hooks(context).update(this.urn, old.id ?? "", old, this.now.inputs, options);
    this.now.outputs = outcome.outputs;
    this.now.modified = new Date().toISOString();
    if (outcome.failure === undefined) return {};
    this.now.initErrors = outcome.failure.reasons;
    // What exists was not made with the new inputs: with the old ones the next update sees what is left to do.
    this.now.inputs = { ...old.inputs };
    return { error: outcome.failure, partial: true };
  }

  override complete(): void {
    this.done(this.now);
  }
}

/** Says that the steps around it are one replacement. */
export class ReplaceStep extends Step {
  readonly op = "replace";

  constructor(
    readonly old: ResourceState,
    readonly now: ResourceState,
    readonly difference: Difference | undefined,
  ) {
    super();
  }

  async apply(): Promise<Applied> {
    return {};
  }
}

/** Marks as secret the outputs that the program asked for, and those named like a secret input. */
export function markSecretOutputs(state: ResourceState): void {
  for (const [key, value] of Object.entries(state.outputs)) {
    const secret = state.additionalSecretOutputs?.includes(key) || state.inputs[key] instanceof Secret;
    if (secret && !(value instanceof Secret)) state.outputs[key] = new Secret(value);
  }
}

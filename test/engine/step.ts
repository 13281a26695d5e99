import { invert, type PropertyDiff } from "./diff";
import type { StepOp } from "./events";
import type { DiffResult } from "./provider";
import type { Hooks, ProviderRegistry } from "./registry";
import { copyState, type ResourceState } from "./state";
import { isDefaultProvider, isProviderType } from "./urn";
import { equal, Secret, UNKNOWN_TEXT } from "./values";

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

/** A delete that was refused because the resource is protected. */
export class ProtectedError extends Error {
  constructor(urn: string) {
    super(
      `resource "${urn}" cannot be deleted\n` +
        "because it is protected. To unprotect the resource, either remove the `protect` flag from the resource in " +
        `your Pulumi program and run \`pulumi up\`, or use the command:\n\`pulumi state unprotect '${urn}'\``,
    );
  }
}

/** A resource is deleted, or the old one of a replacement. */
export class DeleteStep extends Step {
  readonly now = undefined;
  readonly difference = undefined;
  readonly op: "delete" | "delete-replaced" | "discard" | "discard-replaced";
  override readonly logical: boolean;

  constructor(
    readonly old: ResourceState,
    /** What else this operation deletes: a resource `deletedWith` one of it needs no delete of its own. */
    private readonly deletions: ReadonlySet<string>,
    private readonly options: { replaced?: boolean; pendingReplacement?: boolean } = {},
  ) {
    super();
    if (old.external) this.op = options.replaced ? "discard-replaced" : "discard";
    else this.op = options.replaced ? "delete-replaced" : "delete";
    this.logical = !options.replaced;
  }

  async apply(context: StepContext): Promise<Applied> {
    const { old } = this;
    if (!this.options.replaced && old.protect) throw new ProtectedError(old.urn);
    const goesWithAnother = old.deletedWith !== undefined && this.deletions.has(old.deletedWith);
    if (!context.preview && !old.external && !old.retainOnDelete && !goesWithAnother && old.custom) {
      await this.hooks(context).delete(old.urn, old.id ?? "", old.inputs, old.outputs);
    }
    if (this.options.pendingReplacement) old.pendingReplacement = true;
    return {};
  }
}

/** The record of a resource that was deleted for a replacement that is no longer wanted is removed. */
export class RemovePendingReplaceStep extends Step {
  readonly op = "remove-pending-replace";
  readonly difference = undefined;
  readonly now = undefined;
  override readonly logical = false;

  constructor(readonly old: ResourceState) {
    super();
  }

  override get internal(): boolean {
    return true;
  }

  async apply(): Promise<Applied> {
    return {};
  }
}

/** A resource that Pulumi does not own is read (`Resource.get`). */
export class ReadStep extends Step {
  readonly op: "read" | "read-replacement";
  readonly difference = undefined;
  override readonly logical: boolean;

  constructor(
    readonly old: ResourceState | undefined,
    readonly now: ResourceState,
    private readonly done: Done,
    private readonly replacing: boolean,
  ) {
    super();
    this.op = replacing ? "read-replacement" : "read";
    this.logical = !replacing;
  }

  async apply(context: StepContext): Promise<Applied> {
    const id = this.now.id ?? "";
    if (id === UNKNOWN_TEXT) this.now.outputs = {};
    else {
      const live = await this.hooks(context).read(this.urn, id, this.now.inputs, this.now.inputs);
      this.now.outputs = live.outputs;
      if (live.id !== "") this.now.id = live.id;
    }
    if (this.old !== undefined) {
      if (this.replacing) this.old.delete = true;
      this.now.created = this.old.created;
      this.now.modified = this.old.modified;
      const same = equal(this.now.inputs, this.old.inputs) && equal(this.now.outputs, this.old.outputs);
      if (!same) this.now.modified = new Date().toISOString();
    }
    return {};
  }

  override complete(): void {
    this.done(this.now);
  }
}

/** The state of a resource is brought up to date with what exists. */
export class RefreshStep extends Step {
  readonly op = "refresh";
  override readonly logical = false;
  private refreshed: ResourceState | undefined;
  private found: DiffResult | undefined;

  constructor(readonly old: ResourceState) {
    super();
    this.refreshed = old;
  }

  /** The refreshed state; `undefined` once it is known that the resource is gone. */
  get now(): ResourceState | undefined {
    return this.refreshed;
  }

  override get res(): ResourceState {
    return this.old;
  }

  get difference(): Difference | undefined {
    return this.found;
  }

  /** What the refresh comes to: the resource is gone, has changed, or is as it was. */
  get resultOp(): "delete" | "update" | "same" {
    if (this.refreshed === undefined) return "delete";
    if (this.refreshed === this.old) return "same";
    if (this.old.external) return equal(this.old.outputs, this.refreshed.outputs) ? "same" : "update";
    return this.found?.changed ? "update" : "same";
  }

  async apply(context: StepContext): Promise<Applied> {
    const { old } = this;
    if (!old.custom || isProviderType(old.type) || old.pendingReplacement) return {};
    const hooks = this.hooks(context);
    const live = await hooks.read(old.urn, old.id ?? "", old.inputs, old.outputs);
    if (live.id === "") {
      this.refreshed = undefined;
      return {};
    }
    const state = copyState(old);
    state.id = live.id;
    state.inputs = live.inputs ?? old.inputs;
    state.outputs = live.outputs;
    delete state.initErrors;
    if (!equal(state.inputs, old.inputs) || !equal(state.outputs, old.outputs)) {
      state.modified = new Date().toISOString();
    }
    this.refreshed = state;
    if (old.external) return {};
    // What an update without a change of the program would now do, the other way round, is what has changed.
    const options = { unknowns: context.preview, ignoreChanges: old.ignoreChanges ?? [] };
    const diff = await hooks.diff(old.urn, live.id, state, old.inputs, options);
    const detailed: PropertyDiff[] | undefined = diff.detailed && invert(diff.detailed);
    this.found = { ...diff, detailed };
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

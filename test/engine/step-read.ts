import { invert, type PropertyDiff } from "./diff";
import type { DiffResult } from "./provider";
import { copyState, type ResourceState } from "./state";
import { type Applied, type Difference, type Done, Step, type StepContext } from "./step";
import { isProviderType } from "./urn";
import { equal, UNKNOWN_TEXT } from "./values";

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

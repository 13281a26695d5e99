import { type EngineEvent, type Severity, type StepOp, type StepView, type TextFilter, viewState } from "./events";
import type { StepObserver } from "./executor";
import type { Snapshot } from "./snapshot";
import type { PendingOperation, ResourceState } from "./state";
import type { Applied, Step } from "./step";
import { RefreshStep } from "./step-read";
import { equal } from "./values";

/** The operations that are recorded as begun before they are carried out. */
const RECORDED: Partial<Record<StepOp, PendingOperation["type"]>> = {
  create: "creating",
  "create-replacement": "creating",
  update: "updating",
  delete: "deleting",
  "delete-replaced": "deleting",
  discard: "deleting",
  "discard-replaced": "deleting",
  read: "reading",
  "read-replacement": "reading",
};

/** Reports steps to the display, counts them, and records them in the state. */
export class StepReporter implements StepObserver {
  /** How many steps of each kind were carried out, as "Resources:" counts them. */
  readonly changes: Partial<Record<StepOp, number>> = {};

  constructor(
    private readonly options: { preview: boolean; refreshOnly: boolean; refresh: boolean },
    private readonly emit: (event: EngineEvent) => void,
    private readonly filter: TextFilter,
    /** Where the steps are recorded; nowhere in a preview. */
    private readonly snapshot: Snapshot | undefined,
  ) {}

  async before(step: Step): Promise<void> {
    this.emit({ kind: "pre", step: this.view(step), internal: step.internal });
    const type = RECORDED[step.op];
    if (type !== undefined) await this.snapshot?.begin(step.res, type);
  }

  async after(step: Step, applied: Applied): Promise<void> {
    if (applied.error !== undefined) this.fail(step, applied.error);
    else {
      const op = step instanceof RefreshStep && this.options.refreshOnly ? step.resultOp : step.op;
      if (this.counts(step)) this.changes[op] = (this.changes[op] ?? 0) + 1;
      const shown = step.res.custom || op === "delete" || (this.options.refresh && step.op === "refresh");
      if (this.options.preview || shown) {
        this.emit({ kind: "outputs", step: { ...this.view(step), op }, internal: step.internal });
      }
    }
    await this.record(step, applied.error === undefined || applied.partial === true);
  }

  /** Reports and records the outputs that a component, or the stack, has registered. */
  async outputs(step: Step): Promise<void> {
    this.emit({ kind: "outputs", step: this.view(step), internal: step.internal });
    if (!equal(step.old?.outputs, step.now?.outputs)) await this.snapshot?.write();
  }

  /** Reports a message; an empty URN makes it one of the stack. */
  diagnostic(severity: Severity, urn: string, message: string, stream = 0, ephemeral = false): void {
    this.emit({ kind: "diagnostic", severity, urn, message: this.filter(message), stream, ephemeral });
  }

  private fail(step: Step, error: Error): void {
    const message = this.options.preview ? `Preview failed: ${error.message}` : error.message;
    this.diagnostic("error", step.internal ? "" : step.urn, message);
    if (!this.options.preview) this.emit({ kind: "failed", step: this.view(step), internal: step.internal });
  }

  private counts(step: Step): boolean {
    if (step.internal) return false;
    if (step instanceof RefreshStep) return this.options.refreshOnly;
    if (step.op === "read") return step.old !== undefined && !equal(step.old.outputs, step.now?.outputs);
    return step.logical;
  }

  private async record(step: Step, successful: boolean): Promise<void> {
    const { snapshot } = this;
    if (snapshot === undefined || step.op === "refresh" || step.op === "replace") return;
    snapshot.end(step.res);
    if (successful) {
      const { old, now } = step;
      const replaced = step.op === "create-replacement" ? old?.pendingReplacement : true;
      const stays = step.op === "delete-replaced" && old?.pendingReplacement;
      if (old !== undefined && replaced && !stays) snapshot.markDone(old);
      if (now !== undefined) snapshot.markNew(now);
      if (step.op === "same" && old && now && !recordDiffers(old, now)) return snapshot.postpone();
    }
    await snapshot.write();
  }

  private view(step: Step): StepView {
    const { filter } = this;
    const { old, now, res } = step;
    return {
      op: step.op,
      urn: step.urn,
      type: res.type,
      provider: res.provider ?? "",
      old: old && viewState(old, filter),
      now: now && viewState(now, filter),
      res: viewState(res, filter),
      diffs: step.difference?.changedKeys ?? [],
      detailed: step.difference?.detailed,
      logical: step.logical,
    };
  }
}

/** Whether an unchanged resource has to be written nevertheless. Where in the program it stands does not matter. */
function recordDiffers(old: ResourceState, now: ResourceState): boolean {
  const { inputs, outputs, sourcePosition, stackTrace, initErrors, ...before } = old;
  const after: Partial<ResourceState> = { ...now };
  for (const key of ["inputs", "outputs", "sourcePosition", "stackTrace", "initErrors"] as const) delete after[key];
  const compact = (state: Partial<ResourceState>) =>
    JSON.stringify(
      Object.entries(state)
        .filter(([, value]) => value !== undefined && value !== false && !(Array.isArray(value) && value.length === 0))
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    );
  return !equal(inputs, now.inputs) || !equal(outputs, now.outputs) || compact(before) !== compact(after);
}

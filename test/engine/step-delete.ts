import type { ResourceState } from "./state";
import { type Applied, Step, type StepContext } from "./step";

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

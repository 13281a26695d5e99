import { AliasResolver } from "./alias";
import type { Severity, StepOp } from "./events";
import type { Goal } from "./goal";
import { type DiffResult, DiffUnavailable, ignoreInputChanges } from "./provider";
import { describeFailure, newState } from "./registered-state";
import type { Hooks } from "./registry";
import { applyReplaceOnChanges, dependentReplacements } from "./replacement";
import type { ResourceState } from "./state";
import { CreateStep, type Done, ReplaceStep, SameStep, type Step, type StepContext, UpdateStep } from "./step";
import { DeleteStep, RemovePendingReplaceStep } from "./step-delete";
import { ReadStep } from "./step-read";
import { isProviderType, makeUrn } from "./urn";
import { equal, type PropertyMap } from "./values";
import type { World } from "./world";

/** An error that has been reported where it occurred: the operation only has to stop. */
export class Bail extends Error {}

/** What the generator knows of the operation. */
export interface GeneratorContext extends StepContext {
  project: string;
  stack: string;
  /** The state the operation works on. */
  world: World;
  report(severity: Severity, urn: string, message: string): void;
}

/** A registration that the program waits for. */
export interface Registration {
  goal: Goal;
  done: Done;
}

/** A read that the program waits for: the state to be, without outputs and URN. */
export interface ReadRequest {
  name: string;
  state: Omit<ResourceState, "urn">;
  done: Done;
}

/** Turns what the program registers, and at its end what it no longer registers, into steps. */
export class StepGenerator {
  /** An error was reported that lets the operation go on, in a preview, and fail at its end. */
  sawError = false;
  private readonly urns = new Set<string>();
  /** What was decided on each resource, by URN; deletes are separate, a resource may be deleted and created again. */
  private readonly decided = new Map<string, StepOp>();
  private readonly deletes = new Set<string>();
  private readonly condemned = new Set<ResourceState>();
  private readonly dependentKeys = new Map<string, string[]>();
  private readonly aliases: AliasResolver;

  constructor(private readonly context: GeneratorContext) {
    this.aliases = new AliasResolver(context);
  }

  /** The steps for a registration. */
  async register({ goal, done }: Registration): Promise<Step[]> {
    const urn = this.claim(goal.parent, goal.type, goal.name);
    const { old, alias } = this.aliases.find(urn, goal, this.urns);
    const state = newState(urn, goal, old, alias);
    const hooks = this.hooksOf(state);
    const recreating = this.deletes.has(urn);
    const { inputs: kept, impossible } = ignoreInputChanges(
      goal.inputs,
      old?.inputs ?? {},
      old ? goal.ignoreChanges : [],
    );
    if (impossible.length > 0) {
      const paths = JSON.stringify(impossible.join(", "));
      this.context.report("info", urn, `cannot ignore changes in added or removed elements of the path: ${paths}`);
    }
    const fresh = old === undefined || recreating || old.external === true;
    state.inputs = kept;
    if (hooks !== undefined) {
      state.inputs = await this.check(hooks, state, fresh ? {} : old.inputs, fresh ? goal.inputs : kept, goal.inputs);
    }
    if (old === undefined) {
      this.decided.set(urn, "create");
      return [new CreateStep(state, done)];
    }
    if (recreating) return this.recreate(old, state, done);
    if (old.external) {
      this.decided.set(urn, "create");
      const replacing = { old, deleteLater: true };
      return [new CreateStep(state, done, replacing), new ReplaceStep(old, state, undefined)];
    }
    return this.compare(goal, old, state, hooks, done);
  }

  /** The steps for a read. */
  read({ name, state, done }: ReadRequest): Step[] {
    const urn = this.claim(state.parent ?? "", state.type, name);
    const old = this.context.world.olds.get(urn);
    const now: ResourceState = { ...state, urn };
    if (old !== undefined && !old.external && old.id !== now.id) {
      this.decided.set(urn, "replace");
      return [new ReadStep(old, now, done, true), new ReplaceStep(old, now, undefined)];
    }
    this.decided.set(urn, "read");
    return [new ReadStep(old, now, done, false)];
  }

  /** The steps for what is in the state and was not registered, and for what replacements have left behind. */
  generateDeletes(): Step[] {
    const steps: Step[] = [];
    for (const resource of this.context.world.resources) {
      if (resource.delete) {
        if (this.condemned.has(resource)) continue;
        this.deletes.add(resource.urn);
        steps.push(new DeleteStep(resource, this.deletes, { replaced: true }));
      } else if (!this.decided.has(this.aliases.current(resource.urn))) {
        this.deletes.add(resource.urn);
        if (resource.pendingReplacement) steps.push(new RemovePendingReplaceStep(resource));
        else steps.push(new DeleteStep(resource, this.deletes));
      } else continue;
      this.context.registry.ensure(resource.provider, this.context.world.all);
    }
    return steps;
  }

  /** The URN of what an event is about, for messages on it. */
  urnOf(event: { registration: Registration } | { request: ReadRequest }): string {
    const { stack, project } = this.context;
    if ("request" in event) {
      const { name, state } = event.request;
      return makeUrn(stack, project, state.parent ?? "", state.type, name);
    }
    const { parent, type, name } = event.registration.goal;
    return makeUrn(stack, project, parent, type, name);
  }

  private claim(parent: string, type: string, name: string): string {
    const { stack, project } = this.context;
    if (parent !== "" && !this.urns.has(parent)) throw new Error(`could not find parent resource ${parent}`);
    const urn = makeUrn(stack, project, parent, type, name);
    if (this.urns.has(urn)) {
      this.context.report("error", urn, `Duplicate resource URN '${urn}'; try giving it a unique name`);
      throw new Bail();
    }
    this.urns.add(urn);
    return urn;
  }

  /** The hooks of a resource's provider; none for a component. */
  private hooksOf(state: ResourceState): Hooks | undefined {
    if (!state.custom) return undefined;
    return isProviderType(state.type) ? this.context.registry : this.context.registry.get(state.provider ?? "");
  }

  private async check(
    hooks: Hooks,
    state: ResourceState,
    olds: PropertyMap,
    news: PropertyMap,
    shown: PropertyMap,
  ): Promise<PropertyMap> {
    const { inputs, failures } = await hooks.check(state.urn, olds, news, this.context.preview);
    for (const failure of failures) this.context.report("error", state.urn, describeFailure(state, failure, shown));
    if (failures.length > 0) throw new Bail();
    return inputs;
  }

  private recreate(old: ResourceState, state: ResourceState, done: Done): Step[] {
    this.deletes.delete(state.urn);
    this.decided.set(state.urn, "replace");
    const keys = this.dependentKeys.get(state.urn) ?? [];
    const difference = { replaceKeys: keys, changedKeys: [] };
    return [
      new ReplaceStep(old, state, undefined),
      new CreateStep(state, done, { old, difference, deleteLater: false }),
    ];
  }

  private async compare(
    goal: Goal,
    old: ResourceState,
    state: ResourceState,
    hooks: Hooks | undefined,
    done: Done,
  ): Promise<Step[]> {
    const hasInitErrors = (old.initErrors?.length ?? 0) > 0;
    const diff = applyReplaceOnChanges(await this.diff(old, state, hooks), goal.replaceOnChanges, hasInitErrors);
    const replace = diff.replaceKeys.length > 0 || (diff.detailed ?? []).some((change) => change.replace);
    if (old.pendingReplacement || (diff.changed && replace)) return this.replace(goal, old, state, hooks, diff, done);
    if (diff.changed || hasInitErrors) {
      this.decided.set(state.urn, "update");
      return [new UpdateStep(old, state, diff, goal.ignoreChanges, done)];
    }
    this.decided.set(state.urn, "same");
    return [new SameStep(old, state, done)];
  }

  private async diff(old: ResourceState, state: ResourceState, hooks: Hooks | undefined): Promise<DiffResult> {
    const because = (...replaceKeys: string[]): DiffResult => ({
      changed: true,
      replaceKeys,
      changedKeys: [],
      deleteBeforeReplace: false,
    });
    if (state.deletedWith && this.decided.get(state.deletedWith) === "replace") return because("deletedWith");
    if (Boolean(old.provider) !== Boolean(state.provider)) return because("provider");
    if (hooks === undefined) {
      return { ...because(), changed: !equal(old.inputs, state.inputs) };
    }
    const options = { unknowns: this.context.preview, ignoreChanges: state.ignoreChanges ?? [] };
    try {
      return await hooks.diff(state.urn, old.id ?? "", old, state.inputs, options);
    } catch (error) {
      if (!(error instanceof DiffUnavailable)) throw error;
      this.context.report("warning", state.urn, error.message);
      return because();
    }
  }

  private async replace(
    goal: Goal,
    old: ResourceState,
    state: ResourceState,
    hooks: Hooks | undefined,
    diff: DiffResult,
    done: Done,
  ): Promise<Step[]> {
    const { urn } = state;
    if (state.protect && old.protect) {
      this.refuseReplace(
        urn,
        `unable to replace resource "${urn}"\nas it is currently marked for protection. To unprotect the resource, ` +
          "remove the `protect` flag from the resource in your Pulumi program and run `pulumi up`",
      );
    }
    this.decided.set(urn, "replace");
    if (hooks !== undefined) state.inputs = await this.check(hooks, state, {}, goal.inputs, goal.inputs);
    if (!(goal.deleteBeforeReplace ?? diff.deleteBeforeReplace)) {
      const create = new CreateStep(state, done, { old, difference: diff, deleteLater: true });
      return [create, new ReplaceStep(old, state, diff)];
    }
    const steps: Step[] = [];
    const settled = new Set([...this.decided.keys(), ...this.deletes]);
    settled.delete(urn);
    for (const { resource, keys } of await dependentReplacements(this.context, old, settled)) {
      if (this.condemned.has(resource)) continue;
      this.dependentKeys.set(resource.urn, keys);
      if (resource.delete) steps.push(new DeleteStep(resource, this.deletes));
      else {
        if (resource.protect) this.refuseDependent(resource.urn, urn);
        steps.push(new DeleteStep(resource, this.deletes, { replaced: true, pendingReplacement: true }));
      }
      this.deletes.add(resource.urn);
      this.condemned.add(resource);
    }
    this.context.registry.ensure(old.provider, this.context.world.all);
    if (!old.pendingReplacement) {
      this.deletes.add(old.urn);
      steps.push(new DeleteStep(old, this.deletes, { replaced: true, pendingReplacement: true }));
    }
    const create = new CreateStep(state, done, { old, difference: diff, deleteLater: false });
    return [...steps, new ReplaceStep(old, state, diff), create];
  }

  /** A preview goes on, so that the difference is shown; an update stops before anything is done. */
  private refuseReplace(urn: string, message: string): void {
    this.context.report("error", urn, message);
    this.sawError = true;
    if (!this.context.preview) throw new Bail();
  }

  private refuseDependent(urn: string, replaced: string): never {
    this.context.report(
      "error",
      replaced,
      `unable to replace resource "${urn}" as part of replacing "${replaced}" as it is currently marked for ` +
        "protection. To unprotect the resource, remove the `protect` flag from the resource in your Pulumi program and " +
        `run \`pulumi up\`, or use the command:\n\`pulumi state unprotect '${urn}'\``,
    );
    this.sawError = true;
    throw new Bail();
  }
}

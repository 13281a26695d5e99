import { neededBy, scheduleDeletes } from "./deletes";
import { StepExecutor } from "./executor";
import { Bail, type GeneratorContext, type ReadRequest, type Registration, StepGenerator } from "./generator";
import type { StepReporter } from "./operation";
import type { ProgramEnd } from "./program";
import { AsyncQueue } from "./queue";
import type { ResourceState } from "./state";
import type { Step } from "./step";
import { RefreshStep } from "./step-read";
import { isStack } from "./urn";
import type { PropertyMap } from "./values";

/** What comes from the program, in the order it came. */
export type SourceEvent =
  | { kind: "register"; registration: Registration }
  | { kind: "read"; request: ReadRequest }
  | { kind: "outputs"; urn: string; outputs: PropertyMap; done: () => void }
  | { kind: "end"; end: ProgramEnd };

/** How the operation is to be carried out. */
export interface DeploymentOptions {
  parallel: number;
  /** Bring the state up to date first. */
  refresh: boolean;
  /** Do nothing else. */
  refreshOnly: boolean;
  /** Starts the program, whose events then arrive; absent for a destroy, which deletes what is in the state. */
  start?: () => void;
}

/** Carries one operation out: refresh, what the program registers, deletes. */
export class Deployment {
  /** What the program sends. */
  readonly events = new AsyncQueue<SourceEvent>();
  private readonly generator: StepGenerator;
  private executor: StepExecutor | undefined;
  private canceled = false;
  private stackOutputs: { urn: string; outputs: PropertyMap } | undefined;

  constructor(
    private readonly context: GeneratorContext,
    private readonly reporter: StepReporter,
    private readonly options: DeploymentOptions,
    /** Called when a refresh has changed the state in memory. */
    private readonly rebased: () => Promise<void>,
  ) {
    this.generator = new StepGenerator(context);
  }

  /** Starts nothing further; what is under way runs to its end and is recorded. */
  cancel(): void {
    this.canceled = true;
    this.executor?.cancel();
  }

  /** Resolves with whether the operation succeeded; everything there is to say about it has then been reported. */
  async run(): Promise<boolean> {
    if (this.options.refresh) {
      if (!(await this.refresh())) return false;
      if (this.options.refreshOnly) return true;
    }
    const executor = this.newExecutor(false);
    this.options.start?.();
    let bailed = false;
    try {
      if (this.options.start !== undefined) await this.follow(executor);
      if (!executor.failed && !this.canceled) await this.deleteRest(executor);
    } catch (error) {
      executor.cancel();
      bailed = true;
      if (!(error instanceof Bail)) this.reporter.diagnostic("error", "", (error as Error).message);
    }
    await executor.idle();
    if (executor.fatal) this.reporter.diagnostic("error", "", executor.fatal.message);
    const failed = bailed || executor.failed || this.generator.sawError;
    if (this.stackOutputs !== undefined) await this.finishStack(executor, failed);
    if (bailed || !(failed || this.canceled)) return !bailed;
    return this.fail(failed ? "failed" : "canceled");
  }

  private fail(how: "failed" | "canceled"): false {
    this.reporter.diagnostic("error", "", `${this.context.preview ? "preview" : "update"} ${how}`);
    return false;
  }

  private newExecutor(keepGoing: boolean): StepExecutor {
    const executor = new StepExecutor(this.context, this.reporter, this.options.parallel, keepGoing);
    if (this.canceled) executor.cancel();
    this.executor = executor;
    return executor;
  }

  private async refresh(): Promise<boolean> {
    const { world, registry } = this.context;
    const steps = world.resources.map((resource) => new RefreshStep(resource));
    for (const step of steps) registry.ensure(step.old.provider, world.all);
    const executor = this.newExecutor(true);
    await executor.runParallel(steps);
    if (executor.fatal) this.reporter.diagnostic("error", "", executor.fatal.message);
    world.news.clear();
    world.applyRefresh(new Map<ResourceState, ResourceState | undefined>(steps.map((step) => [step.old, step.now])));
    await this.rebased();
    if (executor.failed) return this.fail("failed");
    return this.canceled ? this.fail("canceled") : true;
  }

  /** Follows the program until it has ended, or until something has failed. */
  private async follow(executor: StepExecutor): Promise<void> {
    const cancelled = executor.cancelled.then(() => undefined);
    for (;;) {
      const event = await Promise.race([this.events.next(), cancelled]);
      if (event === undefined) return;
      if (event.kind === "end") {
        if (event.end.ok) return;
        if (event.end.message !== undefined) this.reporter.diagnostic("error", "", event.end.message);
        throw new Bail();
      }
      if (event.kind === "outputs") await this.registerOutputs(executor, event);
      else await executor.submit(await this.stepsFor(event));
    }
  }

  private async stepsFor(event: SourceEvent & { kind: "register" | "read" }): Promise<Step[]> {
    try {
      if (event.kind === "read") return this.generator.read(event.request);
      return await this.generator.register(event.registration);
    } catch (error) {
      if (error instanceof Bail) throw error;
      this.reporter.diagnostic("error", this.generator.urnOf(event), (error as Error).message);
      throw new Bail();
    }
  }

  /** Outputs of the stack are kept until it is known how the operation ended. */
  private async registerOutputs(
    executor: StepExecutor,
    { urn, outputs, done }: SourceEvent & { kind: "outputs" },
  ): Promise<void> {
    if (isStack(urn)) this.stackOutputs = { urn, outputs };
    else await this.setOutputs(executor, urn, outputs);
    done();
  }

  private async setOutputs(executor: StepExecutor, urn: string, outputs: PropertyMap): Promise<void> {
    const step = executor.registered.get(urn);
    if (step?.now === undefined)
      throw new Error(`cannot complete a resource '${urn}' whose registration isn't pending`);
    executor.registered.delete(urn);
    step.now.outputs = outputs;
    await this.reporter.outputs(step);
  }

  /** After a failure the absence of an output means nothing: the old ones stay. */
  private async finishStack(executor: StepExecutor, failed: boolean): Promise<void> {
    if (this.stackOutputs === undefined) return;
    const { urn, outputs } = this.stackOutputs;
    if (!executor.registered.has(urn)) return;
    const old = this.context.world.olds.get(urn)?.outputs ?? {};
    await this.setOutputs(executor, urn, failed ? { ...old, ...outputs } : outputs);
  }

  private async deleteRest(executor: StepExecutor): Promise<void> {
    await executor.idle();
    if (executor.failed) return;
    const { world } = this.context;
    const needed = new Set<ResourceState>();
    for (const group of scheduleDeletes(this.generator.generateDeletes(), world)) {
      for (const resource of neededBy(executor.failedSteps, world)) needed.add(resource);
      await executor.runParallel(group.filter((step) => !needed.has(step.res)));
    }
  }
}

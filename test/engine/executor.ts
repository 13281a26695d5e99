import { type Applied, markSecretOutputs, type Step, type StepContext } from "./step";
import { ProtectedError } from "./step-delete";
import type { World } from "./world";

/** What is told of every step, and may take its time before the step goes on. */
export interface StepObserver {
  before(step: Step): Promise<void>;
  /** Comes after the step was applied, and before the program learns of it. */
  after(step: Step, applied: Applied): Promise<void>;
}

/** Runs chains of steps: the steps of a chain one after the other, chains side by side up to a limit. */
export class StepExecutor {
  /** A step has failed. */
  failed = false;
  /** Why nothing more can be done, when it is not for a step: the state could not be written, for instance. */
  fatal: Error | undefined;
  /** Steps that have failed; only those of refused deletes let the others go on. */
  readonly failedSteps: Step[] = [];
  /** Steps whose resources may still register outputs, by URN. */
  readonly registered = new Map<string, Step>();
  private readonly running = new Set<Promise<void>>();
  private readonly cancellation: Promise<void>;
  private signal: () => void = () => undefined;
  private isCancelled = false;

  constructor(
    private readonly context: StepContext & { world: World },
    private readonly observer: StepObserver,
    private readonly parallel: number,
    /** Errors are not to stop the other steps, as in a refresh. */
    private readonly keepGoing: boolean,
  ) {
    this.cancellation = new Promise((resolve) => {
      this.signal = resolve;
    });
  }

  /** Resolves when no further steps are to be started; never, if all goes well. */
  get cancelled(): Promise<void> {
    return this.cancellation;
  }

  /** Starts no further steps. Those under way run to their end. */
  cancel(): void {
    this.isCancelled = true;
    this.signal();
  }

  /** Hands over a chain; resolves when a worker has taken it up, with a promise (wrapped) for its end. */
  async submit(chain: Step[]): Promise<{ end: Promise<void> }> {
    while (this.running.size >= this.parallel && !this.isCancelled) {
      await Promise.race([...this.running, this.cancellation]);
    }
    if (this.isCancelled) return { end: Promise.resolve() };
    const end = this.runChain(chain).finally(() => this.running.delete(end));
    this.running.add(end);
    return { end };
  }

  /** Runs single steps side by side; resolves when all of them have ended. */
  async runParallel(steps: Step[]): Promise<void> {
    const ends: Promise<void>[] = [];
    for (const step of steps) ends.push((await this.submit([step])).end);
    await Promise.all(ends);
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    while (this.running.size > 0) await Promise.all(this.running);
  }

  private async runChain(chain: Step[]): Promise<void> {
    try {
      for (const step of chain) {
        if (this.isCancelled || !(await this.runStep(step))) return;
      }
    } catch (error) {
      this.fatal ??= error as Error;
      this.failed = true;
      this.cancel();
    }
  }

  private async runStep(step: Step): Promise<boolean> {
    await this.observer.before(step);
    let applied: Applied;
    try {
      applied = await step.apply(this.context);
    } catch (error) {
      applied = { error: error as Error };
    }
    if (applied.error === undefined && step.logical && step.now) this.registered.set(step.urn, step);
    if (step.now !== undefined && step.op !== "replace") {
      markSecretOutputs(step.now);
      if (step.op !== "read" && step.op !== "read-replacement") this.context.world.news.set(step.urn, step.now);
    }
    await this.observer.after(step, applied);
    if (applied.error === undefined) {
      step.complete();
      return true;
    }
    this.failed = true;
    if (this.keepGoing) return false;
    // Nothing was attempted on a protected resource: all refused deletes can be reported in one go.
    if (applied.error instanceof ProtectedError) this.failedSteps.push(step);
    else this.cancel();
    return false;
  }
}

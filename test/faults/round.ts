/** One round: a stack's whole life with a fault in each of its phases, after each of which all has to be well again. */

import assert from "node:assert/strict";
import { Deployment, type Outcome } from "./deployment";
import type { Ground } from "./ground";
import { type Kind, PHASES, type Phase } from "./kind";
import { assertLogins } from "./logins";
import { DRIFT, FIRST, type Program, SECOND } from "./program";

/** What became of one fault. */
export interface Result {
  readonly phase: Phase;
  /** Whether it happened at all. */
  readonly injected: boolean;
  /** Whether the operation got over it by itself. */
  readonly survived: boolean;
  /** Whether what came after took `adopt`. */
  readonly adopted: boolean;
}

/** What a round is to compare with: the server as it is without anything, and with each program. */
export interface Expected {
  readonly empty: readonly string[];
  readonly first: readonly string[];
  readonly second: readonly string[];
}

/** At which request, COMMIT or hook the fault of a phase happens, and what chance decides. */
export interface Course {
  at(phase: Phase): number;
  random(below: number): number;
}

/** What every fault may lead to in the operation that it happens in: an answer that never came, of what cannot be tried again. */
const LOST =
  /^(.*: cannot drop|(database|replication slot) ".*": cannot create): (Connection terminated unexpectedly|Client has encountered a connection error and is not queryable|read ECONNRESET|write EPIPE)$/;
/** How the SDK words the failure of a change that was made in part. */
const PARTIAL = /^1 error occurred:\n\t\* (.*)\n\n$/s;
const THERE_ALREADY = /it exists already\. Set adopt: true/;

/** How many hooks or requests there are in a phase. */
export type Counts = Record<Phase, { requests: number; commits: number; hooks: number }>;

/** A stack on its way through its phases. */
export class Round {
  private readonly deployment: Deployment;

  constructor(
    private readonly ground: Ground,
    private readonly expected: Expected,
  ) {
    this.deployment = new Deployment(() => this.ground.provider());
  }

  /** Plays it. */
  async play(kind: Kind, course: Course): Promise<Result[]> {
    const results: Result[] = [];
    for (const phase of PHASES) {
      if (phase === "refresh") await this.ground.drift(DRIFT);
      const where = `${kind.name}, ${phase}, at ${course.at(phase)}`;
      try {
        results.push(await this.phase(kind, phase, course));
      } catch (error) {
        throw new Error(`${where}: ${(error as Error).message}`, { cause: error });
      }
    }
    return results;
  }

  private async phase(kind: Kind, phase: Phase, { at, random }: Course): Promise<Result> {
    const { deployment, ground } = this;
    const applies = kind.phases?.includes(phase) ?? true;
    await ground.configure(kind.settings ?? {});
    const loose = applies ? await kind.letLoose({ ground, deployment, phase, at: at(phase), random }) : undefined;
    const { errors } = await this.operate(phase);
    const injected = (await loose?.over()) ?? false;
    for (const [name, error] of errors) {
      ground.watch.text(`the error of ${name}`, error);
      const message = error.replace(PARTIAL, "$1");
      assert.ok(injected, `${name} failed without a fault: ${message}`);
      assert.ok(LOST.test(message) || kind.says?.test(message), `${name} says what it should not: ${message}`);
    }
    if (injected && kind.fatal) assert.notEqual(errors.size, 0, "the operation should have failed");
    await ground.configure({});
    const adopted = await this.converge(phase);
    // No operation of an engine has the host of an earlier one, which remembers what was renamed and taken over.
    await ground.endHost();
    ground.assertSilent();
    return { phase, injected, survived: errors.size === 0, adopted };
  }

  private operate(phase: Phase): Promise<Outcome> {
    if (phase === "destroy") return this.deployment.destroy();
    return phase === "refresh" ? this.deployment.refresh() : this.deployment.up(programOf(phase));
  }

  /** Once more without a fault: then all is as the program says. Returns whether something had to be adopted. */
  private async converge(phase: Phase): Promise<boolean> {
    const { deployment, ground, expected } = this;
    if (phase === "refresh") assertFine(await deployment.refresh(), "refresh");
    if (phase === "destroy") {
      assertFine(await deployment.destroy(), "destroy");
      assert.deepEqual([...deployment.state.keys()], []);
      await ground.settled();
      assert.deepEqual(await ground.snapshot(), expected.empty);
      return false;
    }
    const program = programOf(phase);
    const { adopting } = deployment;
    const before = adopting.size;
    for (;;) {
      const { errors } = await deployment.up(program);
      if (errors.size === 0) break;
      for (const [name, message] of errors) {
        assert.ok(THERE_ALREADY.test(message) && !adopting.has(name), `${name} is not finished by \`up\`: ${message}`);
        adopting.add(name);
      }
    }
    const again = await deployment.up(program);
    assertFine(again, "up");
    assert.deepEqual(again.changed, [], "a second `up` has something to do");
    await ground.settled();
    assert.deepEqual(await ground.snapshot(), phase === "up" ? expected.first : expected.second);
    await assertLogins(ground.own, program);
    return adopting.size > before;
  }
}

function programOf(phase: Phase): Program {
  return phase === "up" ? FIRST : SECOND;
}

function assertFine({ errors }: Outcome, what: string): void {
  assert.deepEqual([...errors], [], `\`${what}\` fails without a fault`);
}

/** A round without any fault: what the server looks like after each phase, and how much there is to go wrong in each. */
export async function rehearse(ground: Ground): Promise<{ expected: Expected; counts: Counts }> {
  const deployment = new Deployment(() => ground.provider());
  const [snapshots, counts] = [new Map<Phase, string[]>(), {} as Counts];
  const empty = await ground.snapshot();
  await ground.configure({});
  for (const phase of PHASES) {
    if (phase === "refresh") await ground.drift(DRIFT);
    let hooks = 0;
    deployment.dies = async () => {
      hooks += 1;
      return false;
    };
    ground.proxy.begin();
    const round = { up: () => deployment.up(FIRST), change: () => deployment.up(SECOND) };
    const operation = { ...round, refresh: () => deployment.refresh(), destroy: () => deployment.destroy() }[phase];
    assertFine(await operation(), phase);
    counts[phase] = { ...ground.proxy.counts, hooks };
    if (phase === "refresh") assertFine(await deployment.up(SECOND), "up");
    snapshots.set(phase, await ground.snapshot());
  }
  assert.deepEqual(snapshots.get("destroy"), empty);
  assert.deepEqual(snapshots.get("refresh"), snapshots.get("change"));
  return { expected: { empty, first: snapshots.get("up")!, second: snapshots.get("change")! }, counts };
}

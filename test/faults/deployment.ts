/** What an engine does with a program, over the SDK's real host: state, order, partial failures; without programs. */

import { providerText } from "../../resources/base";
import type { Provider } from "../engine/provider";
import { type PropertyMap, Secret, type Value } from "../engine/values";
import type { Declared, Program } from "./program";

/** A resource in the state. */
interface Recorded {
  readonly type: Declared["type"];
  id: string;
  inputs: PropertyMap;
  outputs: PropertyMap;
  /** Whether it was made or changed in part, so that the next `up` has to finish it. */
  partial: boolean;
  readonly needs: readonly string[];
}

/** What an operation has come to: an error for each resource that failed, and what was changed. */
export interface Outcome {
  readonly errors: ReadonlyMap<string, string>;
  readonly changed: readonly string[];
}

/** A stack: what it holds in its state, and the operations of an engine on it. */
export class Deployment {
  readonly state = new Map<string, Recorded>();
  /** Resources that are to be taken over if they are there. */
  readonly adopting = new Set<string>();
  /** Is told before the result of a hook is recorded; nothing is recorded any more once it says that the engine is gone. */
  dies: () => Promise<boolean> = async () => false;
  private gone = false;

  constructor(private readonly provider: () => Provider) {}

  /** `pulumi up`: creates and updates, each after what it refers to, then deletes what is not declared any more. */
  up(program: Program): Promise<Outcome> {
    return this.operation(async (run) => {
      const made = new Map<string, Promise<void>>();
      const make = (name: string): Promise<void> => {
        const known = made.get(name);
        if (known !== undefined) return known;
        const declared = program[name] as Declared;
        const needs = [...references(declared.inputs), ...(declared.after ?? [])];
        const task = Promise.all(needs.map(make)).then(() => run(name, () => this.register(name, declared, needs)));
        made.set(name, task);
        return task;
      };
      await Promise.allSettled(Object.keys(program).map(make));
      if (run.failed()) return;
      await this.deleteAll(run, (name) => program[name] === undefined);
    });
  }

  /** `pulumi refresh`. */
  refresh(): Promise<Outcome> {
    return this.operation(async (run) => {
      await Promise.allSettled(
        [...this.state].map(([name, recorded]) =>
          run(name, async () => {
            const { id, inputs, outputs } = recorded;
            const read = await this.provider().read(urn(name, recorded.type), id, inputs, outputs);
            return () => {
              if (read.id === "") this.state.delete(name);
              else Object.assign(recorded, { inputs: { ...inputs, ...read.inputs }, outputs: read.outputs });
            };
          }),
        ),
      );
    });
  }

  /** `pulumi destroy`. */
  destroy(): Promise<Outcome> {
    return this.operation((run) => this.deleteAll(run, () => true));
  }

  private async operation(work: (run: Run) => Promise<void>): Promise<Outcome> {
    this.gone = false;
    const errors = new Map<string, string>();
    const changed: string[] = [];
    const run: Run = Object.assign(
      async (name: string, hook: () => Promise<(() => void) | undefined>) => {
        if (this.gone) throw new Error("the engine is gone");
        try {
          const record = await hook();
          if (record === undefined) return;
          this.gone ||= await this.dies();
          if (this.gone) throw new Error("the engine is gone");
          changed.push(name);
          record();
        } catch (error) {
          errors.set(name, (error as Error).message);
          throw error;
        }
      },
      { failed: () => errors.size > 0 },
    );
    await work(run);
    return { errors, changed };
  }

  /** Creates or updates; undefined when there is nothing to do. */
  private async register(
    name: string,
    { type, inputs }: Declared,
    needs: readonly string[],
  ): Promise<(() => void) | undefined> {
    const provider = this.provider();
    const old = this.state.get(name);
    const adoption: PropertyMap = this.adopting.has(name) ? { adopt: true, dropOnDelete: true } : {};
    const declared: PropertyMap = {
      ...(this.resolved(inputs) as PropertyMap),
      ...adoption,
      __provider: providerText(type),
    };
    if (typeof declared.password === "string") declared.password = new Secret(declared.password);
    const checked = await provider.check(urn(name, type), old?.inputs ?? {}, declared, false);
    if (checked.failures.length > 0) throw new Error(checked.failures.map(({ reason }) => reason).join("; "));
    if (old === undefined) {
      const { id, outputs, failure } = await provider.create(urn(name, type), checked.inputs, false);
      const record = () => {
        this.state.set(name, { type, id, inputs: checked.inputs, outputs, partial: failure !== undefined, needs });
      };
      return this.partly(record, failure);
    }
    const options = { unknowns: false, preview: false, ignoreChanges: [] };
    const diff = await provider.diff(urn(name, type), old.id, old, checked.inputs, options);
    if (diff.replaceKeys.length > 0) throw new Error(`would be replaced for ${diff.replaceKeys}`);
    if (!diff.changed && !old.partial) return undefined;
    const { outputs, failure } = await provider.update(urn(name, type), old.id, old, checked.inputs, options);
    const news = failure === undefined ? checked.inputs : old.inputs;
    const record = () => {
      this.state.set(name, { ...old, inputs: news, outputs, partial: failure !== undefined, needs });
    };
    return this.partly(record, failure);
  }

  /** What was done in part is recorded, and is an error. */
  private async partly(record: () => void, failure: Error | undefined): Promise<() => void> {
    if (failure === undefined) return record;
    this.gone ||= await this.dies();
    if (!this.gone) record();
    throw failure;
  }

  /** Deletes, each after everything that refers to it. */
  private async deleteAll(run: Run, doomed: (name: string) => boolean): Promise<void> {
    const deleted = new Map<string, Promise<void>>();
    const remove = (name: string): Promise<void> => {
      const known = deleted.get(name);
      if (known !== undefined) return known;
      const users = [...this.state].filter(([other, { needs }]) => doomed(other) && needs.includes(name));
      const task = Promise.all(users.map(([other]) => remove(other))).then(() =>
        run(name, async () => {
          const { type, id, inputs, outputs } = this.state.get(name) as Recorded;
          await this.provider().delete(urn(name, type), id, inputs, outputs);
          return () => void this.state.delete(name);
        }),
      );
      deleted.set(name, task);
      return task;
    };
    await Promise.allSettled([...this.state.keys()].filter(doomed).map(remove));
  }

  private resolved(value: Value): Value {
    if (Array.isArray(value)) return value.map((one) => this.resolved(one));
    if (typeof value === "string" && value.startsWith("$")) {
      const [name, attribute] = value.slice(1).split(".") as [string, string];
      return this.state.get(name)?.outputs[attribute] as Value;
    }
    if (value === null || typeof value !== "object" || value instanceof Secret) return value;
    return Object.fromEntries(Object.entries(value as PropertyMap).map(([key, inner]) => [key, this.resolved(inner)]));
  }
}

interface Run {
  /** Calls a hook, which returns how its result is recorded; undefined when there was nothing to do. */
  (name: string, hook: () => Promise<(() => void) | undefined>): Promise<void>;
  failed(): boolean;
}

function urn(name: string, type: string): string {
  return `urn:pulumi:dev::faults::pulumi-nodejs:dynamic/pgmob:${type}::${name}`;
}

/** The resources whose outputs are in inputs. */
function references(value: Value): Set<string> {
  if (typeof value === "string") return new Set(value.startsWith("$") ? [value.slice(1).split(".")[0] as string] : []);
  if (value === null || typeof value !== "object") return new Set();
  return new Set(Object.values(value).flatMap((inner) => [...references(inner as Value)]));
}

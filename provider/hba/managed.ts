import { NotFoundError } from "../errors";
import { HbaDocument } from "./document";
import { alterRule, called, createRule, dropRule, observeRules } from "./plan";
import type { HbaStore } from "./store";
import type {
  HbaChangeOptions,
  HbaCreateOptions,
  HbaDropOptions,
  HbaRule,
  ManagedHbaRule,
  ObservedHbaRule,
} from "./types";

/**
 * The rules in pg_hba.conf that this package keeps: each known by its name, at its place, in a line of its own. Changes
 * are in force when a call returns; those that are made at the same time are one write.
 *
 * @example
 * await cluster.hbaRules.managed.create({
 *   name: "app", type: "hostssl", databases: ["shop"], users: ["app"], address: "10.0.0.0/8", method: "scram-sha-256",
 * });
 */
export class ManagedHbaRules implements AsyncIterable<ObservedHbaRule> {
  /** @internal */
  constructor(private readonly store: HbaStore) {}

  /** The rule of a name as it is in the file; undefined when there is none. */
  async observe(name: string): Promise<ObservedHbaRule | undefined> {
    return observeRules(await this.store.read()).find((rule) => rule.name === name);
  }

  /**
   * Creates a rule.
   *
   * @throws InvalidValueError for a rule that this server cannot read
   * @throws AlreadyExistsError when there is one of its name and `adopt` is not set
   * @throws RefusedError when the current connection could perhaps not be made again, unless `allowLockout` is set
   */
  create(rule: ManagedHbaRule, { adopt = false, ...options }: HbaCreateOptions = {}): Promise<ObservedHbaRule> {
    return this.store.change((document) => {
      createRule(document, rule, adopt);
      return observed(document, rule.name);
    }, options);
  }

  /**
   * Changes what is given of a rule, its name too. Giving a place replaces the place that it had.
   *
   * @throws NotFoundError when there is no rule of the name, and as {@link ManagedHbaRules.create}
   */
  alter(name: string, changes: Partial<ManagedHbaRule>, options?: HbaChangeOptions): Promise<ObservedHbaRule> {
    return this.store.change((document) => {
      const now: Partial<HbaRule> = observed(document, name).rule ?? {};
      const rule = { ...now, name, ...changes } as ManagedHbaRule;
      alterRule(document, name, rule);
      return observed(document, rule.name);
    }, options);
  }

  /** Takes a rule out of the file, or with `release` only its name. Returns whether there was one. */
  drop(name: string, { release = false, ...options }: HbaDropOptions = {}): Promise<boolean> {
    return this.store.change((document) => dropRule(document, name, release), options);
  }

  /** All of them, in the order of the file. */
  async *[Symbol.asyncIterator](): AsyncIterator<ObservedHbaRule> {
    yield* observeRules(await this.store.read());
  }
}

function observed({ bytes, major }: HbaDocument, name: string): ObservedHbaRule {
  const found = observeRules(new HbaDocument(bytes, major)).find((rule) => rule.name === name);
  if (found === undefined) throw new NotFoundError("does not exist", { object: called(name) });
  return found;
}

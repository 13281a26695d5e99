import { NotFoundError, withContext } from "../errors";
import type { HbaDocument } from "./document";
import { adoptableFor, alterRule, called, createRule, dropRule, observeRules, ruleCalled } from "./plan";
import type { HbaStore } from "./store";
import type {
  HbaChangeOptions,
  HbaCreateOptions,
  HbaDropOptions,
  HbaRule,
  ManagedHbaRule,
  ObservedHbaRule,
} from "./types";
import { type UnnamedLine, unnamedLines } from "./unnamed";

type Observations = ReadonlyMap<string, ObservedHbaRule>;

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
  /** What was observed of a document that many ask for. */
  private readonly observed = new WeakMap<HbaDocument, Observations>();

  /** @internal */
  constructor(private readonly store: HbaStore) {}

  /** The rule of a name as it is in the file; undefined when there is none. */
  async observe(name: string): Promise<ObservedHbaRule | undefined> {
    return (await this.all()).get(name);
  }

  /** What the line of somebody else says that would be adopted for a rule; undefined when there is none. */
  async adoptable(rule: HbaRule): Promise<HbaRule | undefined> {
    return adoptableFor(await this.store.read(), rule);
  }

  /** @internal The lines of somebody else, in the order of the file, each with what is to be declared to adopt it. */
  async unnamed(): Promise<UnnamedLine[]> {
    const document = await this.store.read();
    return unnamedLines(document, await this.store.errors(document));
  }

  /**
   * Creates a rule.
   *
   * @throws InvalidValueError for a rule that this server cannot read
   * @throws AlreadyExistsError when there is one of its name and `adopt` is not set
   * @throws RefusedError when the current connection could perhaps not be made again, unless `allowLockout` is set
   */
  async create(rule: ManagedHbaRule, { adopt = false, ...options }: HbaCreateOptions = {}): Promise<ObservedHbaRule> {
    await this.store.change((document) => createRule(document, rule, adopt), options);
    return this.known(rule.name);
  }

  /**
   * Changes what is given of a rule, its name too. Giving a place replaces the place that it had.
   *
   * @throws NotFoundError when there is no rule of the name, and as {@link ManagedHbaRules.create}
   */
  async alter(name: string, changes: Partial<ManagedHbaRule>, options?: HbaChangeOptions): Promise<ObservedHbaRule> {
    await this.store.change((document) => {
      alterRule(document, name, { ...ruleCalled(document, name), name, ...changes } as ManagedHbaRule);
    }, options);
    return this.known(changes.name ?? name);
  }

  /** Takes a rule out of the file, or with `release` only its name. Returns whether there was one. */
  async drop(name: string, { release = false, ...options }: HbaDropOptions = {}): Promise<boolean> {
    const dropped = await this.store.change((document) => dropRule(document, name, release), options);
    await this.store.tidied();
    return dropped;
  }

  /** All of them, in the order of the file. */
  async *[Symbol.asyncIterator](): AsyncIterator<ObservedHbaRule> {
    yield* (await this.all()).values();
  }

  private async known(name: string): Promise<ObservedHbaRule> {
    const found = await this.observe(name).catch((error: unknown) => {
      // The change is made: this must not be taken for a connection that was lost before.
      throw withContext(error, { object: called(name), intent: "be read after it was changed" });
    });
    if (found === undefined) throw new NotFoundError("does not exist any more", { object: called(name) });
    return found;
  }

  private async all(): Promise<Observations> {
    const document = await this.store.read();
    const observations =
      this.observed.get(document) ?? new Map(observeRules(document).map((rule) => [rule.name, rule]));
    this.observed.set(document, observations);
    return observations;
  }
}

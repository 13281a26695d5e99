/** What `up` would run into, found out by asking the server: for `previewChecks`. Nothing is changed. */

import type { CheckFailure, FieldChange, ObjectType, Observed, Values } from "../definition";
import type { Facts } from "../facts";
import { desiredValues, differences, pathOf, takesOver } from "../fields";
import type { Host } from "../host";
import { observeAt, type Place, placeFor, placeOf } from "../place";
import { factsFor, spelledKey } from "../reconcile";
import { alreadyThere, refuseAnother } from "../refusals";
import { refuseGuarded, refuseMissingRoles, refuseTogether, refuseTooNew } from "../unfit";
import { isUnknown } from "../unknown";
import { assumedObject } from "./assume";
import { type Address, factsOnceMade, withExpected } from "./expected";
import type { Declarations, Look } from "./preview";

/** Looks at the server as `up` will find it, with everything that the program has announced so far. */
export async function ask(
  type: ObjectType,
  declared: Declarations,
  isNew: boolean,
  host: Host,
  isReplaced: boolean,
): Promise<Look> {
  const asking = new Asking(type, declared, isNew, host, isReplaced);
  await asking.look();
  return asking;
}

class Asking implements Look {
  observed: Observed | undefined;
  facts!: Facts;
  perhapsAdopted = false;
  spelled: Values = {};
  readonly failures: CheckFailure[] = [];
  private readonly known: Values;

  constructor(
    private readonly type: ObjectType,
    private readonly declared: Declarations,
    private readonly isNew: boolean,
    private readonly host: Host,
    /** Whether its own object is there, and goes before. */
    private readonly isOwn: boolean,
  ) {
    this.known = Object.fromEntries(Object.entries(declared.news).filter(([, value]) => !isUnknown(value)));
  }

  async look(): Promise<void> {
    const { type, known, host, isNew } = this;
    const { olds, news } = this.declared;
    const nameless = type.key.some((name) => isUnknown(news[name])) || isUnknown(news.database);
    const place = nameless ? undefined : await this.place();
    this.spelled = place === undefined ? {} : await spelledKey(place.cluster, type, known);
    const desired = { ...desiredValues(type, known, olds), ...this.spelled };
    const [before, after] = [this.addressOf(olds), this.addressOf(news)];
    if (!isNew) host.announced.keep(before);
    const named = place && (await observeAt(place, type, isNew ? news : olds, news));
    const found = named ?? (place && isNew ? await this.adoptable(place, desired) : undefined);
    const replaced = isNew && !type.found && (this.isOwn || host.announced.isKept(after));
    this.observed = isNew ? (takesOver(type, news) && !replaced ? found : undefined) : found;
    this.facts = await this.factsAt(place, this.observed, desired);
    if (!isNew) this.observed ??= assumedObject(type, olds, this.facts, news);
    if (place !== undefined && this.failures.length === 0) await this.object(place, found, replaced, desired);
    if (!nameless) host.announced.announce(after, news);
  }

  /** What would be taken over although it has no name yet. */
  private async adoptable({ cluster }: Place, desired: Values): Promise<Observed | undefined> {
    const { news } = this.declared;
    if (news.adopt !== true || Object.values(news).some(isUnknown)) return undefined;
    return this.type.source?.adoptable?.(cluster, desired);
  }

  /** Where it is to be; undefined where that is not there yet. */
  private async place(): Promise<Place | undefined> {
    const { type, host, known } = this;
    const place = await placeOf(host, type, known);
    const home = { type: "Database", database: host.cluster.currentDatabase, path: [String(known.database)] };
    if (place === undefined && host.announced.get(home) === undefined)
      await this.refusing(() => placeFor(host, type, known));
    return place;
  }

  /** What the object itself, and what its declaration names, would be refused for. */
  private async object(place: Place, found: Observed | undefined, replaced: boolean, desired: Values): Promise<void> {
    const { type, known, facts, observed, isNew } = this;
    const { olds } = this.declared;
    await this.refusing(() => {
      if (found === undefined || !isNew || replaced) return;
      refuseAnother(type, found, desired, place.bookkeeping);
      if (!takesOver(type, known)) throw alreadyThere(type, known);
    });
    if (!isNew && found !== undefined && this.isReplaced(found, desired)) {
      await this.refusing(() => type.beforeDrop?.(place.cluster, found, olds, facts));
      return;
    }
    await this.refusing(() => refuseTooNew(type, desired, facts.server));
    await this.refusing(() => refuseTogether(type, known));
    await this.refusing(() => refuseMissingRoles(type, desired, facts));
    if (observed !== undefined) await this.refusing(() => refuseGuarded(type, observed, desired));
    // What is only announced cannot be looked at, and what others make may be there by then.
    const expected = type.found === true && observed === undefined;
    if (this.failures.length === 0 && !expected && this.isThere(observed, desired))
      await this.refusing(() => type.beforeChange?.(place.cluster, observed, desired, facts));
  }

  /** Whether the engine will replace it: it knows the guarded attributes from its outputs, declared or not. */
  private isReplaced(found: Observed, desired: Values): boolean {
    const { type, known } = this;
    const changing = [...differences(type, found, desired)];
    const of = (change: FieldChange) => changing.filter((name) => type.fields[name]?.change === change);
    if (of("identity").length > 0) return true;
    return known.allowReplace === true && of("guard").some((name) => name in found.values);
  }

  /** Whether nothing that plays a part is merely announced. */
  private isThere(observed: Observed | undefined, desired: Values): boolean {
    const { type, facts } = this;
    const there = (names: readonly string[] = [], of: ReadonlyMap<string, unknown>) =>
      names.every((name) => [...of.keys()].includes(name) || !of.has(name));
    return (
      there(type.rolesInvolved(observed, desired, facts.server), facts.roles) &&
      there(type.schemasInvolved?.(observed, desired), facts.schemas)
    );
  }

  private async factsAt(place: Place | undefined, observed: Observed | undefined, desired: Values): Promise<Facts> {
    const { host, type } = this;
    const { announced, cluster } = host;
    const home = cluster.currentDatabase;
    const facts = await factsFor(place?.cluster ?? cluster, type, observed, desired);
    const database = place?.database ?? (type.perDatabase ? String(this.known.database ?? home) : home);
    const made = factsOnceMade(facts.server);
    const of = <T>(kind: "Role" | "Database" | "Schema", in_: string, make: (values: Values) => T) => {
      return (name: string): T | undefined => {
        const values = announced.get({ type: kind, database: in_, path: [name] });
        return values && make(values);
      };
    };
    // Of a database that is not there yet, nothing that is in another one may be taken for its own.
    const known = place === undefined && type.perDatabase ? { ...facts, schemas: new Map() } : facts;
    const schema = of("Schema", database, made.schema);
    const expected = withExpected(known, {
      role: of("Role", home, made.role),
      database: of("Database", home, made.database),
      schema: (name) => schema(name) ?? (place === undefined && name === "public" ? made.schema({}) : undefined),
    });
    return { ...facts, ...expected, database };
  }

  private addressOf(values: Values): Address {
    const { type, host } = this;
    const home = host.cluster.currentDatabase;
    return {
      type: type.type,
      database: type.perDatabase ? String(values.database ?? home) : home,
      path: pathOf(type, values),
    };
  }

  private async refusing(task: () => unknown): Promise<void> {
    try {
      await task();
    } catch (error) {
      this.failures.push({ property: "", reason: (error as Error).message });
    }
  }
}

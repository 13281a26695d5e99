import type { Cluster } from "./cluster";
import type { CatalogueType, Observed, Values } from "./definition";
import { NotFoundError } from "./errors";
import { desiredValues, pathOf } from "./fields";
import { type Filter, matcherOf } from "./filter";
import { ManagedObject } from "./managed-object";
import { observe, observeAll } from "./observe";
import { called, checkValues, create } from "./reconcile";

/**
 * The objects of one type that are found on the server, wherever they come from. It holds nothing: every call asks the
 * server.
 *
 * @example
 * const table = await cluster.tables.get({ schema: "sales", name: "orders" });
 * await table.alter({ schema: "archive", name: "orders_2030", owner: "archivist" });
 * for await (const { name } of cluster.tables.where({ schema: "sales", name: /^tmp_/ })) console.log(name);
 */
export class FoundCollection<O, K = string> implements AsyncIterable<O> {
  /** @internal */
  constructor(
    /** @internal */
    protected readonly cluster: Cluster,
    /** @internal */
    protected readonly type: CatalogueType,
    private readonly Wrapper: typeof ManagedObject = ManagedObject,
  ) {}

  /** The object of this name. Throws a NotFoundError when there is none. */
  get(name: K): Promise<O> {
    return this.at(this.path(name));
  }

  /** Whether there is an object of this name. */
  async has(name: K): Promise<boolean> {
    return (await observe(this.cluster, this.type, { path: this.path(name) })) !== undefined;
  }

  /**
   * The objects with these attributes, ordered by name: each a value, a predicate, or, for text, a regular expression.
   * They are read with one query when the iteration begins.
   *
   * @throws InvalidValueError for what is no attribute, or no value of it
   * @example
   * for await (const table of cluster.tables.where({ schema: "old" })) await table.alter({ schema: "new" });
   * for await (const role of cluster.roles.where({ name: /^app_/, connectionLimit: (limit) => limit > 50 }))
   *   await role.alter({ connectionLimit: 50 });
   */
  where(filter: Filter<O>): AsyncIterable<O> {
    const { values, matches } = matcherOf(this.type, filter);
    return { [Symbol.asyncIterator]: () => this.all(values, matches) };
  }

  /** All objects, ordered by name. */
  [Symbol.asyncIterator](): AsyncIterator<O> {
    return this.all({}, () => true);
  }

  /** @internal */
  protected async at(path: readonly string[]): Promise<O> {
    const observed = await observe(this.cluster, this.type, { path });
    if (observed === undefined) throw new NotFoundError("does not exist", { object: called(this.type, path) });
    return this.wrap(observed);
  }

  /** @internal */
  protected wrap(observed: Observed): O {
    return new this.Wrapper(this.cluster, this.type, observed) as O;
  }

  private async *all(values: Values, matches: (observed: Observed) => boolean): AsyncIterator<O> {
    const found = await this.cluster.read((session, server) => observeAll(session, server, this.type, values));
    for (const observed of found) if (matches(observed)) yield this.wrap(observed);
  }

  /** A text is a name, dots and all, and a number an oid; what else the key has is then the default. */
  private path(name: K): string[] {
    if (typeof name === "object") return pathOf(this.type, name as Values);
    return pathOf(this.type, typeof name === "number" ? { oid: name } : { name: name as string });
  }
}

/**
 * The objects of one type, which can be created here.
 *
 * @example
 * if (!(await cluster.roles.has("app"))) await cluster.roles.create({ name: "app", login: true });
 * for await (const role of cluster.roles) console.log(role.name);
 */
export class Collection<P extends { name: string }, O, K = string> extends FoundCollection<O, K> {
  /**
   * Creates an object.
   *
   * @throws InvalidValueError for a value that the attribute does not take
   * @throws AlreadyExistsError when there is one of this name
   */
  async create(properties: P): Promise<O> {
    const declared = checkValues(this.type, { ...properties });
    await create(this.cluster, this.type, desiredValues(this.type, declared, {}));
    return this.at(pathOf(this.type, declared));
  }
}

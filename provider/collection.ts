import type { Cluster } from "./cluster";
import type { CatalogueType, Observed, Values } from "./definition";
import { NotFoundError } from "./errors";
import { desiredValues, pathOf } from "./fields";
import { ManagedObject } from "./managed-object";
import { observeAll } from "./observe";
import { called, checkValues, create, observe } from "./reconcile";

/**
 * The objects of one type. It holds nothing: every call asks the server.
 *
 * @example
 * if (!(await cluster.roles.has("app"))) await cluster.roles.create({ name: "app", login: true });
 * for await (const role of cluster.roles) console.log(role.name);
 */
export class Collection<P extends { name: string }, O, K = string> implements AsyncIterable<O> {
  /** @internal */
  constructor(
    private readonly cluster: Cluster,
    private readonly type: CatalogueType,
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

  /** All objects, ordered by name. */
  async *[Symbol.asyncIterator](): AsyncIterator<O> {
    const all = await this.cluster.read((session, server) => observeAll(session, server, this.type));
    for (const observed of all) yield this.wrap(observed);
  }

  private async at(path: readonly string[]): Promise<O> {
    const observed = await observe(this.cluster, this.type, { path });
    if (observed === undefined) throw new NotFoundError("does not exist", { object: called(this.type, path) });
    return this.wrap(observed);
  }

  private wrap(observed: Observed): O {
    return new this.Wrapper(this.cluster, this.type, observed) as O;
  }

  /** A text is a name, dots and all; what else the key has is then the default. */
  private path(name: K): string[] {
    return pathOf(this.type, typeof name === "string" ? { name } : (name as Values));
  }
}

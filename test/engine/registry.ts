import { randomUUID } from "node:crypto";
import type { ProviderHost } from "./host";
import { type CheckFailure, type DiffResult, type Outcome, Provider } from "./provider";
import type { ResourceState } from "./state";
import { packageOf, parseProvider } from "./urn";
import { equal, type PropertyMap, UNKNOWN_TEXT } from "./values";

/** The one package whose providers this engine can run: that of dynamic providers written for Node.js. */
export const DYNAMIC_PACKAGE = "pulumi-nodejs";

/** The hooks of a resource's provider as the step generator uses them. */
export type Hooks = Pick<Provider, "check" | "diff" | "create" | "update" | "read" | "delete">;

/**
 * All providers of one operation by their reference, `URN::ID`. It is at the same time the provider of the provider
 * resources themselves: creating one means starting and configuring a host.
 */
export class ProviderRegistry implements Hooks {
  private readonly providers = new Map<string, Provider>();
  private readonly all: Provider[] = [];
  private readonly oldUrns = new Map<string, string>();

  constructor(private readonly start: () => Promise<ProviderHost>) {}

  /** The provider of a reference. Throws when it is not loaded. */
  get(reference: string): Provider {
    const provider = this.providers.get(reference);
    if (provider === undefined) throw new Error(`unknown provider '${reference}'`);
    return provider;
  }

  /** Has the program's provider `urn` answer also to references by the URN it had before. */
  alias(urn: string, before: string): void {
    this.oldUrns.set(urn, before);
  }

  /** Loads a provider with the inputs of the state, unless it is loaded. */
  same(resource: ResourceState): void {
    const reference = `${resource.urn}::${resource.id}`;
    if (!this.providers.has(reference)) this.load(resource.urn, resource.id ?? "", resource.inputs);
  }

  /** Loads the provider that a resource of the state refers to. */
  ensure(reference: string | undefined, olds: ReadonlyMap<string, ResourceState[]>): void {
    if (!reference || this.providers.has(reference)) return;
    const { urn, id } = parseProvider(reference);
    const resource = olds.get(urn)?.find((candidate) => candidate.id === id);
    if (resource === undefined) throw new Error(`could not find provider ${reference}`);
    this.same(resource);
  }

  async check(
    _urn: string,
    _olds: PropertyMap,
    news: PropertyMap,
  ): Promise<{ inputs: PropertyMap; failures: CheckFailure[] }> {
    return { inputs: news, failures: [] };
  }

  async diff(
    _urn: string,
    _id: string,
    old: { inputs: PropertyMap; outputs: PropertyMap },
    news: PropertyMap,
  ): Promise<DiffResult> {
    const changed = !equal(old.outputs, news);
    return { changed, replaceKeys: [], changedKeys: [], deleteBeforeReplace: false };
  }

  async create(urn: string, inputs: PropertyMap, preview: boolean): Promise<Outcome> {
    const id = preview ? UNKNOWN_TEXT : randomUUID();
    this.load(urn, id, inputs);
    return { id, outputs: { ...inputs } };
  }

  async update(
    urn: string,
    id: string,
    _old: { inputs: PropertyMap; outputs: PropertyMap },
    news: PropertyMap,
  ): Promise<Outcome> {
    this.load(urn, id, news);
    return { id, outputs: { ...news } };
  }

  async read(): Promise<never> {
    throw new Error("provider resources may not be read");
  }

  async delete(urn: string, id: string): Promise<void> {
    const reference = `${urn}::${id}`;
    const provider = this.providers.get(reference);
    this.providers.delete(reference);
    await provider?.close();
  }

  /** Ends every host process. */
  async close(): Promise<void> {
    await Promise.all(this.all.map((provider) => provider.close()));
  }

  private load(urn: string, id: string, inputs: PropertyMap): void {
    const pkg = packageOf(urn.split("::")[2] ?? "");
    if (pkg !== DYNAMIC_PACKAGE) {
      throw new Error(`no plugin for package '${pkg}': this engine runs dynamic providers (${DYNAMIC_PACKAGE}) only`);
    }
    const provider = new Provider(this.start);
    provider.configure(urn, id, inputs);
    this.all.push(provider);
    this.providers.set(`${urn}::${id}`, provider);
    const before = this.oldUrns.get(urn);
    if (before !== undefined) this.providers.set(`${before}::${id}`, provider);
  }
}

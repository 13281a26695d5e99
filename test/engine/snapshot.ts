import { dependencyUrns } from "./graph";
import type { PassphraseSecrets } from "./secrets";
import { copyState, type Deployment, type PendingOperation, type ResourceState, writeDeployment } from "./state";
import type { StateFile } from "./store";
import { isStack, makeUrn, nameOf, parseProvider, typeOf } from "./urn";

/**
 * Keeps the state file up to date during an operation: what the operation has produced so far, then what it has not
 * yet dealt with, in the order of the state it began with.
 */
export class Snapshot {
  private readonly produced: ResourceState[] = [];
  private readonly done = new Set<ResourceState>();
  private pending: PendingOperation[] = [];
  private writing: Promise<void> | undefined;
  private queued: Promise<void> | undefined;
  private postponed = false;

  constructor(
    private readonly store: StateFile,
    private readonly secrets: PassphraseSecrets,
    /** The state the operation began with, or was refreshed to. */
    private readonly base: () => ResourceState[],
    /** Operations that an earlier, interrupted run has left behind. */
    private readonly leftOver: PendingOperation[],
  ) {}

  /** Records that an operation is about to begin. */
  async begin(resource: ResourceState, type: PendingOperation["type"]): Promise<void> {
    this.pending.push({ resource, type });
    await this.write();
  }

  /** Records that the operation on this resource has ended, well or not. */
  end(resource: ResourceState): void {
    this.pending = this.pending.filter((operation) => operation.resource !== resource);
  }

  /** The state is replaced, or its resource gone: it is no longer written. */
  markDone(resource: ResourceState): void {
    this.done.add(resource);
  }

  /** The state is written from now on. */
  markNew(resource: ResourceState): void {
    this.produced.push(resource);
  }

  /** What has changed is of no consequence: it may be written along with the next change. */
  postpone(): void {
    this.postponed = true;
  }

  /** Writes what was postponed. */
  async flush(): Promise<void> {
    if (this.postponed) await this.write();
  }

  /**
   * Writes the state as it is now. Calls that come while a write is under way share the next one, and each resolves
   * when what it stands for is on the disk.
   */
  write(): Promise<void> {
    if (this.queued !== undefined) return this.queued;
    const previous = this.writing ?? Promise.resolve();
    this.queued = previous
      .catch(() => undefined)
      .then(() => {
        this.queued = undefined;
        this.postponed = false;
        this.writing = this.store.write(this.deployment());
        return this.writing;
      });
    return this.queued;
  }

  /** The whole state as it is now. */
  deployment(): Deployment {
    const live = [...this.produced, ...this.base()].filter((resource) => !this.done.has(resource));
    const creating = this.leftOver.filter((operation) => operation.type === "creating");
    return writeDeployment(normalize(live), [...this.pending, ...creating], this.secrets);
  }
}

/** Rewrites references to resources that an alias has given a new URN. */
function normalize(resources: ResourceState[]): ResourceState[] {
  const renamed = new Map<string, string>();
  for (const resource of resources) {
    for (const alias of resource.aliases ?? []) renamed.set(alias, resource.urn);
    const parent = renamed.get(resource.parent ?? "");
    if (parent !== undefined && !isStack(parent)) {
      const [, , stack = ""] = resource.urn.split(":");
      const project = resource.urn.split("::")[1] ?? "";
      renamed.set(resource.urn, makeUrn(stack, project, parent, typeOf(resource.urn), nameOf(resource.urn)));
    }
  }
  if (renamed.size === 0) return resources;
  const fix = (urn: string): string => renamed.get(urn) ?? urn;
  return resources.map((resource) => {
    const urns = [resource.urn, resource.parent ?? "", ...dependencyUrns(resource)];
    const provider = resource.provider && parseProvider(resource.provider);
    if (!resource.aliases && !urns.some((urn) => renamed.has(urn)) && !(provider && renamed.has(provider.urn))) {
      return resource;
    }
    const copy = copyState(resource);
    copy.urn = fix(copy.urn);
    if (copy.parent) copy.parent = fix(copy.parent);
    if (copy.deletedWith) copy.deletedWith = fix(copy.deletedWith);
    copy.dependencies = copy.dependencies.map(fix);
    for (const [key, value] of Object.entries(copy.propertyDependencies)) {
      copy.propertyDependencies[key] = value.map(fix);
    }
    if (provider) copy.provider = `${fix(provider.urn)}::${provider.id}`;
    delete copy.aliases;
    return copy;
  });
}

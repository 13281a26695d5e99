import type { ResourceState } from "./state";
import { parseProvider } from "./urn";

/** The URNs a resource refers to, its parent and its provider aside. */
export function dependencyUrns(resource: ResourceState): Set<string> {
  const urns = new Set([...resource.dependencies, ...Object.values(resource.propertyDependencies).flat()]);
  if (resource.deletedWith) urns.add(resource.deletedWith);
  return urns;
}

/** Every URN a resource refers to, its provider's included and its parent's not. */
function requiredUrns(resource: ResourceState): Set<string> {
  const urns = dependencyUrns(resource);
  if (resource.provider) urns.add(parseProvider(resource.provider).urn);
  return urns;
}

/** Who depends on whom among resources that are listed with dependencies before dependents. */
export class DependencyGraph {
  private readonly index = new Map<ResourceState, number>();

  constructor(private readonly resources: ResourceState[]) {
    resources.forEach((resource, i) => {
      this.index.set(resource, i);
    });
  }

  /** Whether the graph knows this very state. */
  has(resource: ResourceState): boolean {
    return this.index.has(resource);
  }

  /** What depends on a resource, directly or not, in order; resources whose URN is in `ignore` are passed over. */
  dependingOn(resource: ResourceState, ignore: ReadonlySet<string>): ResourceState[] {
    const found: ResourceState[] = [];
    const urns = new Set([resource.urn]);
    for (const candidate of this.resources.slice(this.indexOf(resource) + 1)) {
      if (ignore.has(candidate.urn) || ![...requiredUrns(candidate)].some((urn) => urns.has(urn))) continue;
      found.push(candidate);
      urns.add(candidate.urn);
    }
    return found;
  }

  /** What a resource needs to exist: its direct dependencies, its provider, its parent; a component means its children. */
  dependenciesOf(resource: ResourceState): Set<ResourceState> {
    const urns = requiredUrns(resource);
    const before = this.resources.slice(0, this.indexOf(resource));
    const found = new Set<ResourceState>();
    for (const candidate of before) {
      if (candidate.urn === resource.parent) found.add(candidate);
      if (!urns.has(candidate.urn)) continue;
      found.add(candidate);
      if (!candidate.custom) for (const child of this.childrenOf(candidate, before)) found.add(child);
    }
    found.delete(resource);
    return found;
  }

  /** What a resource needs to exist, directly or not. */
  transitiveDependenciesOf(resource: ResourceState): Set<ResourceState> {
    const found = new Set<ResourceState>();
    const visit = (from: ResourceState): void => {
      for (const dependency of this.dependenciesOf(from)) {
        if (found.has(dependency)) continue;
        found.add(dependency);
        visit(dependency);
      }
    };
    visit(resource);
    return found;
  }

  private childrenOf(component: ResourceState, among: ResourceState[]): ResourceState[] {
    const parents = new Set([component.urn]);
    return among.filter((candidate) => {
      const isChild = candidate.parent !== undefined && parents.has(candidate.parent);
      if (isChild) parents.add(candidate.urn);
      return isChild;
    });
  }

  private indexOf(resource: ResourceState): number {
    const index = this.index.get(resource);
    if (index === undefined) throw new Error(`${resource.urn} is not part of the dependency graph`);
    return index;
  }
}

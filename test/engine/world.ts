import { DependencyGraph } from "./graph";
import type { ResourceState } from "./state";

/** The resources that an operation works on: those of the state, and those it has registered so far. */
export class World {
  /** What this operation has registered, by URN. */
  readonly news = new Map<string, ResourceState>();
  /** The resources of the state in order. */
  resources: ResourceState[] = [];
  /** The same by URN, without those that only wait for their delete. */
  olds = new Map<string, ResourceState>();
  /** The same by URN, all of them. */
  all = new Map<string, ResourceState[]>();
  /** Who depends on whom in the state. */
  graph = new DependencyGraph([]);

  constructor(resources: ResourceState[]) {
    this.rebase(resources);
  }

  /** Puts other resources, refreshed ones for instance, in the place of those of the state. */
  rebase(resources: ResourceState[]): void {
    this.resources = resources;
    this.graph = new DependencyGraph(resources);
    this.olds = new Map(resources.filter((resource) => !resource.delete).map((resource) => [resource.urn, resource]));
    this.all = new Map();
    for (const resource of resources) this.all.set(resource.urn, [...(this.all.get(resource.urn) ?? []), resource]);
  }

  /** Replaces resources by their refreshed states; what is gone is taken out, also of what refers to it. */
  applyRefresh(refreshed: Map<ResourceState, ResourceState | undefined>): void {
    const known = new Set<string>();
    const grandparents = new Map<string, string | undefined>();
    const resources: ResourceState[] = [];
    for (const old of this.resources) {
      const state = refreshed.has(old) ? refreshed.get(old) : old;
      if (state === undefined) {
        grandparents.set(old.urn, old.parent);
        continue;
      }
      const isKnown = (urn: string) => known.has(urn);
      state.dependencies = state.dependencies.filter(isKnown);
      state.propertyDependencies = Object.fromEntries(
        Object.entries(state.propertyDependencies)
          .map(([key, urns]) => [key, urns.filter(isKnown)] as const)
          .filter(([, urns]) => urns.length > 0),
      );
      if (state.deletedWith && !known.has(state.deletedWith)) delete state.deletedWith;
      while (state.parent !== undefined && !known.has(state.parent)) state.parent = grandparents.get(state.parent);
      resources.push(state);
      known.add(state.urn);
    }
    this.rebase(resources);
  }
}

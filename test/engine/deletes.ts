import { DependencyGraph } from "./graph";
import type { ResourceState } from "./state";
import type { Step } from "./step";
import type { World } from "./world";

/**
 * Orders deletes: groups that can run side by side, one group after the other, so that nothing is deleted before what
 * depends on it.
 */
export function scheduleDeletes(steps: Step[], world: World): Step[][] {
  const graph = new DependencyGraph(world.resources);
  const waiting = new Map(steps.map((step) => [step.res, step]));
  const groups: Step[][] = [];
  while (waiting.size > 0) {
    const free = [...waiting.values()].filter((step) => {
      const dependencies = graph.dependenciesOf(step.res);
      return ![...dependencies].some((dependency) => waiting.has(dependency));
    });
    if (free.length === 0) throw new Error("the state has resources that depend on each other in a circle");
    for (const step of free) waiting.delete(step.res);
    groups.push(free);
  }
  return groups.reverse();
}

/** What must stay because a resource that was not deleted needs it. */
export function neededBy(steps: Step[], world: World): Set<ResourceState> {
  const needed = new Set<ResourceState>();
  for (const step of steps) {
    for (const resource of [step.res, step.old]) {
      if (resource === undefined || !world.graph.has(resource)) continue;
      for (const dependency of world.graph.transitiveDependenciesOf(resource)) needed.add(dependency);
    }
  }
  return needed;
}

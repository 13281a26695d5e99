import type { GeneratorContext } from "./generator";
import { contains, parsePath } from "./paths";
import type { DiffResult } from "./provider";
import type { ResourceState } from "./state";
import { isProviderType, parseProvider } from "./urn";
import { type PropertyMap, UNKNOWN } from "./values";

/** The path by which `replaceOnChanges` names an initialisation that has failed. */
const INIT_ERROR = "#initerror";

/** Makes the differences that the program wants to be replacements such. */
export function applyReplaceOnChanges(diff: DiffResult, replaceOnChanges: string[], initErrors: boolean): DiffResult {
  if (!diff.changed && !initErrors) return diff;
  const paths = replaceOnChanges.map(parsePath);
  const matches = (path: (string | number)[]) => paths.some((wanted) => contains(wanted, path));
  const replaceKeys = new Set([...diff.replaceKeys, ...diff.changedKeys.filter((key) => matches([key]))]);
  const result = {
    ...diff,
    detailed: diff.detailed?.map((change) => (matches(change.path) ? { ...change, replace: true } : change)),
  };
  if (initErrors && matches([INIT_ERROR])) {
    replaceKeys.add(INIT_ERROR);
    result.changed = true;
  }
  return { ...result, replaceKeys: [...replaceKeys] };
}

/** A resource that has to go before another one can be replaced, and the properties that force it. */
export interface DependentReplacement {
  resource: ResourceState;
  keys: string[];
}

/**
 * What must be deleted before `root` is, because it cannot live through a replacement of `root`: dependents last to
 * first. A dependent is asked with `diff`, the inputs that come from something replaced being unknown.
 *
 * @param settled URNs this operation has dealt with; those cannot depend on `root` any more
 */
export async function dependentReplacements(
  context: GeneratorContext,
  root: ResourceState,
  settled: ReadonlySet<string>,
): Promise<DependentReplacement[]> {
  const { world } = context;
  const found: DependentReplacement[] = [];
  const replaced = new Set([root.urn]);
  for (const resource of world.graph.has(root) ? world.graph.dependingOn(root, settled) : []) {
    const keys = await replacementKeys(context, resource, replaced);
    if (keys === undefined) continue;
    found.push({ resource, keys });
    replaced.add(resource.urn);
  }
  for (const resource of [...world.news.values(), ...world.olds.values()]) {
    if (resource.deletedWith === root.urn && !replaced.has(resource.urn)) {
      found.push({ resource, keys: [] });
      replaced.add(resource.urn);
    }
  }
  return found.reverse();
}

/** The properties for which a resource must be replaced along with others; `undefined` when it need not be. */
async function replacementKeys(
  context: GeneratorContext,
  resource: ResourceState,
  replaced: ReadonlySet<string>,
): Promise<string[] | undefined> {
  if (!resource.custom || resource.external) return undefined;
  const { registry, world } = context;
  if (resource.provider && replaced.has(parseProvider(resource.provider).urn)) {
    registry.ensure(resource.provider, world.all);
    return [];
  }
  if (resource.deletedWith && replaced.has(resource.deletedWith)) return [];
  const affected = Object.keys(resource.inputs).filter((key) =>
    resource.propertyDependencies[key]?.some((urn) => replaced.has(urn)),
  );
  if (affected.length === 0) return undefined;
  const inputs: PropertyMap = { ...resource.inputs };
  for (const key of affected) inputs[key] = UNKNOWN;
  if (isProviderType(resource.type)) registry.same(resource);
  else registry.ensure(resource.provider, world.all);
  const hooks = isProviderType(resource.type) ? registry : registry.get(resource.provider ?? "");
  const ignoreChanges = resource.ignoreChanges ?? [];
  const diff = applyReplaceOnChanges(
    await hooks.diff(resource.urn, resource.id ?? "", resource, inputs, { unknowns: true, ignoreChanges }),
    resource.replaceOnChanges ?? [],
    false,
  );
  const replace = diff.replaceKeys.length > 0 || (diff.detailed ?? []).some((change) => change.replace);
  return replace ? diff.replaceKeys : undefined;
}

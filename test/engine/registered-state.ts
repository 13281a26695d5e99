import type { Goal } from "./goal";
import type { CheckFailure } from "./provider";
import type { ResourceState } from "./state";
import { isObject, type PropertyMap, Secret, Unknown, type Value } from "./values";

/** The state to be of a resource that was registered; its outputs, its id and its times come with its step. */
export function newState(
  urn: string,
  goal: Goal,
  old: ResourceState | undefined,
  alias: string | undefined,
): ResourceState {
  return {
    urn,
    type: goal.type,
    custom: goal.custom,
    inputs: goal.inputs,
    outputs: {},
    parent: goal.parent || undefined,
    protect: goal.protect,
    dependencies: goal.dependencies,
    provider: goal.provider || undefined,
    propertyDependencies: goal.propertyDependencies,
    additionalSecretOutputs: goal.additionalSecretOutputs,
    aliases: alias === undefined ? undefined : [alias],
    customTimeouts: goal.customTimeouts,
    retainOnDelete: goal.retainOnDelete,
    deletedWith: goal.deletedWith || undefined,
    created: old?.created,
    modified: old?.modified,
    ...goal.position,
    ignoreChanges: goal.ignoreChanges,
    replaceOnChanges: goal.replaceOnChanges,
  };
}

/** How a check failure is told: by the property and its value, secrets included, so providers must not name those. */
export function describeFailure(state: ResourceState, failure: CheckFailure, inputs: PropertyMap): string {
  const name = state.urn.split("::").slice(3).join("::");
  if (failure.property === "") return `${state.type} resource '${name}' has a problem: ${failure.reason}`;
  const value = describeValue(inputs[failure.property] ?? null);
  return `${state.type} resource '${name}': property ${failure.property} value ${value} has a problem: ${failure.reason}`;
}

/** A value as the real engine prints it in a check failure: secrets included, so providers must not name those. */
function describeValue(value: Value): string {
  if (value instanceof Secret) return `{&{${describeValue(value.value)}}}`;
  if (value instanceof Unknown) return "{{{}}}";
  if (Array.isArray(value)) return `{[${value.map(describeValue).join(" ")}]}`;
  if (!isObject(value)) return `{${value ?? "<nil>"}}`;
  const entries = Object.keys(value).sort();
  return `{map[${entries.map((key) => `${key}:${describeValue(value[key] as Value)}`).join(" ")}]}`;
}

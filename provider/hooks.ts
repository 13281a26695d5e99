/** The registry of hooks: what the provider text in every state names. */

import { commandType } from "./command/definition";
import { CommandHooks } from "./command/hooks";
import type { Hooks } from "./configured-hooks";
import { DiscreetHooks } from "./discreet-hooks";
import { lookups } from "./lookups";
import { LookupHooks } from "./lookups/lookup-hooks";
import { objectTypes } from "./objects";
import { TypeHooks } from "./type-hooks";

/** How the hooks of each resource type are made. */
const makers: ReadonlyMap<string, () => Hooks> = new Map([
  ...[...objectTypes.values()].map((type): [string, () => Hooks] => [type.type, () => new TypeHooks(type)]),
  [commandType.type, () => new CommandHooks()],
  ...[...lookups.values()].map((lookup): [string, () => Hooks] => [lookup.name, () => new LookupHooks(lookup)]),
]);

/** Every name that a provider text may have in it. */
export const hookedTypes: readonly string[] = [...makers.keys()];

/** The hooks for a resource type; what the frozen provider text in every state calls. */
export function hooks(typeName: string): Hooks {
  const make = makers.get(typeName);
  if (make === undefined) {
    throw new Error(
      `this version of pulumi-pgmob does not know the type ${typeName}: install the one that created it, or newer`,
    );
  }
  return new DiscreetHooks(make());
}

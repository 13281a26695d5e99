/** The hooks of the host, over a cluster that the test closes. */

import type { Cluster } from "../../provider";
import { CommandHooks } from "../../provider/command/hooks";
import type { ConfiguredHooks } from "../../provider/configured-hooks";
import type { Values } from "../../provider/definition";
import { Host } from "../../provider/host";
import { lookups } from "../../provider/lookups";
import { LookupHooks } from "../../provider/lookups/lookup-hooks";
import { objectTypes } from "../../provider/objects";
import { TypeHooks } from "../../provider/type-hooks";

/** A resource as the engine has it: its id, and the outputs of its state. */
export interface Resource {
  readonly type: string;
  readonly id: string;
  readonly outputs: Values;
}

/** The same hooks, over a host that is there already. */
function over<H extends ConfiguredHooks>(hooks: H, host: Host): H {
  return Object.defineProperty(hooks, "host", { value: async () => host });
}

/** The hooks of a type, over a host that is there already. */
export function hooksOver(type: string, host: Host): TypeHooks {
  return over(new TypeHooks(objectTypes.get(type)!), host);
}

/** The hooks of commands, over a host that is there already. */
export function commandHooksOver(host: Host): CommandHooks {
  return over(new CommandHooks(), host);
}

/** The hooks of a lookup, over a host that is there already. */
export function lookupHooksOver(lookup: string, host: Host): LookupHooks {
  return over(new LookupHooks(lookups.get(lookup)!), host);
}

/** What an engine does with resources, through the hooks of their types. */
export class Engine {
  private readonly host: Host;

  constructor(cluster: Cluster) {
    this.host = Host.over(cluster);
  }

  async create(type: string, inputs: Values): Promise<Resource> {
    const { id, outs } = await this.hooks(type).create(inputs);
    return { type, id, outputs: outs };
  }

  async read({ type, id, outputs }: Resource): Promise<Values | undefined> {
    return (await this.hooks(type).read(id, outputs)).inputs;
  }

  async update({ type, id, outputs }: Resource, inputs: Values): Promise<Resource> {
    const { outs } = await this.hooks(type).update(id, outputs, inputs);
    return { type, id, outputs: outs };
  }

  async delete({ type, id, outputs }: Resource): Promise<void> {
    await this.hooks(type).delete(id, outputs);
  }

  private hooks(type: string): TypeHooks {
    return hooksOver(type, this.host);
  }
}

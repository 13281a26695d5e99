/** The hooks of a type over a cluster, called as an engine calls them, without one between: what is in state, and what changes. */

import assert from "node:assert/strict";
import type { Cluster } from "../../provider";
import type { Values } from "../../provider/definition";
import { Host } from "../../provider/host";
import type { TypeHooks } from "../../provider/type-hooks";
import { hooksOver } from "./through-hooks";

/** One resource of a stack. */
export class Deployed {
  /** The outputs in state; undefined for what is not there. */
  state: Values | undefined;
  private id = "";
  private inputs: Values = {};
  private readonly hooks: TypeHooks;

  constructor(
    cluster: Cluster,
    private readonly type: string,
  ) {
    this.hooks = hooksOver(type, Host.over(cluster));
  }

  /** The same resource, reached in another way. */
  over(cluster: Cluster): Deployed {
    const other = new Deployed(cluster, this.type);
    [other.id, other.state, other.inputs] = [this.id, this.state, this.inputs];
    return other;
  }

  /** `pulumi up` with these inputs. Returns what was done. */
  async up(inputs: Values): Promise<"create" | "update" | "same" | "replace"> {
    const { failures } = await this.hooks.check(this.inputs, inputs);
    assert.deepEqual(failures, []);
    if (this.state !== undefined) {
      const { changes, replaces } = await this.hooks.diff(this.id, this.state, inputs);
      if (changes === false || replaces.length === 0) {
        if (changes !== false) this.state = (await this.hooks.update(this.id, this.state, inputs)).outs;
        this.inputs = inputs;
        return changes === false ? "same" : "update";
      }
      await this.hooks.delete(this.id, this.state);
    }
    const done = this.state === undefined ? "create" : "replace";
    const { id, outs } = await this.hooks.create(inputs);
    [this.id, this.state, this.inputs] = [id, outs, inputs];
    return done;
  }

  /** `pulumi refresh`. Returns the inputs that are others than before, as the server has them; undefined when it is gone. */
  async drift(): Promise<Values | undefined> {
    const { props, inputs } = await this.hooks.read(this.id, this.state ?? {});
    this.state = props;
    if (props === undefined || inputs === undefined) return undefined;
    const known = JSON.stringify;
    const changed = Object.entries(inputs).filter(([name, value]) => known(value) !== known(this.inputs[name]));
    return Object.fromEntries(changed);
  }

  /** `Type.get(name, id)`. Returns the outputs. */
  async lookUp(id: string): Promise<Values> {
    return (await this.hooks.read(id, {})).props ?? {};
  }

  /** `pulumi destroy`. */
  async destroy(): Promise<void> {
    await this.hooks.delete(this.id, this.state ?? {});
    this.state = undefined;
  }
}

import assert from "node:assert/strict";
import { onEveryStack, uniqueName } from "./stack";

const COUNT = 20;

/** The bytes of a state, as Pulumi writes it, per resource of a type. */
function bytesPer(resources: { type: string }[], type: string): number {
  const of = resources.filter((resource) => resource.type === type);
  assert.equal(of.length, COUNT);
  return JSON.stringify(of, null, 4).length / COUNT;
}

onEveryStack(
  "a role takes at most 200 bytes of state more than a dynamic resource that does nothing",
  async (stack) => {
    const name = uniqueName("size");
    const { host, port } = stack.server;
    await stack.workspace.program(`
    const pulumi = require("@pulumi/pulumi");
    const pgmob = require("pulumi-pgmob");
    // The least that a dynamic resource can be: hooks that do nothing, under a text as short as ours.
    class Nothing extends pulumi.CustomResource {
      constructor(n, args) {
        const text = 'exports.handler=()=>({create:async(inputs)=>({id:inputs.name,outs:inputs})})';
        super("pulumi-nodejs:dynamic/test:Nope", n, { ...args, __provider: text }, { additionalSecretOutputs: ["password"] });
      }
    }
    const provider = new pgmob.Provider("one", ${JSON.stringify({ host, port, user: stack.role.name, password: stack.role.password })});
    for (let i = 10; i < ${10 + COUNT}; i++) {
      const args = { name: "${name}_" + i, password: "a password", login: true };
      new pgmob.Role("r" + i, args, { provider });
      new Nothing("n" + i, { ...args, password: pulumi.secret(args.password) });
    }`);
    const { exitCode, output } = await stack.workspace.up();
    assert.equal(exitCode, 0, output);
    const { deployment } = await stack.workspace.export();
    const resources = deployment.resources ?? [];
    const role = bytesPer(resources, "pulumi-nodejs:dynamic/pgmob:Role");
    const nothing = bytesPer(resources, "pulumi-nodejs:dynamic/test:Nope");
    assert.ok(role - nothing <= 200, `a role takes ${role} bytes, one that does nothing ${nothing}`);
    await stack.destroy();
  },
);

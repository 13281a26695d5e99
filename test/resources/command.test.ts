import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { Command, type CommandArgs, Database } from "../../resources";
import { providerText } from "../../resources/base";
import { UNKNOWN } from "../provider/samples";
import { type Request, register, secret, settled } from "./register";

const CREATE = { sql: "SELECT 1" };
const text = providerText("Command");

async function one(args: CommandArgs, options?: pulumi.CustomResourceOptions, preview = false) {
  const { resources, requests } = await register(() => [new Command("seed", args, options)], { preview });
  assert.equal(requests.length, 1);
  return { command: resources[0] as Command, request: requests[0] as Request };
}

/** What the SDK itself takes for a value that is not known yet. */
const unknown = () =>
  pulumi.output(Promise.resolve((pulumi as unknown as { unknown: unknown }).unknown)) as pulumi.Output<string>;

describe("Command", () => {
  it("is registered with what is declared and the resource's name, and nothing else", async () => {
    const { request } = await one({ create: CREATE, delete: { shell: "true" }, update: null });
    assert.equal(request.type, "pulumi-nodejs:dynamic/pgmob:Command");
    const declared = { create: CREATE, delete: { shell: "true" }, update: null };
    assert.deepEqual(request.properties, { ...declared, name: "seed", __provider: text });
    assert.deepEqual(request.secretOutputs, []);
  });

  it("has every attribute and every result as an Output", async () => {
    const { command } = await one({ create: CREATE });
    const names = [
      "create",
      "update",
      "delete",
      "triggers",
      "database",
      "rows",
      "rowCount",
      "stdout",
      "stderr",
      "exitCode",
    ];
    for (const name of names)
      assert.ok(pulumi.Output.isInstance((command as unknown as Record<string, unknown>)[name]), name);
    assert.equal(await settled(command.update), undefined);
  });

  it("goes with its database, when that is a Database", async () => {
    const { requests } = await register(() => {
      const shop = new Database("shop", { dropNonEmpty: true });
      return [shop, new Command("seed", { database: shop, create: CREATE })];
    });
    const request = requests.find(({ name }) => name === "seed");
    assert.equal(request?.properties.database, "shop");
    assert.match(request?.deletedWith ?? "", /pgmob:Database::shop$/);
  });

  it("takes bigints anywhere, and leaves the arguments as they are", async () => {
    const args = Object.freeze({
      create: Object.freeze({ sql: "SELECT $1, $2", parameters: Object.freeze([2n ** 62n, [1n, 2]]) as never }),
      triggers: [5n, pulumi.output({ a: 6n })],
    });
    const { request } = await one(args);
    assert.deepEqual(request.properties.create, { sql: "SELECT $1, $2", parameters: [String(2n ** 62n), ["1", 2]] });
    assert.deepEqual(request.properties.triggers, ["5", { a: "6" }]);
  });

  describe("says whether something of it is secret, so that no message shows it", () => {
    const hidden = pulumi.secret("x");
    const table: [
      what: string,
      args: CommandArgs,
      options: pulumi.CustomResourceOptions | undefined,
      said: true | undefined,
    ][] = [
      ["nothing", { create: { sql: pulumi.output("SELECT 1") } }, undefined, undefined],
      ["a whole step", { create: pulumi.secret(CREATE) }, undefined, true],
      ["its text", { create: CREATE, delete: { sql: hidden } }, undefined, true],
      ["a parameter", { create: { sql: "SELECT $1", parameters: [hidden] } }, undefined, true],
      ["a name", { create: { sql: "DROP TABLE $1", parameters: [{ identifier: ["s", hidden] }] } }, undefined, true],
      ["what a shell reads", { update: { shell: "cat", stdin: hidden } }, undefined, true],
      ["a variable", { update: { shell: "cat", environment: { A: hidden } } }, undefined, true],
      ["a result", { create: CREATE }, { additionalSecretOutputs: ["stdout"] }, true],
      ["a trigger alone", { create: CREATE, triggers: [hidden] }, undefined, undefined],
      ["another output alone", { create: CREATE }, { additionalSecretOutputs: ["triggers"] }, undefined],
    ];
    for (const [what, args, options, said] of table) {
      it(what, async () => assert.equal((await one(args, options)).request.properties.secret, said));
    }
  });

  it("keeps secrets secret, and what is not known yet unknown", async () => {
    const { request } = await one({ create: { sql: "SELECT $1", parameters: [pulumi.secret("x")] } });
    assert.deepEqual(request.properties.create, { sql: "SELECT $1", parameters: [secret("x")] });
    const preview = await one(
      { create: { sql: "SELECT $1", parameters: [unknown()] }, triggers: [unknown()] },
      undefined,
      true,
    );
    const { secret: said, ...properties } = preview.request.properties;
    assert.equal(said, undefined);
    assert.deepEqual(properties, {
      ...{ name: "seed", create: { sql: "SELECT $1", parameters: [UNKNOWN] }, triggers: [UNKNOWN] },
      __provider: text,
    });
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { SETTING_NAMES } from "../../provider/settings";
import { Provider, type ProviderArgs } from "../../resources";
import { UNKNOWN } from "../provider/samples";
import { register, secret } from "./register";

async function inputs(args?: ProviderArgs, preview = false): Promise<Record<string, unknown>> {
  const { requests } = await register(() => [new Provider("prod", args)], { preview });
  assert.equal(requests[0]?.type, "pulumi:providers:pulumi-nodejs");
  return requests[0]?.properties ?? {};
}

describe("Provider", () => {
  it("needs no arguments", async () => {
    assert.deepEqual(await inputs(), {});
    assert.deepEqual(await inputs({ host: undefined }), {});
  });

  it("passes every setting on as text under pgmob:", async () => {
    const args = Object.fromEntries(SETTING_NAMES.map((name) => [name, `value of ${name}`])) as unknown as ProviderArgs;
    const found = await inputs(args);
    for (const name of SETTING_NAMES) {
      const text = `value of ${name}`;
      const hidden = ["password", "url", "sslKey"].includes(name);
      assert.deepEqual(found[`pgmob:${name}`], hidden ? secret(text) : text);
    }
    assert.equal(Object.keys(found).length, SETTING_NAMES.length);
  });

  it("makes text of numbers and Outputs, and keeps their secrets", async () => {
    const args = {
      port: 5432,
      maxConnections: pulumi.output(3),
      lockTimeout: 0,
      host: Promise.resolve("h"),
      user: pulumi.secret("u"),
      password: pulumi.secret("p"),
    };
    assert.deepEqual(await inputs(args), {
      "pgmob:port": "5432",
      "pgmob:maxConnections": "3",
      "pgmob:lockTimeout": "0",
      "pgmob:host": "h",
      "pgmob:user": secret("u"),
      "pgmob:password": secret("p"),
    });
  });

  it("takes an Output without a value for not set", async () => {
    const nothing = pulumi.output(undefined as unknown as string);
    assert.deepEqual(await inputs({ become: nothing }), { "pgmob:become": "" });
  });

  it("passes unknown values on in preview: the server may be created by the same program", async () => {
    const unknown = pulumi.output((pulumi as unknown as { unknown: string }).unknown);
    const { "pgmob:password": password, ...rest } = await inputs(
      { host: unknown, port: unknown, password: unknown },
      true,
    );
    assert.deepEqual(rest, { "pgmob:host": UNKNOWN, "pgmob:port": UNKNOWN });
    // Older SDKs do not mark what is not known yet as secret; there is nothing to hide.
    assert.deepEqual(password, password === UNKNOWN ? UNKNOWN : secret(UNKNOWN));
  });

  it("leaves the arguments as they are", async () => {
    const args = Object.freeze({ port: 5432, password: "p" });
    await register(() => [new Provider("one", args), new Provider("two", args)]);
    assert.deepEqual(args, { port: 5432, password: "p" });
  });
});

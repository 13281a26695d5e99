import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { objectTypes } from "../../provider/objects";
import * as pgmob from "../../resources";
import { providerText, registration } from "../../resources/base";
import { UNKNOWN } from "../provider/samples";
import { type Request, register, settled } from "./register";

type Args = Record<string, unknown>;
type Class = {
  readonly __pulumiType?: string;
  new (name: string, args?: Args, options?: pulumi.CustomResourceOptions): pulumi.CustomResource;
  get(name: string, id: pulumi.Input<pulumi.ID>, options?: pulumi.CustomResourceOptions): pulumi.CustomResource;
};

/** The class of every type; which ones there are is for test/guards.test.ts to compare. */
const CLASSES = {
  Role: pgmob.Role,
  Database: pgmob.Database,
  Schema: pgmob.Schema,
  Sequence: pgmob.Sequence,
  ReplicationSlot: pgmob.ReplicationSlot,
  HbaRule: pgmob.HbaRule,
  Table: pgmob.Table,
  View: pgmob.View,
  Routine: pgmob.Routine,
  LargeObject: pgmob.LargeObject,
  Ownership: pgmob.Ownership,
} as Record<string, unknown>;

type Outputs = Record<string, pulumi.Output<unknown>>;

interface Computed {
  readonly computed: readonly [string, ...string[]];
  /** The value of the first of them, as register.ts has it. */
  readonly found: unknown;
}

const SHOWN = ["returns", "language", "volatility", "parallel", "strict", "leakproof"];

const MOVING = ["activePid", "restartLsn", "confirmedFlushLsn", "walStatus", "safeWalSize", "invalidationReason"];

/** What a resource shows beside what is declared, where it is not the oid. */
const COMPUTED: Readonly<Record<string, Computed>> = {
  ReplicationSlot: { computed: ["active", ...MOVING], found: true },
  HbaRule: { computed: ["inPlace"], found: true },
  Table: { computed: ["oid", "kind"], found: 16384 },
  View: { computed: ["oid", "kind", "definitionHash"], found: 16384 },
  Ownership: { computed: ["notOwned"], found: {} },
  Routine: { computed: ["oid", "argumentTypes", "kind", ...SHOWN, "definitionHash"], found: 16384 },
};

/** What must be given of an object that is not called like its resource. */
const REQUIRED: Readonly<Record<string, Args>> = { LargeObject: { oid: 16384 }, Ownership: { owner: "o" } };

for (const type of objectTypes.values()) {
  const { computed, found } = COMPUTED[type.type] ?? { computed: ["oid"], found: 16384 };
  const Resource = CLASSES[type.type] as Class;
  const required = REQUIRED[type.type];
  const least = required ?? { name: "res" };
  // Two attributes that are declared or not.
  const [some, more] = Object.keys(type.fields)
    .filter((name) => !type.key.includes(name) && !type.fields[name]?.hidden)
    .reverse() as [string, string];
  const one = async (args?: Args, options?: pulumi.CustomResourceOptions, preview = false) => {
    const given = required === undefined ? args : { ...required, ...args };
    const { resources, requests } = await register(() => [new Resource("res", given, options)], { preview });
    assert.equal(requests.length, 1);
    return { resource: resources[0] as pulumi.CustomResource, request: requests[0] as Request };
  };
  const text = providerText(type.type);

  describe(type.type, () => {
    it("is called like the resource, and holds nothing that is not declared", async () => {
      for (const args of [undefined, {}, { [some]: undefined, [more]: undefined }]) {
        const { request } = await one(args);
        assert.equal(request.type, `pulumi-nodejs:dynamic/pgmob:${type.type}`);
        assert.equal(Resource.__pulumiType, request.type, "policies would not know it");
        assert.deepEqual(request.properties, { ...least, __provider: text });
      }
    });

    it("passes declared values on, null too", async () => {
      const args = { ...(required ?? { name: "other" }), [some]: "x", [more]: null };
      const { request, resource } = await one(args);
      assert.deepEqual(request.properties, { ...args, __provider: text });
      assert.equal(await settled((resource as unknown as Outputs)[some]!), "x");
    });

    it("leaves the arguments as they are, so that they can be used again", async () => {
      const args = Object.freeze({ ...required, [some]: "x", [more]: undefined });
      const { requests } = await register(() => [new Resource("one", args), new Resource("two", args)]);
      assert.deepEqual(
        requests.map(({ properties }) => properties.name),
        required === undefined ? ["one", "two"] : [undefined, undefined],
      );
      assert.deepEqual(args, { ...required, [some]: "x", [more]: undefined });
    });

    it("has every attribute and what is computed as an Output, declared or not", async () => {
      const { resource } = await one();
      const outputs = resource as unknown as Outputs;
      const attributes = Object.keys(type.fields).filter((name) => !type.fields[name]?.hidden);
      for (const name of [...attributes, ...computed]) assert.ok(pulumi.Output.isInstance(outputs[name]), name);
      const declared = attributes.filter((name) => !(computed as readonly string[]).includes(name));
      for (const name of declared) assert.equal(await settled(outputs[name]!), least[name]);
      const made = Object.entries(resource).flatMap(([key, value]) => (pulumi.Output.isInstance(value) ? [key] : []));
      // Each one that the SDK makes up front costs time in every preview.
      const expected = new Set([...Object.keys(least), ...computed, "id", "urn", "__provider"]);
      assert.deepEqual(made.sort(), [...expected].sort());
      assert.deepEqual(await settled((resource as unknown as Outputs)[computed[0]]!), found);
    });

    it("passes unknown values on in preview", async () => {
      const { resources, requests } = await register(
        () => {
          const unknown = pulumi.output(Promise.resolve(UNKNOWN_VALUE)) as pulumi.Output<string>;
          return [new Resource("res", { ...least, [some]: unknown, [more]: unknown })];
        },
        { preview: true },
      );
      assert.equal(resources.length, 1);
      assert.deepEqual(requests[0]?.properties, { ...least, [some]: UNKNOWN, [more]: UNKNOWN, __provider: text });
    });

    it("keeps the secrets of arguments, and names what is secret by nature", async () => {
      const secrets = Object.entries(type.fields).flatMap(([name, field]) => (field.secret ? [name] : []));
      const { request } = await one({}, { additionalSecretOutputs: ["some"] });
      assert.deepEqual(request.secretOutputs.sort(), ["some", ...secrets].sort());
    });

    // An ownership is nothing that could be looked up.
    if (type.type === "Ownership") {
      it("has no get", () => assert.ok(!("get" in Resource)));
      return;
    }

    it("get looks up by id, without any input", async () => {
      const { requests, resources } = await register(() => [Resource.get("res", "a%2Fb")]);
      const [request] = requests;
      assert.deepEqual([request?.kind, request?.id], ["read", "a%2Fb"]);
      assert.deepEqual(request?.properties, { __provider: text });
      assert.equal(await settled((resources[0] as pulumi.CustomResource).id), "a%2Fb");
      assert.equal(await settled((resources[0] as unknown as Outputs)[computed[0]]!), found);
    });

    it("is deleted before it is replaced, whoever asks for that, unless the program says otherwise", async () => {
      assert.equal((await one()).request.deleteBeforeReplace, true);
      assert.equal((await one({}, { deleteBeforeReplace: false })).request.deleteBeforeReplace, false);
    });

    it("passes options on: the Provider, for one", async () => {
      const { requests } = await register(() => {
        const provider = new pgmob.Provider("p", { host: "h" });
        return [provider, new Resource("res", { ...required }, { provider }), Resource.get("got", "x", { provider })];
      });
      for (const request of requests.slice(1))
        assert.match(request.provider, /::pulumi:providers:pulumi-nodejs::p::id-of-p$/);
    });
  });
}

describe("registration", () => {
  const attributes = { some: undefined, more: undefined };
  const namesOf = (options: pulumi.CustomResourceOptions) =>
    Object.keys(registration({ type: "Thing", attributes, computed: {} }, "res", { some: 1 }, options)[2]).sort();

  it("says what to do instead of the option `import`", () => {
    assert.throws(
      () => namesOf({ import: "res" }),
      (error: Error) => {
        assert.ok(pulumi.RunError.isInstance(error), "the program's stack would be shown");
        assert.match(error.message, /^Thing "res": the option `import` is not possible .* Set adopt: true/);
        return true;
      },
    );
  });

  it("tells the SDK of attributes that are not declared where a transform may add them", () => {
    assert.deepEqual(namesOf({ transforms: [() => undefined] }), ["__provider", "more", "name", "some"]);
    assert.deepEqual(namesOf({ transforms: [] }), ["__provider", "name", "some"]);
  });
});

/** What the SDK itself takes for a value that is not known yet. */
const UNKNOWN_VALUE = (pulumi as unknown as { unknown: unknown }).unknown;

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { SECRET_OPTIONS } from "../../provider/hba/methods";
import { HbaRule, type HbaRuleArgs } from "../../resources";
import { type Request, register, secret } from "./register";

const PLACE = { allowLockout: true, adopt: true, dropOnDelete: false };
const ALL: HbaRuleArgs[] = [
  {
    ...{ type: "host", name: "app", databases: ["shop", { regex: "^s" }], users: ["app", { group: "ops" }] },
    ...{ address: "10.0.0.0", netmask: "255.0.0.0", method: "ldap", options: { ldapserver: "a" }, comment: "c" },
    ...{ order: 5, ...PLACE },
  },
  { type: "local", databases: ["all"], users: ["all"], method: "peer", address: null, before: "x", after: null },
];

/** What the engine gets of rules. */
async function requests(build: () => pulumi.Resource[]): Promise<Request[]> {
  return (await register(build)).requests;
}

/** A rule of ldap with options. */
const ldap = (options: HbaRuleArgs["options"]): HbaRuleArgs => ({
  ...{ type: "host", databases: ["all"], users: ["all"], address: "all", method: "ldap" },
  options,
});

for (const args of ALL) {
  it(`HbaRule: a ${args.type} rule passes every attribute on`, async () => {
    const [request] = await requests(() => [new HbaRule("app", args)]);
    const { __provider, ...inputs } = request?.properties ?? {};
    assert.deepEqual(inputs, { name: "app", ...args });
  });
}

it("another HbaRule gives its name", async () => {
  const rest = { databases: ["all"], users: ["all"], method: "peer" };
  const found = await requests(() => {
    const first = new HbaRule("first", { type: "local", name: "1st", ...rest });
    const args = Object.freeze({ type: "local" as const, ...rest, after: first });
    return [first, new HbaRule("second", args), new HbaRule("third", { ...args, after: null, before: first })];
  });
  const second = found.find(({ name }) => name === "second")?.properties;
  const third = found.find(({ name }) => name === "third")?.properties;
  assert.deepEqual([second?.after, second?.before, third?.after, third?.before], ["1st", undefined, null, "1st"]);
});

describe("options that hold a secret are secret as a whole", () => {
  const table: [what: string, options: () => HbaRuleArgs["options"], kept: boolean][] = [
    ["none", () => null, false],
    ["plain ones", () => ({ ldapserver: "a" }), false],
    ["plain ones inside an Output", () => pulumi.output({ ldapserver: "a" }), false],
    ["a plain one that is an Output", () => ({ ldapserver: pulumi.output("a") }), false],
    ...SECRET_OPTIONS.flatMap((name): [string, () => HbaRuleArgs["options"], boolean][] => [
      [name, () => ({ ldapserver: "a", [name]: "x" }), true],
      [`${name} inside an Output`, () => pulumi.output({ [name]: "x" }), true],
      [`${name} inside a promise`, () => Promise.resolve({ [name]: "x" }), true],
    ]),
    ["what the program marks", () => pulumi.secret({ ldapserver: "a" }), true],
  ];
  for (const [what, options, kept] of table) {
    it(what, async () => {
      const [request] = await requests(() => [new HbaRule("app", ldap(options()))]);
      const found = request?.properties.options as { value?: unknown } | null;
      if (kept) assert.deepEqual(found, secret(found?.value));
      else assert.ok(found === null || !("value" in found), JSON.stringify(found));
    });
  }
});

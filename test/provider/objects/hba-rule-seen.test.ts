import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Cluster } from "../../../provider";
import { checkInputs } from "../../../provider/check";
import type { Observed, Values } from "../../../provider/definition";
import { ConnectionError, InvalidValueError, PermissionError } from "../../../provider/errors";
import { desiredValues, differences, seenValues } from "../../../provider/fields";
import type { HbaRule } from "../../../provider/hba/types";
import { hbaRuleType } from "../../../provider/objects/hba-rule";
import { toObserved } from "../../../provider/objects/hba-rule-statements";
import { fullState, stateOf } from "../../../provider/state";
import { UNKNOWN } from "../samples";
import { declared, found, RULE } from "./hba-rule-samples";

describe("what is seen", () => {
  const table: [what: string, observed: Observed, news: Values, different: string[]][] = [
    ["all the same", found(), declared, []],
    ["a network in other words", found({ address: "10.0.0.0", netmask: "255.0.0.0" }), declared, []],
    ["and the other way round", found(), { ...declared, address: "10.0.0.0", netmask: "255.0.0.0" }, []],
    ["another mask", found({ address: "10.0.0.0", netmask: "255.255.0.0" }), declared, ["address"]],
    [
      "another network",
      found({ address: "11.0.0.0/8" }),
      { ...declared, address: "10.0.0.0", netmask: "255.0.0.0" },
      ["address", "netmask"],
    ],
    ["order 0 is no order", found(), { ...declared, order: null }, []],
    ["another order is not", found({}, { place: { order: 5 } }), { ...declared, order: null }, ["order"]],
    ["no order is not the order 0", found({}, { place: {} }), { ...declared, order: 0 }, ["order"]],
    [
      "a secret as declared",
      found({ options: { ldapbindpasswd: "a" } }),
      { ...declared, options: { ldapbindpasswd: "a" } },
      [],
    ],
    [
      "another secret",
      found({ options: { ldapbindpasswd: "b" } }),
      { ...declared, options: { ldapbindpasswd: "a" } },
      ["options"],
    ],
    [
      "nothing of a line that cannot be read",
      toObserved({ name: "x", rule: undefined, place: { order: 0 }, inPlace: true, line: 1 }),
      declared,
      ["type", "databases", "users", "address", "method"],
    ],
  ];
  for (const [what, observed, news, different] of table) {
    it(what, () => {
      const names = differences(hbaRuleType, observed, desiredValues(hbaRuleType, news, {}));
      assert.deepEqual([...names].sort(), [...different].sort());
    });
  }

  it("another mask is shown beside the address", () => {
    const seen = seenValues(hbaRuleType, found({ address: "10.0.0.0", netmask: "255.255.0.0" }), declared);
    assert.equal(seen.address, "10.0.0.0 255.255.0.0");
  });

  it("secrets are in no state but as declared", async () => {
    const observed = found({
      method: "ldap",
      options: { ldapserver: "a", ldapbindpasswd: "s3cret", radiussecrets: "s3cret" },
    });
    const book = { systemIdentifier: "7" };
    assert.deepEqual(fullState(hbaRuleType, observed, book).options, {
      ldapserver: "a",
      ldapbindpasswd: "[secret]",
      radiussecrets: "[secret]",
    });
    const options = { ldapserver: "a", ldapbindpasswd: "old" };
    const state = await stateOf(hbaRuleType, observed, { ...declared, options }, book);
    assert.doesNotMatch(JSON.stringify(state), /s3cret/);
    const kept = { ldapserver: "a", ldapbindpasswd: "s3cret", radiussecrets: "s3cret" };
    assert.deepEqual((await stateOf(hbaRuleType, observed, { ...declared, options: kept }, book)).inputs.options, kept);
  });

  it("a rule away from its place is amiss", async () => {
    const moved = await stateOf(hbaRuleType, found({}, { inPlace: false }), declared, { systemIdentifier: "7" });
    assert.deepEqual([moved.inputs.inPlace, moved.outputs.inPlace], [false, false]);
    const well = await stateOf(hbaRuleType, found(), { ...declared, inPlace: false }, { systemIdentifier: "7" });
    assert.deepEqual([well.inputs.inPlace, well.outputs.inPlace], [undefined, true]);
  });
});

describe("check", () => {
  const table: [what: string, values: Values, failures: string[]][] = [
    ["a whole rule", {}, []],
    ["what must be given", { type: UNKNOWN, method: undefined as never }, ["method: is missing"]],
    [
      "no empty lists",
      { users: [], databases: [] },
      [
        'databases: must not be empty: "all" stands for all of them',
        'users: must not be empty: "all" stands for all of them',
      ],
    ],
    [
      "a keyword of databases among users",
      { users: ["sameuser"] },
      ['users: "sameuser" is a keyword, but not of users: for what is called so write { name: "sameuser" }'],
    ],
    [
      "bits of a host",
      { address: "10.1.0.0/8" },
      [
        "address: is one address with the length of a network: write 10.0.0.0/8 for the network, or 10.1.0.0/32 for the address",
      ],
    ],
    ["no address", { address: null }, ["address: is missing, which connections of type host need"]],
    ["an address of the socket", { type: "local" }, ["address: is not for connections of type local"]],
    ["two places", { order: 1, after: "y" }, ["after: cannot be given together with order"]],
    ["beside itself", { before: "x" }, ["before: must be the name of another rule"]],
    ["a method for others", { method: "cert" }, ["method: cert is not for connections of type host"]],
    [
      "an option for others, without its value",
      { options: { ldapbindpasswd: "s3cret" } },
      [": options ldapbindpasswd is no option of scram-sha-256, but of ldap"],
    ],
    ["options that are not known yet", { options: UNKNOWN }, []],
  ];
  for (const [what, values, expected] of table) {
    it(what, () => {
      const failures = checkInputs(hbaRuleType, {}, { ...declared, ...values });
      assert.deepEqual(
        failures.map(({ property, reason }) => `${property}: ${reason}`),
        expected,
      );
    });
  }
});

describe("versions", () => {
  const { databases, users, method } = hbaRuleType.fields;
  const versions = (field: typeof users, value: unknown) =>
    (field?.since ?? []).filter(({ only }) => only?.(value as never)).map(({ version, what }) => `${what}: ${version}`);
  it("regular expressions, and names with an end of line, are known from 16 on", () => {
    for (const field of [databases, users]) {
      assert.deepEqual(versions(field, ["a", { name: "all" }, { file: "f" }]), []);
      assert.deepEqual(versions(field, ["a", { regex: "x" }]), ["a regex: 16"]);
      assert.deepEqual(versions(field, ["a\nb"]), ["a name with an end of line: 16"]);
    }
  });
  it("oauth from 18 on", () => {
    assert.deepEqual(versions(method, "oauth"), ["oauth: 18"]);
    assert.deepEqual(versions(method, "trust"), []);
  });
});

describe("source", () => {
  const clusterWith = (managed: object) => ({ hbaRules: { managed } }) as unknown as Cluster;
  const { source } = hbaRuleType;

  it("shows rules in the order of the keys", async () => {
    const observe = async (name: string) =>
      name === "gone" ? undefined : { name, rule: RULE, place: { order: 1 }, inPlace: false, line: 9 };
    const all = await source.observe(
      clusterWith({ observe }),
      ["b", "gone", "a"].map((name) => ({ path: [name] })),
    );
    assert.deepEqual(
      all.map((one) => one?.values.name),
      ["b", undefined, "a"],
    );
    assert.deepEqual(all[0]?.values, {
      ...(RULE as unknown as Values),
      ...{ netmask: null, options: {}, comment: null, order: 1, before: null, after: null, name: "b", inPlace: false },
    });
  });

  it("shows a line to adopt as if it had the name", async () => {
    const adoptable = async (rule: HbaRule) => (rule.method === "md5" ? { ...RULE, comment: "c" } : undefined);
    const cluster = clusterWith({ adoptable });
    assert.equal(await source.adoptable?.(cluster, declared), undefined);
    const values = (await source.adoptable?.(cluster, { ...declared, method: "md5" }))?.values;
    assert.deepEqual([values?.name, values?.comment, values?.order], ["x", "c", null]);
  });

  const errors: [what: string, error: Error, message: string][] = [
    ["a missing right", new PermissionError("no", { remedy: "Ask" }), "pg_hba.conf: cannot read: no. Ask"],
    ["what says already what it is about", new InvalidValueError("no", { object: "it" }), "it: no"],
    ["a lost connection is left to be tried again", new ConnectionError("lost"), "lost"],
  ];
  for (const [what, error, message] of errors) {
    it(`errors: ${what}`, async () => {
      const fails = () => Promise.reject(error);
      const cluster = clusterWith({ observe: fails, adoptable: fails });
      const kind = error.constructor as abstract new () => Error;
      const matches = (thrown: Error) => thrown instanceof kind && thrown.message === message;
      await assert.rejects(source.observe(cluster, [{ path: ["x"] }]), matches);
      await assert.rejects(Promise.resolve(source.adoptable?.(cluster, declared)), matches);
    });
  }
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { inspect } from "node:util";
import type { Cluster } from "../../../provider";
import { checkInputs } from "../../../provider/check";
import type { Observed, Statement, Values } from "../../../provider/definition";
import { ConnectionError, InvalidValueError, PermissionError } from "../../../provider/errors";
import { desiredValues, differences, seenValues } from "../../../provider/fields";
import type { HbaRule, ObservedHbaRule } from "../../../provider/hba/types";
import { hbaRuleType } from "../../../provider/objects/hba-rule";
import { toAdopt, toObserved } from "../../../provider/objects/hba-rule-statements";
import { fullState, stateOf } from "../../../provider/state";
import { factsOf, serverFacts, UNKNOWN } from "../samples";

const RULE: HbaRule = {
  type: "host",
  databases: ["shop"],
  users: ["app"],
  address: "10.0.0.0/8",
  method: "scram-sha-256",
};
const LINE = "host shop app 10.0.0.0/8 scram-sha-256";
/** What is sent of it. */
const SENT = { ...RULE, netmask: null, options: {}, name: "x" };
const declared: Values = { name: "x", ...(RULE as unknown as Values) };
const facts = factsOf(serverFacts());

/** A rule in the file: the one above, unless told otherwise. */
function found(rule: Partial<HbaRule> | undefined = {}, more: Partial<ObservedHbaRule> = {}): Observed {
  return toObserved({ name: "x", rule: { ...RULE, ...rule }, place: { order: 0 }, inPlace: true, line: 1, ...more });
}

/** What statements say, and what they ask of the rules of a server. */
async function done(statements: Statement[]): Promise<unknown[]> {
  const asked: unknown[] = [];
  const note =
    (what: string) =>
    (...args: unknown[]) =>
      asked.push([what, ...args]);
  const managed = { create: note("create"), alter: note("alter"), drop: note("drop") };
  const cluster = { hbaRules: { managed } } as unknown as Cluster;
  for (const { perform, alone, sql } of statements) {
    assert.ok(alone);
    asked.push(sql.display);
    await perform?.(cluster, { at: 1, setting: "s" });
  }
  return asked;
}

const OPTIONS = { allowLockout: false, deadline: { at: 1, setting: "s" } };

describe("create", () => {
  it("adds the line, with nothing that is not declared", async () => {
    assert.deepEqual(await done(hbaRuleType.create(declared, facts)), [
      `-- pg_hba.conf, add, order 0: ${LINE}`,
      ["create", { ...SENT, order: 0 }, OPTIONS],
    ]);
  });

  const places: [place: Values, text: string, sent: Values][] = [
    [{ order: -5 }, "order -5", { order: -5 }],
    [{ before: 'a"b' }, 'before "a""b"', { before: 'a"b' }],
    [{ after: "a", before: null, order: null }, 'after "a"', { after: "a" }],
    [{ order: null }, "order 0", { order: 0 }],
  ];
  for (const [place, text, sent] of places) {
    it(text, async () => {
      const [display, [, rule]] = (await done(hbaRuleType.create({ ...declared, ...place }, facts))) as [
        string,
        Values[],
      ];
      assert.equal(display, `-- pg_hba.conf, add, ${text}: ${LINE}`);
      assert.deepEqual(rule, { ...SENT, ...sent });
    });
  }

  it("a person reads no secret, nor more than one line", () => {
    const options = { ldapserver: "a", ldapbindpasswd: "it's s3cret", ldapprefix: "b" };
    const [statement] = hbaRuleType.create({ ...declared, users: ["a\nb"], method: "ldap", options }, facts);
    assert.match(
      statement?.sql.display ?? "",
      /^-- pg_hba\.conf, add, order 0: host shop "\/\^a\\nb\$" 10\.0\.0\.0\/8 ldap ldapprefix=b ldapserver=a ldapbindpasswd=\[secret\]$/,
    );
    assert.deepEqual(statement?.sql.secrets, ["it's s3cret"]);
    assert.doesNotMatch(inspect(statement?.sql, { depth: 9, showHidden: true }), /s3cret/);
  });

  it("goes on whatever the Provider's own login, when it is told to", async () => {
    const [, [, , options]] = (await done(hbaRuleType.create({ ...declared, allowLockout: true }, facts))) as [
      string,
      unknown[],
    ];
    assert.deepEqual(options, { ...OPTIONS, allowLockout: true });
  });
});

describe("alter", () => {
  /** What becomes of a rule that is declared in one way, and then in another. */
  const altered = (observed: Observed, news: Values, olds: Values = {}) =>
    done(hbaRuleType.alter(observed, desiredValues(hbaRuleType, news, olds), facts));

  it("nothing, when nothing differs", async () => {
    for (const same of [
      { databases: ["shop", "shop"] },
      { address: "10.0.0.0", netmask: "255.0.0.0" },
      { options: null },
      { comment: " " },
      { order: 0 },
      { order: null, before: null },
    ] as Values[]) {
      assert.deepEqual(await altered(found(), { ...declared, ...same }), [], JSON.stringify(same));
    }
  });

  it("a line that does not stand at its place is moved there", async () => {
    assert.deepEqual(await altered(found({}, { inPlace: false, place: { order: 7 } }), declared), [
      `-- pg_hba.conf, change to, order 7: ${LINE}`,
      ["alter", "x", SENT, OPTIONS],
    ]);
  });

  const table: [what: string, seen: Partial<HbaRule>, news: Values, olds: Values, sent: object][] = [
    ["a name", {}, { ...declared, name: "y" }, {}, { name: "y" }],
    ["users", {}, { ...declared, users: ["b"] }, {}, { users: ["b"] }],
    [
      "what is not declared stays",
      { comment: "theirs" },
      { ...declared, method: "md5" },
      {},
      { method: "md5", comment: "theirs" },
    ],
    ["what is not declared any more goes", { comment: "ours" }, declared, { comment: "ours" }, { comment: null }],
    [
      "a mask that is not declared goes with the address",
      { address: "10.0.0.0", netmask: "255.0.0.0" },
      { ...declared, address: "all" },
      {},
      { address: "all", netmask: null },
    ],
    [
      "to the socket, without an address",
      {},
      { name: "x", type: "local", databases: ["shop"], users: ["app"], method: "peer" },
      {},
      { type: "local", method: "peer", address: null, netmask: null },
    ],
    [
      "options that only another method has, and that nobody declared, go with it",
      { method: "ldap", options: { ldapserver: "a" } },
      declared,
      {},
      { options: {} },
    ],
    [
      "options that the method has as well stay",
      { type: "hostssl", method: "md5", options: { clientcert: "verify-ca" } },
      { ...declared, type: "hostssl" },
      {},
      { type: "hostssl", options: { clientcert: "verify-ca" } },
    ],
  ];
  for (const [what, seen, news, olds, sent] of table) {
    it(what, async () => {
      const [, act] = await altered(found(seen), news, olds);
      assert.deepEqual(act, ["alter", "x", { ...SENT, ...sent }, OPTIONS]);
    });
  }

  const places: [what: string, place: object, news: Values, olds: Values, sent: object][] = [
    ["to an order", { order: 0 }, { order: 3 }, {}, { order: 3 }],
    ["from an order to a rule", { order: 5 }, { before: "y" }, { order: 5 }, { before: "y" }],
    ["from a rule to an order", { after: "y" }, { order: 5 }, { after: "y" }, { order: 5 }],
    ["from one side to the other", { after: "y" }, { before: "y" }, { after: "y" }, { before: "y" }],
    ["an order that is not declared any more is 0", { order: 5 }, {}, { order: 5 }, { order: 0 }],
    ["a rule that is not declared any more: order 0", { before: "y" }, {}, { before: "y" }, { order: 0 }],
    ["to an order from where an adopted one stands", {}, { order: 0 }, {}, { order: 0 }],
  ];
  for (const [what, place, news, olds, sent] of places) {
    it(`a place: ${what}`, async () => {
      const [, act] = await altered(found({}, { place }), { ...declared, ...news }, { ...declared, ...olds });
      assert.deepEqual(act, ["alter", "x", { ...SENT, ...sent }, OPTIONS]);
    });
  }

  it("an adopted rule without a place stays where it stands", async () => {
    const observed = found({}, { place: {} });
    assert.deepEqual(await altered(observed, { ...declared, order: null, after: null }), []);
    const [display, [, , rule]] = (await altered(observed, { ...declared, method: "md5" })) as [string, Values[]];
    assert.match(display, /change to, where it stands: /);
    assert.deepEqual([rule?.order, rule?.before, rule?.after], [undefined, undefined, undefined]);
  });

  it("a line that the server cannot read is written anew", async () => {
    const broken = toObserved({ name: "x", rule: undefined, place: { order: 0 }, inPlace: true, line: 1 });
    const [, act] = await altered(broken, declared);
    assert.deepEqual(act, ["alter", "x", SENT, OPTIONS]);
  });

  it("somebody else's line is taken over, with all that is not declared", async () => {
    const theirs = toAdopt("x", { ...RULE, comment: "theirs" });
    assert.deepEqual(await altered(theirs, { ...declared, adopt: true }), [
      `-- pg_hba.conf, take over, where it stands: ${LINE}`,
      ["create", { ...SENT, comment: "theirs" }, { ...OPTIONS, adopt: true }],
    ]);
  });
});

describe("drop and release", () => {
  it("say the line", async () => {
    assert.deepEqual(await done(hbaRuleType.drop(found(), { allowLockout: true }, facts)), [
      `-- pg_hba.conf, remove, order 0: ${LINE}`,
      ["drop", "x", { ...OPTIONS, allowLockout: true, release: false }],
    ]);
    const broken = toObserved({ name: "x", rule: undefined, place: {}, inPlace: true, line: 1 });
    assert.deepEqual(await done(hbaRuleType.release?.(broken, {}, facts) ?? []), [
      "-- pg_hba.conf, release, where it stands: a line that the server cannot read",
      ["drop", "x", { ...OPTIONS, release: true }],
    ]);
  });
});

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

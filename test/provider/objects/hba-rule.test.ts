import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { inspect } from "node:util";
import type { Cluster } from "../../../provider";
import type { Observed, Statement, Values } from "../../../provider/definition";
import { desiredValues } from "../../../provider/fields";
import type { HbaRule } from "../../../provider/hba/types";
import { hbaRuleType } from "../../../provider/objects/hba-rule";
import { toAdopt, toObserved } from "../../../provider/objects/hba-rule-statements";
import { declared, facts, found, LINE, RULE } from "./hba-rule-samples";

/** What is sent of the rule. */
const SENT = { ...RULE, netmask: null, options: {}, name: "x" };

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

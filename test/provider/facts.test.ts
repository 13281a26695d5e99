import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Cluster } from "../../provider";
import { UnsupportedVersionError } from "../../provider/errors";
import { type Involved, readObjectFacts, readServerFacts, supportedMajor } from "../../provider/facts";
import { connectionLost, FakeAdapter } from "./fake-adapter";
import { HOSTILE_NAMES, restricted, serverFacts } from "./samples";

describe("supportedMajor", () => {
  for (const [number, major] of [
    [140000, 14],
    [140023, 14],
    [150000, 15],
    [160004, 16],
    [170001, 17],
    [180004, 18],
    [190000, 19],
  ] as const) {
    it(`${number} is ${major}`, () => assert.equal(supportedMajor(number, "x"), major));
  }
  for (const [number, version] of [
    [130099, "13.99"],
    [90624, "9.6.24"],
  ] as const) {
    it(`${version} is too old`, () => {
      assert.throws(
        () => supportedMajor(number, version),
        (error: Error) => {
          assert.ok(error instanceof UnsupportedVersionError);
          assert.match(error.message, new RegExp(`PostgreSQL ${version}; the oldest supported version is 14`));
          return true;
        },
      );
    });
  }
});

it("readServerFacts gives what the server says, with the major version for the number", async () => {
  const { major, ...said } = serverFacts();
  const adapter = new FakeAdapter(() => [{ ...said, number: 180004 }]);
  assert.deepEqual(await adapter.use(undefined, readServerFacts), serverFacts());
  assert.equal(major, 18);
});

it("a connection that is lost while a cluster reads them is replaced, as a new one and to read them again", async () => {
  const { major: _, ...said } = serverFacts();
  const lost = [true, false, true, true, false];
  const adapter = new FakeAdapter(() => {
    if (lost.shift()) throw connectionLost();
    return [{ ...said, number: 180004 }];
  });
  const cluster = await Cluster.connect({ adapter });
  assert.equal(cluster.version.major, 18);
  await cluster.refresh();
  assert.deepEqual(lost, []);
});

describe("readObjectFacts", () => {
  const read = async (adapter: FakeAdapter, server: typeof FACTS, involved: Involved) =>
    adapter.use(undefined, (session) => readObjectFacts(session, server, involved));
  const FACTS = restricted(18);

  it("is one query for all kinds, told apart by kind, whatever their names", async () => {
    for (const name of HOSTILE_NAMES) {
      const adapter = new FakeAdapter(() => [
        { kind: "role", name, facts: { usage: true } },
        { kind: "database", name, facts: { owner: "o" } },
        { kind: "schema", name, facts: '{ "owner": "p" }' },
      ]);
      assert.deepEqual(await read(adapter, FACTS, { roles: [name], databases: [name], schemas: [name] }), {
        roles: new Map([[name, { usage: true }]]),
        databases: new Map([[name, { owner: "o" }]]),
        schemas: new Map([[name, { owner: "p" }]]),
      });
      assert.equal(adapter.sent.length, 1);
    }
  });

  it("asks for SET and own grants only where they exist: from 16 on", async () => {
    for (const major of [14, 15, 16, 17, 18]) {
      const adapter = new FakeAdapter();
      await read(adapter, restricted(major), { roles: ["a"] });
      assert.equal(/'SET'/.test(adapter.sent[0] as string), major >= 16);
      assert.equal(/set_option/.test(adapter.sent[0] as string), major >= 16);
    }
  });
});

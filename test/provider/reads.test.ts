import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Cluster } from "../../provider";
import type { Session } from "../../provider/adapter";
import type { Involved, ServerFacts } from "../../provider/facts";
import { Reads } from "../../provider/reads";
import { type Answer, clusterOver, FakeAdapter } from "./fake-adapter";
import { serverFacts } from "./samples";

/** A cluster that reads through an adapter. */
function reading(adapter: FakeAdapter): Cluster {
  const read = (task: (session: Session, server: ServerFacts) => Promise<unknown>) =>
    adapter.use(undefined, (session) => task(session, serverFacts()));
  return Object.assign(clusterOver(adapter), { read });
}

describe("facts", () => {
  const role = (name: string) => ({ kind: "role", name, facts: JSON.stringify({ superuser: name === "root" }) });

  it("of nothing are not asked for", async () => {
    const adapter = new FakeAdapter();
    const none = { roles: new Map(), databases: new Map(), schemas: new Map() };
    assert.deepEqual(await new Reads().facts(reading(adapter), { roles: [], schemas: [] }), none);
    assert.deepEqual(adapter.log, []);
  });

  it("that are asked for together are one query, at most fifty of them", async () => {
    const adapter = new FakeAdapter(() => [role("root"), role("app")]);
    const reads = new Reads();
    const asked: Involved[] = Array.from({ length: 60 }, (_, index) => ({ roles: ["app", `no ${index}`] }));
    const all = await Promise.all(asked.map((involved) => reads.facts(reading(adapter), involved)));
    for (const { roles } of all) assert.deepEqual(roles.get("app"), { superuser: false });
    assert.equal(adapter.sent.length, 2);
    for (const name of ["app", "no 0", "no 49"]) assert.ok(adapter.sent[0]?.includes(name), name);
    assert.ok(adapter.sent[1]?.includes("no 50") && adapter.sent[1].includes("no 59"));
  });

  it("of one whose name cannot be are asked for alone", async () => {
    const answer: Answer = (text) => {
      if (text.includes("bad")) throw Object.assign(new Error("no"), { sqlstate: "22P05" });
      return [role("app")];
    };
    const reads = new Reads();
    const cluster = reading(new FakeAdapter(answer));
    const results = await Promise.allSettled(["app", "bad"].map((name) => reads.facts(cluster, { roles: [name] })));
    assert.deepEqual(
      results.map(({ status }) => status),
      ["fulfilled", "rejected"],
    );
  });
});

import assert from "node:assert/strict";
import { describe, it, mock } from "node:test";
import type { Cluster } from "../../provider";
import { checkInputs, diffInputs } from "../../provider/check";
import type { Key, ObjectType, SourceType, Statement, Values } from "../../provider/definition";
import { ConnectionError, InvalidValueError } from "../../provider/errors";
import { Host } from "../../provider/host";
import type { Deadline } from "../../provider/limits";
import { observeMany } from "../../provider/observe";
import { Reads } from "../../provider/reads";
import { type Progress, run } from "../../provider/runner";
import { secretLiteral, sql } from "../../provider/sql";
import { TypeHooks } from "../../provider/type-hooks";
import { text } from "../../provider/values";
import { clusterOver, connectionLost, FakeAdapter, serverError } from "./fake-adapter";

/** A shelf with things, each with a size, and perhaps upside down. */
class Shelf {
  readonly things = new Map<string, Values>();
  readonly looks: string[][] = [];
  readonly log: string[] = [];

  /** The type of what is on the shelf. Things without a name may be adopted for one of their size. */
  readonly type: SourceType = {
    type: "Thing",
    noun: "thing",
    fields: {
      name: { value: text, change: "update", postgres: "—" },
      size: {
        value: { ...text, accepts: (value) => value === "S" || value === "L", reason: () => "is no size" },
        change: "update",
        confidential: ["label"],
        postgres: "—",
      },
      adopt: { value: text, change: "option", default: false, postgres: "—" },
    },
    key: ["name"],
    perDatabase: false,
    computed: { upright: "Whether it stands as it should." },
    rolesInvolved: () => [],
    databasesInvolved: () => [],
    source: {
      observe: async (_, keys) => {
        this.looks.push(keys.map(({ path }) => path.join()));
        return keys.map(({ path: [name = ""] }) => this.seen(name));
      },
      adoptable: async (_, { name, size }) => {
        const values = this.things.get(`nameless ${size}`);
        return values && { values: { ...values, name: name as string }, extra: {} };
      },
    },
    amiss: ({ upright }): Values => (upright === false ? { upright } : {}),
    create: ({ name, size }) => [
      this.does(`create ${name} ${size}`, () => this.put(String(name), { size: size ?? null })),
    ],
    alter: (_, { name, size }) => [this.does(`alter ${name}`, () => this.put(String(name), { size: size ?? null }))],
    drop: ({ values: { name } }) => [this.does(`drop ${name}`, () => this.things.delete(String(name)))],
    release: ({ values: { name } }) => [this.does(`release ${name}`, () => this.put(`released ${name}`, {}))],
  };

  put(name: string, values: Values): void {
    this.things.set(name, { upright: true, ...values });
  }

  private seen(name: string) {
    const values = this.things.get(name);
    return values && { values: { ...values, name }, extra: {} };
  }

  private does(what: string, act: () => unknown): Statement {
    const perform = async () => {
      this.log.push(what);
      act();
    };
    return { sql: sql`-- ${what}`, alone: true, perform };
  }
}

describe("what is no SQL", () => {
  const PURPOSE = { object: 'thing "a"', intent: "alter" };
  const later: Deadline = { at: Date.now() + 3_600_000, setting: "customTimeouts.update (1h)" };
  const passed: Deadline = { at: Date.now() - 1, setting: "customTimeouts.update (1s)" };

  /** Runs a statement that fails as told, each time with the next error. */
  async function attempt(errors: readonly Error[], deadline?: Deadline, query = sql`-- fold`) {
    const left = [...errors];
    const adapter = new FakeAdapter();
    const cluster = clusterOver(adapter);
    const progress: Progress = { committed: false };
    let count = 0;
    const perform = async (given: Cluster, until: Deadline | undefined) => {
      assert.deepEqual([given, until], [cluster, deadline]);
      count++;
      const error = left.shift();
      if (error !== undefined) throw error;
    };
    const outcome = await run(cluster, [{ sql: query, alone: true, perform }], { ...PURPOSE, deadline }, progress).then(
      () => "done",
      (error: Error) => `${error.name}: ${error.message}`,
    );
    return { outcome, count, sent: adapter.log, committed: progress.committed };
  }

  it("is performed, and nothing is sent", async () => {
    assert.deepEqual(await attempt([], later), { outcome: "done", count: 1, sent: [], committed: true });
  });

  it("is tried again after conflicts, and where the connection was lost before anything was done", async () => {
    const lost = new ConnectionError("Connection terminated");
    assert.equal((await attempt([serverError("40001", "again"), lost, connectionLost()])).count, 3);
    assert.deepEqual((await attempt([lost, lost])).outcome, "done");
  });

  it("is not tried again where connecting failed, which was tried long enough", async () => {
    const refused = new ConnectionError("refused", { intent: "connect" });
    assert.equal((await attempt([refused])).count, 1);
  });

  it("fails with object, intent and reason, and without secrets", async () => {
    const bad = await attempt([new InvalidValueError("it cannot be folded", { remedy: "Iron it" })]);
    assert.equal(bad.outcome, 'InvalidValueError: thing "a": cannot alter: it cannot be folded. Iron it');
    assert.equal(bad.committed, false);
    const told = await attempt([serverError("22000", "not s3cret!")], undefined, sql`-- ${secretLiteral("s3cret!")}`);
    assert.match(told.outcome, /cannot alter: not \[secret\]$/);
  });

  it("is not begun after its deadline", async () => {
    const late = await attempt([], passed);
    assert.match(late.outcome, /it took longer than customTimeouts\.update \(1s\)/);
    assert.equal(late.count, 0);
  });
});

it("objects elsewhere are observed in one look, again when the connection was lost in it", async () => {
  const shelf = new Shelf();
  shelf.put("b", { size: "L" });
  let lost = 1;
  const type: ObjectType = {
    ...shelf.type,
    source: {
      observe: async (cluster, keys) => {
        if (lost-- > 0) throw new ConnectionError("Connection terminated");
        return shelf.type.source.observe(cluster, keys);
      },
    },
  };
  const keys: Key[] = [{ path: ["a"] }, { path: ["b"] }];
  const found = await observeMany(clusterOver(new FakeAdapter()), type, keys);
  assert.deepEqual(
    found.map((one) => one?.values),
    [undefined, { name: "b", size: "L", upright: true }],
  );
  assert.deepEqual(shelf.looks, [["a", "b"]]);
});

describe("check and diff", () => {
  const { type } = new Shelf();
  it("say why a value is not acceptable, and do not show it where it may hold a secret", () => {
    assert.deepEqual(checkInputs(type, {}, { name: "a", size: "XL" }), [{ property: "", reason: "size is no size" }]);
  });
  it("what is amiss is a difference, though the inputs are the same", () => {
    const same = { name: "a", size: "S" };
    assert.equal(diffInputs(type, { ...same, upright: false }, same).changes, true);
    assert.equal(diffInputs(type, { ...same, upright: true }, same).changes, false);
    assert.equal(diffInputs(type, { ...same, upright: true }, { ...same, size: "L" }).changes, undefined);
  });
});

describe("hooks", () => {
  /** Runs a task with the hooks of a shelf. */
  async function withShelf<T>(shelf: Shelf, task: (hooks: TypeHooks) => Promise<T>): Promise<T> {
    const cluster: Cluster = {
      in: () => cluster,
      reads: new Reads(),
      facts: { systemIdentifier: "7" },
      currentDatabase: "postgres",
      adapter: new FakeAdapter(),
      read: async (look: (session: unknown, server: object) => unknown) => look({}, { major: 18, version: "18" }),
      oneAtATime: (_: unknown, one: () => unknown) => one(),
    } as unknown as Cluster;
    const faked = mock.method(Host, "for", async () => Host.over(cluster));
    try {
      return await task(new TypeHooks(shelf.type));
    } finally {
      faked.mock.restore();
    }
  }

  it("create, update and drop it", async () => {
    const shelf = new Shelf();
    const { id, outs } = await withShelf(shelf, (hooks) => hooks.create({ name: "a", size: "S" }));
    assert.deepEqual([id, outs], ["a", { name: "a", size: "S", upright: true, systemIdentifier: "7" }]);
    const updated = await withShelf(shelf, (hooks) => hooks.update(id, outs, { name: "a", size: "L" }));
    assert.equal(updated.outs.size, "L");
    await withShelf(shelf, (hooks) => hooks.delete(id, updated.outs));
    assert.deepEqual([shelf.log, shelf.things.size], [["create a S", "alter a", "drop a"], 0]);
  });

  it("show what is amiss as an input that nobody declares", async () => {
    const shelf = new Shelf();
    shelf.put("a", { size: "S", upright: false });
    const state = { name: "a", size: "S", upright: true, systemIdentifier: "7" };
    const found = await withShelf(shelf, (hooks) => hooks.read("a", state));
    assert.deepEqual(found.inputs, { name: "a", size: "S", upright: false });
    shelf.put("a", { size: "S" });
    const well = await withShelf(shelf, (hooks) => hooks.read("a", { ...state, upright: false }));
    assert.deepEqual([well.inputs, well.props?.upright], [{ name: "a", size: "S" }, true]);
  });

  it("adopt what may be taken over for it, only when they are told to, and then let go of it", async () => {
    const shelf = new Shelf();
    shelf.put("nameless S", { size: "S" });
    const plain = await withShelf(shelf, (hooks) => hooks.create({ name: "a", size: "S" }));
    assert.equal(plain.outs.adopted, undefined);
    const { outs } = await withShelf(shelf, (hooks) => hooks.create({ name: "b", size: "S", adopt: true }));
    assert.equal(outs.adopted, true);
    const other = await withShelf(shelf, (hooks) => hooks.create({ name: "c", size: "L", adopt: true }));
    assert.equal(other.outs.adopted, undefined, "nothing was there: it is made, and so dropped");
    for (const one of [outs, { ...outs, name: "gone" }, other.outs])
      await withShelf(shelf, (hooks) => hooks.delete("x", one));
    assert.deepEqual(shelf.log, ["create a S", "alter b", "create c L", "release b", "drop c"]);
  });

  it("drop what was adopted where they are told to", async () => {
    const shelf = new Shelf();
    shelf.put("a", { size: "S" });
    await withShelf(shelf, (hooks) => hooks.delete("a", { name: "a", adopted: true, dropOnDelete: true }));
    assert.deepEqual(shelf.log, ["drop a"]);
  });
});

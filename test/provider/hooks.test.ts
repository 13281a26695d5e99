import assert from "node:assert/strict";
import { describe, it, mock } from "node:test";
import type { Cluster } from "../../provider";
import type { Hooks } from "../../provider/configured-hooks";
import type { Key, ObjectType, Observed, Values } from "../../provider/definition";
import { hooks } from "../../provider/hooks";
import { Host } from "../../provider/host";
import { objectTypes } from "../../provider/objects";
import { databaseType } from "../../provider/objects/database";
import { TypeHooks } from "../../provider/type-hooks";
import { objectName } from "../../provider/values";

/** The configuration as the host hands it over. */
function configured(type: string, settings: Record<string, unknown>): Hooks {
  const found = hooks(type);
  // Not awaited: the host calls other hooks while it waits, so everything must be stored at once.
  void found.configure({ config: { get: (key) => settings[key] } });
  return found;
}

describe("hooks", () => {
  it("are there for every type, a new set each time", () => {
    for (const type of objectTypes.keys()) assert.notEqual(hooks(type), hooks(type));
  });

  it("of an unknown type: says to install another version", () => {
    for (const type of ["Thing", "constructor", ""]) {
      assert.throws(() => hooks(type), { message: new RegExp(`does not know the type ${type}: install`) });
    }
  });

  describe("check, with the settings of the Provider", () => {
    const table: [settings: Record<string, unknown>, reason: RegExp | undefined][] = [
      [{}, undefined],
      [{ "pgmob:host": "h", "pgmob:port": "5432", "pgmob:lockTimeout": "5s" }, undefined],
      [{ "pgmob:port": "SECRET" }, /^the Provider's port must be a whole number/],
      [{ "pgmob:url": "SECRET" }, /^the Provider's url must start with postgresql/],
      [
        { "pgmob:password": "SECRET", "pgmob:passwordCommand": "exit 1" },
        /^the Provider's passwordCommand must not be set/,
      ],
      [{ "pgmob:sslMode": "SECRET" }, /^the Provider's sslMode must be one of/],
      [{ port: "SECRET", "other:port": "SECRET", "pgmob:port": null }, undefined],
      [{ PGSSLMODE: "SECRET" }, /^the environment's sslMode must be one of/],
    ];
    for (const [{ PGSSLMODE, ...settings }, reason] of table) {
      it(JSON.stringify({ PGSSLMODE, ...settings }), async () => {
        if (PGSSLMODE !== undefined) process.env.PGSSLMODE = String(PGSSLMODE);
        const checked = configured("Role", settings).check({}, { name: "a" });
        delete process.env.PGSSLMODE;
        const { inputs, failures } = await checked;
        assert.deepEqual(inputs, { name: "a" });
        if (reason === undefined) return assert.deepEqual(failures, []);
        assert.equal(failures.length, 1);
        assert.equal(failures[0]?.property, "");
        assert.match(failures[0]?.reason ?? "", reason);
        assert.doesNotMatch(failures[0]?.reason ?? "", /SECRET/);
      });
    }
  });

  it("check returns inputs as they were given, wrong ones too, and nothing more", async () => {
    const news = { name: "a", login: "wrong", memberOf: ["b", "a"] };
    assert.deepEqual((await hooks("Role").check({}, news)).inputs, news);
  });

  it("diff needs no server, and a refusal is one sentence without a stack", async () => {
    const database = configured("Database", { "pgmob:host": "192.0.2.1", "pgmob:connectTimeout": 1 });
    const before = { name: "d", encoding: "UTF8" };
    assert.equal((await database.diff("d", before, { ...before, encoding: "utf-8" })).changes, false);
    await assert.rejects(database.diff("d", before, { name: "d", encoding: "LATIN1" }), (error: Error) => {
      assert.equal(error.stack, "");
      assert.equal(error.name, "");
      assert.match(error.message, /^database "d": cannot update: encoding is "UTF8" and cannot become "LATIN1"/);
      return true;
    });
  });

  it("what was adopted is released without asking the server", async () => {
    const role = configured("Role", { "pgmob:host": "192.0.2.1", "pgmob:connectTimeout": 1 });
    await role.delete("a", { name: "a", adopted: true });
    await role.delete("a", { name: "a", adopted: true, dropOnDelete: false });
  });
});

describe("delete of an object in a database", () => {
  /** Two databases: the one that the schema is in, renamed, and a new one that got its name. */
  const databases: Observed[] = [
    { oid: 5, values: { name: "shop_old" }, extra: {} },
    { oid: 9, values: { name: "shop" }, extra: {} },
  ];

  /** Looks schemas up nowhere, so that nothing is dropped, and tells in which databases it was asked to. */
  async function lookedIn(properties: Record<string, unknown>): Promise<string[]> {
    const asked: string[] = [];
    const observe = async ({ currentDatabase }: Cluster, type: ObjectType, { path, oid }: Key) => {
      if (type.type === "Schema") asked.push(currentDatabase);
      if (type.type !== "Database") return undefined;
      const byName = databases.find(({ values }) => values.name === path[0]);
      return byName ?? databases.find((found) => found.oid === oid);
    };
    const cluster = (currentDatabase: string) =>
      ({ facts: { systemIdentifier: "7" }, reads: { observe }, currentDatabase, in: cluster }) as unknown as Cluster;
    const faked = mock.method(Host, "for", async () => Host.over(cluster("postgres")));
    try {
      await hooks("Schema").delete("id", { name: "sales", systemIdentifier: "7", ...properties } as never);
    } finally {
      faked.mock.restore();
    }
    return asked;
  }

  const table: [what: string, properties: Record<string, unknown>, databases: string[]][] = [
    [
      "in the database that it is in, though another has its name now",
      { database: "shop", databaseOid: 5 },
      ["shop_old"],
    ],
    ["nowhere, when its database is gone, though another has its name now", { database: "shop", databaseOid: 6 }, []],
    ["by name where no oid is known", { database: "shop" }, ["shop"]],
  ];
  for (const [what, properties, expected] of table) {
    it(`looks for it ${what}`, async () => assert.deepEqual(await lookedIn(properties), expected));
  }
});

describe("an object whose name is one of the whole server, though it belongs to a database", () => {
  const type: ObjectType = {
    ...databaseType,
    type: "Thing",
    noun: "thing",
    fields: { ...databaseType.fields, database: { value: objectName, change: "address", postgres: "—" } },
    identity: ["owner", "databaseOid"],
    belongsToDatabase: ({ owner }) => owner === "inside",
    computed: { moves: "Something that moves.", databaseOid: "The oid of its database." },
  };
  const databases: Observed[] = [
    { oid: 5, values: { name: "shop_new" }, extra: {} },
    { oid: 6, values: { name: "other" }, extra: {} },
  ];
  const inside: Values = { name: "a", owner: "inside", database: "shop_new", databaseOid: 5, moves: 7 };
  const outside: Values = { name: "a", owner: "outside", database: null, databaseOid: null, moves: 7 };
  const state: Values = { ...inside, database: "shop", moves: 1, systemIdentifier: "7" };

  /** Runs a task with a server on which there is one thing, or none. Returns where that was looked for, too. */
  async function withThing<T>(values: Values | undefined, task: (hooks: Hooks) => Promise<T>) {
    const asked: string[] = [];
    const observe = async (cluster: Cluster, of: ObjectType, { path, oid }: Key): Promise<Observed | undefined> => {
      if (of === databaseType) return databases.find((found) => found.values.name === path[0] || found.oid === oid);
      asked.push(`${cluster.currentDatabase}: ${path}`);
      return values && { values, extra: {} };
    };
    const cluster = { facts: { systemIdentifier: "7" }, reads: { observe }, currentDatabase: "postgres" };
    const faked = mock.method(Host, "for", async () => Host.over(cluster as unknown as Cluster));
    try {
      return { result: await task(new TypeHooks(type)), asked };
    } finally {
      faked.mock.restore();
    }
  }

  it("is looked for by its name from the connection's database, and follows a rename of its own", async () => {
    const { result, asked } = await withThing(inside, (things) => things.read("a", state));
    assert.deepEqual(asked, ["postgres: a"]);
    assert.deepEqual(result.inputs, { name: "a", owner: "inside", database: "shop_new" });
    assert.deepEqual(result.props, { ...inside, systemIdentifier: "7" });
  });

  it("is gone with its database, without being looked for", async () => {
    const { result, asked } = await withThing(inside, (things) => things.read("a", { ...state, databaseOid: 1 }));
    assert.deepEqual([result, asked], [{}, []]);
  });

  it("shows where it is now, when another was made under its name elsewhere", async () => {
    const elsewhere = { ...inside, database: "other", databaseOid: 6 };
    const { result } = await withThing(elsewhere, (things) => things.read("a", state));
    assert.deepEqual([result.inputs?.database, result.props?.databaseOid], ["other", 6]);
  });

  it("needs no database when it belongs to none", async () => {
    const known = { ...outside, systemIdentifier: "7" };
    const { result } = await withThing(outside, (things) => things.read("a", known));
    assert.equal(result.props?.databaseOid, null);
  });

  it("is looked up by its name alone, and shows its database", async () => {
    const { result } = await withThing(inside, (things) => things.read("a", {}));
    assert.deepEqual(result.props, { ...inside, systemIdentifier: "7" });
  });

  it("cannot move to another database", async () => {
    const moved = withThing(inside, (things) => things.update("a", state, { ...inside, database: "other" }));
    await assert.rejects(moved, /thing "a": cannot update: it cannot move to another database \("other"\)/);
    // The same name, and another database by now: nobody moves anything.
    const anew = withThing(inside, (things) =>
      things.update("a", { ...state, databaseOid: 1 }, { ...inside, database: "shop_new" }),
    );
    await assert.rejects(anew, /thing "a": cannot update: it cannot move to another database/);
    const same = withThing(inside, (things) =>
      things.update("a", { ...state, database: "shop_new", databaseOid: 1 }, inside),
    );
    await assert.rejects(
      same,
      /its database \("shop_new"\) was dropped outside of Pulumi, .*Run `pulumi refresh` first/,
    );
  });

  for (const [what, values] of [
    ["belongs to another database", { ...inside, database: "other", databaseOid: 6 }],
    ["belongs to none", outside],
  ] as const) {
    it(`another one under its name, which ${what}, is neither updated nor dropped for it`, async () => {
      const refused = (intent: string) =>
        new RegExp(`thing "a": cannot ${intent}: it was dropped outside of Pulumi, and another one made`);
      await assert.rejects(
        withThing(values, (things) => things.update("a", state, { ...inside, forceDrop: true })),
        refused("update"),
      );
      await assert.rejects(
        withThing(values, (things) => things.delete("a", state)),
        refused("drop"),
      );
    });
  }

  it("that is gone needs no drop", async () => {
    assert.deepEqual((await withThing(undefined, (things) => things.delete("a", state))).asked, ["postgres: a"]);
  });
});

import assert from "node:assert/strict";
import { describe, it, mock } from "node:test";
import type { Key, ObjectType, Observed } from "../../provider/definition";
import { type Hooks, hooks } from "../../provider/hooks";
import { Host } from "../../provider/host";
import { objectTypes } from "../../provider/objects";

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
    for (const type of ["Table", "constructor", ""]) {
      assert.throws(() => hooks(type), { message: new RegExp(`does not know the type ${type}: install`) });
    }
  });

  describe("check, with the settings of the Provider", () => {
    const table: [settings: Record<string, unknown>, reason: RegExp | undefined][] = [
      [{}, undefined],
      [{ "pgmob:host": "h", "pgmob:port": "5432", "pgmob:lockTimeout": "5s" }, undefined],
      [{ "pgmob:port": "SECRET" }, /^the Provider's port must be a whole number/],
      [{ "pgmob:url": "SECRET" }, /^the Provider's url is not valid|^the Provider's url is not a valid/],
      [{ "pgmob:sslMode": "SECRET" }, /^the Provider's sslMode must be one of/],
      [{ port: "SECRET", "other:port": "SECRET", "pgmob:port": null }, undefined],
    ];
    for (const [settings, reason] of table) {
      it(JSON.stringify(settings), async () => {
        const { inputs, failures } = await configured("Role", settings).check({}, { name: "a" });
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
    const observe = async (type: ObjectType, database: string, { path, oid }: Key) => {
      if (type.type === "Schema") asked.push(database);
      if (type.type !== "Database") return undefined;
      const byName = databases.find(({ values }) => values.name === path[0]);
      return byName ?? databases.find((found) => found.oid === oid);
    };
    const cluster = { facts: { systemIdentifier: "7" }, currentDatabase: "postgres", in: () => cluster };
    const faked = mock.method(Host, "for", async () => ({ cluster, observe }) as unknown as Host);
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

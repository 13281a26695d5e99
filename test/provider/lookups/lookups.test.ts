import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Hooks } from "../../../provider/configured-hooks";
import type { Values } from "../../../provider/definition";
import { hooks } from "../../../provider/hooks";
import { lookups } from "../../../provider/lookups";

/** The hooks of a lookup on a server that is not there: what they do without one. */
function hooksOf(name: string, settings: Record<string, unknown> = {}): Hooks {
  const found = hooks(name);
  const all: Record<string, unknown> = { "pgmob:host": "127.0.0.1", "pgmob:port": "1", ...settings };
  void found.configure({ config: { get: (key) => all[key] } });
  return found;
}

/** What a read is refused with. */
async function refusal(name: string, given: Values, settings: Record<string, unknown> = {}): Promise<string> {
  const error = await hooksOf(name, { "pgmob:connectTimeout": "1ms", ...settings })
    .read("id", given)
    .then(
      () => assert.fail("nothing was refused"),
      (reason: unknown) => reason as Error,
    );
  assert.equal(error.stack, "", "a stack trace would be shown");
  return error.message;
}

describe("arguments follow from the attributes of what is looked for", () => {
  const NAMES = ["includeSystem", "like", "names", "notLike"];
  const table: [lookup: string, argumentNames: string[]][] = [
    ["getRoles", NAMES],
    ["getDatabases", [...NAMES, "owner"]],
    ["getSchemas", [...NAMES, "database", "owner"]],
    ["getTables", [...NAMES, "database", "owner", "schema"]],
    ["getSequences", [...NAMES, "database", "owner", "schema"]],
    ["getServer", ["settings"]],
  ];
  for (const [name, expected] of table) {
    it(name, () => {
      assert.deepEqual(Object.keys(lookups.get(name)?.arguments ?? {}).sort(), [...expected].sort());
    });
  }
  it("there are no others", () => assert.deepEqual([...lookups.keys()].sort(), table.map(([name]) => name).sort()));
});

describe("read refuses, without a server", () => {
  const NAME_LIST = "a list of names, each of 1 to 63 bytes without a NUL character";
  const PATTERN = "a pattern as LIKE has them, or a list of patterns, each text without a NUL character";
  const NAME = "a name of 1 to 63 bytes without a NUL character";
  const SETTINGS = "a list of names of settings, each text that is not empty";
  const table: [lookup: string, given: Values, reason: string][] = [
    ["getRoles", { names: "postgres" }, `names must be ${NAME_LIST}`],
    ["getRoles", { names: [""] }, `names must be ${NAME_LIST}`],
    ["getRoles", { names: ["a", "b".repeat(64)] }, `names must be ${NAME_LIST}`],
    ["getRoles", { names: null }, `names must be ${NAME_LIST}, not null`],
    ["getRoles", { like: 5 }, `like must be ${PATTERN}`],
    ["getRoles", { notLike: ["a", "\0"] }, `notLike must be ${PATTERN}`],
    ["getRoles", { includeSystem: "yes" }, "includeSystem must be true or false"],
    ["getRoles", { owner: "postgres" }, "owner is not an argument of getRoles"],
    ["getDatabases", { database: "shop" }, "database is not an argument of getDatabases"],
    ["getDatabases", { owner: "" }, `owner must be ${NAME}`],
    ["getSchemas", { schema: "public" }, "schema is not an argument of getSchemas"],
    ["getSchemas", { database: ["a"] }, `database must be ${NAME}`],
    ["getTables", { schema: "a\0b" }, `schema must be ${NAME}`],
    ["getTables", { constructor: "x" }, "constructor is not an argument of getTables"],
    ["getServer", { names: ["a"] }, "names is not an argument of getServer"],
    ["getServer", { settings: "wal_level" }, `settings must be ${SETTINGS}`],
    ["getServer", { settings: [""] }, `settings must be ${SETTINGS}`],
  ];
  for (const [name, given, reason] of table) {
    it(`${name}(${JSON.stringify(given)})`, async () => {
      assert.equal(await refusal(name, given), `${name}: cannot read: ${reason}`);
    });
  }

  for (const secret of ["primary_conninfo", "PRIMARY_CONNINFO", "archive_command", "ssl_passphrase_command"]) {
    it(`a setting that may hold a password: ${secret}`, async () => {
      assert.equal(
        await refusal("getServer", { settings: ["wal_level", secret] }),
        `getServer: cannot read: settings must not have ${secret} in it: its value may hold a password`,
      );
    });
  }

  it("what is wrong with the Provider, without its value", async () => {
    const message = await refusal("getRoles", {}, { "pgmob:sslMode": "SECRET" });
    assert.match(message, /^getRoles: cannot read: the Provider's sslMode must be one of disable, allow/);
    assert.doesNotMatch(message, /SECRET/);
  });

  it("a server that is not there, naming the lookup and the server", async () => {
    assert.match(
      await refusal("getTables", { database: "shop" }),
      /^getTables: cannot read: PostgreSQL at 127\.0\.0\.1:1: cannot connect as .*ECONNREFUSED.*\. Check that the server is running/,
    );
  });
});

describe("a lookup is only read", () => {
  const others: Record<string, (lookup: Hooks) => Promise<unknown>> = {
    check: (lookup) => lookup.check({}, { like: "a" }),
    diff: (lookup) => lookup.diff("id", {}, {}),
    create: (lookup) => lookup.create({ like: "a" }),
    update: (lookup) => lookup.update("id", {}, {}),
    delete: (lookup) => lookup.delete("id", {}),
  };
  for (const [intent, call] of Object.entries(others)) {
    it(`${intent} refuses, for each`, async () => {
      for (const name of lookups.keys()) {
        await assert.rejects(call(hooksOf(name)), {
          message: `${name}: cannot ${intent}: it is a lookup, which is only read`,
          stack: "",
        });
      }
    });
  }
});

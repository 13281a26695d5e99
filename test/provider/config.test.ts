import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Config, config, configByDatabase, configChanges, configOf, parameterName } from "../../provider/config";
import { type Json, sameValue } from "../../provider/values";

describe("config: what is accepted", () => {
  const accepted = [{}, { work_mem: "1MB" }, { jit: false, a: 1.5 }, { search_path: ["a", "B"] }, { "x.y": "z" }];
  const refused = [
    ...[null, "work_mem=1MB", ["a"], { work_mem: null }, { work_mem: {} }, { search_path: [1] }],
    ...[{ "": "x" }, { "x.": "y" }, { work_mem: "1", WORK_MEM: "2" }, { a: Number.NaN }, { a: "x\0" }],
  ];
  it("yes", () => {
    for (const value of accepted) assert.ok(config.accepts(value), JSON.stringify(value));
    for (const value of accepted) assert.ok(configByDatabase.accepts({ "any database": value }));
  });
  it("no", () => {
    for (const value of refused) assert.ok(!config.accepts(value), JSON.stringify(value));
    for (const value of refused) assert.ok(!configByDatabase.accepts({ d: value }), JSON.stringify(value));
    assert.ok(!configByDatabase.accepts({ ["n".repeat(64)]: {} }));
  });
});

describe("config: what is the same", () => {
  const table: [left: Config, right: Config, same: boolean][] = [
    [{ statement_timeout: "30s" }, { STATEMENT_TIMEOUT: 30_000 }, true],
    [{ jit: true }, { jit: "on" }, true],
    [{ search_path: ["a", "b"] }, { search_path: "a, b" }, true],
    [{ search_path: ["a", "b"] }, { search_path: ["b", "a"] }, false],
    [{ search_path: ["a, b"] }, { search_path: ["a", "b"] }, false],
    [{ search_path: ["A"] }, { search_path: "A" }, false],
    [{ search_path: ["", "a", ""] }, { search_path: ["a"] }, true],
    [{ search_path: [""] }, { search_path: [] }, true],
    [{ "app.É": "x" }, { "app.é": "x" }, false],
    [{ datestyle: ["ISO", "DMY"] }, { datestyle: "ISO, DMY" }, true],
    [{ a: "1", b: "2" }, { b: "2", a: "1" }, true],
    [{ a: "1" }, {}, false],
  ];
  for (const [left, right, same] of table) {
    it(`${JSON.stringify(left)} ${same ? "is" : "is not"} ${JSON.stringify(right)}`, () => {
      assert.equal(sameValue(config, left as Json, right as Json), same);
      assert.equal(sameValue(configByDatabase, { d: left } as Json, { d: right } as Json), same);
    });
  }
  it("no parameters for a database is no entry", () => assert.ok(sameValue(configByDatabase, { d: {} }, {})));
});

it("what is seen keeps the words of what is declared, where they mean the same", () => {
  const declared = { Statement_Timeout: 30_000, search_path: "a, b", jit: true } as Json;
  const seen = { statement_timeout: "30s", search_path: ["a", "b"], jit: "off", work_mem: "1MB" } as Json;
  const shown = { Statement_Timeout: 30_000, search_path: "a, b", jit: "off", work_mem: "1MB" };
  assert.deepEqual(config.shown?.(declared, seen), shown);
  assert.deepEqual(configByDatabase.shown?.({ d: declared }, { d: seen, e: seen }), { d: shown, e: seen });
});

it("reads setconfig", () => {
  const entries = ["statement_timeout=30s", 'search_path="$user", public', "app.a=b=c", "application_name="];
  assert.deepEqual(configOf(entries), {
    ...{ statement_timeout: "30s", search_path: ["$user", "public"], "app.a": "b=c", application_name: "" },
  });
  assert.deepEqual(configOf(null), {});
});

describe("configChanges", () => {
  const texts = (before: Config, after: Config) => {
    const { set, reset } = configChanges(before, after);
    const sets = set.map(([name, value]) => `SET ${parameterName(name).text} TO ${value.text}`);
    return [...reset.map((name) => `RESET ${parameterName(name).text}`), ...sets];
  };
  const table: [what: string, before: Config, after: Config, sql: string[]][] = [
    ["nothing", { statement_timeout: "30s" }, { statement_timeout: 30_000 }, []],
    ["another value", { work_mem: "1MB" }, { work_mem: "2MB" }, [`SET "work_mem" TO '2MB'`]],
    ["a new one, an old one", { a: "1" }, { b: 2 }, ['RESET "a"', `SET "b" TO '2'`]],
    ["a flag", {}, { jit: false }, [`SET "jit" TO 'off'`]],
    ["a list of names", {}, { search_path: ["a", "B, c", "it's"] }, [`SET "search_path" TO 'a', 'B, c', 'it''s'`]],
    ["a list of names as text", {}, { search_path: '"$user", X' }, [`SET "search_path" TO '$user', 'x'`]],
    ["no names", {}, { search_path: [] }, [`SET "search_path" TO ''`]],
    ["an empty name", {}, { search_path: [""] }, [`SET "search_path" TO ''`]],
    ["an empty name among others", {}, { search_path: ["a", ""] }, [`SET "search_path" TO 'a'`]],
    ["letters beyond ASCII", { "app.é": "x" }, { "app.É": "x" }, ['RESET "app"."é"', `SET "app"."É" TO 'x'`]],
    ["another list", {}, { datestyle: ["ISO", "DMY"] }, [`SET "datestyle" TO 'ISO, DMY'`]],
    ["an extension's", {}, { 'my"app.a': "x" }, [`SET "my""app"."a" TO 'x'`]],
    ["another spelling of a name", { timezone: "UTC" }, { TimeZone: "CET" }, [`SET "TimeZone" TO 'CET'`]],
  ];
  for (const [what, before, after, sql] of table) it(what, () => assert.deepEqual(texts(before, after), sql));
});

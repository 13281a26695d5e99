import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { canonicalSetting, isNameList, splitNames } from "../../provider/parameters";

describe("canonicalSetting", () => {
  const table: [parameter: string, left: string, right: string, same: boolean][] = [
    ["statement_timeout", "30s", "30000", true],
    ["statement_timeout", "0.5min", " 30 s ", true],
    ["statement_timeout", "30s", "30", false],
    ["STATEMENT_TIMEOUT", "1h", "3600000", true],
    ["vacuum_cost_delay", "500us", "0.5", true],
    ["tcp_keepalives_idle", "2min", "120", true],
    ["work_mem", "64MB", "65536", true],
    ["work_mem", "64MB", "64mb", false],
    ["effective_cache_size", "8MB", "1024", true],
    ["log_parameter_max_length", "1kB", "1024", true],
    ["random_page_cost", "1.10", "1.1", true],
    ["default_statistics_target", "0x64", "100", true],
    ["geqo_threshold", "12", "twelve", false],
    ["jit", "on", "TRUE", true],
    ["jit", "1", "yes", true],
    ["jit", "off", "on", false],
    ["default_transaction_isolation", "Repeatable Read", "repeatable read", true],
    ["log_statement", "none", "all", false],
    ["application_name", "App", "app", false],
    ["application_name", "1.0", "1", false],
    ["timezone", "UTC", "utc", false],
    ["role", "On", "on", false],
    ["app.limit", "30s", "30000", false],
    ["app.flag", "on", "true", false],
    ["bytea_output", "constructor", "toString", false],
  ];
  for (const [parameter, left, right, same] of table) {
    it(`${parameter}: ${left} ${same ? "is" : "is not"} ${right}`, () => {
      assert.equal(canonicalSetting(parameter, left) === canonicalSetting(parameter, right), same);
    });
  }
});

describe("splitNames", () => {
  const table: [text: string, names: string[]][] = [
    ['"$user", public', ["$user", "public"]],
    ["A, b ,c", ["a", "b", "c"]],
    ['"MiXed, x"', ["MiXed, x"]],
    ['"a""b", "c"', ['a"b', "c"]],
    ["", []],
    ['""', []],
    ['"un"balanced', ['"un"balanced']],
    ['a"b, C"d', ['a"b', 'c"d']],
    ["ÄRGER, İ, \u212a", ["Ärger", "İ", "\u212a"]],
    ["\u00a0a\u00a0,\u3000b", ["\u00a0a\u00a0", "\u3000b"]],
  ];
  for (const [text, names] of table) it(text, () => assert.deepEqual(splitNames(text), names));
});

it("knows the lists of names in any case", () => {
  for (const name of ["search_path", "Search_Path", "temp_tablespaces"]) assert.ok(isNameList(name));
  for (const name of ["datestyle", "app.search_path"]) assert.ok(!isNameList(name));
});

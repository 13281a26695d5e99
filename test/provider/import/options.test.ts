import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { InvalidValueError } from "../../../provider/errors";
import { type ImportOptions, parseOptions, USAGE } from "../../../provider/import/options";
import { objectTypes } from "../../../provider/objects";

function optionsOf(...args: string[]): ImportOptions {
  return parseOptions(["import", ...args]) ?? assert.fail("there are none");
}

describe("the arguments of pulumi-pgmob import", () => {
  it("take everything by default, with the environment's connection", () => {
    const { settings, out, force, passwords, filter } = optionsOf();
    assert.deepEqual([settings, out, force, passwords, filter.wants("Role", ["x"])], [{}, ".", false, true, true]);
  });

  it("hand the connection on", () => {
    const args = ["--host=h", "--port", "5", "--user=u", "--database=d", "--url=postgresql://", "--become=b"];
    const more = ["--ssl-mode=require", "--ssl-root-cert=r", "--ssl-cert=c", "--ssl-key=k", "--password-command=p"];
    const limits = ["--connect-timeout=1s", "--statement-timeout=2s", "--max-connections=3"];
    assert.deepEqual(optionsOf(...args, ...more, ...limits).settings, {
      ...{ host: "h", port: "5", user: "u", database: "d", url: "postgresql://", become: "b" },
      ...{ sslMode: "require", sslRootCert: "r", sslCert: "c", sslKey: "k", passwordCommand: "p" },
      ...{ connectTimeout: "1s", statementTimeout: "2s", maxConnections: "3" },
    });
  });

  it("say what to write", () => {
    const { out, force, passwords, filter } = optionsOf("--out=x", "--force", "--no-passwords", "--include=Role:a*");
    assert.deepEqual([out, force, passwords], ["x", true, false]);
    assert.deepEqual([filter.wants("Role", ["ab"]), filter.wants("Database", ["ab"])], [true, false]);
  });

  it("know every option that the help names, and the help every one that is known", () => {
    const named = new Set([...USAGE.matchAll(/--[a-z-]+/g)].map(([name]) => name));
    for (const name of named) {
      const flag = ["--help", "--force", "--no-passwords"].includes(name);
      assert.doesNotThrow(() => parseOptions(["import", flag ? name : `${name}=1`]), name);
    }
    assert.ok(named.size > 18);
    for (const type of ["Role", "Database", "Schema", "Sequence", "ReplicationSlot", "HbaRule"]) {
      assert.ok(objectTypes.has(type));
      assert.match(USAGE, new RegExp(`Types:.*\\b${type}\\b`));
    }
  });

  for (const args of [[], ["--help"], ["import", "--help"], ["import", "-h"]])
    it(`${JSON.stringify(args)} asks for help`, () => assert.equal(parseOptions(args), undefined));

  for (const args of [["improt"], ["import", "--incldue=x"], ["import", "x"], ["--out", "x"]]) {
    it(`${JSON.stringify(args)} is refused with the usage`, () =>
      assert.throws(
        () => parseOptions(args),
        (error: Error) => {
          assert.ok(error instanceof InvalidValueError);
          assert.match(error.message, /usage: pulumi-pgmob import/);
          return true;
        },
      ));
  }
});

import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { NotFoundError } from "../../provider/errors";
import { PartialFailure, quietError } from "../../provider/host-errors";

describe("PartialFailure", () => {
  it("has what the host looks for", () => {
    const error = new PartialFailure("id", { name: "a" }, ["one", "two"]);
    assert.deepEqual([error.id, error.properties, error.reasons], ["id", { name: "a" }, ["one", "two"]]);
    assert.equal(error.message, "one; two");
    assert.ok(error instanceof Error);
  });
});

describe("quietError", () => {
  let debug: string | undefined;
  beforeEach(() => {
    debug = process.env.PGMOB_DEBUG;
    delete process.env.PGMOB_DEBUG;
  });
  afterEach(() => {
    if (debug === undefined) delete process.env.PGMOB_DEBUG;
    else process.env.PGMOB_DEBUG = debug;
  });

  it("has a message and nothing else to print", () => {
    for (const thrown of [new NotFoundError("gone", { object: "o" }), new Error("o: gone"), "o: gone"]) {
      const error = quietError(thrown) as Error;
      assert.ok(error instanceof Error);
      assert.deepEqual([error.message, error.name, String(error), error.stack], ["o: gone", "", "o: gone", ""]);
    }
  });

  it("leaves nothing of the host's own print of it, and everything else", (t) => {
    const written: unknown[] = [];
    t.mock.method(process.stderr, "write", (text: unknown) => written.push(text) > 0);
    const error = quietError(new Error("gone")) as Error;
    console.error(`${error}: ${error.stack}`);
    console.error("one");
    assert.equal(error.stack, ""); // whoever asks for it does not print it
    console.error("two");
    console.error(`${error}: ${error.stack}`);
    console.error("three");
    assert.deepEqual(written, ["one\n", "two\n", "three\n"]);
  });

  it("is the original with PGMOB_DEBUG", () => {
    process.env.PGMOB_DEBUG = "1";
    const original = new NotFoundError("gone");
    assert.equal(quietError(original), original);
  });
});

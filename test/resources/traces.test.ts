import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import { Role } from "../../resources";
import { fullTraces, shortTraces } from "../../resources/traces";

describe("stack traces", () => {
  const before = { limit: Error.stackTraceLimit, prepare: Error.prepareStackTrace };
  const asBefore = () => assert.deepEqual({ limit: Error.stackTraceLimit, prepare: Error.prepareStackTrace }, before);

  afterEach(() => {
    fullTraces();
    Error.stackTraceLimit = before.limit;
    Error.prepareStackTrace = before.prepare;
    process.env.PULUMI_DEBUG_PROMISE_LEAKS = "";
  });

  it("have one frame while a resource is constructed, which tells where an error is from", () => {
    shortTraces();
    const lines = (new Error("x").stack as string).split("\n");
    assert.equal(lines.length, 2);
    assert.equal(lines[0], "Error: x");
    assert.match(lines[1] as string, /^ {4}at .*traces\.test\.js:\d+:\d+/);
    fullTraces();
    assert.ok((new Error("x").stack as string).split("\n").length > 2);
    asBefore();
  });

  it("are whole for whoever asks for all frames, in the words of whoever else prepares them", () => {
    Error.prepareStackTrace = (_error, frames) => `prepared ${frames.length}`;
    shortTraces();
    assert.match(new Error("x").stack as string, /^Error: x\n/);
    Error.stackTraceLimit = Number.POSITIVE_INFINITY;
    assert.match(new Error("x").stack as string, /^prepared \d+$/);
  });

  it("never get longer than the user has them", () => {
    Error.stackTraceLimit = 0;
    shortTraces();
    assert.equal(new Error("x").stack, "Error: x");
    fullTraces();
    assert.equal(Error.stackTraceLimit, 0);
  });

  it("are as before after a constructor that throws, in the next turn at the latest", async () => {
    assert.throws(() => new Role(undefined as unknown as string), /name/);
    await Promise.resolve();
    asBefore();
  });

  it("are whole while leaks of promises are looked for", () => {
    process.env.PULUMI_DEBUG_PROMISE_LEAKS = "1";
    shortTraces();
    asBefore();
  });
});

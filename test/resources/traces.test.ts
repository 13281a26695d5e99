import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import { runInThisContext } from "node:vm";
import { Resource } from "@pulumi/pulumi";
import * as debuggable from "@pulumi/pulumi/runtime/debuggable";
import { Role } from "../../resources";
import { fullTraces, shortTraces } from "../../resources/traces";

/** What the SDK wraps its promises in: it is not in its declarations. */
const { debuggablePromise } = debuggable as unknown as {
  debuggablePromise(promise: Promise<unknown>, context: string): Promise<unknown>;
};

/** Where a resource is declared, as the SDK finds it: it is not in its declarations either. */
const callsites = () => (Resource as unknown as { callsites(): { file?: string; line?: number }[] }).callsites();

/** Functions on a line each: more than are remembered. */
const MANY_PLACES: ((task: () => unknown) => unknown)[] = Array.from({ length: 150 }, (_, line) =>
  runInThisContext("(task) => task()", { filename: `/place-${line}.js`, lineOffset: line }),
);

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

  it("are in the words of whoever else prepares them, and whole for whoever asks for all frames", () => {
    Error.prepareStackTrace = (_error, frames) => `prepared ${frames.length}`;
    shortTraces();
    assert.equal(new Error("x").stack, "prepared 1");
    Error.stackTraceLimit = Number.POSITIVE_INFINITY;
    assert.match(new Error("x").stack as string, /^prepared ([2-9]|\d\d+)$/);
  });

  it("of the SDK's promises are prepared by nobody, from the first resource on; those of all else are", async () => {
    const prepared: string[] = [];
    Error.prepareStackTrace = (error, frames) => {
      prepared.push(frames[0]?.getFunctionName() ?? "");
      return `${error} prepared`;
    };
    const stackOf = (promise: Promise<unknown>) => (promise as { _debugStackTrace?: string })._debugStackTrace;
    const early = Promise.resolve();
    await debuggablePromise(early, "before");
    assert.equal(stackOf(early), "Error prepared");
    assert.deepEqual(prepared.splice(0), ["debuggablePromise"]);

    for (let resource = 0; resource < 3; resource++) {
      shortTraces();
      fullTraces();
    }
    const late = Promise.resolve();
    await debuggablePromise(late, "after");
    assert.equal(stackOf(late), "Error");
    assert.deepEqual(prepared, []);
    function other() {
      return new TypeError("x").stack;
    }
    assert.equal(other(), "TypeError: x prepared");
    const own = { debuggablePromise: () => new Error("of a namesake").stack };
    assert.equal(own.debuggablePromise(), "Error: of a namesake prepared");
    assert.deepEqual(prepared, ["other", "debuggablePromise"]);
  });

  it("of one place of a declaration are prepared once, and of each other place anew", () => {
    let prepared = 0;
    Error.prepareStackTrace = (error, frames) => {
      prepared++;
      return `${error}\n${frames.map((frame) => `    at x (${frame.getFileName()}:${frame.getLineNumber()}:1)`).join("\n")}`;
    };
    shortTraces();
    fullTraces();
    const [first, second, third] = [0, 1, 2].map(() => callsites());
    assert.equal(prepared, 1);
    assert.ok(first?.some(({ file }) => file === __filename));
    assert.deepEqual([second, third], [first, first]);
    const elsewhere = callsites();
    assert.equal(prepared, 2);
    assert.notDeepEqual(elsewhere, first);
    for (const place of MANY_PLACES) assert.deepEqual(place(callsites), place(callsites));
    assert.ok(prepared > MANY_PLACES.length);
  });

  it("are left to Node.js where nobody else prepares them, which knows of --enable-source-maps", () => {
    shortTraces();
    assert.equal(Error.prepareStackTrace, before.prepare);
    fullTraces();
    Error.prepareStackTrace = undefined as never;
    shortTraces();
    assert.equal(Error.prepareStackTrace, undefined);
  });

  it("are wrapped once, however many resources there are, and again where somebody else comes to prepare them", () => {
    Error.prepareStackTrace = () => "first";
    const ours = [0, 1, 2].map(() => {
      shortTraces();
      fullTraces();
      return Error.prepareStackTrace;
    });
    assert.deepEqual(new Set(ours).size, 1);
    Error.prepareStackTrace = () => "second";
    shortTraces();
    assert.ok(!ours.includes(Error.prepareStackTrace));
    assert.equal(new Error("x").stack, "second");
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

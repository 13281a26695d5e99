import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { Database, type DatabaseArgs, Role } from "../../resources";
import { secretPaths } from "../../resources/secrecy";
import { register } from "./register";

async function noteOf(args: DatabaseArgs, options?: pulumi.CustomResourceOptions): Promise<unknown> {
  const { requests } = await register(() => [new Database("shop", args, options)]);
  return requests[0]?.properties.__secrets;
}

describe("what is marked as secret", () => {
  it("is noted with its place, for the hooks", async () => {
    const config = { work_mem: pulumi.secret("1MB"), search_path: ["a", pulumi.secret("b")], role: pulumi.output("c") };
    const comment = pulumi.all([pulumi.secret("a"), "b"]).apply(([a, b]) => a + b);
    assert.deepEqual(await noteOf({ config, comment, owner: Promise.resolve("d") }), [
      ["config", "work_mem"],
      ["config", "search_path", 1],
      ["comment"],
    ]);
  });

  it("and what is to be a secret output", async () => {
    assert.deepEqual(await noteOf({ comment: "c" }, { additionalSecretOutputs: ["comment"] }), [["comment"]]);
  });

  it("is nothing where nothing is, and costs nothing without Outputs", async () => {
    assert.equal(await noteOf({ comment: pulumi.output("c"), owner: "d" }), undefined);
    assert.equal(secretPaths({ comment: "c", config: { a: 1 }, list: [null, true] }), undefined);
  });

  it("is not noted of a password, which is never told", async () => {
    const { requests } = await register(() => [new Role("app", { password: pulumi.secret("s3cret") })]);
    assert.equal(requests[0]?.properties.__secrets, undefined);
  });
});

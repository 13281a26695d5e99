import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { Role } from "../../resources";
import { register, secret, settled } from "./register";

const password = async (value: pulumi.Input<string | null> | undefined) => {
  const { requests, resources } = await register(() => [new Role("app", { password: value })] as [Role]);
  return { sent: requests[0]?.properties.password, role: resources[0] };
};

describe("the password of a Role", () => {
  it("is secret without being marked", async () => {
    const { sent, role } = await password("pencil");
    assert.deepEqual(sent, secret("pencil"));
    assert.equal(await pulumi.isSecret(role.password), true);
    assert.equal(await pulumi.isSecret(role.name), false);
  });
  it("is secret when it is an Output, and is not wrapped twice when it is marked", async () => {
    for (const value of [pulumi.output("pencil"), pulumi.secret("pencil"), Promise.resolve("pencil")]) {
      assert.deepEqual((await password(value)).sent, secret("pencil"));
    }
  });
  it("can be none, or not declared", async () => {
    assert.equal((await password(null)).sent, null);
    assert.equal((await password(undefined)).sent, undefined);
  });
  it("does not change the arguments", async () => {
    const args = { password: "pencil" };
    await register(() => [new Role("app", args), new Role("other", args)]);
    assert.deepEqual(args, { password: "pencil" });
  });
});

it("memberships may be names of other roles, each an Output", async () => {
  const { requests } = await register(() => {
    const owner = new Role("owner", { name: "shop_owner" });
    return [owner, new Role("app", { memberOf: [owner.name, "other"] })];
  });
  assert.deepEqual(requests[1]?.properties.memberOf, ["shop_owner", "other"]);
});

it("a limit that is an Output arrives as a number", async () => {
  const { resources } = await register(() => [new Role("app", { connectionLimit: pulumi.output(5) })] as [Role]);
  assert.equal(await settled(resources[0].connectionLimit as pulumi.Output<number>), 5);
});

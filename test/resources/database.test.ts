import assert from "node:assert/strict";
import { it } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { Database, Role } from "../../resources";
import { register, settled } from "./register";

it("a Database passes every attribute on, the owner's name as an Output", async () => {
  const { requests, resources } = await register(() => {
    const owner = new Role("owner", { name: "shop_owner" });
    const args = {
      owner: owner.name,
      encoding: "utf-8",
      template: "t",
      forceDrop: true,
      dropNonEmpty: false,
      allowReplace: null,
    };
    return [owner, new Database("shop", args)] as [Role, Database];
  });
  const { __provider, ...inputs } = requests[1]?.properties ?? {};
  assert.deepEqual(inputs, {
    name: "shop",
    owner: "shop_owner",
    encoding: "utf-8",
    template: "t",
    forceDrop: true,
    dropNonEmpty: false,
    allowReplace: null,
  });
  const [, database] = resources;
  assert.equal(await settled(database.owner as pulumi.Output<string>), "shop_owner");
  assert.equal(await pulumi.isSecret(database.owner), false);
});

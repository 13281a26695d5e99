import assert from "node:assert/strict";
import { it } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { Database, Provider, Role, type RoleArgs, Schema } from "../../resources";
import { register } from "./register";

// What this file is about is that it compiles: an Output of everything that may be given in plain may be given as well.
it("every argument takes an Output, of null too, and a list takes Outputs at any depth", async () => {
  const { requests } = await register(() => {
    const flag: pulumi.Output<boolean> = pulumi.output(true);
    const maybe: pulumi.Output<boolean | null> = pulumi.output(null);
    const names: pulumi.Output<string[]> = pulumi.output(["a"]);
    const mixed: RoleArgs["memberOf"] = ["a", pulumi.output("b"), Promise.resolve("c")];
    const none: pulumi.Output<string | null> = pulumi.output(null);
    const port: pulumi.Output<number | string> = pulumi.output("5432");
    return [
      new Role("r1", { login: flag, adopt: maybe, memberOf: names, password: none }),
      new Role("r2", { memberOf: pulumi.output(mixed) }),
      new Role("r3", { memberOf: mixed, connectionLimit: pulumi.output(5 as number | null) }),
      new Role("r4", { memberOf: null, login: null }),
      new Database("d", { forceDrop: flag, encoding: pulumi.output("UTF8") }),
      new Schema("s", { dropCascade: maybe, database: pulumi.output("d") }),
      new Provider("p", { port, sslMode: pulumi.output("require" as const) }),
    ];
  });
  const sent = (name: string, key: string) => requests.find((request) => request.name === name)?.properties[key];
  assert.deepEqual([sent("r1", "login"), sent("r1", "adopt"), sent("r1", "memberOf")], [true, null, ["a"]]);
  assert.deepEqual(
    [sent("r2", "memberOf"), sent("r3", "memberOf")],
    [
      ["a", "b", "c"],
      ["a", "b", "c"],
    ],
  );
  assert.equal(sent("r3", "connectionLimit"), 5);
  assert.equal(sent("d", "forceDrop"), true);
  assert.equal(sent("p", "pgmob:port"), "5432");
});

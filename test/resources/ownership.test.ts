import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import {
  Database,
  LargeObject,
  type OwnedReferenceArgs,
  Ownership,
  type OwnershipArgs,
  Routine,
  Schema,
  Sequence,
  Table,
  View,
} from "../../resources";
import { register } from "./register";

/** What the engine gets of an ownership, the provider's text left out. */
async function inputsOf(build: () => OwnershipArgs, preview = false): Promise<Record<string, unknown>> {
  const { requests } = await register(() => [new Ownership("mine", build())], { preview });
  const { __provider, ...inputs } = requests.find(({ name }) => name === "mine")?.properties ?? {};
  return inputs;
}

describe("an Ownership", () => {
  it("of objects passes every attribute on, and no name", async () => {
    const objects: OwnedReferenceArgs[] = [
      { kind: "table", schema: "sales", name: "orders", database: "other" },
      { kind: "routine", name: "f", arguments: "int" },
      { kind: "large object", oid: 16384 },
    ];
    assert.deepEqual(await inputsOf(() => ({ owner: "o", objects, database: "shop" })), {
      owner: "o",
      objects,
      database: "shop",
    });
  });

  it("of a role passes every attribute on", async () => {
    for (const databases of ["all", ["shop", "other"]] as const) {
      const args = { owner: "o", reassignOwnedBy: "alice", databases } as OwnershipArgs;
      assert.deepEqual(await inputsOf(() => args), args);
    }
  });

  it("takes Databases where names of databases stand", async () => {
    const args = () => ({ owner: "o", reassignOwnedBy: "alice", databases: [new Database("shop"), "other"] });
    assert.deepEqual((await inputsOf(args)).databases, ["shop", "other"]);
    const inOne = () => ({
      owner: "o",
      objects: { kind: "schema", name: "s" } as const,
      database: new Database("shop"),
    });
    assert.equal((await inputsOf(inOne)).database, "shop");
  });

  it("takes one object for a list of one", async () => {
    assert.deepEqual((await inputsOf(() => ({ owner: "o", objects: { kind: "type", name: "mood" } }))).objects, [
      { kind: "type", name: "mood" },
    ]);
    assert.deepEqual((await inputsOf(() => ({ owner: "o", objects: new Database("shop") }))).objects, [
      { kind: "database", name: "shop" },
    ]);
  });

  const resources = () => {
    const database = new Database("shop");
    return [
      database,
      new Schema("sales", { database }),
      new Table("orders", { database, schema: "sales" }),
      new View("open", { schema: "sales" }),
      new Sequence("no", { database: "other" }),
      new Routine("total", { arguments: "int", schema: null }),
      new Routine("now"),
      new LargeObject("photo", { database, oid: "16384" }),
    ];
  };
  const named = [
    { kind: "database", name: "shop" },
    { kind: "schema", name: "sales", database: "shop" },
    { kind: "table", schema: "sales", name: "orders", database: "shop" },
    { kind: "view", schema: "sales", name: "open", database: null },
    { kind: "sequence", schema: "public", name: "no", database: "other" },
    { kind: "routine", schema: "public", name: "total", arguments: "int", database: null },
    { kind: "routine", schema: "public", name: "now", arguments: "", database: null },
    { kind: "large object", oid: 16384, database: "shop" },
  ];
  for (const preview of [false, true]) {
    it(`takes resources by their names, ${preview ? "known in preview" : "each in its own database"}`, async () => {
      assert.deepEqual((await inputsOf(() => ({ owner: "o", objects: resources() }), preview)).objects, named);
    });
  }

  it("takes a list that is known later", async () => {
    const objects = pulumi.output(Promise.resolve([{ kind: "schema", name: "s" } as const]));
    assert.deepEqual((await inputsOf(() => ({ owner: "o", objects }))).objects, [{ kind: "schema", name: "s" }]);
  });

  it("leaves the arguments as they are", async () => {
    const objects = Object.freeze([{ kind: "schema", name: "s" } as const]);
    const args = Object.freeze({ owner: "o", objects });
    await inputsOf(() => args);
    assert.equal(args.objects, objects);
  });
});

describe("the compiler", () => {
  it("knows what each kind has", () => {
    const right: OwnedReferenceArgs[] = [
      { kind: "table", name: pulumi.output("t"), schema: "s" },
      { kind: "database", name: "d" },
      { kind: "large object", oid: "5" },
    ];
    // @ts-expect-error: a kind that there is not
    const noKind: OwnedReferenceArgs = { kind: "index", name: "i" };
    // @ts-expect-error: a table has no arguments
    const noArguments: OwnedReferenceArgs = { kind: "table", name: "t", arguments: "int" };
    // @ts-expect-error: a database is in no database
    const noDatabase: OwnedReferenceArgs = { kind: "database", name: "d", database: "e" };
    // @ts-expect-error: a large object has no name
    const noName: OwnedReferenceArgs = { kind: "large object", name: "x" };
    // @ts-expect-error: objects or a role
    const neither: OwnershipArgs = { owner: "o" };
    // @ts-expect-error: not both
    const both: OwnershipArgs = { owner: "o", objects: right, reassignOwnedBy: "alice" };
    // @ts-expect-error: databases are for a role
    const misplaced: OwnershipArgs = { owner: "o", objects: right, databases: "all" };
    assert.equal([...right, noKind, noArguments, noDatabase, noName, neither, both, misplaced].length, 10);
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { Database, type DatabaseArgs, Schema, type SchemaArgs } from "../../resources";
import { inDatabase } from "../../resources/in-database";
import { register, settled } from "./register";

const DATABASE_URN = "urn:pulumi:stack::project::pulumi-nodejs:dynamic/pgmob:Database::shop-db";

/** A schema with `database` as the program gives it. */
async function schemaIn(pick: (database: Database) => SchemaArgs["database"], options?: pulumi.CustomResourceOptions) {
  const { requests, resources } = await register(() => {
    const database = new Database("shop-db", { name: "shop", dropNonEmpty: true });
    return [database, new Schema("sales", { database: pick(database) }, options)] as [Database, Schema];
  });
  return { request: requests.find(({ name }) => name === "sales"), schema: resources[1] };
}

describe("database: a Database", () => {
  it("gives its name, and takes the schema with it when it is dropped", async () => {
    const { request, schema } = await schemaIn((database) => database);
    assert.equal(request?.properties.database, "shop");
    assert.equal(request?.deletedWith, DATABASE_URN);
    assert.equal(await settled(schema.database as pulumi.Output<string>), "shop");
  });

  it("leaves the schema a delete of its own where its drop may be refused, or is none", async () => {
    const whole = { dropNonEmpty: true };
    const table: [DatabaseArgs, pulumi.CustomResourceOptions, boolean][] = [
      [{}, {}, false],
      [{ dropNonEmpty: false }, {}, false],
      [{ dropNonEmpty: pulumi.output(true) }, {}, false],
      [whole, {}, true],
      [{ ...whole, adopt: false }, {}, true],
      [{ ...whole, adopt: true }, {}, false],
      [{ ...whole, adopt: pulumi.output(true) }, {}, false],
      [{ ...whole, adopt: true, dropOnDelete: true }, {}, true],
      [whole, { retainOnDelete: true }, false],
    ];
    for (const [args, options, taken] of table) {
      const { requests } = await register(() => {
        const database = new Database("shop-db", args, options);
        return [database, new Schema("sales", { database })];
      });
      assert.equal(requests[1]?.deletedWith, taken ? DATABASE_URN : "", JSON.stringify([args, options]));
    }
  });

  it("leaves an own deletedWith alone", async () => {
    const { requests } = await register(() => {
      const [shop, other] = [new Database("shop-db"), new Database("other-db")];
      return [shop, other, new Schema("sales", { database: shop }, { deletedWith: other })];
    });
    assert.equal(requests[2]?.deletedWith, DATABASE_URN.replace("shop", "other"));
  });

  it("leaves arguments and options as they are", async () => {
    await register(() => {
      const database = new Database("shop-db");
      const args = Object.freeze({ database });
      const options = Object.freeze({ protect: false });
      const [first, second] = [new Schema("a", args, options), new Schema("b", args, options)];
      assert.equal(args.database, database);
      assert.deepEqual(options, { protect: false });
      return [database, first, second];
    });
  });
});

describe("database: a name", () => {
  it("as text or as an Output, is passed on without deletedWith", async () => {
    for (const pick of [() => "shop", (database: Database) => database.name]) {
      const { request } = await schemaIn(pick);
      assert.deepEqual([request?.properties.database, request?.deletedWith], ["shop", ""]);
    }
  });
  it("can be left out", async () => {
    const { request } = await schemaIn(() => undefined);
    assert.ok(!("database" in (request?.properties ?? {})));
  });
  it("nothing is made of no arguments", () =>
    assert.deepEqual(inDatabase(undefined, undefined), [undefined, undefined]));
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Values } from "../../../provider/definition";
import type { Declared } from "../../../provider/import/declaration";
import { filesOf } from "../../../provider/import/files";
import { objectTypes } from "../../../provider/objects";
import { providerText } from "../../../resources/base";
import { declaredOf } from "./declared";

function declared(type: string, inputs: Values, outputs: Values = {}): Declared {
  return declaredOf(objectTypes.get(type) ?? assert.fail(type), inputs, outputs);
}

/** What is imported of one resource. */
function spec(imports: string, index: number) {
  const { resources } = JSON.parse(imports) as { resources: Record<string, Record<string, unknown>>[] };
  return resources[index] ?? assert.fail("there is none");
}

describe("the files of an import", () => {
  it("have roles after their groups, and objects named by others as variables", () => {
    const { program, secrets } = filesOf([
      declared("Schema", { database: "shop", name: "sales", owner: "own" }, { database: "shop" }),
      declared("Sequence", { database: "shop", schema: "sales", name: "no", start: "5" }, { database: "shop" }),
      declared(
        "Sequence",
        { database: "shop", schema: "else", name: "no", maxValue: "9007199254740993" },
        { database: "shop" },
      ),
      declared("Database", { name: "shop", owner: "someone" }),
      declared("Role", { name: "app", memberOf: ["own", { role: "pg_monitor", admin: true }] }),
      declared("Role", { name: "own" }),
    ]);
    assert.equal(secrets, undefined);
    assert.equal(
      program,
      `import * as pgmob from "pulumi-pgmob";

// Roles

const ownRole = new pgmob.Role("own");

new pgmob.Role("app", {
  memberOf: [ownRole.name, { role: "pg_monitor", admin: true }],
});

// Database shop

const shopDatabase = new pgmob.Database("shop", { owner: "someone" });

const shopSalesSchema = new pgmob.Schema("shop.sales", {
  database: shopDatabase,
  name: "sales",
  owner: ownRole.name,
});

new pgmob.Sequence("shop.sales.no", {
  database: shopDatabase,
  schema: shopSalesSchema.name,
  name: "no",
  start: 5,
});

new pgmob.Sequence("shop.else.no", {
  database: shopDatabase,
  schema: "else",
  name: "no",
  maxValue: 9007199254740993n,
});
`,
    );
  });

  it("keep passwords out of the program: they are configuration, and secrets in the state", () => {
    const verifier = "SCRAM-SHA-256$4096:c2FsdA==$x:y";
    const { program, imports, secrets } = filesOf([declared("Role", { name: "app", password: verifier })]);
    assert.ok(!program.includes("SCRAM"));
    assert.match(program, /const config = new pulumi\.Config\(\);/);
    assert.match(program, /new pgmob\.Role\("app", \{ password: config\.requireSecret\("password-app"\) \}\);/);
    const script = `#!/bin/sh\nset -eu\npulumi config set --secret password-app <<'END'\n${verifier}\nEND\n`;
    assert.equal(secrets, script);
    const marked = {
      "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
      plaintext: `"${verifier}"`,
    };
    const found = spec([...imports].join(""), 0);
    for (const part of ["inputs", "outputs"]) assert.deepEqual(found[part]?.password, marked);
  });

  it("name the provider as the resources do, for every type", () => {
    for (const type of objectTypes.keys()) {
      const { imports } = filesOf([declared(type, { name: "x" })]);
      const found = spec([...imports].join(""), 0);
      assert.equal(found.type, `pulumi-nodejs:dynamic/pgmob:${type}`);
      for (const part of ["inputs", "outputs"]) assert.equal(found[part]?.__provider, providerText(type));
    }
  });

  it("have a resource for each of two objects that would be called the same", () => {
    const { program } = filesOf([declared("Role", { name: "a b" }), declared("Role", { name: "a/b" })]);
    assert.match(program, /Role\("a-b", \{ name: "a b" \}\)/);
    assert.match(program, /Role\("a-b2", \{ name: "a\/b" \}\)/);
  });
});

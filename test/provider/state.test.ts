import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { ObjectType, Observed, Values } from "../../provider/definition";
import { InvalidValueError } from "../../provider/errors";
import { databaseType } from "../../provider/objects/database";
import { roleType } from "../../provider/objects/role";
import { CHANGED_PASSWORD } from "../../provider/objects/role-password";
import { schemaType } from "../../provider/objects/schema";
import { fingerprint, scramVerifier } from "../../provider/password";
import { addressOf, fullState, idOf, stateOf } from "../../provider/state";
import { HOSTILE_NAMES, membership, observedOf, TWO_PARTS } from "./samples";

const BOOK = { systemIdentifier: "7" };

describe("idOf and addressOf", () => {
  const table: [type: ObjectType, path: string[], database: string, id: string][] = [
    [roleType, ["app"], "postgres", "app"],
    [roleType, ["a/b"], "postgres", "a%2Fb"],
    [databaseType, ["100%"], "postgres", "100%25"],
    [schemaType, ["sales"], "shop", "shop/sales"],
    [schemaType, ["x/y"], "a/b", "a%2Fb/x%2Fy"],
    [schemaType, ["naïve 🐘"], 'a"b', "a%22b/na%C3%AFve%20%F0%9F%90%98"],
    [TWO_PARTS, ["a.b", "c/d"], "shop", "shop/a.b/c%2Fd"],
  ];
  for (const [type, path, database, id] of table) it(id, () => assert.equal(idOf(type, path, database), id));

  it("come back as they were, whatever the name", () => {
    const name = fc.oneof(
      fc.constantFrom(...HOSTILE_NAMES),
      fc.string({ unit: "binary", minLength: 1 }),
      fc.string({ unit: fc.constantFrom("/", "%", "2", "F", ".", " ", "é", "🐘", "?", "#"), minLength: 1 }),
    );
    fc.assert(
      fc.property(name, name, fc.constantFrom(roleType, databaseType, schemaType, TWO_PARTS), (first, second, type) => {
        const path = type.key.length === 1 ? [first] : [second, first];
        assert.deepEqual(addressOf(type, idOf(type, path, second)), {
          database: type.perDatabase ? second : undefined,
          key: { path },
        });
      }),
    );
  });

  it("a schema's id without a database is one of the connection's", () => {
    assert.deepEqual(addressOf(schemaType, "sales"), { database: undefined, key: { path: ["sales"] } });
  });

  it("what may be left out of a key may be left out of an id", () => {
    assert.deepEqual(addressOf(TWO_PARTS, "a/b"), { database: undefined, key: { path: ["a", "b"] } });
    assert.deepEqual(addressOf(TWO_PARTS, "a.b"), { database: undefined, key: { path: ["public", "a.b"] } });
  });

  const misshapen: [type: ObjectType, id: string, shape: string][] = [
    [roleType, "a/b", "name"],
    [schemaType, "a/b/c", "database/name"],
    [TWO_PARTS, "a/b/c/d", "database/schema/name"],
  ];
  for (const [type, id, shape] of misshapen) {
    it(`${id} is not the id of a ${type.noun}`, () => {
      assert.throws(() => addressOf(type, id), {
        name: "InvalidValueError",
        message: `"${id}" is not the id of a ${type.noun}, which is ${shape}`,
      });
    });
  }

  for (const id of ["100%", "%zz", "a/%ff"]) {
    it(`${id} is refused, saying how an id is written`, () => {
      assert.throws(
        () => addressOf(schemaType, id),
        (error: Error) => {
          assert.ok(error instanceof InvalidValueError, String(error));
          assert.ok(error.message.includes(id) && /percent-encoded/.test(error.message), error.message);
          return true;
        },
      );
    });
  }
});

describe("stateOf", () => {
  const role = observedOf(
    { name: "app", login: true, connectionLimit: -1, memberOf: ["a", "b"] },
    {
      memberships: [membership("a"), membership("b")],
    },
  );
  const database = observedOf({ name: "shop", owner: "o", encoding: "UTF8" });
  const schema = observedOf({ name: "sales", owner: "o" });

  const table: [what: string, type: ObjectType, observed: Observed, properties: Values, inputs: Values][] = [
    ["only what is declared", roleType, role, { name: "app" }, { name: "app" }],
    ["state's own keys are no inputs", roleType, role, { name: "app", oid: 5, __provider: "x" }, { name: "app" }],
    ["a value that is the same keeps its order", roleType, role, { memberOf: ["b", "a"] }, { memberOf: ["b", "a"] }],
    ["null that is the same stays null", roleType, role, { connectionLimit: null }, { connectionLimit: null }],
    ["null that is not the same shows the server's", roleType, role, { login: null }, { login: true }],
    [
      "another value is the server's",
      roleType,
      role,
      { login: false, memberOf: [] },
      { login: true, memberOf: ["a", "b"] },
    ],
    ["a spelling is kept", databaseType, database, { encoding: "utf-8" }, { encoding: "utf-8" }],
    ["another encoding is the server's", databaseType, database, { encoding: "latin1" }, { encoding: "UTF8" }],
    ["a renamed object shows its name", databaseType, database, { name: "old" }, { name: "shop" }],
    [
      "options and create-only values stay as declared",
      databaseType,
      database,
      { template: "t", forceDrop: true, adopt: null },
      { template: "t", forceDrop: true, adopt: null },
    ],
    ["a database that is not declared is not shown", schemaType, schema, { name: "sales" }, { name: "sales" }],
  ];
  for (const [what, type, observed, properties, inputs] of table) {
    it(what, async () => {
      const state = await stateOf(type, observed, properties, BOOK);
      assert.deepEqual(state.inputs, inputs);
      // What only a replacement could change is in outputs, declared or not, and so is the oid; what is not is noted.
      const isDeclared = properties.encoding !== undefined;
      const fixed = isDeclared ? {} : { encoding: "UTF8" };
      const nobodys = type === databaseType ? { ...fixed, __undeclared: [...Object.keys(fixed), "oid"] } : {};
      assert.deepEqual(state.outputs, { ...nobodys, ...inputs, oid: 16384, systemIdentifier: "7" });
      // A refresh has nothing but the outputs, and takes none of them for declared that is not.
      assert.deepEqual((await stateOf(type, observed, state.outputs, BOOK)).inputs, inputs);
    });
  }

  it("follows the database's new name", async () => {
    const book = { ...BOOK, database: "shop2", databaseOid: 5 };
    const { inputs, outputs } = await stateOf(schemaType, schema, { name: "sales", database: "shop" }, book);
    assert.deepEqual(inputs, { name: "sales", database: "shop2" });
    assert.deepEqual(outputs, { ...inputs, oid: 16384, systemIdentifier: "7", databaseOid: 5 });
  });

  it("keeps what was adopted", async () => {
    const { outputs } = await stateOf(roleType, role, { name: "app" }, { ...BOOK, adopted: true });
    assert.deepEqual(outputs, { name: "app", oid: 16384, systemIdentifier: "7", adopted: true });
  });

  describe("of a password", () => {
    const withVerifier = (verifier: string | null | undefined) =>
      observedOf({ name: "app" }, { memberships: [], verifier });
    const state = async (verifier: string | null | undefined, properties: Values) => {
      const { inputs, outputs } = await stateOf(roleType, withVerifier(verifier), properties, BOOK);
      return [inputs.password, outputs.passwordHash];
    };

    it("as declared when the verifier is its own, with a fingerprint", async () => {
      const verifier = await scramVerifier("pencil", 4096);
      assert.deepEqual(await state(verifier, { password: "pencil" }), ["pencil", fingerprint(verifier)]);
      assert.deepEqual(await state(verifier, { password: verifier }), [verifier, fingerprint(verifier)]);
    });
    it("as declared by the fingerprint alone", async () => {
      const verifier = await scramVerifier("pencil", 4096);
      const passwordHash = fingerprint(verifier) as string;
      assert.deepEqual(await state(verifier, { password: "not looked at", passwordHash }), [
        "not looked at",
        passwordHash,
      ]);
    });
    it("a mark when it was changed elsewhere, without a fingerprint", async () => {
      const verifier = await scramVerifier("other", 4096);
      assert.deepEqual(await state(verifier, { password: "pencil", passwordHash: "old" }), [
        CHANGED_PASSWORD,
        undefined,
      ]);
      assert.deepEqual(await state(verifier, { password: null }), [CHANGED_PASSWORD, undefined]);
    });
    it("gone when the server has none any more", async () => {
      assert.deepEqual(await state(null, { password: "pencil", passwordHash: "old" }), [undefined, undefined]);
      assert.deepEqual(await state(null, { password: null }), [null, undefined]);
    });
    it("as declared where verifiers cannot be read", async () => {
      assert.deepEqual(await state(undefined, { password: "pencil" }), ["pencil", undefined]);
    });
    it("never there when it is not declared", async () => {
      assert.deepEqual(await state(await scramVerifier("x", 4096), {}), [undefined, undefined]);
    });
  });

  it("holds neither undefined nor bigint, at any depth", async () => {
    const odd = {
      ...observedOf({ name: "d", owner: [1n, undefined] as never, encoding: undefined as never }),
      oid: 5n as never,
    };
    const { outputs } = await stateOf(databaseType, odd, { name: "d", owner: "o", encoding: "UTF8" }, BOOK);
    for (const values of [outputs, fullState(databaseType, odd, BOOK)]) {
      const seen: unknown[] = [];
      JSON.stringify(values, (_key, value: unknown) => {
        seen.push(typeof value);
        return value;
      });
      assert.ok(!seen.includes("bigint") && !seen.includes("undefined"), JSON.stringify(values));
      assert.ok(!Object.values(values).includes(undefined as never));
      assert.equal(values.oid, "5");
    }
  });
});

describe("what the server computes", () => {
  const type: ObjectType = { ...roleType, computed: { ...roleType.computed, moves: "Something that moves." } };
  const moved = observedOf({ name: "app", moves: 2, hidden: 3 });

  it("is an output as the server has it now, never an input", async () => {
    const { inputs, outputs } = await stateOf(type, moved, { name: "app", moves: 1 }, BOOK);
    assert.deepEqual(inputs, { name: "app" });
    assert.deepEqual(outputs, { name: "app", oid: 16384, systemIdentifier: "7", moves: 2 });
  });
  it("is part of what a lookup answers", () => {
    assert.deepEqual(fullState(type, moved, BOOK), { name: "app", moves: 2, oid: 16384, systemIdentifier: "7" });
  });
});

describe("fullState", () => {
  it("is every attribute the server shows, and no verifier", () => {
    const observed = observedOf(
      { name: "app", login: true, connectionLimit: -1, memberOf: [] },
      { verifier: "SCRAM…" },
    );
    assert.deepEqual(fullState(roleType, observed, BOOK), {
      name: "app",
      login: true,
      connectionLimit: -1,
      memberOf: [],
      oid: 16384,
      systemIdentifier: "7",
    });
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { checkInputs, diffInputs } from "../../../provider/check";
import type { Values } from "../../../provider/definition";
import { OWNED_KINDS } from "../../../provider/objects/owned-kinds";
import { meaningOf, references } from "../../../provider/objects/owned-reference";
import { ownershipType } from "../../../provider/objects/ownership";
import { type Json, sameValue } from "../../../provider/values";
import {
  factsOf,
  HOSTILE_NAMES,
  id,
  observedOf,
  restricted,
  roleFacts,
  sequence,
  serverFacts,
  texts,
  UNKNOWN,
} from "../samples";

const SCHEMA: Json = { kind: "schema", name: "s" };

describe("what goes together", () => {
  const table: [what: string, values: Values, failures: { property: string; reason: RegExp }[]][] = [
    ["objects", { objects: [SCHEMA], database: "d" }, []],
    ["a role", { reassignOwnedBy: "b", databases: "all" }, []],
    ["a role in the connection's database", { reassignOwnedBy: "b", objects: null, databases: null }, []],
    ["neither", {}, [{ property: "", reason: /either objects or reassignOwnedBy/ }]],
    ["null is neither", { objects: null, reassignOwnedBy: null }, [{ property: "", reason: /either/ }]],
    ["both", { objects: [SCHEMA], reassignOwnedBy: "b" }, [{ property: "", reason: /either/ }]],
    [
      "databases of objects",
      { objects: [SCHEMA], databases: ["d"] },
      [{ property: "databases", reason: /goes with reassign/ }],
    ],
    ["a role's database", { reassignOwnedBy: "b", database: "d" }, [{ property: "database", reason: /set databases/ }]],
    ["itself", { reassignOwnedBy: "a" }, [{ property: "reassignOwnedBy", reason: /must be another role/ }]],
    ["what is not known yet", { reassignOwnedBy: UNKNOWN, databases: UNKNOWN }, []],
  ];
  for (const [what, values, failures] of table) {
    it(what, () => {
      const found = checkInputs(ownershipType, {}, { owner: "a", ...values });
      assert.deepEqual(
        found.map(({ property }) => property),
        failures.map(({ property }) => property),
      );
      for (const [index, { reason }] of found.entries()) assert.match(reason, failures[index]?.reason ?? /^$/);
    });
  }
  it("two roles that are not known yet may be two", () => {
    assert.deepEqual(checkInputs(ownershipType, {}, { owner: UNKNOWN, reassignOwnedBy: UNKNOWN }), []);
  });
});

describe("objects", () => {
  const right: Json[] = [
    { kind: "database", name: "d" },
    { kind: "tablespace", name: "t" },
    { kind: "schema", name: "s", database: null },
    { kind: "foreign server", name: "f", database: "d" },
    { kind: "table", name: "t", schema: "s" },
    { kind: "routine", name: "f" },
    { kind: "routine", name: "f", schema: "s", arguments: "int, text" },
    { kind: "large object", oid: "16384" },
    ...[...OWNED_KINDS.keys()].filter((kind) => kind !== "large object").map((kind) => ({ kind, name: "x" })),
  ];
  for (const one of right) it(JSON.stringify(one), () => assert.ok(references.accepts([one])));

  it("any name", () => {
    for (const name of HOSTILE_NAMES)
      assert.ok(references.accepts([{ kind: "view", schema: name, name, database: name }]));
  });

  const wrong: [value: unknown, reason: RegExp | undefined][] = [
    ["t", undefined],
    [{ kind: "table", name: "t" }, undefined],
    [[], undefined],
    [["t"], /^0 is no object with a kind$/],
    [[SCHEMA, { kind: "index", name: "i" }], /^1 is of no kind that has an owner: database, schema, table/],
    [[{ kind: "constructor", name: "i" }], /^0 is of no kind/],
    [[{ kind: "table" }], /^0: name must be a name of 1 to 63 bytes/],
    [[{ kind: "table", name: "t", arguments: "int" }], /^0: a table has no arguments$/],
    [[{ kind: "table", name: "t", oid: 5 }], /^0: a table has no oid$/],
    [[{ kind: "table", name: "t", schema: 5 }], /^0: schema must be a name/],
    [[{ kind: "schema", name: "s", schema: "t" }], /^0: a schema has no schema$/],
    [[{ kind: "database", name: "d", database: "e" }], /^0: a database is in no database$/],
    [[{ kind: "table", name: "t", database: "" }], /^0: database must be a name/],
    [[{ kind: "large object", name: "x" }], /^0: a large object has no name$/],
    [[{ kind: "large object", oid: 0 }], /^0: oid must be an oid/],
  ];
  for (const [value, reason] of wrong) {
    it(`refuses ${JSON.stringify(value)}`, () => {
      assert.equal(references.accepts(value), false);
      const said = references.reason?.(value);
      if (reason === undefined) assert.equal(said, undefined);
      else assert.match(said ?? "", reason);
    });
  }

  it("are the same in any order, and with what is the default anyway", () => {
    const one: Json = [
      { kind: "table", name: "t" },
      { kind: "routine", name: "f", arguments: "" },
      { kind: "large object", oid: 5 },
    ];
    const other: Json = [
      { oid: "5", kind: "large object" },
      { name: "f", schema: "public", kind: "routine" },
      { schema: "public", kind: "table", name: "t" },
    ];
    assert.ok(sameValue(references, one, other));
    for (const different of [
      { kind: "view", name: "t" },
      { kind: "table", name: "t", schema: "s" },
      { kind: "table", name: "t", database: "d" },
      { kind: "table", name: "t", database: null },
    ] as Json[])
      assert.ok(!sameValue(references, [{ kind: "table", name: "t" }], [different]), JSON.stringify(different));
  });

  it("mean an object by its key", () => {
    assert.deepEqual(meaningOf({ kind: "routine", name: "f" }).path, ["public", "f", ""]);
    assert.deepEqual(meaningOf({ kind: "large object", oid: 5 }).path, ["5"]);
    assert.equal(meaningOf({ kind: "type", name: "t" }).type.noun, "type");
  });
});

describe("every kind is handed over in its own words", () => {
  const words: Readonly<Record<string, string>> = {
    ...{ database: 'DATABASE "n"', schema: 'SCHEMA "n"', tablespace: 'TABLESPACE "n"', publication: 'PUBLICATION "n"' },
    ...{
      subscription: 'SUBSCRIPTION "n"',
      "foreign server": 'SERVER "n"',
      language: 'LANGUAGE "n"',
      type: 'TYPE "s"."n"',
    },
    ...{ "foreign data wrapper": 'FOREIGN DATA WRAPPER "n"', "event trigger": 'EVENT TRIGGER "n"' },
    ...{ collation: 'COLLATION "s"."n"', conversion: 'CONVERSION "s"."n"', statistics: 'STATISTICS "s"."n"' },
    ...{
      "text search configuration": 'TEXT SEARCH CONFIGURATION "s"."n"',
      table: 'TABLE "s"."n"',
      view: 'VIEW "s"."n"',
    },
    ...{ "text search dictionary": 'TEXT SEARCH DICTIONARY "s"."n"', sequence: 'SEQUENCE "s"."n"' },
    ...{ routine: 'FUNCTION "s"."n"()', "large object": "LARGE OBJECT 16384" },
  };
  const named = { schema: "s", name: "n", owner: "o", arguments: "" };
  const observed = observedOf({ ...sequence().values, ...named }, { types: [] });
  const facts = factsOf(serverFacts());
  it("each of them", () => assert.deepEqual([...OWNED_KINDS.keys()].sort(), Object.keys(words).sort()));
  for (const [kind, type] of OWNED_KINDS) {
    it(kind, () => {
      assert.deepEqual(texts(type.alter(observed, { owner: "p" }, facts)), [`ALTER ${words[kind]} OWNER TO "p"`]);
      assert.deepEqual(type.alter(observed, { owner: "o" }, facts), []);
    });
  }
  it("any name", () => {
    for (const name of HOSTILE_NAMES) {
      const one = observedOf({ schema: name, name, owner: "o" });
      const sent = texts(OWNED_KINDS.get("type")?.alter(one, { owner: "p" }, facts) ?? []);
      assert.deepEqual(sent, [`ALTER TYPE ${id(name)}.${id(name)} OWNER TO "p"`]);
    }
  });
  it("with the rights of both owners", () => {
    const lent = factsOf(restricted(14), { o: roleFacts(), p: roleFacts() });
    assert.deepEqual(texts(OWNED_KINDS.get("publication")?.alter(observed, { owner: "p" }, lent) ?? []), [
      'GRANT "o" TO "deployer"',
      'GRANT "p" TO "deployer"',
      'ALTER PUBLICATION "n" OWNER TO "p"',
      'REVOKE "o" FROM "deployer"',
      'REVOKE "p" FROM "deployer"',
    ]);
  });
});

describe("what somebody else owns", () => {
  const state: Values = { owner: "a", objects: [SCHEMA], notOwned: { 'schema "s"': "b" } };
  it("is drift, which nobody declared", () => {
    assert.equal(diffInputs(ownershipType, state, { owner: "a", objects: [SCHEMA] }).changes, true);
    assert.deepEqual(ownershipType.amiss?.(state), { notOwned: { 'schema "s"': "b" } });
    assert.equal(
      diffInputs(ownershipType, { ...state, notOwned: {} }, { owner: "a", objects: [SCHEMA] }).changes,
      false,
    );
  });
  it("is what an update is about, and nothing else is", () => {
    const holdings = [{ name: 'schema "s"', owner: "b" }];
    const statements = ownershipType.alter(observedOf({}, { holdings }), { owner: "a" }, factsOf(serverFacts()));
    assert.deepEqual(texts(statements), ['-- schema "s": OWNER TO "a"']);
    assert.ok(statements[0]?.alone && statements[0].perform);
    assert.deepEqual(ownershipType.alter(observedOf({}, { holdings: [] }), { owner: "a" }, factsOf(serverFacts())), []);
  });
  it("a lookup finds nothing: there is nothing of that name", async () => {
    assert.deepEqual(
      await ownershipType.source.observe(undefined!, [{ path: ["a"] }, { path: ["a"], declared: { owner: "a" } }]),
      [undefined, undefined],
    );
  });
});

describe("a database that is replaced", () => {
  const table = (database: Json): Json => ({ kind: "table", name: "t", database });
  const known: [what: string, declared: Values, anew: Values, replaces: string[]][] = [
    ["of all objects", { objects: [SCHEMA], database: "d" }, { database: UNKNOWN }, ["database"]],
    ["of one object", { objects: [table("d"), table("e")] }, { objects: [table("d"), table(UNKNOWN)] }, ["objects"]],
    ["of the objects, in whatever way", { objects: [table("d")] }, { objects: UNKNOWN }, ["objects"]],
    [
      "an object itself",
      { objects: [{ kind: "database", name: "d" }] },
      { objects: [{ kind: "database", name: UNKNOWN }] },
      ["objects"],
    ],
    ["of a role", { reassignOwnedBy: "b", databases: ["d", "e"] }, { databases: [UNKNOWN, "e"] }, ["databases"]],
    ["of a role, in whatever way", { reassignOwnedBy: "b", databases: ["d"] }, { databases: UNKNOWN }, ["databases"]],
    ["of none of it", { objects: [SCHEMA], database: "d" }, { owner: UNKNOWN }, []],
    ["of what is only new", { reassignOwnedBy: "b", databases: ["d"] }, { databases: ["d", UNKNOWN] }, []],
    ["of an object that is only new", { objects: [SCHEMA] }, { objects: [SCHEMA, table(UNKNOWN)] }, []],
    ["of nothing yet", { objects: [SCHEMA] }, { database: UNKNOWN }, []],
  ];
  for (const [what, declared, anew, replaces] of known) {
    it(what, () => {
      const olds = { owner: "a", ...declared };
      const difference = diffInputs(ownershipType, { ...olds, notOwned: {} }, { ...olds, ...anew });
      assert.deepEqual(difference.replaces, replaces);
      assert.notEqual(difference.changes, false);
    });
  }
});

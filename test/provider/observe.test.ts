import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { CatalogueType, Key, ObjectType, Values } from "../../provider/definition";
import { databaseType } from "../../provider/objects/database";
import { hasIdentity, keyOf, type NameFilter, observeAll, observeInCatalogue } from "../../provider/observe";
import { type Answer, FakeAdapter } from "./fake-adapter";
import { observedOf, serverFacts, TWO_PARTS } from "./samples";

/** A type whose objects have no oid: one is told from another by its owner. */
const withoutOid: CatalogueType = {
  ...databaseType,
  identity: ["owner"],
  catalogue: () => ({ select: "SELECT 1 FROM x", key: ["x.name"] }),
  toObserved: (values) => ({ values: values as Values, extra: {} }),
};

const row = (oid: number, name: string) => ({ oid: String(oid), name, owner: "o", encoding: "UTF8" });

function observe(rows: object[], keys: Key[]) {
  const seen: { text: string; params: readonly unknown[] | undefined }[] = [];
  const answer: Answer = (text, params) => {
    seen.push({ text, params });
    return rows;
  };
  const found = new FakeAdapter(answer).use(undefined, (session) =>
    observeInCatalogue(session, serverFacts(), databaseType, keys),
  );
  return found.then((observed) => ({ seen, observed: observed.map((one) => one && [one.oid, one.values.name]) }));
}

/** A list of keys as it is sent: for a shorter one the server would keep no plan. */
function asLongAsAny<T>(list: T[]): T[] {
  return [...list, ...Array.from({ length: 10 - list.length }, () => list.at(-1)!)];
}

describe("observeInCatalogue", () => {
  const rows = [row(1, "one"), row(2, "two"), row(3, "three")];

  const table: [what: string, keys: Key[], observed: unknown[]][] = [
    [
      "by name, in the order of the keys",
      [{ path: ["two"] }, { path: ["one"] }],
      [
        [2, "two"],
        [1, "one"],
      ],
    ],
    [
      "the same key twice",
      [{ path: ["one"] }, { path: ["one"] }],
      [
        [1, "one"],
        [1, "one"],
      ],
    ],
    ["not there", [{ path: ["four"] }], [undefined]],
    ["renamed: by oid", [{ path: ["old"], oid: 3 }], [[3, "three"]]],
    ["the name goes before the oid", [{ path: ["one"], oid: 3 }], [[1, "one"]]],
    ["neither name nor oid", [{ path: ["old"], oid: 9 }], [undefined]],
  ];
  for (const [what, keys, observed] of table) {
    it(what, async () => assert.deepEqual((await observe(rows, keys)).observed, observed));
  }

  it("asks once by name, and by oid only for what is not found, with parameters for both", async () => {
    const { seen } = await observe(rows, [{ path: ["one"], oid: 1 }, { path: ["a'b"] }]);
    assert.deepEqual(
      seen.map(({ params }) => params),
      [[asLongAsAny(["one", "a'b"])]],
    );
    const renamed = await observe(rows, [{ path: ["a'b"], oid: 7 }, { path: ["c"], oid: 8 }, { path: ["one"] }]);
    assert.deepEqual(
      renamed.seen.map(({ params }) => params),
      [[asLongAsAny(["a'b", "c", "one"])], [asLongAsAny([7, 8])]],
    );
    assert.doesNotMatch(JSON.stringify(renamed.seen.map(({ text }) => text)), /a'b|7/);
  });

  it("asks for one key alone by what it is, which needs no other plan each time", async () => {
    const { seen } = await observe([], [{ path: ["a'b"], oid: 7 }]);
    assert.deepEqual(
      seen.map(({ params }) => params),
      [["a'b"], [7]],
    );
    assert.match(seen[0]?.text as string, /WHERE d\.datname = \$1::name$/);
    assert.match(seen[1]?.text as string, /WHERE d\.oid = \$1::oid$/);
    assert.deepEqual((await observe([], [{ path: [""], oid: 7 }])).seen.length, 1, "by oid alone");
  });
});

describe("without an oid", () => {
  it("objects are looked up by name alone", async () => {
    const adapter = new FakeAdapter(() => [{ name: "two" }, { name: "one" }]);
    const found = await adapter.use(undefined, (session) =>
      observeInCatalogue(session, serverFacts(), withoutOid, [{ path: ["one"] }, { path: ["three"] }]),
    );
    assert.deepEqual(
      found.map((observed) => observed?.values.name),
      ["one", undefined],
    );
    assert.match(adapter.sent.join(), /WHERE x\.name = ANY \(\$1::name\[\]\)\s*$/);
  });

  it("an object is found again by its name, with one by its oid whatever its name", () => {
    assert.deepEqual(keyOf(withoutOid, { values: { name: "a" }, extra: {} }), { path: ["a"] });
    assert.deepEqual(keyOf(databaseType, observedOf({ name: "a" })), { path: [""], oid: 16384 });
  });

  const table: [what: string, type: ObjectType, seen: Values, known: Values, same: boolean][] = [
    ["the same", withoutOid, { name: "a", owner: "o" }, { name: "a", owner: "o" }, true],
    ["another owner", withoutOid, { name: "a", owner: "o" }, { name: "a", owner: "p" }, false],
    ["not known is none", withoutOid, { name: "a", owner: null }, { name: "a" }, true],
    ["none is not any", withoutOid, { name: "a", owner: "o" }, { name: "a" }, false],
    ["what is no part of the identity", withoutOid, { owner: "o", comment: "x" }, { owner: "o", comment: "y" }, true],
    ["an oid says it all", databaseType, { name: "a", owner: "o" }, { name: "b", owner: "p" }, true],
  ];
  for (const [what, type, seen, known, same] of table) {
    it(`identity: ${what}`, () => assert.equal(hasIdentity(type, observedOf(seen), known), same));
  }
});

it("a key of two parts: each combination is another object, dots or not", async () => {
  const things = [
    ["a", "b.c"],
    ["a.b", "c"],
  ].map(([schema, name], index) => ({ oid: index + 1, schema, name }));
  const type = { ...TWO_PARTS, catalogue: () => ({ select: "SELECT", key: ["n.a", "c.b"], oid: "c.oid" }) };
  const adapter = new FakeAdapter((_text, params) => {
    assert.deepEqual(params, [asLongAsAny(["a.b", "a", "b"]), asLongAsAny(["c", "b.c", "a.c"])]);
    return things;
  });
  const keys = [{ path: ["a.b", "c"] }, { path: ["a", "b.c"] }, { path: ["b", "a.c"] }];
  const found = await adapter.use(undefined, (session) => observeInCatalogue(session, serverFacts(), type, keys));
  assert.deepEqual(
    found.map((one) => one?.oid),
    [2, 1, undefined],
  );
  assert.match(
    adapter.sent[0] as string,
    /WHERE \(n\.a, c\.b\) IN \(SELECT \* FROM unnest\(\$1::name\[\], \$2::name\[\]\)\)/,
  );
});

it("observeAll is one query, ordered by the key", async () => {
  const adapter = new FakeAdapter(() => [row(1, "one")]);
  const all = await adapter.use(undefined, (session) => observeAll(session, serverFacts(), databaseType));
  assert.deepEqual(
    all.map(({ values }) => values.name),
    ["one"],
  );
  assert.equal(adapter.sent.length, 1);
  assert.match(adapter.sent[0] as string, / ORDER BY d\.datname$/);
});

describe("observeAll, narrowed", () => {
  async function asked(...narrowed: [wanted?: Values, names?: NameFilter]) {
    const seen: { text: string; params: readonly unknown[] | undefined }[] = [];
    const adapter = new FakeAdapter((text, params) => {
      seen.push({ text, params });
      return [];
    });
    const type = { ...TWO_PARTS, catalogue: () => ({ select: "SELECT", key: ["n.a", "c.b"], oid: "c.oid" }) };
    await adapter.use(undefined, (session) => observeAll(session, serverFacts(), type, ...narrowed));
    return [seen[0]?.text, seen[0]?.params];
  }
  const table: [what: string, wanted: Values, names: NameFilter, where: string, params: unknown[] | undefined][] = [
    ["by nothing", {}, {}, "", undefined],
    ["by nothing that is given", {}, { names: undefined, like: undefined }, "", undefined],
    ["by a part of the key", { schema: "it's" }, {}, " WHERE n.a = $1::name", ["it's"]],
    ["by names", {}, { names: ["a", "b"] }, " WHERE c.b = ANY ($1::name[])", [["a", "b"]]],
    ["by no names at all", {}, { names: [] }, " WHERE c.b = ANY ($1::name[])", [[]]],
    ["by patterns", {}, { like: ["a%"] }, " WHERE c.b::text LIKE ANY ($1::text[])", [["a%"]]],
    ["against patterns", {}, { notLike: ["a%"] }, " WHERE NOT c.b::text LIKE ANY ($1::text[])", [["a%"]]],
    [
      "by all of it",
      { schema: "s", name: "n" },
      { names: ["n"], like: ["%"], notLike: ["m"] },
      " WHERE n.a = $1::name AND c.b = $2::name AND c.b = ANY ($3::name[]) AND c.b::text LIKE ANY ($4::text[])" +
        " AND NOT c.b::text LIKE ANY ($5::text[])",
      ["s", "n", ["n"], ["%"], ["m"]],
    ],
  ];
  for (const [what, wanted, names, where, params] of table) {
    it(what, async () => assert.deepEqual(await asked(wanted, names), [`SELECT${where} ORDER BY n.a, c.b`, params]));
  }
});

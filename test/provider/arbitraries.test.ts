import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { checkInputs } from "../../provider/check";
import type { ObjectType, Values } from "../../provider/definition";
import { IMPORTED_TYPES } from "../../provider/import/survey";
import { schemaType } from "../../provider/objects/schema";
import { refuseTooNew } from "../../provider/unfit";
import { flag, oneOf } from "../../provider/values";
import { attributesOn, declarations, type Ground, tells } from "./arbitraries";
import { anyName, anyNames } from "./arbitraries/text";
import { serverFacts } from "./samples";

const METHODS = ["trust", "reject", "scram-sha-256", "md5", "ident", "peer", "cert", "ldap", "radius", "pam"];

function ground(version: number, superuser = true): Ground {
  return {
    ...{ version, superuser, roles: ["a", 'b"', "line\nbreak"], databases: ["d", "e f"], tablespaces: ["t"] },
    columns: [{ table: "t", column: "c", owner: "a" }],
    ...{ methods: METHODS, files: ["names"], rules: ["other"] },
  };
}

/** A declaration with what says which object it is. */
function whole(type: ObjectType, values: Values): Values {
  return { ...Object.fromEntries(type.key.map((name) => [name, "n"])), ...values };
}

const declarable = (type: ObjectType) =>
  Object.entries(type.fields).flatMap(([name, field]) =>
    field.hidden || type.key.includes(name) || field.change === "address" ? [] : [name],
  );

describe("declarations of any object", () => {
  for (const type of IMPORTED_TYPES) {
    it(`of a ${type.type} are what check accepts and the version has`, () => {
      for (const version of [14, 15, 16, 17, 18]) {
        const made = fc.sample(declarations(type, ground(version)), { numRuns: 150, seed: 3 });
        for (const values of made) {
          assert.deepEqual(checkInputs(type, {}, whole(type, values)), [], JSON.stringify(values));
          refuseTooNew(type, values, serverFacts({ major: version }));
        }
      }
    });

    it(`of a ${type.type} say something of every attribute`, () => {
      assert.deepEqual(attributesOn(type, ground(18)).sort(), declarable(type).sort());
    });

    it(`of a ${type.type} have what must be there, and only what may be`, () => {
      for (const must of attributesOn(type, ground(18))) {
        for (const values of fc.sample(declarations(type, ground(18), { must }), { numRuns: 5, seed: 5 }))
          assert.ok(tells(type, values, must), `${must}: ${JSON.stringify(values)}`);
      }
      const only = fc.sample(declarations(type, ground(18), { only: (name) => name === "comment" }), { numRuns: 50 });
      for (const values of only)
        assert.deepEqual(
          Object.keys(values).filter((name) => name !== "comment"),
          [],
        );
    });
  }

  it("have nothing that takes a newer version, or a right that is not there", () => {
    const [role, database, , sequence, slot] = IMPORTED_TYPES as readonly ObjectType[];
    const missing = (type: ObjectType | undefined, of: Ground) => {
      const found = attributesOn(type as ObjectType, of);
      return declarable(type as ObjectType).filter((name) => !found.includes(name));
    };
    assert.deepEqual(missing(database, ground(14)), [
      ...["icuLocale", "icuRules", "builtinLocale", "strategy", "collationVersion", "oid"],
    ]);
    assert.deepEqual(missing(sequence, ground(14)), ["unlogged"]);
    assert.deepEqual(missing(slot, ground(16)), ["failover"]);
    assert.deepEqual(missing(role, ground(18, false)), ["superuser", "replication", "bypassRls"]);
    assert.deepEqual(missing(database, ground(18, false)), ["tablespace"]);
  });

  it("cannot be made of a type or an attribute that nobody has said how to make", () => {
    const other = { ...schemaType, fields: { ...schemaType.fields, colour: { ...schemaType.fields.owner } } };
    const colour = { value: oneOf("red", "green"), change: "update", postgres: "—" } as const;
    const like = (fields: object) => ({ ...other, fields: { ...schemaType.fields, ...fields } }) as ObjectType;
    assert.throws(() => declarations(like({ colour }), ground(18)), /how to make the colour of a Schema/);
    assert.throws(() => attributesOn(like({ colour }), ground(18)), /how to make the colour of a Schema/);
    assert.throws(() => declarations({ ...schemaType, type: "Thing" }, ground(18)), /how to make a Thing/);
    // What its type alone tells is made without a word.
    const shiny = { value: flag, change: "update", postgres: "—" } as const;
    assert.ok(attributesOn(like({ shiny }), ground(18)).includes("shiny"));
  });
});

describe("hostile names", () => {
  it("have the token in them, fit, and are no names of the system", () => {
    fc.assert(
      fc.property(anyName("q7q"), (name) => {
        assert.ok(name.includes("q7q") && Buffer.byteLength(name) <= 63 && !name.startsWith("pg_"), name);
      }),
      { numRuns: 2000 },
    );
    const lengths = fc.sample(anyName("q7q"), { numRuns: 500, seed: 1 }).map((name) => Buffer.byteLength(name));
    assert.ok(lengths.filter((length) => length >= 62).length > 20);
  });

  it("are all different, and some but for case or punctuation the same", () => {
    let alike = 0;
    fc.assert(
      fc.property(anyNames("q7q", 3, 8), (names) => {
        assert.equal(new Set(names).size, names.length);
        const plain = names.map((name) => name.toLowerCase().replace(/\W/g, ""));
        alike += names.length - new Set(plain).size;
      }),
      { numRuns: 300 },
    );
    assert.ok(alike > 50, `${alike} names are like others`);
  });
});

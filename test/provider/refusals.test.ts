import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ObjectType, Observed, Values } from "../../provider/definition";
import { AlreadyExistsError } from "../../provider/errors";
import { databaseType } from "../../provider/objects/database";
import { gone, refuseAnother } from "../../provider/refusals";
import { observedOf } from "./samples";

const BOOK = { systemIdentifier: "7" };

describe("an object that is gone", () => {
  it("says how to create it again, and what the new one is without", () => {
    const start = 'database "d": does not exist any more. Run `pulumi up --refresh` to notice that and create it again';
    assert.equal(gone(databaseType, { name: "d" }).message, start);
    assert.equal(gone({ ...databaseType, loses: "its place" }, { name: "d" }).message, `${start}, without its place`);
  });
});

describe("a create that finds an object under the name", () => {
  const found = observedOf({ name: "d", owner: "o", encoding: "UTF8", lcCtype: "C" });
  const inDatabase = observedOf({ ...found.values, database: "shop", databaseOid: 5 });
  const outside = observedOf({ ...found.values, database: null, databaseOid: null });

  const fine: [what: string, found: Observed, desired: Values, databaseOid?: number][] = [
    ["that differs in nothing", found, { name: "d", owner: "o", encoding: "UTF8" }],
    ["that differs in what can be changed", found, { name: "d", owner: "other", connectionLimit: 5 }],
    ["that is the same in another spelling", found, { name: "d", encoding: "utf-8" }],
    ["in the same database", inDatabase, { name: "d" }, 5],
    ["in no database, with a place in one", outside, { name: "d" }, 5],
  ];
  for (const [what, observed, desired, databaseOid] of fine) {
    it(`${what}, has nothing against it`, () => {
      refuseAnother(databaseType, observed, desired, { ...BOOK, databaseOid });
    });
  }

  const refused: [what: string, type: ObjectType, observed: Observed, desired: Values, reason: string][] = [
    ["another encoding", databaseType, found, { encoding: "LATIN1" }, 'its encoding is "UTF8", not "LATIN1"'],
    [
      "two guarded attributes",
      databaseType,
      found,
      { encoding: "LATIN1", lcCtype: "POSIX.utf8" },
      'its encoding is "UTF8", not "LATIN1", and its lcCtype is "C", not "POSIX.utf8"',
    ],
    ["another locale", databaseType, found, { locale: "POSIX.utf8" }, 'its locale is null, not "POSIX.utf8"'],
    ["another database", databaseType, inDatabase, {}, 'it is in database "shop"'],
  ];
  for (const [what, type, observed, desired, reason] of refused) {
    it(`with ${what}, is refused, whether it may be adopted or not`, () => {
      assert.throws(
        () => refuseAnother(type, observed, { name: "d", ...desired, adopt: true }, { ...BOOK, databaseOid: 9 }),
        (error: Error) => {
          assert.ok(error instanceof AlreadyExistsError);
          assert.ok(
            error.message.startsWith(
              `database "d": cannot create: it exists already, but ${reason}. It is another one`,
            ),
            error.message,
          );
          return true;
        },
      );
    });
  }
});

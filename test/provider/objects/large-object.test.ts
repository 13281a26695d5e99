import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Values } from "../../../provider/definition";
import { NotFoundError, RefusedError } from "../../../provider/errors";
import { pathOf } from "../../../provider/fields";
import { largeObjectType } from "../../../provider/objects/large-object";
import { refuseGuarded } from "../../../provider/unfit";
import { factsOf, observedOf, restricted, roleFacts, serverFacts, texts } from "../samples";

const photo = observedOf({ oid: 16384, owner: "o", comment: null });
const superuser = factsOf(serverFacts());

describe("alter", () => {
  const table: [what: string, desired: Values, sql: string[]][] = [
    ["nothing", { oid: "16384", owner: "o", comment: "" }, []],
    [
      "owner and comment",
      { owner: "p", comment: "it's" },
      ['ALTER LARGE OBJECT 16384 OWNER TO "p"', "COMMENT ON LARGE OBJECT 16384 IS 'it''s'"],
    ],
  ];
  for (const [what, desired, sql] of table) {
    it(what, () => assert.deepEqual(texts(largeObjectType.alter(photo, desired, superuser)), sql));
  }

  it("lends both owners' rights", () => {
    const facts = factsOf(restricted(14), { o: roleFacts(), p: roleFacts() });
    assert.deepEqual(texts(largeObjectType.alter(photo, { owner: "p" }, facts)), [
      'GRANT "o" TO "deployer"',
      'GRANT "p" TO "deployer"',
      'ALTER LARGE OBJECT 16384 OWNER TO "p"',
      'REVOKE "o" FROM "deployer"',
      'REVOKE "p" FROM "deployer"',
    ]);
  });
});

describe("the oid", () => {
  const { accepts, normalise } = largeObjectType.fields.oid!.value;
  it("is a number, or text of its digits", () => {
    for (const oid of [1, 4_294_967_295, "16384"]) assert.ok(accepts(oid), String(oid));
    for (const oid of [0, -1, 4_294_967_296, 1.5, "", "0", "01", "1e3", " 1", "x", true, [1]])
      assert.ok(!accepts(oid), String(oid));
    assert.equal(normalise("16384"), 16384);
  });
  it("is the name, however it is written", () => {
    for (const oid of [16384, "16384"]) assert.deepEqual(pathOf(largeObjectType, { oid }), ["16384"]);
  });
  it("says which object it is, and cannot change by hand", () => {
    refuseGuarded(largeObjectType, photo, { oid: "16384" });
    assert.throws(() => refuseGuarded(largeObjectType, photo, { oid: 5 }), RefusedError);
    assert.throws(() => refuseGuarded(largeObjectType, photo, { oid: 5 }), /oid says which large object it is/);
  });
});

it("is not created here, and unlinked by hand alone", () => {
  assert.throws(() => largeObjectType.create({ oid: 5 }, superuser), NotFoundError);
  assert.deepEqual(texts(largeObjectType.drop(photo, {}, superuser)), ["SELECT pg_catalog.lo_unlink(16384)"]);
});

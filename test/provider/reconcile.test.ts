import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { InvalidValueError } from "../../provider/errors";
import { objectTypes } from "../../provider/objects";
import { databaseType } from "../../provider/objects/database";
import { roleType } from "../../provider/objects/role";
import { called, checkValues, keyPath } from "../../provider/reconcile";
import { guardReason, guardRemedy } from "../../provider/unfit";
import { sampleOf } from "./attribute-samples";
import { clusterOver, connectionLost, FakeAdapter } from "./fake-adapter";
import { HOSTILE_NAMES, id } from "./samples";

it("objects are called by their noun and their quoted name", () => {
  for (const name of [...HOSTILE_NAMES, "x".repeat(99)]) {
    assert.equal(called(roleType, [name]), `role ${id(name)}`);
    assert.equal(called(roleType, ["s", name]), `role "s".${id(name)}`);
  }
});

it("how the server spells a key is asked again where the connection was lost", async () => {
  let asked = 0;
  const spelled = async () => {
    asked += 1;
    if (asked === 1) throw connectionLost();
    return ["integer"];
  };
  assert.deepEqual(await keyPath(clusterOver(new FakeAdapter()), { ...roleType, spelled }, {}), ["integer"]);
  assert.equal(asked, 2);
});

it("a guarded change is told with both values", () => {
  assert.equal(guardReason("encoding", "UTF8", "LATIN1"), 'encoding is "UTF8" and cannot become "LATIN1" in place');
  assert.match(guardRemedy(databaseType), /^Set allowReplace: true .* with the loss of what is in it, or /);
  assert.match(guardRemedy({ ...databaseType, loses: "its place" }), /with the loss of its place, or/);
});

describe("checkValues", () => {
  for (const type of objectTypes.values()) {
    for (const [name, field] of Object.entries(type.fields)) {
      it(`${type.type}.${name}`, () => {
        const { good, bad } = sampleOf(type, name, field);
        assert.deepEqual(checkValues(type, { [name]: good }), { [name]: good });
        checkValues(type, { [name]: undefined });
        const refusals: unknown[] = field.default === undefined ? [bad, null] : [bad];
        if (field.default !== undefined) checkValues(type, { [name]: null });
        for (const value of refusals) {
          assert.throws(
            () => checkValues(type, { [name]: value }),
            (error: Error) => {
              assert.ok(error instanceof InvalidValueError);
              assert.equal(error.message, `${name} must be ${field.value.expects}`);
              return true;
            },
          );
        }
      });
    }
  }

  for (const name of ["nmae", "constructor", "databaseOid"]) {
    it(`refuses ${name}, which is no attribute`, () => {
      assert.throws(() => checkValues(databaseType, { [name]: 1 }), {
        name: "InvalidValueError",
        message: `a database has no attribute "${name}"`,
      });
    });
  }
});

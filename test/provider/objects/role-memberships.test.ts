import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Observed, Values } from "../../../provider/definition";
import type { ServerFacts } from "../../../provider/facts";
import { roleType } from "../../../provider/objects/role";
import type { GrantedMembership } from "../../../provider/objects/role-memberships";
import type { Json } from "../../../provider/values";
import { factsOf, membership, restricted, role, serverFacts, texts } from "../samples";

describe("alter", () => {
  const optionTable: [what: string, rows: GrantedMembership[], memberOf: Json, sql: string[]][] = [
    [
      "granted with options",
      [],
      [{ role: "g", admin: true, inherit: false, set: false }],
      ['GRANT "g" TO "app" WITH ADMIN OPTION, INHERIT FALSE, SET FALSE'],
    ],
    [
      "granted with the options that are the default",
      [],
      [{ role: "g", admin: false, set: true }],
      ['GRANT "g" TO "app"'],
    ],
    [
      "inherit is said where it is declared",
      [],
      [{ role: "g", inherit: true }],
      ['GRANT "g" TO "app" WITH INHERIT TRUE'],
    ],
    [
      "options change in place",
      [membership("g")],
      [{ role: "g", inherit: false, set: false }],
      ['GRANT "g" TO "app" WITH INHERIT FALSE, SET FALSE'],
    ],
    [
      "ADMIN OPTION is given",
      [membership("g")],
      [{ role: "g", admin: true }],
      ['GRANT "g" TO "app" WITH ADMIN OPTION'],
    ],
    [
      "ADMIN OPTION is taken back alone",
      [membership("g", { admin: true })],
      ["g"],
      ['REVOKE ADMIN OPTION FOR "g" FROM "app"'],
    ],
    ["undeclared inherit is left alone", [membership("g", { inherit: false })], ["g"], []],
    [
      "set is put back where it is not declared any more",
      [membership("g", { set: false })],
      ["g"],
      ['GRANT "g" TO "app" WITH SET TRUE'],
    ],
    [
      "another grantor's options count",
      [membership("g", { ours: false, grantor: "x", admin: true })],
      [{ role: "g", admin: true }],
      [],
    ],
    ["more than is declared is theirs", [membership("g", { ours: false, grantor: "x", admin: true })], ["g"], []],
    [
      "what they lack is granted beside",
      [membership("g", { ours: false, grantor: "x" })],
      [{ role: "g", admin: true }],
      ['GRANT "g" TO "app" WITH ADMIN OPTION'],
    ],
  ];
  for (const [what, rows, memberOf, sql] of optionTable) {
    it(`memberships: ${what}`, () =>
      assert.deepEqual(texts(roleType.alter(role({}, rows), { memberOf }, factsOf(serverFacts()))), sql));
  }

  const revokes: [what: string, server: ServerFacts, grantor: string, sql: string][] = [
    ["14, superuser", serverFacts({ major: 14 }), "other", 'REVOKE "old" FROM "app"'],
    ["14, restricted", restricted(14), "other", 'REVOKE "old" FROM "app"'],
    ["15, restricted", restricted(15), "other", 'REVOKE "old" FROM "app"'],
    ["18, superuser", serverFacts(), "postgres", 'REVOKE "old" FROM "app"'],
    ["18, restricted, its own grant", restricted(18), "deployer", 'REVOKE "old" FROM "app"'],
    ["18, restricted, of a role that it has", restricted(18), 'te"am', 'REVOKE "old" FROM "app" GRANTED BY "te""am"'],
  ];
  for (const [what, server, grantor, sql] of revokes) {
    it(`a membership is taken back as its grantor: ${what}`, () => {
      const observed = role({}, [membership("old", { grantor })]);
      assert.deepEqual(texts(roleType.alter(observed, { memberOf: [] }, factsOf(server))), [sql]);
    });
  }
});

it("asks for facts about the roles of memberships, and of a hand-over", () => {
  const involved = (desired: Values, observed?: Observed) => roleType.rolesInvolved(observed, desired, serverFacts());
  assert.deepEqual(involved({ memberOf: ["a", { role: "b", admin: true }] }), ["a", "b"]);
  assert.deepEqual(involved({ onDelete: { reassignOwnedTo: "heir" } }), []);
  assert.deepEqual(involved({}, role()), []);
  assert.deepEqual(involved({ onDelete: { reassignOwnedTo: "heir" } }, role()), ["app", "heir"]);
  assert.deepEqual(involved({ onDelete: { dropOwned: true } }, role()), ["app"]);
});

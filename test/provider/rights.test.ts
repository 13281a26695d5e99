import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { PermissionError } from "../../provider/errors";
import type { RoleFacts, SchemaFacts, ServerFacts } from "../../provider/facts";
import { missingRights, refuseOwnerWithoutSchema, withRightsOf, withSchema } from "../../provider/rights";
import { sql } from "../../provider/sql";
import { factsOf, HOSTILE_NAMES, id, restricted, roleFacts, schemaFacts, serverFacts, texts } from "./samples";

const WORK = [{ sql: sql`WORK` }];
const old = restricted(14);
const oldLast = restricted(15);
const first = restricted(16);
const newest = restricted(18);

function lent(server: ServerFacts, roles: Record<string, RoleFacts>, names = Object.keys(roles)): string[] {
  return texts(withRightsOf(names, factsOf(server, roles), WORK));
}

const PLAIN = ['GRANT "o" TO "deployer"', "WORK", 'REVOKE "o" FROM "deployer"'];
const WITH_OPTIONS = ['GRANT "o" TO "deployer" WITH INHERIT TRUE, SET TRUE', "WORK", 'REVOKE "o" FROM "deployer"'];

describe("rights that are lent", () => {
  const table: [what: string, server: ServerFacts, role: RoleFacts, sent: string[]][] = [
    ["14: a plain grant", old, roleFacts(), PLAIN],
    ["15: a plain grant", oldLast, roleFacts(), PLAIN],
    ["14: CREATEROLE is enough without ADMIN", old, roleFacts({ admin: false }), PLAIN],
    ["14: ADMIN is enough without CREATEROLE", { ...old, createRole: false }, roleFacts(), PLAIN],
    ["16: with both options", first, roleFacts(), WITH_OPTIONS],
    ["18: with both options", newest, roleFacts(), WITH_OPTIONS],
    ["18: usage without SET is not enough", newest, roleFacts({ usage: true }), WITH_OPTIONS],
    ["18: SET without usage is not enough", newest, roleFacts({ set: true }), WITH_OPTIONS],
    [
      "18: an own grant is put back as it was",
      newest,
      roleFacts({ ownGrant: { inherit: false, set: false } }),
      [WITH_OPTIONS[0] as string, "WORK", 'GRANT "o" TO "deployer" WITH INHERIT FALSE, SET FALSE'],
    ],
    [
      "18: an own grant of SET alone is put back as it was",
      newest,
      roleFacts({ set: true, ownGrant: { inherit: false, set: true } }),
      [WITH_OPTIONS[0] as string, "WORK", 'GRANT "o" TO "deployer" WITH INHERIT FALSE, SET TRUE'],
    ],
    // A NOINHERIT member: another grant would change nothing, and taking it back would end the membership there was.
    ["14: a membership that is there already is left alone", old, roleFacts({ set: true }), ["WORK"]],
    ["15: a membership that is there already is left alone", oldLast, roleFacts({ set: true }), ["WORK"]],
    ["rights that are there already", newest, roleFacts({ usage: true, set: true, admin: false }), ["WORK"]],
    ["rights that are there already, on 14", old, roleFacts({ usage: true, set: true, admin: false }), ["WORK"]],
    ["a superuser needs none", serverFacts(), roleFacts({ admin: false, superuser: true }), ["WORK"]],
  ];
  for (const [what, server, role, sent] of table) it(what, () => assert.deepEqual(lent(server, { o: role }), sent));

  it("none for oneself, for a role that does not exist, and for no statement", () => {
    assert.deepEqual(lent(newest, { deployer: roleFacts({ admin: false }) }), ["WORK"]);
    assert.deepEqual(lent(newest, {}, ["gone"]), ["WORK"]);
    assert.deepEqual(withRightsOf(["o"], factsOf(newest, { o: roleFacts({ admin: false }) }), []), []);
  });

  it("several roles, each once, around all statements", () => {
    const roles = { a: roleFacts(), b: roleFacts({ usage: true, set: true }), c: roleFacts() };
    const statements = withRightsOf(["c", "a", "c", "b"], factsOf(old, roles), [...WORK, { sql: sql`MORE` }]);
    assert.deepEqual(texts(statements), [
      'GRANT "c" TO "deployer"',
      'GRANT "a" TO "deployer"',
      "WORK",
      "MORE",
      'REVOKE "c" FROM "deployer"',
      'REVOKE "a" FROM "deployer"',
    ]);
    assert.deepEqual(missingRights(["c", "a", "c", "b"], factsOf(old, roles)), ["c", "a"]);
  });

  it("quotes every name", () => {
    for (const name of HOSTILE_NAMES) {
      assert.deepEqual(lent({ ...old, user: "m'E\"" }, { [name]: roleFacts() }), [
        `GRANT ${id(name)} TO "m'E"""`,
        "WORK",
        `REVOKE ${id(name)} FROM "m'E"""`,
      ]);
    }
  });
});

describe("rights that cannot be lent are refused before the first statement", () => {
  const missing = '"deployer" has not the rights of role "o", and may not grant them to itself. ';
  const table: [what: string, server: ServerFacts, role: RoleFacts, remedy: string][] = [
    [
      "16: no ADMIN",
      first,
      roleFacts({ admin: false }),
      'Let an administrator run: GRANT "o" TO "deployer" WITH INHERIT TRUE, SET TRUE',
    ],
    [
      "18: CREATEROLE alone",
      newest,
      roleFacts({ admin: false }),
      'Let an administrator run: GRANT "o" TO "deployer" WITH INHERIT TRUE, SET TRUE',
    ],
    [
      "14: neither ADMIN nor CREATEROLE",
      { ...old, createRole: false },
      roleFacts({ admin: false }),
      'Let an administrator run: GRANT "o" TO "deployer"',
    ],
    [
      "14: a superuser's",
      old,
      roleFacts({ superuser: true, admin: false }),
      '"o" is a superuser: only a superuser can act for it',
    ],
    [
      "18: a superuser's, with ADMIN",
      newest,
      roleFacts({ superuser: true }),
      '"o" is a superuser: only a superuser can act for it',
    ],
  ];
  for (const [what, server, role, remedy] of table) {
    it(what, () => {
      assert.throws(
        () => lent(server, { o: role }),
        (error: Error) => {
          assert.ok(error instanceof PermissionError);
          assert.equal(error.message, missing + remedy);
          return true;
        },
      );
    });
  }
});

describe("rights in a schema", () => {
  const roles = { o: roleFacts(), so: roleFacts(), root: roleFacts({ superuser: true, admin: false }) };
  const facts = (schema: Partial<SchemaFacts>, server = newest) =>
    factsOf(server, roles, {}, { s: schemaFacts({ owner: "so", usage: false, create: false, ...schema }) });

  const table: [what: string, schema: Partial<SchemaFacts>, right: "usage" | "create", roles: string[]][] = [
    ["ours are enough", { usage: true, create: true }, "create", ["o"]],
    ["USAGE is enough to name what is there", { usage: true }, "usage", ["o"]],
    ["USAGE is not enough to create", { usage: true }, "create", ["o", "so"]],
    ["CREATE is not enough without USAGE", { create: true }, "create", ["o", "so"]],
    ["a role that is taken along has them", { users: ["o"], creators: ["o"] }, "create", ["o"]],
    ["partly ours, partly its", { usage: true, creators: ["o"] }, "create", ["o"]],
    ["another role's do not count", { users: ["p"], creators: ["p"] }, "usage", ["o", "so"]],
  ];
  for (const [what, schema, right, expected] of table) {
    it(what, () => assert.deepEqual(withSchema(["o"], "s", right, facts(schema)), expected));
  }

  it("nothing is known of a schema that is not there: the server will say so", () => {
    assert.deepEqual(withSchema(["o"], "gone", "create", facts({})), ["o"]);
    refuseOwnerWithoutSchema("o", "gone", facts({}));
  });

  it("names the grant that is missing", () => {
    const refused = (right: "usage" | "create", message: string) =>
      assert.throws(() => withSchema(["o"], "s", right, facts({ owner: "root" })), {
        name: "PermissionError",
        message,
      });
    refused("usage", '"deployer" may not use schema "s". Let its owner run: GRANT USAGE ON SCHEMA "s" TO "deployer"');
    refused(
      "create",
      '"deployer" may not create in schema "s". Let its owner run: GRANT USAGE, CREATE ON SCHEMA "s" TO "deployer"',
    );
  });

  it("an owner needs CREATE, unless a superuser makes it one", () => {
    refuseOwnerWithoutSchema("o", "s", facts({ creators: ["o"] }));
    refuseOwnerWithoutSchema("o", "s", facts({}, serverFacts()));
    assert.throws(() => refuseOwnerWithoutSchema("o", "s", facts({ creators: ["so"] })), {
      name: "PermissionError",
      message:
        'role "o" may not create in schema "s", and so cannot own anything new in it. Let the schema\'s owner run: GRANT USAGE, CREATE ON SCHEMA "s" TO "o"',
    });
  });
});

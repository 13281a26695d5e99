import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Observed, Values } from "../../../provider/definition";
import { roleType } from "../../../provider/objects/role";
import { factsOf, HOSTILE_NAMES, id, membership, restricted, role, serverFacts, texts } from "../samples";

/** Everybody that a statement could be written for: none of them changes what creates or drops a role. */
const EVERYBODY = [serverFacts({ major: 14 }), serverFacts(), restricted(14), restricted(18)];

describe("create", () => {
  const table: [what: string, desired: Values, sql: string[]][] = [
    ["a name alone", { name: "app" }, ['CREATE ROLE "app"']],
    ["login", { name: "app", login: true }, ['CREATE ROLE "app" LOGIN']],
    ["no login, which is the default", { name: "app", login: false }, ['CREATE ROLE "app"']],
    ["a limit", { name: "app", connectionLimit: 0 }, ['CREATE ROLE "app" CONNECTION LIMIT 0']],
    ["no limit, which is the default", { name: "app", connectionLimit: -1 }, ['CREATE ROLE "app"']],
    ["a password", { name: "app", password: "it's" }, [`CREATE ROLE "app" PASSWORD 'it''s'`]],
    ["no password, which is the default", { name: "app", password: null }, ['CREATE ROLE "app"']],
    [
      "memberships",
      { name: "app", memberOf: ["b", "a"] },
      ['CREATE ROLE "app"', 'GRANT "b" TO "app"', 'GRANT "a" TO "app"'],
    ],
    ["no memberships", { name: "app", memberOf: [] }, ['CREATE ROLE "app"']],
    ["options send nothing", { name: "app", adopt: true, dropOnDelete: true }, ['CREATE ROLE "app"']],
    [
      "everything, in the order of the field table",
      { memberOf: ["a"], connectionLimit: 5, password: "x\\y", login: true, name: "app" },
      [`CREATE ROLE "app" LOGIN PASSWORD E'x\\\\y' CONNECTION LIMIT 5`, 'GRANT "a" TO "app"'],
    ],
  ];
  for (const [what, desired, sql] of table) {
    it(what, () => {
      for (const server of EVERYBODY) assert.deepEqual(texts(roleType.create(desired, factsOf(server))), sql);
    });
  }
});

describe("alter", () => {
  const table: [what: string, observed: Observed, desired: Values, sql: string[]][] = [
    ["nothing", role(), { name: "app", login: false, connectionLimit: -1, memberOf: [] }, []],
    ["nothing is desired", role({ login: true }), {}, []],
    ["login", role(), { login: true }, ['ALTER ROLE "app" LOGIN']],
    ["login taken away", role({ login: true }), { login: false }, ['ALTER ROLE "app" NOLOGIN']],
    ["connectionLimit", role(), { connectionLimit: 3 }, ['ALTER ROLE "app" CONNECTION LIMIT 3']],
    [
      "connectionLimit taken away",
      role({ connectionLimit: 3 }),
      { connectionLimit: -1 },
      ['ALTER ROLE "app" CONNECTION LIMIT -1'],
    ],
    ["password", role(), { password: "x" }, [`ALTER ROLE "app" PASSWORD 'x'`]],
    ["password taken away", role(), { password: null }, ['ALTER ROLE "app" PASSWORD NULL']],
    ["name", role(), { name: "app2" }, ['ALTER ROLE "app" RENAME TO "app2"']],
    [
      "memberOf, the difference only",
      role({}, [membership("keep"), membership("old")]),
      { memberOf: ["new", "keep"] },
      ['GRANT "new" TO "app"', 'REVOKE "old" FROM "app"'],
    ],
    ["memberOf none", role({}, [membership("old")]), { memberOf: [] }, ['REVOKE "old" FROM "app"']],
    [
      "another grantor's membership is left alone",
      role({}, [membership("theirs", { grantor: "other", ours: false }), membership("old")]),
      { memberOf: [] },
      ['REVOKE "old" FROM "app"'],
    ],
    [
      "a membership by two grantors: ours goes",
      role({}, [membership("both", { grantor: "other", ours: false }), membership("both")]),
      { memberOf: [] },
      ['REVOKE "both" FROM "app"'],
    ],
    [
      "another grantor's is enough",
      role({}, [membership("theirs", { grantor: "other", ours: false })]),
      { memberOf: ["theirs"] },
      [],
    ],
    [
      "several in one statement",
      role(),
      { login: true, connectionLimit: 1 },
      ['ALTER ROLE "app" LOGIN CONNECTION LIMIT 1'],
    ],
    [
      "a rename comes first",
      role({}, [membership("old")]),
      { name: "app2", login: true, password: "x", connectionLimit: 1, memberOf: ["new"] },
      [
        'ALTER ROLE "app" RENAME TO "app2"',
        `ALTER ROLE "app2" LOGIN PASSWORD 'x' CONNECTION LIMIT 1`,
        'GRANT "new" TO "app2"',
        'REVOKE "old" FROM "app2"',
      ],
    ],
  ];
  for (const [what, observed, desired, sql] of table) {
    it(what, () => assert.deepEqual(texts(roleType.alter(observed, desired, factsOf(serverFacts()))), sql));
  }

  const attributes: [what: string, before: Values, after: Values, sql: string[]][] = [
    [
      "flags in one statement",
      {},
      { superuser: true, createDatabase: true, createRole: true, inherit: false, replication: true, bypassRls: true },
      ['ALTER ROLE "app" SUPERUSER CREATEDB CREATEROLE NOINHERIT REPLICATION BYPASSRLS'],
    ],
    [
      "flags taken back",
      { superuser: true, inherit: false },
      { superuser: false, inherit: true },
      ['ALTER ROLE "app" NOSUPERUSER INHERIT'],
    ],
    [
      "validUntil",
      {},
      { validUntil: "2030-01-01T02:00:00+02:00" },
      [`ALTER ROLE "app" VALID UNTIL '2030-01-01T00:00:00.000000Z'`],
    ],
    [
      "validUntil, the same time",
      { validUntil: "2030-01-01T00:00:00.000000Z" },
      { validUntil: "2030-01-01 01:00+01" },
      [],
    ],
    [
      "validUntil none",
      { validUntil: "2030-01-01T00:00:00.000000Z" },
      { validUntil: null },
      [`ALTER ROLE "app" VALID UNTIL 'infinity'`],
    ],
    ["validUntil none and infinity", { validUntil: "infinity" }, { validUntil: null }, []],
    ["comment", {}, { comment: "it's" }, [`COMMENT ON ROLE "app" IS 'it''s'`]],
    ["comment none", { comment: "x" }, { comment: null }, ['COMMENT ON ROLE "app" IS NULL']],
    ["an empty comment is none", { comment: null }, { comment: "" }, []],
    [
      "config, the difference alone",
      { config: { work_mem: "1MB", jit: "off" } },
      { config: { work_mem: 1024, statement_timeout: "30s" } },
      ['ALTER ROLE "app" RESET "jit"', `ALTER ROLE "app" SET "statement_timeout" TO '30s'`],
    ],
    [
      "configInDatabase",
      { configInDatabase: { old: { jit: "off" }, d: { a: "1" } } },
      { configInDatabase: { d: { a: "2" }, 'n"w': { b: true } } },
      [
        'ALTER ROLE "app" IN DATABASE "old" RESET "jit"',
        `ALTER ROLE "app" IN DATABASE "d" SET "a" TO '2'`,
        `ALTER ROLE "app" IN DATABASE "n""w" SET "b" TO 'on'`,
      ],
    ],
    [
      "under the new name",
      { config: {} },
      { name: "app2", config: { a: "1" }, comment: "x" },
      ['ALTER ROLE "app" RENAME TO "app2"', `ALTER ROLE "app2" SET "a" TO '1'`, `COMMENT ON ROLE "app2" IS 'x'`],
    ],
  ];
  const initial = {
    superuser: false,
    createDatabase: false,
    createRole: false,
    inherit: true,
    replication: false,
    bypassRls: false,
    validUntil: null,
    comment: null,
  };
  for (const [what, before, after, sql] of attributes) {
    it(what, () =>
      assert.deepEqual(texts(roleType.alter(role({ ...initial, ...before }), after, factsOf(serverFacts()))), sql),
    );
  }
});

it("drop", () => {
  for (const server of EVERYBODY) {
    assert.deepEqual(texts(roleType.drop(role(), {}, factsOf(server))), ['DROP ROLE "app"']);
  }
});

describe("awkward names", () => {
  for (const name of HOSTILE_NAMES) {
    it(JSON.stringify(name), () => {
      const facts = factsOf(serverFacts());
      const n = id(name);
      const create = roleType.create({ name, memberOf: [name] }, facts);
      assert.deepEqual(texts(create), [`CREATE ROLE ${n}`, `GRANT ${n} TO ${n}`]);
      const observed = role({ name: "old" }, [membership(name, { grantor: name })]);
      assert.deepEqual(texts(roleType.alter(observed, { name, login: true, memberOf: [] }, factsOf(restricted(18)))), [
        `ALTER ROLE "old" RENAME TO ${n}`,
        `ALTER ROLE ${n} LOGIN`,
        `REVOKE ${n} FROM ${n} GRANTED BY ${n}`,
      ]);
      assert.deepEqual(texts(roleType.alter(role({ name }), { name: "new" }, facts)), [
        `ALTER ROLE ${n} RENAME TO "new"`,
      ]);
      assert.deepEqual(texts(roleType.drop(role({ name }), {}, facts)), [`DROP ROLE ${n}`]);
    });
  }
});

describe("catalogue", () => {
  it("a row becomes values and what only roles understand", () => {
    const memberships = [membership("a", { grantor: "x", ours: true }), membership("a", { grantor: "y", ours: false })];
    const row = {
      oid: "16384",
      name: "app",
      login: true,
      inherit: true,
      connectionLimit: 5,
      config: ["search_path=a, b"],
      configInDatabase: { d: ["work_mem=1MB"] },
      readsPasswords: true,
      verifier: null,
      memberships,
      dependedOn: true,
    };
    const expected = {
      ...{ name: "app", login: true, inherit: true, connectionLimit: 5, memberOf: ["a"] },
      ...{ config: { search_path: ["a", "b"] }, configInDatabase: { d: { work_mem: "1MB" } } },
    };
    assert.deepEqual(roleType.toObserved(row), {
      oid: 16384,
      values: expected,
      extra: { memberships, verifier: null, dependedOn: true },
    });
    const unread = roleType.toObserved({ ...row, readsPasswords: false });
    assert.deepEqual(unread.extra, { memberships, verifier: undefined, dependedOn: true });
    assert.deepEqual(roleType.scriptValues?.(unread), {});
    assert.deepEqual(roleType.scriptValues?.(role({}, [], "SCRAM…")), { password: "SCRAM…" });
  });
});

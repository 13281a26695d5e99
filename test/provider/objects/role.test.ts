import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Observed, Values } from "../../../provider/definition";
import type { ServerFacts } from "../../../provider/facts";
import { roleType } from "../../../provider/objects/role";
import type { GrantedMembership } from "../../../provider/objects/role-memberships";
import { fingerprint, isVerifier, matchesVerifier, scramVerifier } from "../../../provider/password";
import type { Json } from "../../../provider/values";
import { factsOf, HOSTILE_NAMES, id, membership, observedOf, restricted, serverFacts, texts } from "../samples";

/** Everybody that a statement could be written for: none of them changes what creates or drops a role. */
const EVERYBODY = [serverFacts({ major: 14 }), serverFacts(), restricted(14), restricted(18)];

function role(values: Values = {}, memberships: GrantedMembership[] = [], verifier?: string | null): Observed {
  const memberOf = memberships.map((membership) => membership.role);
  const shown = { name: "app", login: false, connectionLimit: -1, memberOf, ...values };
  return observedOf(shown, { memberships, verifier });
}

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

  it("never shows the password", () => {
    const [statement] = roleType.create({ name: "app", login: true, password: "hush" }, factsOf(serverFacts()));
    assert.equal(statement?.sql.display, 'CREATE ROLE "app" LOGIN PASSWORD [secret]');
  });
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

describe("prepare: what becomes of a desired password", () => {
  const MD5 = "md5a0fb7d6d9c3a35a7a3ad1be6a0ac7d2a";
  const of = (
    desired: Values,
    observed?: Observed,
    previous: Values = {},
    server = serverFacts({ scramIterations: 1 }),
  ) => roleType.prepare?.(desired, { observed, previous, facts: factsOf(server) }) as Promise<Values>;

  it("plaintext becomes a verifier with the server's iterations; nothing else changes", async () => {
    const { password, ...others } = await of({ name: "app", login: true, password: "pencil" });
    assert.deepEqual(others, { name: "app", login: true });
    assert.match(String(password), /^SCRAM-SHA-256\$1:/);
    assert.ok(await matchesVerifier("pencil", String(password), "app"));
  });

  it("verifiers pass as they are, and plaintext where the server is to make the verifier", async () => {
    const scram = await scramVerifier("pencil", 1);
    for (const password of [MD5, scram]) {
      assert.ok(isVerifier(password));
      assert.deepEqual(await of({ name: "app", password }), { name: "app", password });
    }
    const facts = { ...factsOf(serverFacts()), serverHashesPasswords: true };
    const desired = { name: "app", password: "pencil" };
    assert.deepEqual(await roleType.prepare?.(desired, { observed: undefined, previous: {}, facts }), desired);
  });

  it("it is left out where the server has it already", async () => {
    const scram = await scramVerifier("pencil", 1);
    const left: [desired: Values, observed: Observed | undefined, previous?: Values][] = [
      [{ name: "app", password: null }, undefined],
      [{ password: null }, role({}, [], null)],
      [{ password: "pencil" }, role({}, [], scram)],
      [{ password: scram }, role({}, [], scram)],
      [{ password: MD5 }, role({}, [], MD5)],
      [{ password: "pencil" }, role({}, [], undefined), { password: "pencil" }],
      [{ name: "app2", password: "pencil" }, role({}, [], scram)],
    ];
    for (const [desired, observed, previous] of left) {
      const { password: _, ...others } = desired;
      assert.deepEqual(await of(desired, observed, previous), others);
    }
  });

  it("it is sent where the server has another, none, or may have lost it", async () => {
    const scram = await scramVerifier("pencil", 1);
    const sent: [desired: Values, observed: Observed, previous?: Values][] = [
      [{ password: null }, role({}, [], scram)],
      [{ password: "other" }, role({}, [], scram)],
      [{ password: "pencil" }, role({}, [], null)],
      [{ password: "new" }, role({}, [], undefined), { password: "pencil" }],
      [{ password: "pencil" }, role({}, [], undefined)],
      // Unreadable, it could be an md5 hash, which a rename clears.
      [{ name: "app2", password: "pencil" }, role({}, [], undefined), { password: "pencil" }],
      [{ name: "app2", password: MD5 }, role({}, [], MD5)],
    ];
    for (const [desired, observed, previous] of sent) {
      assert.ok("password" in (await of(desired, observed, previous)), JSON.stringify(desired));
    }
  });

  it("a fingerprint that is known tells another password without deriving keys", async () => {
    const scram = await scramVerifier("pencil", 1);
    const previous = { name: "app", password: "pencil", passwordHash: fingerprint(scram) ?? "" };
    assert.ok(!("password" in (await of({ password: "pencil" }, role({}, [], scram), previous))));
    assert.ok("password" in (await of({ password: "other" }, role({}, [], scram), previous)));
    // Changed outside meanwhile, to what is wanted now.
    const outside = await scramVerifier("other", 1);
    assert.ok(!("password" in (await of({ password: "other" }, role({}, [], outside), previous))));
  });

  it("another passwordVersion sends it again, except to a role that is just adopted", async () => {
    const scram = await scramVerifier("pencil", 1);
    const desired = { name: "app", password: "pencil", passwordVersion: "2" };
    for (const [previous, sent] of [
      [{ name: "app", password: "pencil", passwordVersion: "1" }, true],
      [{ name: "app", password: "pencil" }, true],
      [{ name: "app", password: "pencil", passwordVersion: "2" }, false],
      [{}, false],
    ] as [Values, boolean][]) {
      assert.equal("password" in (await of(desired, role({}, [], scram), previous)), sent, JSON.stringify(previous));
    }
  });

  it("it stays undeclared when it is not declared", async () => {
    assert.deepEqual(await of({ name: "app" }, role({}, [], "SCRAM")), { name: "app" });
  });
});

describe("catalogue", () => {
  it("reads verifiers only where that is allowed", () => {
    assert.match(roleType.catalogue(serverFacts()).select, /FROM pg_catalog\.pg_authid/);
    assert.doesNotMatch(roleType.catalogue(restricted(18)).select, /FROM pg_catalog\.pg_authid/);
  });
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

it("asks for facts about the roles of memberships, and of a hand-over", () => {
  const involved = (desired: Values, observed?: Observed) => roleType.rolesInvolved(observed, desired, serverFacts());
  assert.deepEqual(involved({ memberOf: ["a", { role: "b", admin: true }] }), ["a", "b"]);
  assert.deepEqual(involved({ onDelete: { reassignOwnedTo: "heir" } }), []);
  assert.deepEqual(involved({}, role()), []);
  assert.deepEqual(involved({ onDelete: { reassignOwnedTo: "heir" } }, role()), ["app", "heir"]);
  assert.deepEqual(involved({ onDelete: { dropOwned: true } }, role()), ["app"]);
});

import assert from "node:assert/strict";
import { describe as group, it } from "node:test";
import type { Values } from "../../../provider/definition";
import { hooks } from "../../../provider/hooks";
import { UNKNOWN } from "../samples";

/** What `check` makes of inputs with a Provider that shows SQL; its server is nowhere. */
async function sqlOf(type: string, olds: Values, news: Values): Promise<string[] | undefined> {
  const settings: Values = { "pgmob:showSql": "true", "pgmob:user": "me", "pgmob:host": "192.0.2.1" };
  const found = hooks(type);
  void found.configure({ config: { get: (key) => settings[key] } });
  const { inputs, failures } = await found.check(olds, news);
  assert.deepEqual(failures, []);
  const { sql, ...rest } = inputs;
  assert.deepEqual(rest, news, "the inputs themselves stay as they are");
  return typeof sql === "string" ? sql.split("\n") : undefined;
}

const RULE: Values = {
  ...{ name: "r", type: "hostssl", databases: ["d"], users: ["u", { group: "g" }], address: "10.0.0.0/8" },
  method: "scram-sha-256",
};
const NUMBERS: Values = { name: "q", schema: "s", start: "1000", maxValue: "5000" };

const TAKEN_OVER = "-- depends on the server; of what is there already, only what differs is changed";

group("the SQL of a preview", () => {
  const table: [what: string, type: string, olds: Values, news: Values, sql: string[] | undefined][] = [
    [
      "a new role",
      "Role",
      {},
      { name: "a", login: true, password: "p4ss" },
      ['CREATE ROLE "a" LOGIN PASSWORD [secret];'],
    ],
    [
      "a change: what is not declared is as PostgreSQL makes it",
      "Role",
      { name: "a", memberOf: ["b", "x"], password: "p4ss" },
      { name: "a2", login: true, createRole: false, memberOf: ["b", { role: "c", admin: true }], password: "p4ss" },
      [
        ...['ALTER ROLE "a" RENAME TO "a2";', 'ALTER ROLE "a2" LOGIN;'],
        ...['GRANT "c" TO "a2" WITH ADMIN OPTION;', 'REVOKE "x" FROM "a2";'],
      ],
    ],
    [
      "another password, and one by another name",
      "Role",
      { name: "a", password: "p4ss" },
      { name: "a", password: "p5ss", comment: "p5ss'" },
      ['ALTER ROLE "a" PASSWORD [secret];', `COMMENT ON ROLE "a" IS 'p5ss''';`],
    ],
    [
      "what is unknown",
      "Role",
      {},
      { name: UNKNOWN, comment: UNKNOWN, connectionLimit: UNKNOWN, memberOf: ["b", UNKNOWN] },
      [
        ...["-- connectionLimit is [unknown]", "CREATE ROLE [unknown];", 'GRANT "b" TO [unknown];'],
        ...["GRANT [unknown] TO [unknown];", "COMMENT ON ROLE [unknown] IS [unknown];"],
      ],
    ],
    [
      "an unknown name that takes a form",
      "ReplicationSlot",
      {},
      { name: UNKNOWN, type: "physical" },
      ["-- depends on name, which is [unknown]"],
    ],
    ["nothing new", "Role", { name: "a", login: true }, { name: "a", login: true }, undefined],
    [
      "nothing new, in other words",
      "Database",
      { name: "a", encoding: "UTF8" },
      { name: "a", encoding: "utf-8" },
      undefined,
    ],
    ["nothing new, and what was sent before", "Role", { name: "a", sql: "X" }, { name: "a" }, ["X"]],
    ["nothing to send", "Role", { name: "a", sql: "X" }, { name: "a", dropOnDelete: true }, [" -- nothing is sent"]],
    [
      "no line as the last time",
      "Role",
      { name: "a", sql: " X" },
      { name: "a", login: true },
      ['ALTER ROLE "a" LOGIN;'],
    ],
    [
      "what is adopted",
      "Schema",
      {},
      { name: "a", database: "d", adopt: true },
      [
        "-- depends on the server; of what is there already (adopt), only what differs is changed",
        'CREATE SCHEMA "a";',
      ],
    ],
    [
      "a database of another encoding than most",
      "Database",
      {},
      { name: "d", encoding: "latin1" },
      [`CREATE DATABASE "d" TEMPLATE "template0" ENCODING 'LATIN1';`],
    ],
    [
      "a schema that gets another owner",
      "Schema",
      { name: "s", owner: "o" },
      { name: "s", owner: "p" },
      ['ALTER SCHEMA "s" OWNER TO "p";'],
    ],
    [
      "numbers that follow from others",
      "Sequence",
      NUMBERS,
      { name: "q", schema: "s", increment: "-1" },
      ['ALTER SEQUENCE "s"."q" INCREMENT BY -1 MAXVALUE -1 START WITH -1;'],
    ],
    [
      "a sequence that restarts",
      "Sequence",
      NUMBERS,
      { ...NUMBERS, restartTrigger: "1" },
      ['ALTER SEQUENCE "s"."q" RESTART;'],
    ],
    [
      "a slot in another database",
      "ReplicationSlot",
      {},
      { name: "c", type: "logical", database: "d", plugin: "p" },
      ["-- in database d", "SELECT pg_catalog.pg_create_logical_replication_slot('c', 'p');"],
    ],
    [
      "the line of a rule, and its place",
      "HbaRule",
      {},
      { ...RULE, order: 5 },
      ["-- pg_hba.conf, add, order 5: hostssl d u,+g 10.0.0.0/8 scram-sha-256"],
    ],
    [
      "another place",
      "HbaRule",
      RULE,
      { ...RULE, before: "z" },
      ['-- pg_hba.conf, change to, before "z": hostssl d u,+g 10.0.0.0/8 scram-sha-256'],
    ],
    [
      "what is taken over, as PostgreSQL makes it",
      "Table",
      {},
      { name: "t", schema: "s", owner: "o", rowSecurity: true, unlogged: false, tablespace: "fast", comment: "x" },
      [
        TAKEN_OVER,
        'ALTER TABLE "s"."t" OWNER TO "o";',
        'ALTER TABLE "s"."t" SET TABLESPACE "fast", ENABLE ROW LEVEL SECURITY;',
        `COMMENT ON TABLE "s"."t" IS 'x';`,
      ],
    ],
    ["what is taken over as it is", "Table", {}, { name: "t" }, [TAKEN_OVER, "-- nothing is sent"]],
    [
      "a view whose kind is not said",
      "View",
      {},
      { name: "m", tablespace: "fast" },
      [TAKEN_OVER, 'ALTER MATERIALIZED VIEW "public"."m" SET TABLESPACE "fast";'],
    ],
    [
      "a definition, but not the look at what came of it",
      "View",
      {},
      { name: "v", definition: "SELECT 1", securityBarrier: true },
      [
        TAKEN_OVER,
        'CREATE OR REPLACE VIEW "public"."v" AS',
        "SELECT 1;",
        'ALTER VIEW "public"."v" SET (security_barrier = TRUE);',
      ],
    ],
    [
      "no definition that was applied already",
      "View",
      { name: "v", definition: "SELECT 1", comment: "x" },
      { name: "v", definition: " SELECT 1;" },
      ['COMMENT ON VIEW "public"."v" IS NULL;'],
    ],
    [
      "another definition keeps the options",
      "View",
      { name: "v", definition: "SELECT 1", securityBarrier: true, checkOption: "local" },
      { name: "v", definition: "SELECT 2", securityBarrier: true, checkOption: "local" },
      [
        ...[
          `CREATE OR REPLACE VIEW "public"."v" WITH ("security_barrier"='true', "check_option"='local') AS`,
          "SELECT 2;",
        ],
      ],
    ],
    [
      "another definition of a materialized view",
      "View",
      { name: "v", definition: "SELECT 1", materialized: true },
      { name: "v", definition: "SELECT 2", materialized: true },
      [
        "-- a materialized view cannot get another definition in place. Set allowReplace: true to drop it and create it anew, with its owner, comment and privileges, or take the change back",
      ],
    ],
    [
      "a view that is made anew",
      "View",
      { name: "v", definition: "SELECT 1", materialized: true },
      { name: "v", definition: "SELECT 2", materialized: true, allowReplace: true },
      [
        "-- what is around it, such as privileges, is read before and made again",
        'DROP MATERIALIZED VIEW "public"."v";',
        ...['CREATE MATERIALIZED VIEW "public"."v" AS', "SELECT 2;"],
      ],
    ],
    [
      "a routine by its arguments as they are written",
      "Routine",
      { name: "f", arguments: "int, text", comment: "x" },
      { name: "f", arguments: "int,text", owner: "o", securityDefiner: true },
      [
        'ALTER FUNCTION "public"."f"(int,text) OWNER TO "o";',
        'ALTER FUNCTION "public"."f"(int,text) SECURITY DEFINER;',
        'COMMENT ON FUNCTION "public"."f"(int,text) IS NULL;',
      ].map((line) => line.replace("int,text", "int, text")),
    ],
    [
      "a routine that is made anew, with what comes after",
      "Routine",
      { name: "f", definition: "CREATE FUNCTION f() RETURNS int RETURN 1" },
      {
        ...{ name: "f", arguments: "int", definition: "CREATE PROCEDURE f(int) AS ''", allowReplace: true },
        ...{ securityDefiner: true, comment: "x" },
      },
      [
        "-- what is around it, such as privileges, is read before and made again",
        ...['DROP FUNCTION "public"."f"();', "CREATE PROCEDURE f(int) AS '';"],
        ...['ALTER PROCEDURE "public"."f"(int) SECURITY DEFINER;', `COMMENT ON PROCEDURE "public"."f"(int) IS 'x';`],
      ],
    ],
    [
      "a large object",
      "LargeObject",
      {},
      { oid: 16384, comment: "x" },
      [TAKEN_OVER, "COMMENT ON LARGE OBJECT 16384 IS 'x';"],
    ],
    [
      "owners of objects",
      "Ownership",
      {},
      {
        owner: "o",
        objects: [
          { kind: "schema", name: "s" },
          { kind: "routine", name: "f", arguments: "int" },
        ],
      },
      [TAKEN_OVER, '-- schema "s", routine "public"."f"(int): OWNER TO "o"'],
    ],
    [
      "owners of what a role owns",
      "Ownership",
      { owner: "p", reassignOwnedBy: "q" },
      { owner: "o", reassignOwnedBy: "q" },
      ['-- everything that "q" owns: OWNER TO "o"'],
    ],
    [
      "another secret in a rule",
      "HbaRule",
      { ...RULE, method: "ldap", options: { ldapserver: "l", ldapbindpasswd: "old" } },
      { ...RULE, method: "ldap", options: { ldapserver: "l", ldapbindpasswd: "new" } },
      ["-- pg_hba.conf, change to, order 0: hostssl d u,+g 10.0.0.0/8 ldap ldapserver=l ldapbindpasswd=[secret]"],
    ],
  ];
  for (const [what, type, olds, news, sql] of table) {
    it(`${type}: ${what}`, async () => assert.deepEqual(await sqlOf(type, olds, news), sql));
  }

  it("is not there unless it is asked for, whatever the program sends", async () => {
    const { inputs } = await hooks("Role").check({}, { name: "a", sql: "" });
    assert.deepEqual(inputs, { name: "a" });
  });

  it("is no difference by itself", async () => {
    const { changes } = await hooks("Role").diff("a", { name: "a", sql: "X" }, { name: "a", sql: "Y" });
    assert.equal(changes, false);
  });
});

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
        ...["-- connectionLimit: [unknown]", "CREATE ROLE [unknown];", 'GRANT "b" TO [unknown];'],
        ...["GRANT [unknown] TO [unknown];", "COMMENT ON ROLE [unknown] IS [unknown];"],
      ],
    ],
    [
      "an unknown name that takes a form",
      "ReplicationSlot",
      {},
      { name: UNKNOWN, type: "physical" },
      ["-- depends on name: [unknown]"],
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
        "-- depends on the server: of what is there already (adopt), only what differs is changed",
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

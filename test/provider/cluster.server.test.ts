import assert from "node:assert/strict";
import pg from "pg";
import {
  type Cluster,
  InvalidValueError,
  identifier,
  literal,
  PermissionError,
  PostgresError,
  secretLiteral,
  sql,
} from "../../provider";
import type { ServerFacts } from "../../provider/facts";
import { uniqueName } from "../support/postgres-fixture";
import { asEachDeployer, failure, onEachServer } from "./scene";

asEachDeployer("execute: rows as arrays, and what counts as a parameter list", async (scene) => {
  const cluster = await scene.connect();
  const cases: [string, unknown, unknown[][]][] = [
    ["SELECT 1, 'two', NULL", undefined, [[1, "two", null]]],
    ["SELECT $1::int + $2::int", [1, 2], [[3]]],
    ["SELECT $1::int", 0, [[0]]],
    ["SELECT $1::text", "", [[""]]],
    ["SELECT $1::bool", false, [[false]]],
    ["SELECT $1::text IS NULL", null, [[true]]],
    ["SELECT $1::text", "a'b\\c\"d\n$2 🐘", [["a'b\\c\"d\n$2 🐘"]]],
    ["SELECT '100%', '%s %(a)s', 7 % $1::int", 4, [["100%", "%s %(a)s", 3]]],
    ["SELECT 'a % b'", undefined, [["a % b"]]],
    ["SELECT $1::int8", 9_007_199_254_740_993n, [["9007199254740993"]]],
    ["SELECT $1::bytea", Buffer.from([0, 1, 255]), [[Buffer.from([0, 1, 255])]]],
    ["SELECT $1::timestamptz", new Date(0), [[new Date(0)]]],
    [
      "SELECT viewname::text FROM pg_views WHERE viewname = ANY($1) ORDER BY 1",
      [["pg_views", "pg_tables"]],
      [["pg_tables"], ["pg_views"]],
    ],
    ["SELECT $1::int[]", [[]], [[[]]]],
    ["SELECT $1::text[]", [['a"b', "c\\d", "", null]], [[['a"b', "c\\d", "", null]]]],
    ["SELECT 1 WHERE false", undefined, []],
    ["SELECT 1", [], [[1]]],
    ["CREATE TEMP TABLE t (a int)", undefined, []],
    ["INSERT INTO pg_temp.nothing SELECT 1 WHERE false", undefined, []],
    ["", undefined, []],
    [
      "SELECT 1; SELECT 2, 3 UNION ALL SELECT 4, 5",
      undefined,
      [
        [2, 3],
        [4, 5],
      ],
    ],
    ["SELECT 1; CREATE TEMP TABLE u ()", undefined, []],
  ];
  await cluster.execute("CREATE TEMP TABLE nothing (a int)");
  for (const [text, params, rows] of cases) {
    assert.deepEqual(await cluster.execute(text, params as never), rows, text);
  }
});

asEachDeployer("execute takes composed SQL, and commits by itself", async (scene) => {
  const cluster = await scene.connect();
  const name = uniqueName('It\'s "me"\\');
  await cluster.execute(sql`CREATE ROLE ${identifier(name)} CONNECTION LIMIT ${3}`);
  assert.deepEqual(await scene.ask("SELECT rolconnlimit FROM pg_roles WHERE rolname = $1", [name]), [[3]]);
  const found = await cluster.execute(sql`SELECT rolname::text FROM pg_roles WHERE rolname = ANY (${[name]})`);
  assert.deepEqual(found, [[name]]);
  assert.deepEqual(await cluster.execute(sql`SELECT rolname::text FROM pg_roles WHERE rolname = $1`, name), [[name]]);
  await assert.rejects(cluster.execute("CREATE ROLE never_made; SELECT 1 / 0"), /division by zero/);
  assert.equal(await cluster.roles.has("never_made"), false, "several statements are one implicit transaction");
  await cluster.execute(sql`DROP ROLE ${identifier(name)}`);
});

onEachServer("query: rows as objects", async (scene) => {
  const cluster = await scene.connect();
  const rows = await cluster.query<{ a: number; b: string[] }>("SELECT $1::int AS a, $2::text[] AS b", [1, ["x"]]);
  assert.deepEqual(rows, [{ a: 1, b: ["x"] }]);
  assert.deepEqual(await cluster.query("SELECT 1 AS a WHERE false"), []);
  assert.deepEqual(await cluster.query("CREATE TEMP TABLE t ()"), []);
});

onEachServer("int8 and numeric are exact text, whatever pg is set to, and pg stays as it was set", async (scene) => {
  const text =
    "SELECT 9223372036854775807::int8, 0.1234567890123456789::numeric, 'NaN'::numeric, " +
    "ARRAY[-9223372036854775808, 1, NULL]::int8[], ARRAY[1.10, 2]::numeric[], 5::int4, 1.5::float8";
  const expected = [
    "9223372036854775807",
    "0.1234567890123456789",
    "NaN",
    ["-9223372036854775808", "1", null],
    ["1.10", "2"],
    5,
    1.5,
  ];
  const oids = [20, 1700, 1016, 1231];
  const before = oids.map((oid) => pg.types.getTypeParser(oid, "text"));
  const cluster = await scene.connect();
  assert.deepEqual(await cluster.execute(text), [expected]);
  assert.deepEqual(
    oids.map((oid) => pg.types.getTypeParser(oid, "text")),
    before,
  );
  const changed = () => "changed by the user";
  try {
    for (const oid of oids) pg.types.setTypeParser(oid, changed);
    assert.deepEqual(await cluster.execute(text), [expected]);
    assert.deepEqual(Object.values((await cluster.query("SELECT 1::int8 AS a, 2::numeric AS b"))[0]!), ["1", "2"]);
    assert.equal((await cluster.databases.get("template1")).oid, 1);
    assert.deepEqual(
      oids.map((oid) => pg.types.getTypeParser(oid, "text")),
      oids.map(() => changed),
    );
  } finally {
    for (const [i, oid] of oids.entries()) pg.types.setTypeParser(oid, before[i]!);
  }
});

onEachServer("the collections understand the catalogue whatever pg is set to make of json", async (scene) => {
  const oids = [114, 3802];
  const before = oids.map((oid) => pg.types.getTypeParser(oid, "text"));
  const cluster = await scene.connect();
  const [group, member] = [uniqueName("group"), uniqueName("member")];
  try {
    for (const oid of oids) pg.types.setTypeParser(oid, (value: string) => value);
    await cluster.roles.create({ name: group });
    const role = await cluster.roles.create({ name: member, login: true, connectionLimit: 5, memberOf: [group] });
    assert.deepEqual([role.login, role.connectionLimit, role.memberOf], [true, 5, [group]]);
    assert.equal(typeof role.oid, "number");
    await cluster.refresh();
    assert.equal(cluster.version.major, scene.server.version);
  } finally {
    for (const [i, oid] of oids.entries()) pg.types.setTypeParser(oid, before[i]!);
  }
});

asEachDeployer("reload: told what it may, refused otherwise", async (scene) => {
  const cluster = await scene.connect();
  if (scene.deployer.superuser) {
    assert.equal(await cluster.reload(), true);
  } else {
    assert.equal((await failure(cluster.reload(), PermissionError)).sqlstate, "42501");
  }
});

const superuser = (cluster: Cluster) => (cluster as unknown as { facts: ServerFacts }).facts.superuser;

onEachServer("refresh reads rights again", async (scene) => {
  const name = uniqueName("promoted");
  await scene.ask(`CREATE ROLE ${name} LOGIN PASSWORD 'x12345'`);
  const cluster = await scene.connect({ user: name, password: "x12345" });
  assert.equal(superuser(cluster), false);
  await scene.ask(`ALTER ROLE ${name} SUPERUSER`);
  await cluster.refresh();
  assert.equal(superuser(cluster), true);
});

asEachDeployer("errors carry SQLSTATE, detail and hint", async (scene) => {
  const cluster = await scene.connect();
  const error = await failure(cluster.execute("SELECT oit FROM (SELECT 1 AS oid) AS t"), PostgresError);
  assert.equal(error.sqlstate, "42703");
  assert.match(error.hint ?? "", /oid/);
  assert.match(error.message, /column "oit" does not exist\. .*oid/);
  const duplicate = await failure(
    cluster.execute("CREATE TEMP TABLE t (a int PRIMARY KEY); INSERT INTO t VALUES (1), (1)"),
    PostgresError,
  );
  assert.equal(duplicate.detail, "Key (a)=(1) already exists.");
  const invalid = await failure(cluster.execute("SELECT $1::int", "x"), InvalidValueError);
  assert.equal(invalid.sqlstate, "22P02");
  assert.deepEqual(await cluster.execute("SELECT 1"), [[1]], "the connection goes on");
});

onEachServer("a secret in a failing statement is in no part of the error", async (scene) => {
  const cluster = await scene.connect({ maxConnections: 1 });
  await cluster.execute("CREATE TEMP TABLE t (a text PRIMARY KEY)");
  for (const secret of ["hunter22", "it's secret", "back\\slash", "both\\'s", "new\nline", "%s $1 $& \\1"]) {
    for (const [where, statement] of Object.entries({
      "at the error": sql`CREATE ROLE x ${secretLiteral(secret)}`,
      "in a value": sql`SELECT ${secretLiteral(secret)}::int`,
      "in a detail": sql`INSERT INTO pg_temp.t VALUES (${secretLiteral(secret)}), (${secretLiteral(secret)})`,
    })) {
      const error = await failure(cluster.execute(statement), PostgresError);
      const shown = [
        error.message,
        error.stack,
        error.detail,
        error.hint,
        JSON.stringify(error),
        String(error.cause),
      ].join();
      for (const spelling of [
        secret,
        secret.replaceAll("'", "''"),
        secret.replaceAll("\\", "\\\\"),
        literal(secret).text,
      ]) {
        assert.ok(!shown.includes(spelling), `${where}: ${spelling} is in ${shown}`);
      }
      assert.match(error.message, /\[secret\]/, where);
    }
  }
});

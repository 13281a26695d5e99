import assert from "node:assert/strict";
import { ConnectionError, type PermissionError, PostgresError } from "../../../provider";
import { runStep, type StepPurpose } from "../../../provider/command/run";
import type { CommandStep } from "../../../provider/command/step";
import { freshDatabase, uniqueName } from "../../support/postgres-fixture";
import { startProxy } from "../../support/proxy";
import { asEachDeployer, asRestricted, failure, hostileNames, onEachServer, type Scene } from "../scene";

const PURPOSE: StepPurpose = { object: 'command "seed"', intent: "create", secret: false };

async function own(scene: Scene, settings: object = {}) {
  const { name } = await freshDatabase(scene.server, { owner: scene.deployer.name });
  const cluster = (await scene.connect(settings)).in(name);
  const run = (step: CommandStep, purpose: Partial<StepPurpose> = {}) =>
    runStep(cluster, step, { ...PURPOSE, ...purpose });
  const fails = async (step: CommandStep, message: RegExp, purpose: Partial<StepPurpose> = {}) => {
    const error = await failure(run(step, purpose), PostgresError);
    assert.match(error.message, message);
    assert.match(error.message, /^command "seed": cannot /);
    return error;
  };
  return { name, cluster, run, fails, ask: (sql: string) => scene.ask(sql, [], name) };
}

asEachDeployer("several statements are one transaction; the rows are those of the last", async (scene) => {
  const { run, fails, ask } = await own(scene);
  const outputs = await run({
    sql: `CREATE TABLE t (a int, b text);
      -- a comment; with a semicolon
      INSERT INTO t VALUES (1, 'x;y'), (2, $$z;$$);
      CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT count(*) FROM t; END;
      SELECT a, b, f() FROM t ORDER BY a`,
  });
  const rows = [
    { a: 1, b: "x;y", f: 2 },
    { a: 2, b: "z;", f: 2 },
  ];
  assert.deepEqual(outputs, { rows, rowCount: 2 });
  assert.deepEqual(await run({ sql: "UPDATE t SET b = '' WHERE a = 1" }), { rows: [], rowCount: 1 });

  const second = await fails(
    { sql: "INSERT INTO t VALUES (3); INSERT INTO t VALUES\n (4, 5, 6); SELECT 1" },
    /cannot create: statement 2 of 3 \(INSERT INTO t VALUES \(4, 5, 6\)\): INSERT has more expressions than target columns$/,
  );
  assert.equal(second.sqlstate, "42601");
  assert.deepEqual(await ask("SELECT count(*)::int FROM t"), [[2]], "nothing of it");
  await fails({ sql: "SELECT nonsense" }, /^command "seed": cannot delete: column "nonsense" does not exist$/, {
    intent: "delete",
  });
  await fails({ sql: "VACUUM t" }, /VACUUM cannot run inside a transaction block\. Set transaction: false/);
  await fails({ sql: "DO $$ BEGIN COMMIT; END $$" }, /invalid transaction termination.*Set transaction: false/);
});

asEachDeployer(
  "outside of a transaction each statement is by itself, in one session that is nobody else's",
  async (scene) => {
    const { run, fails, ask, cluster, name } = await own(scene, { maxConnections: 1 });
    await run({ sql: "CREATE TABLE t (a int); VACUUM t; CREATE INDEX CONCURRENTLY i ON t (a)", transaction: false });
    assert.deepEqual(await ask("SELECT count(*)::int FROM pg_indexes WHERE tablename = 't'"), [[1]]);
    const sql =
      "SET application_name = 'mine'; CREATE TEMP TABLE mine (); SELECT current_setting('application_name') AS a";
    assert.deepEqual((await run({ sql, transaction: false })).rows, [{ a: "mine" }]);
    assert.deepEqual((await run({ sql })).rows, [{ a: "mine" }]);
    const after = await cluster.execute("SELECT current_setting('application_name'), to_regclass('mine') IS NULL");
    assert.deepEqual(after, [[process.env.PGAPPNAME, true]]);
    await fails(
      { sql: "INSERT INTO t VALUES (1); INSERT INTO t VALUES ('x'); INSERT INTO t VALUES (3)", transaction: false },
      /statement 2 of 3 \(INSERT INTO t VALUES \('x'\)\): invalid input syntax for type integer: "x"$/,
    );
    assert.deepEqual(await ask("SELECT a FROM t"), [[1]], "what came before stays");
    const other = uniqueName("made");
    await run({ sql: `CREATE DATABASE ${other}; DROP DATABASE ${other}`, transaction: false });
    await run({ sql: "BEGIN; INSERT INTO t VALUES (4); ROLLBACK", transaction: false });
    assert.deepEqual(await ask("SELECT a FROM t"), [[1]]);
    assert.equal((await cluster.execute("SELECT current_database()"))[0]?.[0], name);
  },
);

asEachDeployer("values come back as JSON has them", async (scene) => {
  const { run } = await own(scene);
  const columns: [sql: string, value: unknown][] = [
    ["true", true],
    ["1::int2", 1],
    ["2147483647", 2147483647],
    ["9007199254740993::int8", "9007199254740993"],
    ["1.10::numeric", "1.10"],
    ["0.5::float8", 0.5],
    ["'NaN'::float8", "NaN"],
    ["'-Infinity'::float4", "-Infinity"],
    ["NULL::int", null],
    ["'x'::text", "x"],
    ["'\\x00ff'::bytea", "\\x00ff"],
    ["'2031-03-10 12:00:00.123456+00'::timestamptz AT TIME ZONE 'UTC'", "2031-03-10 12:00:00.123456"],
    ["'2031-03-10'::date", "2031-03-10"],
    ["'1 day 02:00'::interval", "1 day 02:00:00"],
    [`'{"a": [1, null]}'::jsonb`, { a: [1, null] }],
    ["'[1]'::json", [1]],
    ["'{1,2}'::int[]", [1, 2]],
    ["'{{1},{NULL}}'::int8[]", [["1"], [null]]],
    ["'{t,f}'::bool[]", [true, false]],
    [`'{"a,b",NULL,"c\\"d"}'::text[]`, ["a,b", null, 'c"d']],
    [`ARRAY['{"a":1}']::jsonb[]`, [{ a: 1 }]],
    ["'(1,2)'::point", "(1,2)"],
    ["'a'::name", "a"],
    ["'10.0.0.0/8'::inet", "10.0.0.0/8"],
  ];
  const { rows } = await run({ sql: `SELECT ${columns.map(([sql], index) => `${sql} AS c${index}`).join()}` });
  assert.deepEqual(rows, [Object.fromEntries(columns.map(([, value], index) => [`c${index}`, value]))]);
  assert.deepEqual(JSON.parse(JSON.stringify(rows)), rows);
});

asEachDeployer("parameters need no quoting, whatever they are, and names neither", async (scene) => {
  const { run, ask } = await own(scene);
  for (const name of hostileNames()) {
    const parameters = [
      { identifier: name },
      { identifier: ["public", name] },
      name,
      [name, "x", null],
      { identifier: scene.deployer.name },
    ];
    const { rows } = await run({
      sql: `CREATE TABLE $1 (a text); COMMENT ON TABLE $2 IS $3; INSERT INTO $1 SELECT unnest($4::text[]);
        GRANT SELECT ON $1 TO $5; SELECT a, $3::text AS p, obj_description(to_regclass($6)) AS c FROM $2 WHERE a = $3`,
      parameters: [...parameters, `public."${name.replaceAll('"', '""')}"`],
    });
    assert.deepEqual(rows, [{ a: name, p: name, c: name }]);
  }
  assert.deepEqual(await ask("SELECT count(*)::int FROM pg_tables WHERE schemaname = 'public'"), [
    [hostileNames().length],
  ]);
});

onEachServer("values that travel beside a statement are in no log of one that fails", async (scene) => {
  const { fails, run } = await own(scene);
  await run({ sql: "CREATE TABLE t (a text PRIMARY KEY)" });
  const before = (await scene.server.log()).length;
  const step: CommandStep = { sql: "INSERT INTO t SELECT $1 FROM generate_series(1, 2)", parameters: ["s3cret-value"] };
  await fails(step, /duplicate key.*\(a\)=\(s3cret-value\)/);
  const logged = (await scene.server.log())
    .slice(before)
    .split("\n")
    .filter((line) => /STATEMENT/.test(line));
  assert.ok(logged.length > 0);
  assert.doesNotMatch(logged.join("\n"), /s3cret/);
});

asEachDeployer("nothing of what is secret is in an error", async (scene) => {
  const { fails, run } = await own(scene);
  await run({ sql: "CREATE TABLE t (a text UNIQUE)" });
  const steps: [CommandStep, RegExp][] = [
    [
      { sql: "SELECT s3cret" },
      /cannot create: it failed with SQLSTATE 42703\. What the server says is not shown, because/,
    ],
    [
      { sql: "SELECT 1; SELECT 's3cret'::int" },
      /statement 2 of 2: it failed with SQLSTATE 22P02\. What the server says/,
    ],
    [
      { sql: "INSERT INTO t VALUES ($1), ($1)", parameters: ["s3cret"] },
      /failed with SQLSTATE 23505\. What the server/,
    ],
    [
      { sql: "DO $$ BEGIN RAISE 's3cret' USING DETAIL = 's3cret', HINT = 's3cret'; END $$" },
      /failed with SQLSTATE P0001\. What/,
    ],
    [
      {
        sql: "CREATE CONSTRAINT TRIGGER s3cret AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION s3cret()",
      },
      /failed with SQLSTATE 42883/,
    ],
    [
      { sql: "VACUUM s3cret" },
      /SQLSTATE 25001\. Set transaction: false, which runs each statement by itself\. What the server/,
    ],
  ];
  for (const [step, message] of steps) {
    const error = await fails(step, message, { secret: true });
    assert.doesNotMatch(`${error.message} ${error.stack} ${JSON.stringify(error)}`, /s3cret/);
  }
});

asEachDeployer("a deadline ends it, and a statement_timeout of the Provider", async (scene) => {
  const { fails, ask } = await own(scene, { statementTimeout: "700ms" });
  const deadline = { at: Date.now() + 1500, setting: "customTimeouts.create (1s)" };
  const sql = "CREATE TABLE t (); SELECT pg_sleep(1); SELECT pg_sleep(5)";
  await fails(
    { sql },
    /statement 3 of 3 \(SELECT pg_sleep\(5\)\): canceling statement.*It took longer than customTimeouts\.create \(1s\)/,
    { deadline },
  );
  await fails({ sql }, /statement 2 of 3 .*It took longer than the Provider's statementTimeout/);
  assert.deepEqual(await ask("SELECT to_regclass('t')"), [[null]]);
});

onEachServer(
  "a connection that is lost: a transaction is resolved or run again, all else is not, and says so",
  async (scene) => {
    const proxy = await startProxy(scene.server);
    try {
      const { run, ask, cluster } = await own(scene, { host: proxy.host, port: proxy.port });
      await cluster.execute("CREATE TABLE t (a int)");
      for (const cut of ["before", "after"] as const) {
        proxy.cutAtCommit(cut);
        assert.deepEqual(await run({ sql: "INSERT INTO t VALUES (1) RETURNING a" }), { rows: [{ a: 1 }], rowCount: 1 });
      }
      assert.equal(proxy.cuts, 2);
      assert.deepEqual(await ask("SELECT count(*)::int FROM t"), [[2]], "once each");

      const ending = "SELECT pg_terminate_backend(pg_backend_pid())";
      const step = { sql: `INSERT INTO t VALUES (3); ${ending}`, transaction: false };
      const error = await failure(run(step), ConnectionError);
      assert.match(
        error.message,
        /statement 2 of 2 \(SELECT pg_term.*not run again by itself: look at the server first$/,
      );
      const open = /It is not run again by itself: look at the server first$/;
      const running = async () =>
        (
          await ask(
            "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND query ~ '^COPY .*FROM PROGRAM' AND pid <> pg_backend_pid()",
          )
        ).length;
      const begun = async (act: () => unknown) => {
        while ((await running()) === 0);
        await act();
      };
      const [lost] = await Promise.all([
        failure(run({ shell: "sleep 3" }), ConnectionError),
        begun(() => proxy.cutAll()),
      ]);
      assert.match(lost.message, open);
      while ((await running()) > 0); // the server goes on until the command ends
      const terminate =
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
      const ended = failure(run({ shell: "sleep 20" }), PostgresError);
      await begun(() => ask(terminate));
      assert.match((await ended).message, open);
      assert.deepEqual(await ask("SELECT count(*)::int FROM t WHERE a = 3"), [[1]]);
      // In a transaction nothing of it is there, so that it is tried again: once it comes to its end.
      await cluster.execute("CREATE SEQUENCE tries");
      const once = `DO $$ BEGIN IF nextval('tries') = 1 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF; END $$`;
      await run({ sql: `INSERT INTO t VALUES (4); ${once}` });
      assert.deepEqual(await ask("SELECT count(*)::int FROM t WHERE a = 4"), [[1]]);
    } finally {
      await proxy.close();
    }
  },
);

onEachServer("two transactions that meet: the one that has to give way is run again", async (scene) => {
  const { run, ask } = await own(scene);
  await run({ sql: "CREATE TABLE t (id int PRIMARY KEY, n int); INSERT INTO t VALUES (1, 0), (2, 0)" });
  const both = (first: number, second: number): CommandStep => ({
    sql: "UPDATE t SET n = n + 1 WHERE id = $1; SELECT pg_sleep(0.3); UPDATE t SET n = n + 1 WHERE id = $2",
    parameters: [first, second],
  });
  await Promise.all([run(both(1, 2)), run(both(2, 1))]);
  assert.deepEqual(await ask("SELECT n FROM t"), [[2], [2]]);
});

onEachServer("a shell command on the server's host: what it prints, its input and environment", async (scene) => {
  const { run, fails } = await own(scene);
  const outputs = await run({
    shell: 'cat; printf "%s|" "$A" "$B"; echo err >&2',
    stdin: "in\n",
    environment: { A: "it's $x `y`\nz", B: "" },
  });
  assert.deepEqual(outputs, { stdout: "in\nit's $x `y`\nz||", stderr: "err\n", exitCode: 0 });
  const failing: CommandStep = { shell: "echo out; echo s3cret >&2; exit 7" };
  await fails(failing, /^command "seed": cannot delete: the command ended with exit code 7\. s3cret$/, {
    intent: "delete",
  });
  const withheld = await fails(
    failing,
    /exit code 7\. What it printed is not shown, because something of this command/,
    { secret: true },
  );
  assert.doesNotMatch(`${withheld.message} ${withheld.stack} ${JSON.stringify(withheld)}`, /s3cret/);
  const deadline = { at: Date.now() + 1000, setting: "customTimeouts.create (1s)" };
  await fails({ shell: "sleep 20" }, /cannot create: it took longer than customTimeouts\.create \(1s\)$/, { deadline });
  const hurried = await own(scene, { statementTimeout: "500ms" });
  await hurried.fails(
    { shell: "sleep 20" },
    /the command was ended: statementTimeout was over, or its session terminated\. What/,
  );
});

asRestricted("whoever may not run programs on the server's host is told which grant is missing", async (scene) => {
  const { fails } = await own(scene);
  const error = (await fails({ shell: "true" }, /GRANT pg_execute_server_program TO /, {
    secret: true,
  })) as PermissionError;
  assert.equal(error.sqlstate, "42501");
});

/** Routines whose definition is declared: made, compared by what the server writes, replaced, made anew. */

import assert from "node:assert/strict";
import type { Values } from "../../../provider/definition";
import { uniqueName } from "../../support/postgres-fixture";
import { Deployed } from "../deployed";
import { id } from "../samples";
import { asEachDeployer, failure, hostileNames, onEachServer } from "../scene";
import { shop } from "./shop";

/** A function in SQL that gives what an expression gives. */
function text(name: string, gives: string, { args = "a int", returns = "int", rest = "" } = {}): string {
  return `CREATE FUNCTION ${name}(${args}) RETURNS ${returns} LANGUAGE sql ${rest} AS $$ SELECT ${gives} $$`;
}

/** Every function and procedure of the user's, with the transaction that made or replaced it last. */
const ROUTINES = `SELECT oid::regprocedure::text, xmin::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace ORDER BY 1`;

asEachDeployer(
  "made under any name, replaced when its text changes, and not when anything else does",
  async (scene) => {
    const { cluster, here, ask } = await shop(scene);
    const owner = uniqueName("owner");
    await cluster.roles.create({ name: owner });
    const before = await scene.memberships();
    for (const name of hostileNames().slice(0, 5)) {
      await here.schemas.create({ name, owner });
      const path = `${id(name)}.${id(name)}`;
      await ask(
        `CREATE TYPE ${path} AS ENUM ('ok'); ALTER TYPE ${path} OWNER TO ${owner}; CREATE FUNCTION ${path}(text) RETURNS int LANGUAGE sql AS 'SELECT 0'`,
      );
      const args = `a ${path}, b int = 5`;
      const made = (gives: string, rest = "") => text(path, gives, { args, rest });
      const row = () =>
        ask(
          "SELECT oid::int, xmin::text, prosecdef, provolatile, proisstrict, pg_get_userbyid(proowner)::text, prosrc FROM pg_proc WHERE proname = $1 ORDER BY oid DESC",
          [name],
        );
      const routine = new Deployed(cluster, "Routine");
      const inputs: Values = {
        ...{ database: here.currentDatabase, schema: name, name, owner, arguments: `${path}, int` },
        definition: made("1", "STABLE"),
      };
      assert.equal(await routine.up(inputs), "create");
      const [first, overload] = (await row()) as [unknown[], unknown[]];
      assert.deepEqual(first.slice(2), [false, "s", false, owner, " SELECT 1 "]);
      assert.deepEqual(
        [routine.state?.oid, routine.state?.volatility, routine.state?.returns],
        [first[0], "stable", "integer"],
      );
      assert.deepEqual(await routine.drift(), {});

      assert.equal(await routine.up({ ...inputs, definition: `\n${made("1", "STABLE")};` }), "same");
      assert.equal(await routine.up({ ...inputs, comment: "x" }), "update");
      assert.deepEqual((await row())[0], first, "only the comment was sent");
      assert.equal(await routine.up({ ...inputs, securityDefiner: true, definition: made("2", "STRICT") }), "update");
      const [second, other] = (await row()) as [unknown[], unknown[]];
      assert.deepEqual([second[0], ...second.slice(2)], [first[0], true, "v", true, owner, " SELECT 2 "]);
      assert.deepEqual(other, overload, "another one of the name is as it was");
      assert.deepEqual(await routine.drift(), {});
      assert.equal(
        await routine.up({ ...inputs, securityDefiner: true, definition: made("3", "SECURITY INVOKER") }),
        "update",
      );
      assert.equal((await row())[0]?.[2], true, "what is declared beside the text holds");
      await routine.destroy();
      assert.equal((await row()).length, 2, "let go, as it is");
      await ask(`DROP FUNCTION ${path}(${path}, int)`);
    }
    assert.deepEqual(await scene.memberships(), before, "no right is left lent");
  },
);

asEachDeployer(
  "drift is another rendering than that of the last change; a name by hand is drift of the name alone",
  async (scene) => {
    const { cluster, here, ask } = await shop(scene);
    const inputs: Values = {
      ...{ database: here.currentDatabase, schema: "public", name: "f", arguments: "int", definition: text("f", "1") },
    };
    const routine = new Deployed(cluster, "Routine");
    await routine.up(inputs);
    await ask(`CREATE SCHEMA s AUTHORIZATION ${id(scene.deployer.name)}; ALTER FUNCTION f(int) RENAME TO g;
      ALTER FUNCTION g(int) SET SCHEMA s`);
    assert.deepEqual(await routine.drift(), { schema: "s", name: "g" });
    assert.equal(await routine.up(inputs), "update");
    assert.deepEqual(await routine.drift(), {});

    for (const byHand of [
      "CREATE OR REPLACE FUNCTION f(a int) RETURNS int LANGUAGE sql AS 'SELECT 9'",
      "ALTER FUNCTION f(int) IMMUTABLE",
      "ALTER FUNCTION f(int) SET search_path = s",
      "ALTER FUNCTION f(int) COST 7 STRICT",
    ]) {
      await ask(byHand);
      const { definition, ...others } = (await routine.drift()) ?? {};
      assert.match(String(definition), /^CREATE OR REPLACE FUNCTION public\.f\(a integer\)/, byHand);
      assert.deepEqual(others, {});
      assert.equal(await routine.up(inputs), "update");
      assert.deepEqual(await routine.drift(), {});
    }
    assert.deepEqual(
      (await ask("SELECT prosrc, provolatile, proconfig, proisstrict FROM pg_proc WHERE proname = 'f'"))[0],
      [" SELECT 1 ", "v", null, false],
    );

    // Renamed and moved by the program, with its text.
    const { oid } = routine.state as Values;
    const moved = { ...inputs, schema: "s", name: "h", definition: text("s.h", "1") };
    assert.equal(await routine.up(moved), "update");
    assert.equal(routine.state?.oid, oid);
    assert.deepEqual(await routine.drift(), {});
    const left = await failure(routine.up({ ...moved, name: "i" }), Error);
    assert.match(
      left.message,
      /it is to make the declared object and nothing else, but it makes function s\.h\(integer\)\. Write schema, name and arguments in it as they are declared/,
    );
    assert.deepEqual(await routine.drift(), {}, "the rename was taken back with it");
  },
);

asEachDeployer("a text that makes anything else is refused as a whole", async (scene) => {
  const { cluster, here, ask } = await shop(scene);
  await here.execute(
    `CREATE TABLE t (); CREATE SCHEMA s; CREATE FUNCTION g(a int) RETURNS int LANGUAGE sql AS 'SELECT 5'`,
  );
  const before = await ask(ROUTINES);
  const inputs: Values = { database: here.currentDatabase, name: "f", arguments: "int" };
  const routine = new Deployed(cluster, "Routine");
  const nothingElse = "cannot create: definition: it is to make the declared object and nothing else, but it makes";
  const table: [definition: string, reason: RegExp][] = [
    [text("f", "1", { args: "a text" }), new RegExp(`${nothingElse} function f\\(text\\)`)],
    [text("f", "1", { args: "" }), new RegExp(`${nothingElse} function f\\(\\)`)],
    [text("s.f", "1"), new RegExp(`${nothingElse} function s\\.f\\(integer\\)`)],
    [text("h", "1"), new RegExp(`${nothingElse} function h\\(integer\\)`)],
    [text("g", "1"), /function "g" already exists with same argument types/],
    [`${text("f", "1")}; DROP TABLE t`, /cannot insert multiple commands.*\. The definition must be one statement/],
    [`${text("f", "1")}; COMMIT; DROP TABLE t`, /cannot insert multiple commands/],
    [
      `CREATE FUNCTION f(a int) RETURNS int BEGIN ATOMIC SELECT 1; END; DROP TABLE t`,
      /cannot insert multiple commands/,
    ],
    ["CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql", /no function body specified/],
    [
      "CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql AS 'SELECT x FROM nowhere'",
      /relation "nowhere" does not exist/,
    ],
    ["CREATE FUNCTION f(a int) RETURN int", /function result type must be specified/],
    [
      "CREATE FUNCTION f(a int) RETURNS int LANGUAGE",
      /syntax error at end of input\. The definition must be one statement/,
    ],
  ];
  if (scene.deployer.superuser)
    table.push([
      "CREATE FUNCTION f(a int) RETURNS shell LANGUAGE internal AS 'int4in'",
      new RegExp(`${nothingElse} type shell`),
    ]);
  for (const [definition, reason] of table)
    assert.match((await failure(routine.up({ ...inputs, definition }), Error)).message, reason, definition);
  assert.deepEqual(await ask(ROUTINES), before);
  assert.deepEqual(await ask("SELECT to_regclass('t')::text, to_regtype('shell')::text"), [["t", null]]);
  const atomic = "CREATE FUNCTION f(a int) RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END";
  assert.equal(await routine.up({ ...inputs, definition: atomic }), "create");
  assert.deepEqual(await routine.drift(), {});

  // Nor does a change replace another one.
  const replaced = await ask(ROUTINES);
  const other = await failure(routine.up({ ...inputs, definition: text("g", "1") }), Error);
  assert.match(other.message, /nothing else, but it makes function g\(integer\)/);
  assert.deepEqual(await ask(ROUTINES), replaced);
});

asEachDeployer(
  "what CREATE OR REPLACE cannot do: refused, and with allowReplace made anew with owner, comment and privileges",
  async (scene) => {
    const { cluster, here, ask } = await shop(scene);
    const [owner, reader] = [uniqueName("owner"), uniqueName("reader")];
    for (const name of [owner, reader]) await cluster.roles.create({ name });
    await ask(`GRANT CREATE ON SCHEMA public TO ${owner}`);
    await here.execute(`ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO ${reader}`);
    const inputs: Values = {
      database: here.currentDatabase,
      name: "f",
      arguments: "int",
      owner,
      comment: "it's",
      definition: text("f", "1"),
    };
    const routine = new Deployed(cluster, "Routine");
    await routine.up(inputs);
    await ask(
      `REVOKE ALL ON FUNCTION f(int) FROM PUBLIC, ${reader}; GRANT EXECUTE ON FUNCTION f(int) TO ${scene.deployer.name} WITH GRANT OPTION`,
    );
    const around = async () =>
      ask(`SELECT pg_get_userbyid(p.proowner)::text, obj_description(p.oid, 'pg_proc'), p.prokind,
           ARRAY(SELECT format('%s=%s/%s', CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE g.grantee::regrole::text END, g.privilege_type, g.is_grantable)
                   FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) g ORDER BY 1)
         FROM pg_proc p WHERE p.proname = 'f'`);
    const before = await around();
    const memberships = await scene.memberships();
    const table: [change: Values, reason: RegExp][] = [
      [
        { definition: text("f", "1::bigint", { returns: "bigint" }) },
        /cannot change return type of existing function\. CREATE OR REPLACE cannot change that\. Set allowReplace: true/,
      ],
      [{ definition: text("f", "x", { args: "x int", returns: "bigint" }) }, /Set allowReplace: true/],
      [
        { definition: "CREATE FUNCTION f(a int, OUT b int, OUT c text) LANGUAGE sql AS $$ SELECT 1, 'x' $$" },
        /cannot change return type of existing function\..* Set allowReplace: true/,
      ],
      [
        { arguments: "int, text", definition: text("f", "1", { args: "a int, b text" }) },
        /its arguments are \(.*\) and cannot become \(integer, text\) in place\. Set allowReplace: true/,
      ],
      [
        { arguments: "", definition: text("f", "1", { args: "" }) },
        /cannot become \(\) in place\. Set allowReplace: true/,
      ],
    ];
    for (const [change, reason] of table) {
      const wanted = { ...inputs, ...change };
      const oid = routine.state?.oid;
      assert.match((await failure(routine.up(wanted), Error)).message, reason);
      assert.deepEqual(await around(), before);
      assert.equal(await routine.up({ ...wanted, allowReplace: true }), "update");
      assert.notEqual(routine.state?.oid, oid);
      assert.deepEqual(await around(), before, "with everything that it had, and alone");
      assert.deepEqual(await routine.drift(), {});
    }
    // A definition that is wrong in itself is no reason to drop anything.
    const wrong = await failure(
      routine.up({
        ...inputs,
        arguments: "",
        definition: "CREATE FUNCTION f() RETURNS int AS 'x'",
        allowReplace: true,
      }),
      Error,
    );
    assert.match(wrong.message, /no language specified$/);
    const procedure = { ...inputs, arguments: "", definition: "CREATE PROCEDURE f() LANGUAGE sql AS 'SELECT 1'" };
    assert.match(
      (await failure(routine.up(procedure), Error)).message,
      /cannot change routine kind\..* Set allowReplace: true/,
    );
    assert.equal(await routine.up({ ...procedure, allowReplace: true }), "update");
    assert.deepEqual(await around(), [[before[0]?.[0], before[0]?.[1], "p", before[0]?.[3]]]);
    assert.equal(routine.state?.kind, "procedure");
    assert.deepEqual(await scene.memberships(), memberships, "no right is left lent");
  },
);

asEachDeployer("allowReplace: refused while something depends on it", async (scene) => {
  const { cluster, here, ask } = await shop(scene);
  const inputs: Values = {
    database: here.currentDatabase,
    name: "f",
    arguments: "int",
    definition: text("f", "1"),
    allowReplace: true,
  };
  const routine = new Deployed(cluster, "Routine");
  await routine.up(inputs);
  await here.execute("CREATE TABLE t (a int DEFAULT f(1)); CREATE VIEW v AS SELECT f(2)");
  const before = await ask(ROUTINES);
  const wider = { ...inputs, definition: text("f", "1::bigint", { returns: "bigint" }) };
  const refused = await failure(routine.up(wider), Error);
  assert.match(
    refused.message,
    /cannot drop function f\(integer\) because other objects depend on it\. .*drop what depends on it first/s,
  );
  for (const what of ["default value for column a of table t depends on", "view v depends on"])
    assert.ok(refused.message.includes(what), refused.message);
  assert.deepEqual(await ask(ROUTINES), before);
  await here.execute("DROP TABLE t; DROP VIEW v");
  assert.equal(await routine.up(wider), "update");
});

onEachServer("a connection that is lost is no second definition: the transaction is done as a whole", async (scene) => {
  const { here } = await shop(scene);
  const cluster = await scene.connect();
  const routine = new Deployed(cluster, "Routine");
  const inputs: Values = { database: here.currentDatabase, name: "f", arguments: "int", definition: text("f", "1") };
  await routine.up(inputs);
  const holder = await scene.client(here.currentDatabase);
  await holder.query("BEGIN; ALTER FUNCTION f(int) COST 5");
  const changed = routine.up({ ...inputs, definition: text("f", "2"), comment: "x" });
  const waiting = "SELECT pid FROM pg_stat_activity WHERE datname = $1 AND wait_event_type = 'Lock'";
  let pids: unknown[][] = [];
  while (pids.length === 0) pids = await scene.ask(waiting, [here.currentDatabase]);
  await scene.ask("SELECT pg_terminate_backend($1)", pids[0]);
  await holder.query("ROLLBACK");
  assert.equal(await changed, "update", "tried again");
  const [row] = await scene.ask(
    "SELECT prosrc, obj_description(oid, 'pg_proc') FROM pg_proc WHERE proname = 'f'",
    [],
    here.currentDatabase,
  );
  assert.deepEqual(row, [" SELECT 2 ", "x"]);
  assert.deepEqual(await routine.drift(), {});
});

asEachDeployer("in scripts a definition is changed as anything else is", async (scene) => {
  const { here } = await shop(scene);
  await here.execute(
    "CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE VIEW v AS SELECT 1 AS a; CREATE AGGREGATE g(int) (SFUNC = int4pl, STYPE = int)",
  );
  const [routine, view] = [await here.procedures.get("f"), await here.views.get("v")];
  await routine.alter({ definition: text("f", "2"), securityDefiner: true });
  assert.match(routine.definition ?? "", /SELECT 2/);
  await view.alter({ definition: "SELECT 2 AS a, 3 AS b" });
  assert.match(view.definition, /2 AS a/);
  await failure(view.alter({ definition: "SELECT 2 AS x" }), Error);
  const { oid } = view;
  await failure(
    view.alter({ definition: "SELECT 2 AS x", allowReplace: true }).then(() => view.refresh()),
    Error,
  ); // it is another one then
  const anew = await here.views.get("v");
  assert.notEqual(anew.oid, oid);
  assert.equal((await here.procedures.get("g")).definition, null);
});

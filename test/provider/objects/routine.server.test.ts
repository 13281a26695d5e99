import assert from "node:assert/strict";
import { DependentObjectsError, InvalidValueError, NotFoundError, type RoutineName } from "../../../provider";
import { uniqueName } from "../../support/postgres-fixture";
import { id } from "../samples";
import { asEachDeployer, failure, hostileNames } from "../scene";
import { shop } from "./shop";

const WHERE = `SELECT n.nspname::text, p.proname::text, pg_get_userbyid(p.proowner)::text
                 FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE p.oid = $1`;

asEachDeployer("a function under any name, with types of any name: found, changed at once and again", async (scene) => {
  const { cluster, here, ask } = await shop(scene);
  const me = scene.deployer.name;
  const owner = uniqueName("owner");
  await cluster.roles.create({ name: owner });
  const before = await scene.memberships();
  for (const name of hostileNames().slice(0, 6)) {
    const schema = await here.schemas.create({ name, owner });
    const type = `${id(name)}.${id(name.slice(0, 40))}`;
    await ask(`CREATE TYPE ${type} AS ENUM ('ok');
      CREATE FUNCTION ${id(name)}.${id(name)}(a ${type}, b ${type}[], OUT c int, VARIADIC d text[])
        LANGUAGE sql STABLE AS 'SELECT 7';
      ALTER FUNCTION ${id(name)}.${id(name)}(${type}, ${type}[], text[]) OWNER TO ${owner}`);
    const routine = await here.procedures.get({ schema: name, name });
    const { oid } = routine;
    assert.deepEqual(
      [routine.kind, routine.returns, routine.language, routine.volatility, routine.securityDefiner, routine.owner],
      ["function", "integer", "sql", "stable", false, owner],
    );
    assert.equal(await here.procedures.has({ schema: name, name, arguments: routine.arguments }), true);
    await routine.alter({ schema: "public", name: "moved", owner: me, securityDefiner: true, comment: "it's" });
    assert.deepEqual((await ask(WHERE, [oid]))[0], ["public", "moved", me]);
    const found = await here.procedures.get("moved");
    assert.deepEqual([found.oid, found.securityDefiner, found.comment], [oid, true, "it's"]);
    await routine.alter({ name: "again", securityDefiner: false });
    await routine.alter({ schema: name, name, owner, comment: null });
    assert.deepEqual((await ask(WHERE, [oid]))[0], [name, name, owner]);
    await routine.drop();
    assert.equal(await here.procedures.has({ schema: name, name }), false);
    await schema.drop({ dropCascade: true });
  }
  assert.deepEqual(await scene.memberships(), before, "no right is left lent");
});

const MADE = `
  CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 0';
  CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'SELECT 1';
  CREATE FUNCTION f(varchar, numeric(5,2)) RETURNS int LANGUAGE sql AS 'SELECT 2';
  CREATE PROCEDURE p(int) LANGUAGE sql AS '';
  CREATE PROCEDURE p(int, text) LANGUAGE sql AS '';
  CREATE AGGREGATE total(int) (SFUNC = int4pl, STYPE = int, INITCOND = '0');
  CREATE AGGREGATE many(*) (SFUNC = int8inc, STYPE = int8, INITCOND = '0');
  CREATE AGGREGATE middle(float8 ORDER BY float8) (SFUNC = ordered_set_transition, STYPE = internal, FINALFUNC = percentile_cont_float8_final);
  CREATE FUNCTION nth() RETURNS bigint LANGUAGE internal WINDOW IMMUTABLE AS 'window_row_number'`;

asEachDeployer("overloads are told apart by their arguments, in whatever words", async (scene) => {
  const { here, ask } = await shop(scene);
  await ask(MADE);
  const list = await here.procedures.overloads("f");
  assert.deepEqual(
    list.map((one) => one.arguments),
    ["", "character varying, numeric", "integer"],
  );
  assert.deepEqual(await here.procedures.overloads("no such"), []);
  const oids = new Map(list.map((one) => [one.arguments, one.oid]));
  for (const [words, same] of [
    ["", ""],
    ["int", "integer"],
    ["int4", "integer"],
    ["pg_catalog.varchar , decimal", "character varying, numeric"],
  ] as const)
    assert.equal((await here.procedures.get({ name: "f", arguments: words })).oid, oids.get(same), words);
  const error = await failure(here.procedures.get("f"), InvalidValueError);
  assert.equal(
    error.message,
    'routine "public"."f": there are 3 of this name: "f"(), "f"(character varying, numeric), "f"(integer). ' +
      'Say which: { schema: "public", name: "f", arguments: "" }',
  );
  const missing: RoutineName[] = [
    { name: "f", arguments: "text" },
    { name: "f", arguments: "no_such_type" },
    { name: "f", arguments: "nowhere.no_such_type" },
    "g",
    { schema: "nowhere", name: "f", arguments: "" },
  ];
  for (const name of missing) {
    assert.equal(await here.procedures.has(name), false);
    await failure(here.procedures.get(name), NotFoundError);
  }
});

asEachDeployer("every kind: renamed, handed over, dropped, each overload for itself", async (scene) => {
  const { cluster, here } = await shop(scene);
  const owner = uniqueName("owner");
  await cluster.roles.create({ name: owner });
  await here.schemas.create({ name: "s", owner });
  const { superuser } = scene.deployer;
  const made = MADE.split(";\n").filter((one) => superuser || !/internal/.test(one)); // that takes a superuser
  await here.execute(made.join(";\n"));
  const kinds: Record<string, string> = {};
  const all = [];
  for await (const one of here.procedures.where({ schema: "public" })) all.push(one);
  for (const routine of all) {
    kinds[`${routine.name}(${routine.arguments})`] = routine.kind;
    const before = { ...routine };
    await routine.alter({ schema: "s", owner, comment: "it's" });
    const definition = before.definition?.replace(" public.", " s.") ?? null;
    assert.deepEqual({ ...routine }, { ...before, definition, schema: "s", owner, comment: "it's" });
    await routine.alter({ name: "renamed" });
    assert.equal(
      (await here.procedures.get({ schema: "s", name: "renamed", arguments: routine.arguments })).oid,
      routine.oid,
    );
    await routine.drop();
    await failure(routine.refresh(), NotFoundError);
  }
  const internal = { "middle(double precision, double precision)": "aggregate", "nth()": "window function" };
  assert.deepEqual(kinds, {
    ...{ "f()": "function", "f(integer)": "function", "f(character varying, numeric)": "function" },
    ...{ "p(integer)": "procedure", "p(integer, text)": "procedure", "total(integer)": "aggregate" },
    ...{ "many()": "aggregate", ...(superuser ? internal : {}) },
  });
});

asEachDeployer("a procedure is not taken for another whose output arguments look like its own", async (scene) => {
  const { here } = await shop(scene);
  await here.execute(
    "CREATE PROCEDURE q(a int) LANGUAGE sql AS ''; CREATE PROCEDURE q(OUT a int) LANGUAGE sql AS 'SELECT 1'",
  );
  const routine = await here.procedures.get({ name: "q", arguments: "int" });
  await routine.alter({ name: "q2" });
  await (await here.procedures.get("q")).drop();
  assert.deepEqual([await here.procedures.has("q"), await here.procedures.has("q2")], [false, true]);
});

asEachDeployer("what depends on a function is in the error; an aggregate has no security of its own", async (scene) => {
  const { here } = await shop(scene);
  await here.execute("CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 0'; CREATE VIEW v AS SELECT f()");
  await here.execute("CREATE AGGREGATE total(int) (SFUNC = int4pl, STYPE = int)");
  const routine = await here.procedures.get("f");
  const error = await failure(routine.drop(), DependentObjectsError);
  assert.match(
    error.message,
    /^routine "public"."f"\(\): cannot drop: .*view v depends on function f\(\)\. Set dropCascade: true/,
  );
  await routine.drop({ dropCascade: true });
  assert.equal(await here.views.has("v"), false);
  await failure((await here.procedures.get("total")).alter({ securityDefiner: true }), InvalidValueError);
});

asEachDeployer("arguments that cannot be read are no routine's, least of all that of none", async (scene) => {
  const { here, ask } = await shop(scene);
  await ask("CREATE FUNCTION public.f() RETURNS int LANGUAGE sql AS 'SELECT 1'");
  assert.equal(await here.procedures.has({ name: "f", arguments: " " }), true);
  for (const unreadable of ["int)", '"x', "int,,text", ","]) {
    assert.equal(await here.procedures.has({ name: "f", arguments: unreadable }), false, unreadable);
  }
});

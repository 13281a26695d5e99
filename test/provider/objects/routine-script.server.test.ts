import assert from "node:assert/strict";
import type pg from "pg";
import { id } from "../samples";
import { asEachDeployer, hostileNames, onEachServer } from "../scene";
import { shop } from "./shop";

/** What the catalogues say of a routine but for its oid, name and schema; its trees, which say where in a text, as SQL. */
async function catalogue(client: pg.Client, oid: number): Promise<unknown> {
  const { rows } = await client.query({
    text: `SELECT to_jsonb(p) - '{oid,proname,pronamespace,prosqlbody,proargdefaults}'::text[], to_jsonb(a) - '{aggfnoid}'::text[],
                  obj_description(p.oid), pg_get_function_arguments(p.oid), pg_get_function_sqlbody(p.oid)
             FROM pg_proc p LEFT JOIN pg_aggregate a ON a.aggfnoid = p.oid WHERE p.oid = $1`,
    values: [oid],
    rowMode: "array",
  });
  return rows;
}

const ROUTINES = `
  CREATE TYPE public.mood AS ENUM ('ok');
  CREATE FUNCTION orig.plain() RETURNS int LANGUAGE sql AS 'SELECT 1';
  CREATE FUNCTION orig."f x"(a int, INOUT b public.mood DEFAULT 'ok', VARIADIC c text[] DEFAULT '{it''s}')
    LANGUAGE plpgsql STABLE STRICT SECURITY DEFINER PARALLEL SAFE COST 5 SET search_path TO public, "MiXed"
    AS $q$ BEGIN RETURN; END $q$;
  CREATE FUNCTION orig.rows(OUT a int, OUT b text) RETURNS SETOF record LANGUAGE sql ROWS 5 AS 'SELECT 1, ''x''';
  CREATE FUNCTION orig.atomic(a int) RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT a + 1; END;
  CREATE PROCEDURE orig.p(INOUT a int) LANGUAGE plpgsql AS 'BEGIN a := 1; END';
  CREATE AGGREGATE orig.total(int) (SFUNC = int4pl, STYPE = int, INITCOND = '0', COMBINEFUNC = int4pl, PARALLEL = SAFE);
  CREATE AGGREGATE orig.many(*) (SFUNC = int8inc, STYPE = int8, INITCOND = '0', SSPACE = 8);
  CREATE AGGREGATE orig.least(text) (SFUNC = text_smaller, STYPE = text, SORTOP = <);
  CREATE AGGREGATE orig.moving(float8) (SFUNC = float8pl, STYPE = float8, MSFUNC = float8pl, MINVFUNC = float8mi, MSTYPE = float8, MINITCOND = '0');
  COMMENT ON FUNCTION orig.plain() IS 'it''s'; COMMENT ON AGGREGATE orig.many(*) IS 'x'; COMMENT ON PROCEDURE orig.p IS 'y'`;

/** Those whose functions only a superuser may name. */
const INTERNAL = `
  CREATE FUNCTION orig.nth() RETURNS bigint LANGUAGE internal WINDOW IMMUTABLE AS 'window_row_number';
  CREATE AGGREGATE orig.mean(int) (SFUNC = int4_avg_accum, STYPE = int8[], FINALFUNC = int8_avg, INITCOND = '{0,0}', FINALFUNC_MODIFY = SHAREABLE);
  CREATE AGGREGATE orig.serial(numeric) (SFUNC = numeric_avg_accum, STYPE = internal, SSPACE = 128, FINALFUNC = numeric_avg,
    COMBINEFUNC = numeric_avg_combine, SERIALFUNC = numeric_avg_serialize, DESERIALFUNC = numeric_avg_deserialize, PARALLEL = RESTRICTED);
  CREATE AGGREGATE orig.middle(float8 ORDER BY float8) (SFUNC = ordered_set_transition, STYPE = internal,
    FINALFUNC = percentile_cont_float8_final, FINALFUNC_MODIFY = READ_WRITE);
  CREATE AGGREGATE orig.place(VARIADIC "any" ORDER BY VARIADIC "any") (SFUNC = ordered_set_transition_multi, STYPE = internal,
    FINALFUNC = rank_final, FINALFUNC_EXTRA, HYPOTHETICAL)`;

async function eachComesBack(scene: Parameters<Parameters<typeof onEachServer>[1]>[0], made: string, count: number) {
  const { here } = await shop(scene);
  const client = await scene.client(here.currentDatabase, scene.deployer);
  await client.query(`CREATE SCHEMA orig; CREATE SCHEMA copy; ${made}`);
  let seen = 0;
  for await (const routine of here.procedures.where({ schema: "orig" })) {
    seen++;
    const expected = await catalogue(client, routine.oid);
    const types = routine.arguments;
    for (const as of [{ schema: "copy" }, { name: 'clone "; x' }]) {
      const script = await routine.script(as);
      await client.query(script);
      const copy = await here.procedures.get({ schema: "orig", name: routine.name, ...as, arguments: types });
      assert.deepEqual(await catalogue(client, copy.oid), expected, script);
      await copy.drop();
    }
    const again = await routine.script();
    await routine.drop();
    await client.query(again);
    const anew = await here.procedures.get({ schema: "orig", name: routine.name, arguments: types });
    assert.deepEqual(await catalogue(client, anew.oid), expected, again);
  }
  assert.equal(seen, count);
}

asEachDeployer("what a script of a routine makes is the same to the catalogues", (scene) =>
  eachComesBack(scene, ROUTINES, 9),
);

onEachServer("that of a window function, and of aggregates of every kind", (scene) =>
  eachComesBack(scene, INTERNAL, 5),
);

asEachDeployer("a script of a routine under any name", async (scene) => {
  const { here } = await shop(scene);
  for (const name of hostileNames()) {
    await here.execute(`CREATE FUNCTION ${id(name)}(${id(name)} int) RETURNS int LANGUAGE sql AS 'SELECT $1 * 2'`);
    const routine = await here.procedures.get(name);
    await here.execute(await routine.script({ name: "copy" }));
    assert.deepEqual(await here.execute("SELECT copy(4)"), [[8]]);
    await routine.drop();
    await here.execute(await (await here.procedures.get("copy")).script({ name }));
    await (await here.procedures.get("copy")).drop();
  }
});

import assert from "node:assert/strict";
import type pg from "pg";
import { id } from "../samples";
import { asEachDeployer, hostileNames } from "../scene";
import { shop } from "./shop";

/** What the catalogues say of a view, names of its schema left out. */
async function catalogue(client: pg.Client, schema: string, name: string): Promise<unknown> {
  const { rows } = await client.query({
    text: `
      SELECT c.relkind, c.reloptions, c.relispopulated, pg_get_userbyid(c.relowner), obj_description(c.oid), pg_get_viewdef(c.oid),
             ARRAY(SELECT ROW(attname, format_type(atttypid, atttypmod), pg_get_expr(adbin, adrelid), col_description(attrelid, attnum))::text
                     FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
                    WHERE attrelid = c.oid AND attnum > 0 ORDER BY attnum),
             ARRAY(SELECT ROW(pg_get_indexdef(indexrelid), indisclustered, obj_description(indexrelid))::text
                     FROM pg_index WHERE indrelid = c.oid ORDER BY 1),
             ARRAY(SELECT pg_get_triggerdef(t.oid) FROM pg_trigger t WHERE tgrelid = c.oid ORDER BY 1)
        FROM pg_class c WHERE c.oid = $1::regclass`,
    values: [`${id(schema)}.${id(name)}`],
    rowMode: "array",
  });
  return JSON.parse(JSON.stringify(rows).replaceAll(`${schema}.`, ""));
}

const VIEWS: Readonly<Record<string, string>> = {
  plain: "CREATE VIEW V AS SELECT a, b AS \"B x\", 'it''s' AS c FROM orig_t",
  checked: `CREATE VIEW V WITH (security_barrier) AS SELECT a FROM orig_t WHERE a > 1 WITH LOCAL CHECK OPTION;
            ALTER VIEW V ALTER COLUMN a SET DEFAULT 5; COMMENT ON VIEW V IS 'x'; COMMENT ON COLUMN V.a IS 'y';
            CREATE TRIGGER tr INSTEAD OF INSERT ON V FOR EACH ROW EXECUTE FUNCTION noop()`,
  recursive: "CREATE RECURSIVE VIEW V (n) AS VALUES (1) UNION ALL SELECT n + 1 FROM V_SELF WHERE n < 9",
  renamed: 'CREATE VIEW V AS SELECT a FROM orig_t; ALTER VIEW V RENAME COLUMN a TO "A ; x"',
  materialized: `CREATE MATERIALIZED VIEW V WITH (fillfactor = 70) AS SELECT a, b FROM orig_t; COMMENT ON MATERIALIZED VIEW V IS 'x';
                 CREATE UNIQUE INDEX ON V (a); CREATE INDEX "i x" ON V (b) WHERE b > 'x'; CREATE INDEX c ON V (b); ALTER MATERIALIZED VIEW V CLUSTER ON c`,
  empty: "CREATE MATERIALIZED VIEW V AS SELECT a FROM orig_t WITH NO DATA",
};

asEachDeployer("what a script of a view makes in another schema is the same to the catalogues", async (scene) => {
  const { here } = await shop(scene);
  await here.execute(`CREATE SCHEMA orig; CREATE SCHEMA copy; CREATE TABLE orig_t (a int, b text);
    CREATE FUNCTION noop() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'`);
  const client = await scene.client(here.currentDatabase, scene.deployer);
  for (const [what, sql] of Object.entries(VIEWS)) {
    for (const name of ["v", 'V "; ON'] as const) {
      // A recursive view calls itself by its bare name, and is created in the first schema of the search_path.
      const recursive = what === "recursive";
      await client.query(`SET search_path TO ${recursive ? "orig, " : ""}public`);
      const path = recursive ? id(name) : `orig.${id(name)}`;
      const text = sql.replaceAll(/\bV\b/g, () => path).replace("V_SELF", () => id(name));
      await client.query(text);
      await client.query("RESET search_path");
      const view = await here.views.get({ schema: "orig", name });
      const expected = await catalogue(client, "orig", name);
      const script = await view.script({ schema: "copy" });
      await client.query(script);
      assert.deepEqual(await catalogue(client, "copy", name), expected, script);
      await client.query(await view.script({ name: "clone" }));
      const again = await view.script();
      await view.drop();
      await client.query(again);
      assert.deepEqual(await catalogue(client, "orig", name), expected, again);
      for (const key of [
        { schema: "orig", name },
        { schema: "copy", name },
        { schema: "orig", name: "clone" },
      ])
        await (await here.views.get(key)).drop();
    }
  }
});

asEachDeployer("under any name", async (scene) => {
  const { here } = await shop(scene);
  for (const name of hostileNames()) {
    await here.execute(
      `CREATE MATERIALIZED VIEW ${id(name)} AS SELECT 7 AS ${id(name)}; CREATE INDEX ON ${id(name)} (${id(name)})`,
    );
    const view = await here.views.get(name);
    await here.execute(await view.script({ name: "copy" }));
    assert.deepEqual(await here.execute("SELECT * FROM copy"), [[7]]);
    await view.drop();
    await here.execute(await (await here.views.get("copy")).script({ name }));
    await (await here.views.get("copy")).drop();
  }
});

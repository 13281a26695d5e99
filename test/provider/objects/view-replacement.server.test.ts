/** Views that are dropped and created anew: with everything around them, or not at all. */

import assert from "node:assert/strict";
import type { Values } from "../../../provider/definition";
import { uniqueName } from "../../support/postgres-fixture";
import { Deployed } from "../deployed";
import { asEachDeployer, failure, type Scene } from "../scene";
import { shop } from "./shop";

/** Everything around a view that a new one has to have again. */
const AROUND = `
  SELECT c.relkind::text, pg_get_userbyid(c.relowner)::text, obj_description(c.oid, 'pg_class'), c.reloptions,
         (SELECT json_agg(e::text ORDER BY e::text) FROM (SELECT format('%s=%s/%s', g.grantee::regrole, g.privilege_type, g.is_grantable)
            FROM aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) g) AS e),
         (SELECT json_agg(format('%s: %s, %s, %s', a.attname, a.attacl, col_description(c.oid, a.attnum), pg_get_expr(d.adbin, d.adrelid)) ORDER BY a.attname)
            FROM pg_attribute a LEFT JOIN pg_attrdef d ON (d.adrelid, d.adnum) = (a.attrelid, a.attnum)
           WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
         (SELECT json_agg(pg_get_triggerdef(t.oid) ORDER BY 1) FROM (SELECT oid FROM pg_trigger WHERE tgrelid = c.oid ORDER BY tgname) t),
         (SELECT json_agg(pg_get_indexdef(i.indexrelid) ORDER BY i.indexrelid::regclass::text) FROM pg_index i WHERE i.indrelid = c.oid)
    FROM pg_class c WHERE c.oid = to_regclass($1)`;

/** Roles for privileges, and default privileges that would show on whatever is made anew. */
async function grantees(scene: Scene, database: string): Promise<{ owner: string; reader: string; writer: string }> {
  const cluster = await scene.connect();
  const [owner, reader, writer] = [uniqueName("owner"), uniqueName("reader"), uniqueName("writer")];
  for (const name of [owner, reader, writer]) await cluster.roles.create({ name });
  const here = cluster.in(database);
  await scene.ask(`GRANT CREATE ON SCHEMA public TO ${owner}`, [], database);
  await here.execute(`ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO ${reader}, PUBLIC`);
  await here.execute(`ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO ${reader}`);
  return { owner, reader, writer };
}

asEachDeployer(
  "allowReplace: made anew with everything around it, but for what columns that are gone had",
  async (scene) => {
    const { cluster, here, ask } = await shop(scene);
    const database = here.currentDatabase;
    const { owner, reader, writer } = await grantees(scene, database);
    await here.execute(
      `CREATE TABLE t (a int, b text, c date); CREATE FUNCTION noop() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'`,
    );
    await ask(`GRANT SELECT ON t TO ${owner}`);
    const inputs: Values = {
      database,
      name: "v",
      owner,
      comment: "it's",
      checkOption: "local",
      definition: "SELECT a, b, c FROM t",
    };
    const view = new Deployed(cluster, "View");
    await view.up(inputs);
    await ask(`REVOKE ALL ON v FROM PUBLIC, ${reader}; GRANT SELECT, UPDATE ON v TO ${writer} WITH GRANT OPTION; GRANT INSERT ON v TO PUBLIC;
    GRANT SELECT (a), UPDATE (b) ON v TO ${reader}; COMMENT ON COLUMN v.a IS 'the a'; COMMENT ON COLUMN v.b IS 'the b';
    ALTER VIEW v ALTER a SET DEFAULT 5; ALTER VIEW v ALTER b SET DEFAULT 'x';
    SET ROLE ${writer}; GRANT SELECT ON v TO ${reader}; RESET ROLE;
    CREATE TRIGGER tr INSTEAD OF INSERT ON v FOR EACH ROW EXECUTE FUNCTION noop()`);
    const before = await ask(AROUND, ["v"]);
    const memberships = await scene.memberships();
    const { oid } = view.state as Values;
    const refused = await failure(view.up({ ...inputs, definition: "SELECT b, a, c FROM t" }), Error);
    assert.match(refused.message, /Set allowReplace: true/);

    assert.equal(await view.up({ ...inputs, definition: "SELECT b, a, c FROM t", allowReplace: true }), "update");
    assert.notEqual(view.state?.oid, oid);
    assert.deepEqual(await ask(AROUND, ["v"]), before);
    assert.deepEqual(await view.drift(), {});
    // Columns that are gone take what they had with them; renamed and moved in the same go.
    await here.execute("CREATE SCHEMA s");
    await ask(`GRANT USAGE, CREATE ON SCHEMA s TO ${owner}`);
    const moved = { ...inputs, schema: "s", name: "w", definition: "SELECT a, c FROM public.t", allowReplace: true };
    assert.equal(await view.up(moved), "update");
    const [after] = await ask(AROUND, ["s.w"]);
    const [first = []] = before;
    const columns = (first[5] as string[]).filter((column) => !column.startsWith("b:"));
    const triggers = (first[6] as string[]).map((one) => one.replace("public.v", "s.w"));
    assert.deepEqual(after, Object.values({ ...first, 5: columns, 6: triggers }));
    assert.deepEqual(await view.drift(), {});

    // Handed over in the same go: the owner's privileges are the new owner's.
    const anew = { ...moved, owner: scene.deployer.name, definition: "SELECT c FROM public.t" };
    assert.equal(await view.up(anew), "update");
    const held = (await ask(AROUND, ["s.w"]))[0]?.[4] as string[];
    const mine = (list: string[], who: string) =>
      list.filter((one) => one.includes(`${who}=`)).map((one) => one.replace(who, ""));
    assert.deepEqual(mine(held, scene.deployer.name), mine(before[0]?.[4] as string[], owner));
    assert.deepEqual(mine(held, owner), []);
    assert.deepEqual(await scene.memberships(), memberships, "no right is left lent");
  },
);

asEachDeployer(
  "a materialized view: every change of its definition makes it anew, with indexes; other kinds in both directions",
  async (scene) => {
    const { cluster, here, ask } = await shop(scene);
    const database = here.currentDatabase;
    const { owner, reader } = await grantees(scene, database);
    await here.execute("CREATE TABLE t AS SELECT 7 AS a, 'x' AS b");
    await ask(`GRANT SELECT ON t TO ${owner}`);
    const inputs: Values = { database, name: "m", owner, materialized: true, definition: "SELECT a, b FROM t" };
    const view = new Deployed(cluster, "View");
    assert.equal(await view.up(inputs), "create");
    assert.equal(view.state?.kind, "materialized view");
    await ask(`ALTER MATERIALIZED VIEW m SET (fillfactor = 70); CREATE UNIQUE INDEX i ON m (a); CREATE INDEX "j x" ON m (b) WHERE b > 'a';
    COMMENT ON MATERIALIZED VIEW m IS 'kept'; GRANT SELECT (b) ON m TO ${reader}; REVOKE ALL ON m FROM PUBLIC`);
    assert.deepEqual(await view.drift(), {});
    const before = await ask(AROUND, ["m"]);
    const changed = { ...inputs, definition: "SELECT a, b FROM t WHERE a > 0" };
    assert.match(
      (await failure(view.up(changed), Error)).message,
      /view "public"\."m": cannot alter: a materialized view cannot get another definition in place\. Set allowReplace: true/,
    );
    assert.equal(await view.up({ ...changed, allowReplace: true }), "update");
    assert.deepEqual(await ask(AROUND, ["m"]), before);
    assert.deepEqual(await ask("SELECT a FROM m"), [[7]], "filled");
    assert.deepEqual(await view.drift(), {});
    // Taken over by another resource: as the server has it, nothing is to do.
    const { definition } = await here.views.get("m");
    const other = new Deployed(cluster, "View");
    assert.match(
      (await failure(other.up(changed), Error)).message,
      /cannot get another definition in place\. Set allow/,
    );
    assert.equal(await other.up({ ...changed, definition }), "create");
    assert.equal(other.state?.oid, view.state?.oid);
    // An index on a column that is to go stands in the way.
    const narrower = { ...changed, definition: "SELECT a FROM t", allowReplace: true };
    assert.match((await failure(view.up(narrower), Error)).message, /column "b" does not exist/);
    assert.deepEqual(await ask(AROUND, ["m"]), before, "nothing was changed");
    await ask('DROP INDEX "j x"');
    assert.equal(await view.up(narrower), "update");

    const plain = { ...narrower, materialized: false, checkOption: "local" };
    assert.match(
      (await failure(view.up(plain), Error)).message,
      /to create it anew would lose what it has \(index i\)\. Drop that first/,
    );
    await ask("DROP INDEX i");
    assert.equal(await view.up(plain), "update");
    assert.deepEqual([view.state?.kind, (await ask(AROUND, ["m"]))[0]?.[3]], ["view", ["check_option=local"]]);
    assert.deepEqual(await view.drift(), {});
    const { checkOption: _, ...back } = plain;
    assert.equal(await view.up({ ...back, materialized: true }), "update");
    assert.deepEqual([view.state?.kind, (await ask(AROUND, ["m"]))[0]?.[3]], ["materialized view", null]);
    assert.equal((await ask(AROUND, ["m"]))[0]?.[2], "kept");
  },
);

asEachDeployer(
  "allowReplace: refused while something depends on it, and where it would lose what is not read",
  async (scene) => {
    const { cluster, here, ask } = await shop(scene);
    await here.execute("CREATE TABLE t (a int, b text)");
    const inputs: Values = {
      database: here.currentDatabase,
      name: "v",
      definition: "SELECT a, b FROM t",
      allowReplace: true,
    };
    const view = new Deployed(cluster, "View");
    await view.up(inputs);
    const narrower = { ...inputs, definition: "SELECT a FROM t" };
    await here.execute("CREATE VIEW w AS SELECT a FROM v; CREATE FUNCTION f(v) RETURNS int LANGUAGE sql AS 'SELECT 1'");
    const oid = await ask("SELECT 'v'::regclass::oid::int");
    const refused = await failure(view.up(narrower), Error);
    assert.match(
      refused.message,
      /cannot drop view v because other objects depend on it\. .*view w depends on view v.*drop what depends on it first/s,
    );
    assert.match(refused.message, /function f\(v\) depends on type v/);
    await here.execute("DROP VIEW w; DROP FUNCTION f(v); CREATE RULE r AS ON INSERT TO v DO INSTEAD NOTHING");
    assert.match(
      (await failure(view.up(narrower), Error)).message,
      /to create it anew would lose what it has \(rule r\)\. Drop that first/,
    );
    assert.deepEqual(await ask("SELECT 'v'::regclass::oid::int"), oid);
    await here.execute("DROP RULE r ON v");
    assert.equal(await view.up(narrower), "update");
  },
);

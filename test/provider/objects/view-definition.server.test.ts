/** Views whose definition is declared: made, compared by what the server writes, replaced, made anew. */

import assert from "node:assert/strict";
import type { Values } from "../../../provider/definition";
import { uniqueName } from "../../support/postgres-fixture";
import { Deployed } from "../deployed";
import { id } from "../samples";
import { asEachDeployer, failure, hostileNames, onEachServer } from "../scene";
import { shop } from "./shop";

/** Which transaction made or replaced a view last. */
const REPLACED = "SELECT xmin::text FROM pg_rewrite WHERE ev_class = $1::regclass AND rulename = '_RETURN'";

asEachDeployer(
  "made under any name, replaced when its text changes, and not when anything else does",
  async (scene) => {
    const { cluster, here, ask } = await shop(scene);
    const database = here.currentDatabase;
    const owner = uniqueName("owner");
    await cluster.roles.create({ name: owner });
    await here.execute("CREATE TABLE t (a int, b text)");
    await ask(`GRANT SELECT ON t TO ${owner}`);
    const before = await scene.memberships();
    for (const name of hostileNames().slice(0, 4)) {
      await here.schemas.create({ name, owner });
      const path = `${id(name)}.${id(name)}`;
      const view = new Deployed(cluster, "View");
      const inputs: Values = {
        database,
        schema: name,
        name,
        owner,
        securityBarrier: true,
        definition: "SELECT a FROM public.t",
      };
      assert.equal(await view.up(inputs), "create");
      const { oid } = view.state as Values;
      assert.equal(view.state?.kind, "view");
      assert.match(String(view.state?.definitionHash), new RegExp(`^${scene.server.version}:.{16}$`));
      assert.deepEqual(await view.drift(), {});
      assert.deepEqual(
        (await here.views.get({ schema: name, name })).definition,
        " SELECT a\n   FROM public.t;".replace(" a", scene.server.version < 16 ? " t.a" : " a"),
      );

      const [made] = await ask(REPLACED, [path]);
      assert.equal(await view.up({ ...inputs, definition: "  SELECT a FROM public.t ;" }), "same");
      assert.equal(await view.up({ ...inputs, comment: "x" }), "update");
      assert.deepEqual(await ask(REPLACED, [path]), [made], "only the comment was sent");
      assert.equal(await view.up({ ...inputs, definition: "SELECT a, b FROM public.t WHERE a > 0" }), "update");
      assert.notDeepEqual(await ask(REPLACED, [path]), [made]);
      assert.deepEqual([view.state?.oid, view.state?.securityBarrier], [oid, true], "replaced with its options");
      assert.deepEqual(await view.drift(), {});
      const options = "SELECT reloptions FROM pg_class WHERE oid = $1";
      assert.deepEqual(await ask(options, [oid]), [[["security_barrier=true"]]]);
      await view.destroy();
      assert.equal((await ask(options, [oid])).length, 1, "let go, as it is");

      // Taken over by another resource: with a definition it is made to be that one, without it is left as it is.
      const other = new Deployed(cluster, "View");
      assert.equal(await other.up({ ...inputs, definition: "SELECT a, b, 1 AS c FROM public.t" }), "create");
      assert.deepEqual(
        [
          other.state?.oid,
          (await ask(`SELECT count(*)::int FROM pg_attribute WHERE attrelid = $1 AND attnum > 0`, [oid]))[0],
        ],
        [oid, [3]],
      );
      await ask(`DROP VIEW ${path}`);
    }
    assert.deepEqual(await scene.memberships(), before, "no right is left lent");
  },
);

asEachDeployer(
  "drift is another rendering than that of the last change: replaced by hand, a column renamed below it",
  async (scene) => {
    const { cluster, here, ask } = await shop(scene);
    await here.execute("CREATE TABLE t (a int, b text)");
    const inputs: Values = { database: here.currentDatabase, name: "v", definition: "SELECT * FROM t" };
    const view = new Deployed(cluster, "View");
    await view.up(inputs);
    await here.execute("ALTER TABLE t ADD c date");
    assert.deepEqual(await view.drift(), {}, "the star was spelled out when the view was made");

    await here.execute("CREATE OR REPLACE VIEW v AS SELECT a, b FROM t WHERE a > 5");
    const { definition, ...rest } = (await view.drift()) ?? {};
    assert.match(String(definition), /FROM public\.t\s+WHERE .*a > 5/);
    assert.deepEqual(rest, {});
    assert.deepEqual(Object.keys((await view.drift()) ?? {}), ["definition"], "as long as it is so");
    assert.equal(await view.up({ ...inputs, definition: "SELECT a, b FROM t" }), "update");
    assert.deepEqual(await view.drift(), {});

    // Not seen by a refresh, and all the same put right by the next update of anything.
    await here.execute("CREATE OR REPLACE VIEW v AS SELECT a, b FROM t WHERE a > 6");
    assert.equal(await view.up({ ...inputs, definition: "SELECT a, b FROM t", comment: "x" }), "update");
    assert.deepEqual((await ask("SELECT pg_get_viewdef('v'::regclass) ~ 'WHERE'"))[0], [false]);
    assert.deepEqual(await view.drift(), {});

    await here.execute("ALTER TABLE t RENAME a TO x");
    assert.match(String((await view.drift())?.definition), /x AS a/);
    assert.equal(await view.up({ ...inputs, definition: "SELECT x AS a, b FROM t" }), "update");
    assert.deepEqual(await view.drift(), {});

    // Declared no longer: nobody's affair.
    assert.equal(await view.up({ database: here.currentDatabase, name: "v" }), "update");
    assert.equal(view.state?.definitionHash, undefined);
    await here.execute("CREATE OR REPLACE VIEW v AS SELECT x AS a, b FROM t WHERE x > 7");
    assert.deepEqual(await view.drift(), {});
  },
);

asEachDeployer("no noise: other settings of the session, another major version", async (scene) => {
  const { here } = await shop(scene);
  const database = here.currentDatabase;
  await here.execute(`CREATE SCHEMA s; CREATE TABLE s."T" (a int, d date, t timestamptz, i interval, f float8, bytes bytea);
    CREATE FUNCTION s.one(d date) RETURNS s."T" LANGUAGE sql AS 'SELECT NULL::s."T"'`);
  const me = id(scene.deployer.name);
  const definition = `SELECT a FROM s."T" WHERE d > '2031-02-03' AND t > '2031-02-03 04:05+06' AND i > '1 day 2 hours' AND f > 0.1::float8 / 3
    AND bytes <> '\\x00ff'`;
  const view: Values = { database, schema: "s", name: "v", definition };
  const text = `CREATE FUNCTION s.f(a s."T", b date DEFAULT '2031-02-03', c interval DEFAULT '1 day 2 hours') RETURNS SETOF s."T"
    BEGIN ATOMIC SELECT * FROM s."T" WHERE t > '2031-02-03 04:05+06' AND d > b; END`;
  const routine: Values = { database, schema: "s", name: "f", arguments: 's."T", date, interval', definition: text };
  const settings = [
    ...["search_path = s, public", "quote_all_identifiers = on", "datestyle = 'German'", "intervalstyle = 'iso_8601'"],
    ...["timezone = 'Asia/Kolkata'", "extra_float_digits = -3", "bytea_output = 'escape'"],
  ];
  const first = await scene.connect();
  const [v, f] = [new Deployed(first, "View"), new Deployed(first, "Routine")];
  await v.up(view);
  await f.up(routine);
  try {
    for (const setting of settings) {
      await scene.ask(`ALTER ROLE ${me} IN DATABASE ${database} SET ${setting}`);
      const cluster = await scene.connect();
      const shown = (await cluster.in(database).execute(`SHOW ${setting.split(" ")[0]}`))[0]?.[0];
      for (const [deployed, type] of [
        [v, "View"],
        [f, "Routine"],
      ] as const) {
        const again = deployed.over(cluster);
        assert.deepEqual(await again.drift(), {}, `${type} with ${setting}`);
      }
      const after = (await cluster.in(database).execute(`SHOW ${setting.split(" ")[0]}`))[0]?.[0];
      assert.equal(after, shown, "the session's own setting is as it was");
      await cluster.close();
    }
    for (const deployed of [v, f]) {
      const { definitionHash } = deployed.state as Values;
      deployed.state = { ...deployed.state, definitionHash: `13:${"x".repeat(16)}` };
      assert.deepEqual(await deployed.drift(), {});
      assert.equal(deployed.state?.definitionHash, definitionHash, "from here on it is compared again");
    }
  } finally {
    await scene.ask(`ALTER ROLE ${me} IN DATABASE ${database} RESET ALL`);
  }
});

onEachServer("the settings of a lent connection in a transaction of the user's stay as they are", async (scene) => {
  const { here } = await shop(scene);
  await here.execute("CREATE SCHEMA s; CREATE TABLE s.t (a int); CREATE VIEW s.v AS SELECT a FROM s.t");
  const client = await scene.client(here.currentDatabase);
  const cluster = await scene.connect({ connection: client });
  await client.query("BEGIN; SET LOCAL search_path = s; SET LOCAL datestyle = 'German'");
  assert.match((await cluster.views.get({ schema: "s", name: "v" })).definition, /FROM s\.t;$/);
  const { rows } = await client.query(
    "SELECT current_setting('search_path') AS path, current_setting('datestyle') AS style",
  );
  assert.deepEqual(rows, [{ path: "s", style: "German, DMY" }]);
  await client.query("ROLLBACK");
});

asEachDeployer(
  "what CREATE OR REPLACE cannot do is refused with what and why, and nothing is changed",
  async (scene) => {
    const { cluster, here, ask } = await shop(scene);
    await here.execute("CREATE TABLE t (a int, b text, c date)");
    const inputs: Values = { database: here.currentDatabase, name: "v", definition: "SELECT a, b FROM t" };
    const view = new Deployed(cluster, "View");
    await view.up(inputs);
    const before = await ask(REPLACED, ["v"]);
    const allow =
      "CREATE OR REPLACE VIEW can only add columns at the end\\. Set allowReplace: true to drop it and create it anew";
    const table: [definition: string, reason: RegExp][] = [
      ["SELECT a FROM t", new RegExp(`cannot alter: cannot drop columns from view\\. ${allow}`)],
      ["SELECT a AS x, b FROM t", new RegExp(`cannot change name of view column "a" to "x"\\. ${allow}`)],
      [
        "SELECT a::bigint, b FROM t",
        new RegExp(`cannot change data type of view column "a" from integer to bigint\\. ${allow}`),
      ],
      [
        "SELECT a, b FROM t; DROP TABLE t",
        /cannot insert multiple commands into a prepared statement\. The definition must be one query/,
      ],
      ["SELECT a, b FROM t; --\nCOMMIT", /cannot insert multiple commands/],
      ["SELECT a, b FROM t) AS x; (SELECT 1", /syntax error at or near "\)"/],
      ["SELECT a, b FORM t", /syntax error at or near "t"\. The definition must be one query/],
      ["SELECT a, b INTO u FROM t", /views must not contain SELECT INTO/],
      ["WITH d AS (DELETE FROM t RETURNING *) SELECT a, b FROM d", /must not contain data-modifying statements/],
      ["SELECT a, b FROM nowhere", /relation "nowhere" does not exist/],
      ["SELECT a, b FROM t /* ", /unterminated \/\* comment/],
    ];
    for (const [definition, reason] of table)
      assert.match(
        (await failure(view.up({ ...inputs, definition, comment: "x" }), Error)).message,
        reason,
        definition,
      );
    assert.deepEqual(await ask(REPLACED, ["v"]), before);
    assert.deepEqual(
      await ask("SELECT obj_description('v'::regclass), to_regclass('t')::text, to_regclass('u')::text"),
      [[null, "t", null]],
    );
    assert.deepEqual(await view.drift(), {});

    const created = new Deployed(cluster, "View");
    for (const definition of ["SELECT 1 AS a; CREATE TABLE u ()", "SELECT 1 AS a INTO u", "SELECT 1 FROM nowhere"])
      await failure(created.up({ ...inputs, name: "w", definition }), Error);
    assert.deepEqual(await ask("SELECT to_regclass('w')::text, to_regclass('u')::text"), [[null, null]]);
  },
);

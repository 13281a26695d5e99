/** What is made by SQL, taken over by a resource: found, changed, found again by its oid, let go. */

import assert from "node:assert/strict";
import type { Values } from "../../../provider/definition";
import { freshDatabase, uniqueName } from "../../support/postgres-fixture";
import { Deployed } from "../deployed";
import { id } from "../samples";
import { asEachDeployer, failure, hostileNames, onEachServer, type Scene } from "../scene";
import { shop } from "./shop";

/** One kind of objects: how one is made under a name, what is declared of it, and how it is changed by hand. */
interface Kind {
  readonly type: string;
  readonly make: (path: string) => string;
  readonly declared: Values;
  readonly byHand: (path: string, other: string) => string;
  readonly drift: (other: string) => Values;
  /** The words of ALTER, and the object behind them. */
  readonly target: (path: string) => string;
  readonly drop: (path: string) => string;
}

const KINDS: readonly Kind[] = [
  {
    type: "Table",
    make: (path) => `CREATE TABLE ${path} (a int)`,
    declared: { rowSecurity: true, forceRowSecurity: true, unlogged: true, comment: "it's" },
    byHand: (path, other) =>
      `ALTER TABLE ${path} DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY, SET LOGGED; ALTER TABLE ${path} OWNER TO ${other};
       COMMENT ON TABLE ${path} IS 'by hand'`,
    drift: (owner) => ({ owner, rowSecurity: false, forceRowSecurity: false, unlogged: false, comment: "by hand" }),
    target: (path) => `TABLE ${path}`,
    drop: (path) => `DROP TABLE ${path}`,
  },
  {
    type: "Table",
    make: (path) => `CREATE TABLE ${path} (a int) PARTITION BY LIST (a)`,
    declared: { rowSecurity: true, comment: "parts" },
    byHand: (path, other) => `ALTER TABLE ${path} DISABLE ROW LEVEL SECURITY; ALTER TABLE ${path} OWNER TO ${other}`,
    drift: (owner) => ({ owner, rowSecurity: false }),
    target: (path) => `TABLE ${path}`,
    drop: (path) => `DROP TABLE ${path}`,
  },
  {
    type: "View",
    make: (path) => `CREATE VIEW ${path} AS SELECT 1 AS a`,
    declared: { securityBarrier: true, comment: "it's" },
    byHand: (path, other) =>
      `ALTER VIEW ${path} RESET (security_barrier); ALTER VIEW ${path} OWNER TO ${other}; COMMENT ON VIEW ${path} IS NULL`,
    drift: (owner) => ({ owner, securityBarrier: false, comment: null }),
    target: (path) => `VIEW ${path}`,
    drop: (path) => `DROP VIEW ${path}`,
  },
  {
    type: "View",
    make: (path) => `CREATE MATERIALIZED VIEW ${path} AS SELECT 1 AS a`,
    declared: { materialized: true, comment: "it's" },
    byHand: (path, other) => `ALTER MATERIALIZED VIEW ${path} OWNER TO ${other}`,
    drift: (owner) => ({ owner }),
    target: (path) => `MATERIALIZED VIEW ${path}`,
    drop: (path) => `DROP MATERIALIZED VIEW ${path}`,
  },
  {
    type: "Routine",
    make: (path) => `CREATE FUNCTION ${path}(a int, VARIADIC b text[]) RETURNS int LANGUAGE sql AS 'SELECT 1'`,
    declared: { arguments: "int4, _text", securityDefiner: true, comment: "it's" },
    byHand: (path, other) =>
      `ALTER FUNCTION ${path}(int, text[]) SECURITY INVOKER; ALTER FUNCTION ${path}(int, text[]) OWNER TO ${other};
       COMMENT ON FUNCTION ${path}(int, text[]) IS 'by hand'`,
    drift: (owner) => ({ owner, securityDefiner: false, comment: "by hand" }),
    target: (path) => `FUNCTION ${path}(int, text[])`,
    drop: (path) => `DROP FUNCTION ${path}`,
  },
  {
    type: "Routine",
    make: (path) => `CREATE PROCEDURE ${path}() LANGUAGE sql AS ''`,
    declared: { comment: "it's" },
    byHand: (path, other) => `ALTER PROCEDURE ${path}() OWNER TO ${other}`,
    drift: (owner) => ({ owner }),
    target: (path) => `PROCEDURE ${path}()`,
    drop: (path) => `DROP PROCEDURE ${path}`,
  },
];

asEachDeployer(
  "taken over under any name: changed by the difference, drift healed, moved and back, let go",
  async (scene) => {
    const { cluster, here, ask } = await shop(scene);
    const database = here.currentDatabase;
    const [owner, other] = [uniqueName("owner"), uniqueName("other")];
    for (const name of [owner, other]) await cluster.roles.create({ name });
    await ask(`GRANT CREATE ON SCHEMA public TO ${owner}, ${other}`);
    const before = await scene.memberships();
    for (const [index, name] of hostileNames().slice(0, KINDS.length).entries()) {
      const kind = KINDS[index] as Kind;
      await here.schemas.create({ name, owner });
      const path = `${id(name)}.${id(name)}`;
      const one = new Deployed(cluster, kind.type);
      const inputs: Values = { database, schema: name, name, owner, ...kind.declared };

      const missing = await failure(one.up(inputs), Error);
      assert.match(missing.message, /: cannot take over: it does not exist, and a \w+ is not made here, but by SQL/);
      await ask(`${kind.make(path)}; ALTER ${kind.target(path)} OWNER TO ${scene.deployer.name}`);
      assert.equal(await one.up(inputs), "create");
      const { oid, adopted } = one.state as Values;
      assert.equal(adopted, undefined, "it need not be said");
      assert.deepEqual(await one.drift(), {});
      assert.equal(await one.up(inputs), "same");

      await ask(kind.byHand(path, other));
      assert.deepEqual(await one.drift(), kind.drift(other), kind.type);
      assert.equal(await one.up(inputs), "update");
      assert.deepEqual(await one.drift(), {});

      // Renamed and moved by hand: the same object, and put back.
      await ask(
        `ALTER ${kind.target(path)} SET SCHEMA public; ALTER ${kind.target(`public.${id(name)}`)} RENAME TO moved`,
      );
      assert.deepEqual(await one.drift(), { schema: "public", name: "moved" });
      assert.equal(await one.up(inputs), "update");
      assert.deepEqual(await one.drift(), {});

      // Renamed and moved by the program, and taken away: what has a default goes back to it, the owner stays.
      const moved: Values = {
        database,
        name: "moved",
        ...(kind.declared.arguments ? { arguments: "integer, text[]" } : {}),
      };
      assert.equal(await one.up(moved), "update");
      assert.deepEqual([one.state?.oid, one.state?.schema], [oid, undefined]);
      const rest = await ask(
        `SELECT pg_get_userbyid(relowner)::text, obj_description(oid, 'pg_class') FROM pg_class WHERE oid = $1
        UNION ALL SELECT pg_get_userbyid(proowner)::text, obj_description(oid, 'pg_proc') FROM pg_proc WHERE oid = $1`,
        [oid],
      );
      assert.deepEqual(rest, [[owner, null]]);

      // Let go: nothing is sent.
      await one.destroy();
      assert.equal(
        (await ask("SELECT 1 FROM pg_class WHERE oid = $1 UNION ALL SELECT 1 FROM pg_proc WHERE oid = $1", [oid]))
          .length,
        1,
      );
      await ask(kind.drop("public.moved"));
    }
    assert.deepEqual(await scene.memberships(), before, "no right is left lent");
  },
);

asEachDeployer(
  "dropped by hand: gone, and another one under its name is taken over only after a refresh or by name",
  async (scene) => {
    const { cluster, here, ask } = await shop(scene);
    const inputs: Values = { database: here.currentDatabase, name: "t", comment: "x" };
    await here.execute("CREATE TABLE t ()");
    const table = new Deployed(cluster, "Table");
    await table.up(inputs);
    await ask("DROP TABLE t");
    const gone = await failure(table.up({ ...inputs, comment: "y" }), Error);
    assert.match(
      gone.message,
      /table "public"\."t": does not exist any more\. Run `pulumi up --refresh` to notice that; .*made by SQL/,
    );
    assert.equal(await table.drift(), undefined);
    assert.match((await failure(table.up(inputs), Error)).message, /cannot take over: it does not exist/);
    await here.execute("CREATE TABLE t ()");
    assert.equal(await table.up(inputs), "create");

    // A migration that drops and makes it anew between two runs.
    const { oid } = table.state as Values;
    await here.execute("DROP TABLE t; CREATE TABLE t (a int)");
    assert.deepEqual(await table.drift(), { comment: null }, "the comment has gone with the old one");
    assert.notEqual(table.state?.oid, oid);
    assert.equal(await table.up(inputs), "update");
    assert.deepEqual(await table.drift(), {});
  },
);

asEachDeployer("a large object: by its oid, as number or text; another oid is another one", async (scene) => {
  const { cluster, here, ask } = await shop(scene);
  const database = here.currentDatabase;
  const owner = uniqueName("owner");
  await cluster.roles.create({ name: owner });
  const photo = new Deployed(cluster, "LargeObject");
  const missing = await failure(photo.up({ database, oid: 70_000 }), Error);
  assert.match(
    missing.message,
    /^large object 70000: cannot take over: it does not exist, and a large object is not made here/,
  );
  for (const oid of [70_000, 70_001]) await here.execute("SELECT lo_create($1)", [[oid]].flat());
  assert.equal(await photo.up({ database, oid: "70000", owner, comment: "it's" }), "create");
  assert.equal(photo.state?.oid, 70_000);
  assert.equal(await photo.up({ database, oid: 70_000, owner, comment: "it's" }), "same");
  await ask(`ALTER LARGE OBJECT 70000 OWNER TO ${scene.deployer.name}; COMMENT ON LARGE OBJECT 70000 IS NULL`);
  assert.deepEqual(await photo.drift(), { owner: scene.deployer.name, comment: null });
  assert.equal(await photo.up({ database, oid: 70_000, owner, comment: "it's" }), "update");
  assert.equal(await photo.up({ database, oid: 70_001, owner }), "replace");
  const rows =
    "SELECT oid::int, pg_get_userbyid(lomowner)::text, obj_description(oid, 'pg_largeobject') FROM pg_largeobject_metadata ORDER BY 1";
  assert.deepEqual(await ask(rows), [
    [70_000, owner, "it's"],
    [70_001, owner, null],
  ]);
  await ask("SELECT lo_unlink(70001)");
  assert.equal(await photo.drift(), undefined);
});

/** A server that nobody can reach, for what must not ask it. */
async function closed(scene: Scene): Promise<Deployed> {
  const cluster = await scene.connect();
  await cluster.close();
  return new Deployed(cluster, "Table");
}

onEachServer("letting go needs no server", async (scene) => {
  const table = await closed(scene);
  table.state = { name: "t", oid: 5, systemIdentifier: "another", databaseOid: 5 };
  await table.destroy();
});

onEachServer("a database that is renamed keeps what is in it; a move is refused", async (scene) => {
  const { cluster, here } = await shop(scene);
  const before = here.currentDatabase;
  await here.execute("CREATE TABLE t ()");
  const table = new Deployed(cluster, "Table");
  await table.up({ database: before, name: "t" });
  const renamed = `${before}_2`;
  await (await cluster.databases.get(before)).alter({ name: renamed });
  assert.deepEqual(await table.drift(), { database: renamed });
  assert.equal(await table.up({ database: renamed, name: "t" }), "same");
  const { name: other } = await freshDatabase(scene.server);
  await cluster.in(other).execute("CREATE TABLE t ()");
  const refused = await failure(table.up({ database: other, name: "t" }), Error);
  assert.match(refused.message, /it cannot move to another database/);
  await scene.ask(`DROP DATABASE ${renamed} WITH (FORCE)`);
});

asEachDeployer("arguments in any spelling that the server takes", async (scene) => {
  const { cluster, here } = await shop(scene);
  const database = here.currentDatabase;
  await here.execute(`CREATE SCHEMA s; CREATE TYPE s."Mo od" AS ENUM ('ok'); CREATE TYPE mood AS ENUM ('ok');
    CREATE FUNCTION f(a double precision, b varchar(5)[], OUT c int, VARIADIC d s."Mo od"[]) LANGUAGE sql AS 'SELECT 1';
    CREATE FUNCTION f(a mood, b timestamptz) RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE FUNCTION g() RETURNS int LANGUAGE sql AS 'SELECT 1'`);
  const canonical = ['double precision, character varying[], s."Mo od"[]', "public.mood, timestamp with time zone"];
  const spelled: [written: string, types: string | undefined][] = [
    [canonical[0] as string, canonical[0]],
    ['float8, varchar[], s."Mo od"[]', canonical[0]],
    ['pg_catalog.float8,_varchar , s."_Mo od"', canonical[0]],
    ['a double precision, IN b character varying(20)[], OUT c int, VARIADIC d s."Mo od"[]', canonical[0]],
    ["mood, timestamptz", canonical[1]],
    ['"a" public.mood, b timestamp(3) with time zone', canonical[1]],
  ];
  for (const [written, types] of spelled) {
    const routine = new Deployed(cluster, "Routine");
    assert.equal(await routine.up({ database, name: "f", arguments: written }), "create");
    assert.deepEqual([routine.state?.arguments, routine.state?.argumentTypes], [written, types]);
    assert.deepEqual(await routine.drift(), {}, written);
    await routine.up({ database, name: "f", arguments: types ?? "", comment: "x" });
    assert.equal(routine.state?.arguments, types);
  }
  for (const written of ["", "text", "no_such_type", "nowhere.x", "int;", "varchar[]", "23", "0", "-"]) {
    const error = await failure(
      new Deployed(cluster, "Routine").up({ database, name: "f", arguments: written }),
      Error,
    );
    assert.match(
      error.message,
      /cannot take over: it does not exist; of this name there is "f"\(.*\), "f"\(.*\)\. Say which: arguments: "/,
    );
  }
  const none = await failure(new Deployed(cluster, "Routine").up({ database, name: "h" }), Error);
  assert.match(none.message, /it does not exist, and a routine is not made here.*or declare its definition/);
  const other = new Deployed(cluster, "Routine");
  await other.up({ database, name: "g" });
  const refused = await failure(other.up({ database, name: "g", arguments: "int" }), Error);
  assert.match(
    refused.message,
    /its arguments are \(\) and cannot become \(integer\) in place\. That is another routine/,
  );
});

asEachDeployer("a lookup shows everything", async (scene) => {
  const { cluster, here } = await shop(scene);
  const database = here.currentDatabase;
  await here.execute(
    "CREATE TABLE t (); CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'SELECT 1'; SELECT lo_create(70000)",
  );
  const found = async (type: string, path: string) => new Deployed(cluster, type).lookUp(`${database}/${path}`);
  assert.equal((await found("Table", "public/t")).kind, "table");
  assert.match(
    String((await found("Routine", "public/f/int4")).definition),
    /^CREATE OR REPLACE FUNCTION public\.f\(integer\)/,
  );
  assert.deepEqual((await found("LargeObject", "70000")).oid, 70_000);
  await failure(found("Routine", "public/f/"), Error);
  await failure(new Deployed(cluster, "Ownership").lookUp(scene.deployer.name), Error);
});

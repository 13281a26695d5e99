/** Owners of objects of every kind, and of everything that a role owns: made so, seen when others, healed, left alone. */

import assert from "node:assert/strict";
import type { Values } from "../../../provider/definition";
import { uniqueName } from "../../support/postgres-fixture";
import { Deployed } from "../deployed";
import { id } from "../samples";
import { asEachDeployer, asRestricted, failure, hostileNames, onEachServer, type Scene } from "../scene";
import { shop } from "./shop";

/** Two databases in which two roles may create, and a look at who owns an object, through plain pg. */
async function estate(scene: Scene) {
  const { cluster, here, ask } = await shop(scene);
  const { here: there, ask: askThere } = await shop(scene);
  const [a, b] = [uniqueName("a"), uniqueName("b")];
  for (const name of [a, b]) await cluster.roles.create({ name });
  for (const [place, sql] of [
    [here, ask],
    [there, askThere],
  ] as const)
    await sql(
      `GRANT CREATE ON SCHEMA public TO ${a}, ${b}; GRANT CREATE ON DATABASE ${place.currentDatabase} TO ${a}, ${b}`,
    );
  return { cluster, here, there, ask, askThere, a, b, database: here.currentDatabase, other: there.currentDatabase };
}

/** Everything that a role owns in the database at hand, and of the server. */
const OWNED = `SELECT pg_describe_object(classid, objid, objsubid) FROM pg_shdepend
  WHERE deptype = 'o' AND refobjid = $1::regrole AND dbid IN (0, (SELECT oid FROM pg_database WHERE datname = current_database())) ORDER BY 1`;

asEachDeployer(
  "objects of every kind that the role may hand over, in two databases and on the server",
  async (scene) => {
    const { cluster, here, there, ask, askThere, a, b, database, other } = await estate(scene);
    await here.execute(`CREATE SCHEMA s; CREATE TABLE t (a int, b int); CREATE VIEW v AS SELECT 1 AS a; CREATE MATERIALIZED VIEW m AS SELECT 1 AS a;
    CREATE SEQUENCE n; CREATE TYPE mood AS ENUM ('ok'); CREATE DOMAIN dom AS int; CREATE TYPE pair AS (a int, b int); CREATE PUBLICATION p;
    CREATE COLLATION co (locale = 'C'); CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE PROCEDURE pr() LANGUAGE sql AS '';
    CREATE AGGREGATE g(int) (SFUNC = int4pl, STYPE = int); CREATE STATISTICS st ON a, b FROM t;
    CREATE CONVERSION cv FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8; CREATE TEXT SEARCH CONFIGURATION tc (COPY = simple);
    CREATE TEXT SEARCH DICTIONARY td (TEMPLATE = simple); SELECT lo_create(70000)`);
    await there.execute("CREATE TABLE t2 ()");
    const objects: Values[] = [
      ...[
        "schema s",
        "table t",
        "view v",
        "view m",
        "sequence n",
        "type mood",
        "type dom",
        "type pair",
        "publication p",
      ],
      ...["collation co", "statistics st", "conversion cv", "routine pr"],
    ].map((one): Values => ({ kind: one.split(" ")[0] ?? "", name: one.split(" ")[1] ?? "" }));
    objects.push(
      ...[
        { kind: "routine", name: "f", arguments: "int4" } as Values,
        { kind: "routine", name: "g", arguments: "integer" },
      ],
      ...[
        { kind: "text search configuration", name: "tc" },
        { kind: "text search dictionary", name: "td" },
      ],
      ...[{ kind: "large object", oid: 70_000 } as Values, { kind: "database", name: database }],
      { kind: "table", name: "t2", database: other },
    );
    if (scene.deployer.superuser) {
      await here.execute("CREATE FOREIGN DATA WRAPPER w; CREATE SERVER sv FOREIGN DATA WRAPPER w");
      await ask(`GRANT USAGE ON FOREIGN DATA WRAPPER w TO ${a}, ${b}`);
      await here.execute("CREATE LANGUAGE lang HANDLER plpgsql_call_handler");
      objects.push({ kind: "foreign server", name: "sv" }, { kind: "language", name: "lang" });
    }
    const before = await scene.memberships();
    const ownership = new Deployed(cluster, "Ownership");
    assert.equal(await ownership.up({ owner: a, objects, database }), "create");
    assert.deepEqual(ownership.state?.notOwned, {});
    const owned = async (role: string) => [...(await ask(OWNED, [role])), ...(await askThere(OWNED, [role]))].flat();
    const all = await owned(a);
    assert.equal(new Set(all).size, objects.length, all.join(", "));
    assert.deepEqual(await ownership.drift(), {});
    assert.equal(await ownership.up({ owner: a, objects: [...objects].reverse(), database }), "same");

    assert.equal(await ownership.up({ owner: b, objects, database }), "update");
    assert.deepEqual([await owned(a), await owned(b)], [[], all]);
    await ownership.destroy();
    assert.deepEqual(await owned(b), all, "the owner stays");
    assert.deepEqual(await scene.memberships(), before, "no right is left lent");
  },
);

asEachDeployer(
  "any name; what somebody else owns is drift by its name, and an update puts just that right",
  async (scene) => {
    const { cluster, here, ask, a, b, database } = await estate(scene);
    const names = hostileNames().slice(0, 5);
    for (const name of names) {
      await ask(
        `CREATE SCHEMA ${id(name)} AUTHORIZATION ${a}; CREATE TABLE ${id(name)}.${id(name)} (); ALTER TABLE ${id(name)}.${id(name)} OWNER TO ${a}`,
      );
      await ask(
        `CREATE TYPE ${id(name)}.${id(name.slice(1))} AS ENUM (); ALTER TYPE ${id(name)}.${id(name.slice(1))} OWNER TO ${a}`,
      );
    }
    const objects = names.flatMap((name): Values[] => [
      { kind: "schema", name },
      { kind: "table", schema: name, name },
      { kind: "type", schema: name, name: name.slice(1) },
    ]);
    const ownership = new Deployed(cluster, "Ownership");
    const inputs: Values = { owner: a, objects, database };
    assert.equal(await ownership.up(inputs), "create");
    const [name = ""] = names;
    await ask(
      `GRANT CREATE, USAGE ON SCHEMA ${id(name)} TO ${b}; ALTER TABLE ${id(name)}.${id(name)} OWNER TO ${b}; ALTER TYPE ${id(name)}.${id(name.slice(1))} OWNER TO ${b}`,
    );
    const notOwned = { [`table ${id(name)}.${id(name)}`]: b, [`type ${id(name)}.${id(name.slice(1))}`]: b };
    assert.deepEqual(await ownership.drift(), { notOwned });
    assert.equal(await ownership.up(inputs), "update");
    assert.deepEqual(await ownership.drift(), {});
    assert.deepEqual(await ask(OWNED, [b]), []);

    // What is not there any more, and what is taken out of the list.
    await ask(`DROP TABLE ${id(name)}.${id(name)}`);
    assert.deepEqual(await ownership.drift(), { notOwned: { [`table ${id(name)}.${id(name)}`]: null } });
    const missing = await failure(ownership.up(inputs), Error);
    assert.ok(
      missing.message.startsWith(
        `ownership by "${a}": cannot alter: table ${id(name)}.${id(name)} does not exist. What is made by SQL`,
      ),
    );
    assert.equal(await ownership.up({ ...inputs, objects: objects.slice(0, 1) }), "update");
    assert.equal((await ask(OWNED, [a])).length, objects.length - 1);
    for (const one of names) await here.schemas.get(one).then((schema) => schema.drop({ dropCascade: true }));
  },
);

asEachDeployer(
  "objects of one database change hands together, or not at all; what is not there is named before",
  async (scene) => {
    const { cluster, here, ask, a, b, database, other } = await estate(scene);
    await here.execute("CREATE TABLE t (); CREATE TABLE u (); CREATE SCHEMA closed; CREATE TABLE closed.x ()");
    const objects: Values[] = [
      { kind: "table", name: "t" },
      { kind: "table", schema: "closed", name: "x" },
      { kind: "table", name: "u" },
    ];
    const owners = () =>
      ask(
        "SELECT relname, pg_get_userbyid(relowner)::text FROM pg_class WHERE relkind = 'r' AND relname IN ('t', 'u', 'x') ORDER BY 1",
      );
    const before = await owners();
    const ownership = new Deployed(cluster, "Ownership");
    if (!scene.deployer.superuser) {
      const refused = await failure(ownership.up({ owner: a, objects, database }), Error);
      assert.match(refused.message, /^table "closed"\."x": cannot alter: role ".*" may not create in schema "closed"/);
    }
    const table: [inputs: Values, reason: RegExp][] = [
      [
        {
          owner: a,
          objects: [...objects, { kind: "view", name: "v" }, { kind: "table", name: "y", database: "nowhere" }],
          database,
        },
        /^ownership by ".*": cannot alter: view "public"\."v", table "public"\."y" in database "nowhere" do not exist\./,
      ],
      [{ owner: "nobody", objects, database }, /owner: role "nobody" does not exist\. Create it first/],
      [
        { owner: a, objects: [{ kind: "routine", name: "f", arguments: "int" }], database: other },
        /routine "public"\."f"\(int\) does not exist/,
      ],
      [{ owner: a, objects: [{ kind: "database", name: "nowhere" }] }, /database "nowhere" does not exist/],
      [{ owner: a, reassignOwnedBy: "nobody" }, /reassignOwnedBy: role "nobody" does not exist/],
    ];
    for (const [inputs, reason] of table)
      assert.match((await failure(new Deployed(cluster, "Ownership").up(inputs), Error)).message, reason);
    assert.deepEqual(await owners(), before);
    await ask(`GRANT USAGE, CREATE ON SCHEMA closed TO ${a}, ${b}`);
    assert.equal(await ownership.up({ owner: a, objects, database }), "create");
    assert.deepEqual(new Set((await owners()).map(([, owner]) => owner)), new Set([a]));
  },
);

asEachDeployer("everything that a role owns: in one database, in several, in all, now and later", async (scene) => {
  const { cluster, here, there, ask, askThere, a, b, database, other } = await estate(scene);
  const give = async (sql: (text: string) => Promise<unknown>, ...names: string[]) => {
    for (const name of names) await sql(`CREATE TABLE ${name} (); ALTER TABLE ${name} OWNER TO ${b}`);
  };
  await give(ask, "one", "two");
  await give(askThere, "three");
  await scene.ask(`CREATE DATABASE ${b}_d`);
  await scene.ask(`ALTER DATABASE ${b}_d OWNER TO ${b}`);
  const owned = async () => [...(await ask(OWNED, [b])), ...(await askThere(OWNED, [b]))].flat();
  const before = await scene.memberships();

  const ownership = new Deployed(cluster, "Ownership");
  assert.equal(await ownership.up({ owner: a, reassignOwnedBy: b, databases: [database] }), "create");
  assert.deepEqual(await owned(), ["table three"], "and databases, wherever that is");
  assert.equal(await ownership.up({ owner: a, reassignOwnedBy: b, databases: "all" }), "update");
  assert.deepEqual(await owned(), []);
  assert.deepEqual(await ownership.drift(), {});

  await give(ask, "late");
  await give(askThere, "later");
  const notOwned = { [`table late in database "${database}"`]: b, [`table later in database "${other}"`]: b };
  assert.deepEqual(await ownership.drift(), { notOwned });
  assert.equal(await ownership.up({ owner: a, reassignOwnedBy: b, databases: "all" }), "update");
  assert.deepEqual([await owned(), await ownership.drift()], [[], {}]);

  // Where nothing is said, in the connection's database alone.
  const home = new Deployed(cluster, "Ownership");
  await give(ask, "last");
  assert.equal(await home.up({ owner: a, reassignOwnedBy: b }), "create");
  assert.deepEqual(await owned(), ["table last"]);
  assert.equal(await home.up({ owner: a, reassignOwnedBy: b, databases: [other, database] }), "update");
  assert.deepEqual(await owned(), []);
  await give(ask, ...Array.from({ length: 53 }, (_, index) => `many_${index}`));
  const many = Object.keys(((await home.drift())?.notOwned ?? {}) as object);
  assert.deepEqual([many.length, many.at(-1)], [51, `3 more objects in database "${database}"`]);
  assert.equal(await home.up({ owner: a, reassignOwnedBy: b, databases: [other, database] }), "update");

  // A role that is gone owns nothing.
  for (const sql of [ask, askThere]) await sql(`DROP OWNED BY ${b}`);
  await scene.ask(`DROP ROLE ${b}`);
  assert.deepEqual(await home.drift(), {});
  await home.destroy();
  assert.deepEqual(
    (await scene.memberships()).filter((line) => !line.includes(b)),
    before.filter((line) => !line.includes(b)),
  );
  await scene.ask(`DROP DATABASE ${b}_d`);
  for (const place of [here, there]) await scene.ask(`DROP DATABASE ${place.currentDatabase} WITH (FORCE)`);
});

asRestricted(
  "rights that cannot be had: the sentence names the object and the grant, nothing is changed",
  async (scene) => {
    const { cluster, ask, a, b, database } = await estate(scene);
    await ask(`CREATE TABLE t (); CREATE SCHEMA mine AUTHORIZATION ${b}`);
    for (const inputs of [
      { owner: a, objects: [{ kind: "table", name: "t" }], database },
      { owner: scene.server.superuser, objects: [{ kind: "schema", name: "mine" }], database },
      { owner: scene.server.superuser, reassignOwnedBy: b, databases: "all" },
    ] as Values[]) {
      const error = await failure(new Deployed(cluster, "Ownership").up(inputs), Error);
      assert.match(error.message, /"postgres" is a superuser: only a superuser can act for it/);
    }
    assert.deepEqual(await ask("SELECT pg_get_userbyid(relowner)::text FROM pg_class WHERE relname = 't'"), [
      ["postgres"],
    ]);
  },
);

onEachServer(
  "letting go needs no server; a tablespace, an event trigger and a subscription change hands",
  async (scene) => {
    const { cluster, here, ask, a, database } = await estate(scene);
    const space = uniqueName("space");
    const admin = await scene.client();
    await admin.query("SET allow_in_place_tablespaces = on");
    await admin.query(`CREATE TABLESPACE ${space} LOCATION ''`);
    await here.execute(`CREATE FUNCTION e() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'; CREATE EVENT TRIGGER et ON sql_drop EXECUTE FUNCTION e();
    ALTER EVENT TRIGGER et DISABLE; CREATE SUBSCRIPTION sub CONNECTION 'dbname=postgres password=x' PUBLICATION p WITH (connect = false, slot_name = NONE)`);
    await ask(`ALTER ROLE ${a} SUPERUSER`);
    const objects = ["tablespace", "event trigger", "subscription"].map((kind, index) => ({
      kind,
      name: [space, "et", "sub"][index] ?? "",
    }));
    const ownership = new Deployed(cluster, "Ownership");
    assert.equal(await ownership.up({ owner: a, objects, database }), "create");
    assert.equal((await ask(OWNED, [a])).length, 3);
    await ask("DROP SUBSCRIPTION sub; DROP EVENT TRIGGER et");
    await admin.query(`DROP TABLESPACE ${space}`);
    const closed = await scene.connect();
    await closed.close();
    await ownership.over(closed).destroy();
  },
);

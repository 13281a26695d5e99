import assert from "node:assert/strict";
import { PermissionError, PostgresError } from "../../../provider";
import type { Values } from "../../../provider/definition";
import { freshDatabase, uniqueName } from "../../support/postgres-fixture";
import { token } from "../../support/postgres-names";
import { shop } from "../objects/shop";
import { id } from "../samples";
import { asEachDeployer, asRestricted, failure, hostileNames, onEachServer } from "../scene";
import { answer, namesOf } from "./ask";

/** What an object of a collection shows, and its oid. */
function shown(object: object): Record<string, unknown> {
  const known = Object.entries(object).filter(([, value]) => value !== undefined);
  return { ...Object.fromEntries(known), oid: (object as { oid: number }).oid };
}

asEachDeployer("an entry is all that the collections show of an object, under any name", async (scene) => {
  const { cluster, here, ask } = await shop(scene);
  const database = here.currentDatabase;
  const owner = uniqueName("owner");
  await cluster.roles.create({ name: owner });
  for (const name of hostileNames()) {
    const path = `${id(name)}.${id(name)}`;
    const login = { login: true, password: "a s3cret", connectionLimit: 3, memberOf: [owner], comment: "it's" };
    const config = { config: { search_path: ["a", "b"] }, configInDatabase: { [database]: { work_mem: "4MB" } } };
    const role = await cluster.roles.create({ name, ...login, ...config });
    const other = await cluster.databases.create({ name, owner, comment: "it's", config: { work_mem: "4MB" } });
    const schema = await here.schemas.create({ name, owner, comment: "it's" });
    await ask(`CREATE TABLE ${path} (a int); ALTER TABLE ${path} ENABLE ROW LEVEL SECURITY, OWNER TO ${owner}`);
    const limits = { maxValue: 2n ** 63n - 1n, start: 5, cache: 2, cycle: true };
    const sequence = await here.sequences.create({
      ...{ schema: name, name: "no", owner, ...limits },
      ownedBy: { table: name, column: "a" },
    });
    const table = await here.tables.get({ schema: name, name });
    const expected: [lookup: string, given: Values, object: object, where: Values][] = [
      ["getRoles", { names: [name] }, role, {}],
      ["getDatabases", { names: [name] }, other, {}],
      ["getSchemas", { names: [name], database }, schema, { database }],
      ["getTables", { schema: name, database }, table, { database }],
      ["getSequences", { schema: name, database }, sequence, { database }],
    ];
    for (const [lookup, given, object, where] of expected) {
      const { oid } = object as { oid: number };
      const found = await answer(cluster, lookup, given);
      assert.deepEqual(found, { [oid]: { ...where, ...shown(object) } }, lookup);
      assert.deepEqual(found, JSON.parse(JSON.stringify(found)), "it is not what the state will hold");
    }
  }
  const roles = JSON.stringify(await answer(cluster, "getRoles", { like: `%${token}%` }));
  assert.ok(roles.includes("it's"));
  assert.doesNotMatch(roles, /SCRAM|s3cret|password|verifier/i);
});

asEachDeployer("names are compared by the server, as LIKE does", async (scene) => {
  const cluster = await scene.connect();
  for (const name of hostileNames()) await cluster.roles.create({ name });
  const patterns = [
    ...[`%${token}%`, `a"b%${token}%`, `MIXED%${token}%`, `MiXed_${"%"}${token}%`, `x.y.%${token}%`, `_.%${token}%`],
    ...[`na_ve _ %${token}%`, `back\\\\slash %${token}%`, `back\\slash %${token}%`, `%\\_${token}\\_%`, `é%${token}%n`],
    ...[`'; select 1 -- h\\_${token}%`, "%", ""],
  ];
  const LIKE = "SELECT rolname::text FROM pg_roles WHERE strpos(rolname, $1) > 0 AND rolname LIKE $2";
  for (const pattern of patterns) {
    const expected = (await scene.ask(LIKE, [token, pattern])).flat().sort();
    const own = async (given: Values) =>
      (await namesOf(cluster, "getRoles", given)).filter((name) => name.includes(token));
    assert.deepEqual(await own({ like: pattern }), expected, pattern);
    assert.deepEqual(await own({ like: [pattern] }), expected, pattern);
    const all = await own({});
    assert.deepEqual(
      await own({ notLike: pattern }),
      all.filter((name) => !expected.includes(name)),
      pattern,
    );
  }
  const error = await failure(answer(cluster, "getRoles", { like: "%\\" }), PostgresError);
  assert.match(error.message, /LIKE pattern must not end with escape character/);
});

asEachDeployer("filters: all must hold, and an empty list matches nothing", async (scene) => {
  const { cluster, here, ask } = await shop(scene);
  const database = here.currentDatabase;
  const [one, two] = [uniqueName("one"), uniqueName("two")];
  for (const name of [one, two]) await cluster.roles.create({ name });
  await ask(`CREATE SCHEMA s; CREATE SCHEMA "s.t"; CREATE TABLE s.a (); CREATE TABLE s.b (); CREATE TABLE s."a.b" ();
    CREATE TABLE "s.t".a (); CREATE TABLE a (); CREATE SEQUENCE s.q; CREATE SEQUENCE "s.t".q`);
  await ask(`ALTER TABLE s.a OWNER TO ${one}; ALTER TABLE "s.t".a OWNER TO ${one}; ALTER SCHEMA s OWNER TO ${two};
    ALTER SEQUENCE s.q OWNER TO ${two}`);
  const table: [lookup: string, given: Values, expected: string[]][] = [
    ["getTables", {}, ["public.a", "s.a", "s.a.b", "s.b", "s.t.a"]],
    ["getTables", { schema: "s" }, ["s.a", "s.a.b", "s.b"]],
    ["getTables", { schema: "s.t" }, ["s.t.a"]],
    ["getTables", { schema: "S" }, []],
    ["getTables", { names: ["a", "c"] }, ["public.a", "s.a", "s.t.a"]],
    ["getTables", { names: [] }, []],
    ["getTables", { like: [] }, []],
    ["getTables", { notLike: [] }, ["public.a", "s.a", "s.a.b", "s.b", "s.t.a"]],
    ["getTables", { like: ["a", "b"] }, ["public.a", "s.a", "s.b", "s.t.a"]],
    ["getTables", { like: "a%", notLike: ["%.b", "x%"] }, ["public.a", "s.a", "s.t.a"]],
    ["getTables", { owner: one }, ["s.a", "s.t.a"]],
    ["getTables", { owner: one, schema: "s", like: "a%" }, ["s.a"]],
    ["getTables", { owner: "nobody" }, []],
    ["getSequences", { like: "q" }, ["s.q", "s.t.q"]],
    ["getSequences", { owner: two }, ["s.q"]],
    ["getSchemas", {}, ["s", "s.t"]],
    ["getSchemas", { owner: two }, ["s"]],
    ["getSchemas", { notLike: "%.%" }, ["s"]],
  ];
  for (const [lookup, given, expected] of table)
    assert.deepEqual(await namesOf(cluster, lookup, { database, ...given }), expected, JSON.stringify(given));
  assert.deepEqual(await namesOf(cluster, "getDatabases", { names: [database], owner: scene.deployer.name }), [
    database,
  ]);
  assert.deepEqual(await namesOf(cluster, "getDatabases", { names: [database], owner: one }), []);
});

asEachDeployer("what belongs to the system is left out, unless it is asked for", async (scene) => {
  const { cluster, here, ask } = await shop(scene);
  const database = here.currentDatabase;
  const admin = await scene.client(database);
  await admin.query("CREATE TABLE own (a int GENERATED ALWAYS AS IDENTITY, b serial); CREATE SCHEMA mine");
  await admin.query("CREATE TABLE member (a serial); CREATE SCHEMA members; CREATE SEQUENCE members.q");
  await admin.query("CREATE TEMP TABLE gone ()"); // and with it a schema of this session
  for (const member of ["TABLE member", "SCHEMA members", "SEQUENCE members.q", "SEQUENCE member_a_seq"])
    await admin.query(`ALTER EXTENSION plpgsql ADD ${member}`);
  // Something of another kind that belongs to an extension may have the oid of a table that does not.
  await admin.query(`SET allow_system_table_mods = on; INSERT INTO pg_depend
    SELECT 'pg_proc'::regclass, 'own'::regclass, 0, 'pg_extension'::regclass, oid, 0, 'e' FROM pg_extension`);
  const [[ofSession] = []] = await ask("SELECT nspname::text FROM pg_namespace WHERE nspname ~ '^pg_temp_' LIMIT 1");
  const login = uniqueName("login");
  await cluster.roles.create({ name: login });

  const table: [lookup: string, given: Values, own: string[], system: string[]][] = [
    ["getRoles", {}, [login], ["postgres", "pg_monitor"]],
    ["getDatabases", {}, [database], ["postgres", "template0", "template1"]],
    [
      "getSchemas",
      { database },
      ["mine"],
      ["public", "pg_catalog", "information_schema", "members", String(ofSession)],
    ],
    ["getTables", { database }, ["public.own"], ["public.member", "pg_catalog.pg_class"]],
    ["getSequences", { database }, ["public.own_b_seq"], ["public.own_a_seq", "members.q", "public.member_a_seq"]],
  ];
  for (const [lookup, given, own, system] of table) {
    const all = [...own, ...system].sort();
    const names = all.map((name) => name.split(".").at(-1) as string);
    const found = async (more: Values) => {
      const known = await namesOf(cluster, lookup, { ...given, ...more });
      return all.filter((name) => known.includes(name));
    };
    assert.deepEqual(await found({}), own, lookup);
    assert.deepEqual(await found({ includeSystem: false }), own, lookup);
    assert.deepEqual(await found({ includeSystem: true }), all, lookup);
    assert.deepEqual(await found({ names }), all, `${lookup}, by name`);
    assert.deepEqual(await found({ names, includeSystem: false }), own, `${lookup}, by name`);
  }
  assert.deepEqual(await namesOf(cluster, "getTables", { database, names: ["gone"] }), [], "a session's own");
});

asEachDeployer("where to look: the connection's database, or another one", async (scene) => {
  const { here } = await shop(scene);
  const database = here.currentDatabase;
  await here.schemas.create({ name: "inside" });
  const outside = await scene.connect();
  assert.deepEqual(await namesOf(outside, "getSchemas", { database }), ["inside"]);
  assert.equal((await namesOf(outside, "getSchemas", {})).includes("inside"), false);
  const inside = await scene.connect({ database });
  assert.deepEqual(await namesOf(inside, "getSchemas", {}), ["inside"]);
  const [entry] = Object.values((await answer(inside, "getSchemas", {})) ?? {});
  assert.equal(entry?.database, database);
  for (const lookup of ["getSchemas", "getTables", "getSequences"])
    assert.equal(await answer(outside, lookup, { database: `${database}_not` }), undefined, lookup);
});

asEachDeployer("while changes are pending, a name that nothing has is no answer", async (scene) => {
  const { cluster, here, ask } = await shop(scene);
  const database = here.currentDatabase;
  await ask("CREATE SCHEMA s; CREATE TABLE s.a ()");
  const owner = scene.deployer.name;
  const asked = (given: Values, pending: boolean) => answer(cluster, "getTables", { database, ...given }, pending);
  const cases: [given: Values, known: boolean][] = [
    [{}, true],
    [{ schema: "s", owner }, true],
    [{ schema: "renamed" }, false],
    [{ owner: "renamed" }, false],
    [{ schema: "s", owner: "renamed" }, false],
    [{ database: "renamed" }, false],
    [{ names: ["renamed"] }, true], // what is looked for may well not be there
  ];
  for (const [given, known] of cases)
    assert.equal((await asked(given, true)) !== undefined, known, JSON.stringify(given));
  assert.deepEqual(await asked({ schema: "renamed" }, false), {});
  assert.deepEqual(await asked({ owner: "renamed" }, false), {});
});

asRestricted("a database that the role cannot connect to is an error, not an empty answer", async (scene) => {
  const { name: database } = await freshDatabase(scene.server);
  await scene.ask(`REVOKE CONNECT ON DATABASE ${database} FROM PUBLIC`);
  const cluster = await scene.connect();
  const error = await failure(answer(cluster, "getTables", { database }), PermissionError);
  assert.match(error.message, new RegExp(`permission denied for database "${database}"`));
});

onEachServer("a thousand tables take less than 300 bytes each", async (scene) => {
  const { cluster, here, ask } = await shop(scene);
  await ask("DO $$ BEGIN FOR i IN 1..1000 LOOP EXECUTE format('CREATE TABLE %I ()', 't' || i); END LOOP; END $$");
  const found = (await answer(cluster, "getTables", { database: here.currentDatabase })) ?? {};
  assert.equal(Object.keys(found).length, 1000);
  const bytes = JSON.stringify(found).length / 1000;
  assert.ok(bytes < 300, `${bytes} bytes`);
});

import assert from "node:assert/strict";
import { NotFoundError, PostgresError } from "../../../provider";
import { freshDatabase, uniqueName } from "../../support/postgres-fixture";
import { asEachDeployer, asRestricted, failure, onEachServer, type Scene } from "../scene";

/** What the server keeps for a role: settings for all databases, and by database. */
function settings(scene: Scene, oid: number): Promise<unknown[][]> {
  return scene.ask(
    `SELECT coalesce(d.datname::text, '*'), s.setconfig FROM pg_db_role_setting s
       LEFT JOIN pg_database d ON d.oid = s.setdatabase WHERE s.setrole = $1 ORDER BY 1`,
    [oid],
  );
}

asEachDeployer("settings of every kind: set, compared as the server means them, reset", async (scene) => {
  const cluster = await scene.connect();
  const database = await freshDatabase(scene.server);
  const role = await cluster.roles.create({
    name: uniqueName('conf"igured'),
    config: { statement_timeout: "30s", jit: false, search_path: ["$user", "a b", "Mi,Xed"], work_mem: 4096 },
    configInDatabase: { [database.name]: { application_name: "it's \\ here", datestyle: ["ISO", "DMY"] } },
  });
  const before = [
    ["*", ["statement_timeout=30s", "jit=off", 'search_path="$user", "a b", "Mi,Xed"', "work_mem=4096"]],
    [database.name, ["application_name=it's \\ here", "DateStyle=ISO, DMY"]],
  ];
  assert.deepEqual(await settings(scene, role.oid), before);
  assert.deepEqual(role.config.search_path, ["$user", "a b", "Mi,Xed"]);
  await role.alter({
    config: { Work_Mem: "4MB", STATEMENT_TIMEOUT: 30_000, search_path: '"$user", "a b", "Mi,Xed"', jit: "no" },
    configInDatabase: { [database.name]: { DATESTYLE: "ISO, DMY", application_name: "it's \\ here" } },
  });
  assert.deepEqual(await settings(scene, role.oid), before, "the same in other words: nothing is sent");
  await role.alter({ config: { jit: true }, configInDatabase: null });
  assert.deepEqual(await settings(scene, role.oid), [["*", ["jit=on"]]]);
  await role.alter({ config: {} });
  assert.deepEqual(await settings(scene, role.oid), []);
  await database.drop();
});

asEachDeployer("what the server does not take is its own sentence, and nothing of it is kept", async (scene) => {
  const cluster = await scene.connect();
  const role = await cluster.roles.create({ name: uniqueName("wrong"), config: { jit: false } });
  const before = await settings(scene, role.oid);
  for (const [config, sentence] of [
    [{ no_such_parameter: 1 }, /cannot alter: unrecognized configuration parameter "no_such_parameter"/],
    [{ statement_timeout: "soon" }, /cannot alter: invalid value for parameter "statement_timeout": "soon"/],
    [{ shared_buffers: "1GB" }, /cannot alter: parameter "shared_buffers" cannot be changed/],
  ] as const) {
    const error = await failure(role.alter({ comment: "not this", config }), PostgresError);
    assert.match(error.message, sentence);
  }
  const nowhere = { configInDatabase: { "no such database": { jit: true } } };
  assert.match(
    (await failure(role.alter(nowhere), NotFoundError)).message,
    /database "no such database" does not exist/,
  );
  assert.deepEqual(await settings(scene, role.oid), before);
  await role.refresh();
  assert.equal(role.comment, null);
});

onEachServer("parameters of extensions, under any name", async (scene) => {
  const cluster = await scene.connect();
  const config = { "app.tenant": "one, two", "my_ext.limit": "30s" };
  const role = await cluster.roles.create({ name: uniqueName("ext"), config });
  assert.deepEqual({ ...role.config }, config);
  await role.alter({ config });
  await role.alter({ config: { "app.tenant": ["one", "two"] } });
  assert.deepEqual(await settings(scene, role.oid), [["*", ["app.tenant=one, two"]]]);
});

asRestricted("a parameter that takes a superuser: the server says so", async (scene) => {
  const cluster = await scene.connect();
  const role = await cluster.roles.create({ name: uniqueName("lesser") });
  const error = await failure(role.alter({ config: { log_statement: "all" } }), PostgresError);
  assert.match(error.message, /permission denied to set parameter "log_statement"/);
});

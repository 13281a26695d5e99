import assert from "node:assert/strict";
import { type Cluster, NotFoundError, PermissionError, PostgresError } from "../../provider";
import { freshDatabase, uniqueName } from "../support/postgres-fixture";
import { asRestricted, failure, type Scene } from "./scene";

/** Two roles that shall own things, and how the restricted role may come by their rights. */
type Setting = (scene: Scene, cluster: Cluster, owners: string[]) => Promise<void>;

const byCore: Setting = async (_scene, cluster, owners) => {
  for (const name of owners) await cluster.roles.create({ name });
};

/** The deployer has granted the owners to itself, as on 16 and newer a role that made them can. */
const selfGranted =
  (options: string): Setting =>
  async (scene, cluster, owners) => {
    await byCore(scene, cluster, owners);
    const plain = await scene.client("postgres", scene.deployer);
    for (const name of owners) await plain.query(`GRANT ${name} TO ${scene.deployer.name} WITH ${options}`);
  };

const byAdmin =
  (withOptions: string): Setting =>
  async (scene, _cluster, owners) => {
    for (const name of owners)
      await scene.ask(`CREATE ROLE ${name}; GRANT ${name} TO ${scene.deployer.name} ${withOptions}`);
  };

const everywhere = () => true;
const before16 = (major: number) => major < 16;
const from16 = (major: number) => major >= 16;

const settings: [title: string, on: (major: number) => boolean, setting: Setting][] = [
  ["owners that it made", everywhere, byCore],
  ["owners that an administrator gave it with ADMIN OPTION", everywhere, byAdmin("WITH ADMIN OPTION")],
  ["owners that it is a plain member of", everywhere, byAdmin("")],
  [
    "owners of an administrator that it is no member of",
    before16,
    async (scene, _cluster, owners) => {
      for (const name of owners) await scene.ask(`CREATE ROLE ${name}`);
    },
  ],
  ["a grant of its own, INHERIT FALSE, SET FALSE", from16, selfGranted("INHERIT FALSE, SET FALSE")],
  ["a grant of its own, INHERIT TRUE, SET FALSE", from16, selfGranted("INHERIT TRUE, SET FALSE")],
  ["a grant of its own, INHERIT FALSE, SET TRUE", from16, selfGranted("INHERIT FALSE, SET TRUE")],
  ["a grant of its own, INHERIT TRUE, SET TRUE", from16, selfGranted("INHERIT TRUE, SET TRUE")],
  ["ADMIN OPTION but neither INHERIT nor SET", from16, byAdmin("WITH ADMIN TRUE, INHERIT FALSE, SET FALSE")],
];

for (const [title, on, setting] of settings) {
  asRestricted(
    `lent rights leave pg_auth_members as it was: ${title}`,
    async (scene) => {
      const cluster = await scene.connect();
      const [first, second] = [uniqueName("first"), uniqueName("second")];
      await setting(scene, cluster, [first, second]);
      const before = await scene.memberships();
      const unchanged = async (what: string) => assert.deepEqual(await scene.memberships(), before, what);

      const database = await cluster.databases.create({ name: uniqueName("db"), owner: first });
      await unchanged("database created");
      await database.alter({ owner: second, name: uniqueName("db") });
      await unchanged("database renamed and given to another");
      const here = cluster.in(database.name);
      const schema = await here.schemas.create({ name: "s", owner: first });
      await unchanged("schema created");
      await schema.alter({ owner: second });
      await schema.alter({ name: "s2", owner: first });
      await unchanged("schema altered");
      assert.deepEqual([schema.owner, database.owner], [first, second]);

      // Failures on the server, after the rights were lent.
      await here.schemas.create({ name: "taken", owner: second });
      await failure(here.schemas.create({ name: "taken", owner: first }), PostgresError);
      await failure(schema.alter({ name: "taken", owner: second }), PostgresError);
      await failure(database.alter({ name: "template1", owner: first }), PostgresError);
      await failure(cluster.databases.create({ name: database.name, owner: first }), PostgresError);
      await unchanged("failed");
      assert.deepEqual([schema.name, schema.owner, database.owner], ["s2", first, second]);
      const visitor = await scene.client(database.name);
      await failure(database.drop({ forceDrop: true }), PermissionError); // a superuser's session
      await visitor.end();
      await unchanged("drop failed");
      await database.refresh();
      assert.equal(database.owner, second, "it has its owner back");

      await schema.drop();
      await database.drop();
      for (const name of [first, second]) {
        // Whose roles they are an administrator's on 16 and newer, it may not drop them.
        await (await cluster.roles.get(name))
          .drop()
          .catch((error) => assert.ok(error instanceof PermissionError, error));
      }
    },
    on,
  );
}

asRestricted("at the same time and with the same owner: nothing fails and nothing is left", async (scene) => {
  const clusters = [await scene.connect(), await scene.connect()];
  const owner = uniqueName("owner");
  await clusters[0]!.roles.create({ name: owner });
  const before = await scene.memberships();
  const { name } = await freshDatabase(scene.server, { owner });
  const schemas = await Promise.all(
    Array.from({ length: 24 }, (_, i) => clusters[i % 2]!.in(name).schemas.create({ name: `s${i}`, owner })),
  );
  await Promise.all(
    schemas.map((schema, i) => schema.alter({ name: `t${i}`, owner: i % 2 === 0 ? scene.deployer.name : owner })),
  );
  await Promise.all(schemas.map((schema) => schema.drop()));
  assert.deepEqual(await scene.memberships(), before);
});

asRestricted(
  "what it may not lend itself is refused with the grant that is missing, and nothing is changed",
  async (scene) => {
    const cluster = await scene.connect();
    const [owner, root] = [uniqueName('Its "owner"'), uniqueName("root")];
    const quoted = `"${owner.replaceAll('"', '""')}"`;
    await scene.ask(`CREATE ROLE ${quoted}; CREATE ROLE ${root} SUPERUSER`);
    const before = await scene.memberships();
    const name = uniqueName("db");
    const super_ = await failure(cluster.databases.create({ name, owner: root }), PermissionError);
    assert.match(
      super_.message,
      new RegExp(
        `^database "${name}": cannot create: "${scene.deployer.name}" has not the rights of role "${root}".*superuser`,
      ),
    );
    if (scene.server.version >= 16) {
      const error = await failure(cluster.databases.create({ name, owner }), PermissionError);
      const missing = `GRANT ${quoted} TO "${scene.deployer.name}" WITH INHERIT TRUE, SET TRUE`;
      assert.ok(error.message.endsWith(`Let an administrator run: ${missing}`), error.message);
      await scene.ask(missing);
    }
    assert.equal(await cluster.databases.has(name), false, "refused before anything was made");
    const database = await cluster.databases.create({ name, owner });
    assert.equal(database.owner, owner);
    await database.drop();
    if (scene.server.version < 16) assert.deepEqual(await scene.memberships(), before);
  },
);

for (const earlier of [true, false]) {
  const title = earlier ? "the group's earlier grant is as it was" : "nothing is left";
  const body = async (scene: Scene) => {
    const cluster = await scene.connect();
    const me = scene.deployer.name;
    const [group, owner] = [uniqueName("admins"), uniqueName("owner")];
    await scene.ask(`CREATE ROLE ${group} ROLE ${me}; CREATE ROLE ${owner}`);
    await scene.ask(`GRANT ${owner} TO ${group} WITH ADMIN TRUE, INHERIT FALSE, SET FALSE`);
    if (earlier) await scene.ask(`GRANT ${owner} TO ${me} WITH INHERIT FALSE, SET FALSE GRANTED BY ${group}`);
    const before = await scene.memberships();
    const database = await cluster.databases.create({ name: uniqueName("db"), owner });
    await database.alter({ owner: me });
    await database.alter({ owner });
    await database.drop();
    assert.deepEqual(await scene.memberships(), before);
  };
  asRestricted(`ADMIN OPTION that it has through a group: ${title}`, body, from16);
}

asRestricted("a NOINHERIT role keeps the memberships that it had", async (scene) => {
  const name = uniqueName("noinherit");
  const owner = uniqueName("owner");
  await scene.ask(
    `CREATE ROLE ${name} LOGIN CREATEDB CREATEROLE NOINHERIT PASSWORD 'x12345'; CREATE ROLE ${owner}; GRANT ${owner} TO ${name}`,
  );
  const cluster = await scene.connect({ user: name, password: "x12345" });
  const before = await scene.memberships();
  const database = await cluster.databases.create({ name: uniqueName("db"), owner }).catch((error: Error) => error);
  if (database instanceof Error) assert.ok(database instanceof PermissionError, database);
  else await failure(database.alter({ name: uniqueName("other") }), PermissionError);
  assert.deepEqual(await scene.memberships(), before);
});

asRestricted("become counts, not who logged in", async (scene) => {
  const [dba, owner] = [uniqueName("dba"), uniqueName("owner")];
  await scene.ask(`CREATE ROLE ${dba} CREATEDB CREATEROLE ROLE ${scene.deployer.name}`);
  const cluster = await scene.connect({ become: dba });
  await cluster.roles.create({ name: owner });
  const before = await scene.memberships();
  const database = await cluster.databases.create({ name: uniqueName("db"), owner });
  const schema = await cluster.in(database.name).schemas.create({ name: "s", owner });
  assert.deepEqual(await scene.memberships(), before);
  await schema.drop();
  await database.drop();
  await (await cluster.roles.get(owner)).drop();
  await failure(cluster.roles.get(owner), NotFoundError);
});

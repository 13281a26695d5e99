import assert from "node:assert/strict";
import { DependentObjectsError, InvalidValueError, NotFoundError, PermissionError } from "../../../provider";
import { freshDatabase, uniqueName } from "../../support/postgres-fixture";
import { asEachDeployer, asRestricted, failure, type Scene } from "../scene";

/** A role with a table, a schema, a privilege and a default privilege in each of two databases, and a third database. */
async function estate(scene: Scene) {
  const cluster = await scene.connect();
  const role = await cluster.roles.create({ name: uniqueName("leaver"), login: true, password: "leaver-s3cret" });
  const heir = await cluster.roles.create({ name: uniqueName("heir") });
  const databases = [await freshDatabase(scene.server), await freshDatabase(scene.server)];
  for (const { name } of databases) {
    await scene.ask(`GRANT CREATE ON DATABASE ${name} TO ${heir.name}`);
    await scene.ask(`CREATE SCHEMA s AUTHORIZATION ${role.name}; CREATE TABLE s.t AS SELECT 42 AS a`, [], name);
    await scene.ask(`ALTER TABLE s.t OWNER TO ${role.name}; CREATE TABLE others ()`, [], name);
    await scene.ask(`ALTER TABLE others OWNER TO ${heir.name}; GRANT SELECT ON others TO ${role.name}`, [], name);
    await scene.ask(`ALTER DEFAULT PRIVILEGES FOR ROLE ${role.name} GRANT SELECT ON TABLES TO ${heir.name}`, [], name);
  }
  const left = () => scene.ask("SELECT count(*)::int FROM pg_shdepend WHERE refobjid = $1", [role.oid]);
  const owners = () =>
    Promise.all(
      databases.map(async ({ name }) =>
        scene.ask("SELECT nspowner::regrole::text FROM pg_namespace WHERE nspname = 's'", [], name),
      ),
    );
  const close = async () => {
    for (const database of databases) await database.drop();
  };
  return { cluster, role, heir, databases, left, owners, close };
}

asEachDeployer("reassignOwnedTo: everything goes to the heir, in every database, and privileges go", async (scene) => {
  const { cluster, role, heir, databases, owners, close } = await estate(scene);
  const before = await scene.memberships();
  await role.drop({ onDelete: { reassignOwnedTo: heir.name } });
  assert.equal(await cluster.roles.has(role.name), false);
  assert.deepEqual(await owners(), [[[heir.name]], [[heir.name]]]);
  for (const { name } of databases) assert.deepEqual(await scene.ask("SELECT a FROM s.t", [], name), [[42]]);
  const after = await scene.memberships();
  assert.deepEqual(
    after,
    before.filter((line) => !line.includes(role.name)),
    "no right that was lent is left",
  );
  await close();
});

asEachDeployer("dropOwned: what it owns is dropped, what it may is revoked, nothing else", async (scene) => {
  const { cluster, role, databases, close } = await estate(scene);
  await role.drop({ onDelete: { dropOwned: true } });
  assert.equal(await cluster.roles.has(role.name), false);
  for (const { name } of databases) {
    assert.deepEqual(await scene.ask("SELECT to_regclass('s.t')::text, to_regclass('others')::text", [], name), [
      [null, "others"],
    ]);
  }
  await close();
});

asEachDeployer("a list of databases that leaves one out: refused before anything is touched", async (scene) => {
  const { cluster, role, heir, databases, left, owners, close } = await estate(scene);
  const before = [await left(), await owners()];
  const [first, second] = databases as [(typeof databases)[0], (typeof databases)[0]];
  const some = { reassignOwnedTo: heir.name, databases: [first.name] };
  const error = await failure(role.drop({ onDelete: some }), DependentObjectsError);
  assert.match(error.message, new RegExp(`\\(in database "${second.name}": owner of .*table s\\.t`));
  assert.doesNotMatch(error.message, new RegExp(`database "${first.name}"`));
  assert.match(error.message, /onDelete does not cover them: add these databases to its list/);
  assert.deepEqual([await left(), await owners()], before);
  const nobody = { reassignOwnedTo: "no such role" };
  const missing = await failure(role.drop({ onDelete: nobody }), NotFoundError);
  assert.match(missing.message, /onDelete: role "no such role", which is to own everything, does not exist/);
  assert.deepEqual([await left(), await owners()], before);
  await failure(role.drop({ onDelete: { databases: "some" } } as never), InvalidValueError);
  await role.drop({ onDelete: { ...some, databases: databases.map(({ name }) => name) } });
  assert.equal(await cluster.roles.has(role.name), false);
  await close();
});

asEachDeployer("a database that it owns is reassigned, and never dropped", async (scene) => {
  const cluster = await scene.connect();
  const role = await cluster.roles.create({ name: uniqueName("owner") });
  const heir = await cluster.roles.create({ name: uniqueName("heir"), createDatabase: true });
  const database = await cluster.databases.create({ name: uniqueName("owned"), owner: role.name });
  const error = await failure(role.drop({ onDelete: { dropOwned: true } }), DependentObjectsError);
  assert.match(error.message, new RegExp(`on the server: owner of database ${database.name}\\).*set reassignOwnedTo`));
  await role.drop({ onDelete: { reassignOwnedTo: heir.name } });
  await database.refresh();
  assert.equal(database.owner, heir.name);
});

asEachDeployer("terminateSessions ends the role's sessions, and nobody else's", async (scene) => {
  const { cluster, role, heir, close } = await estate(scene);
  const session = await scene.client("postgres", { name: role.name, password: "leaver-s3cret" });
  const other = await scene.client();
  const ended = new Promise((resolve) => session.once("end", resolve));
  await role.drop({ onDelete: { reassignOwnedTo: heir.name, terminateSessions: true } });
  await ended;
  assert.equal(await cluster.roles.has(role.name), false);
  assert.equal((await other.query("SELECT 1")).rowCount, 1);
  await close();
});

asRestricted("privileges that it may not revoke: refused with the list before anything is touched", async (scene) => {
  const { role, left, owners, close, heir, databases } = await estate(scene);
  const name = String(databases[0]?.name);
  await scene.ask(`CREATE TABLE theirs (); GRANT SELECT ON theirs TO ${role.name}`, [], name);
  const before = [await left(), await owners()];
  const error = await failure(role.drop({ onDelete: { reassignOwnedTo: heir.name } }), DependentObjectsError);
  assert.match(
    error.message,
    new RegExp(`\\(in database "${name}": privileges for table theirs\\)\\. Only the owners of`),
  );
  assert.deepEqual([await left(), await owners()], before);
  await scene.ask(`DROP TABLE theirs`, [], name);
  await role.drop({ onDelete: { reassignOwnedTo: heir.name } });
  await close();
});

asRestricted("an heir whose rights cannot be had: the sentence names the grant, nothing is touched", async (scene) => {
  const { role, left, owners, close, heir } = await estate(scene);
  const before = [await left(), await owners()];
  const error = await failure(role.drop({ onDelete: { reassignOwnedTo: scene.server.superuser } }), PermissionError);
  assert.match(error.message, /"postgres" is a superuser: only a superuser can act for it/);
  assert.deepEqual([await left(), await owners()], before);
  await role.drop({ onDelete: { reassignOwnedTo: heir.name } });
  await close();
});

asEachDeployer("an heir who is gone is missed only where there is something to be had", async (scene) => {
  const cluster = await scene.connect();
  const onDelete = { reassignOwnedTo: uniqueName("gone") };
  const nothing = await cluster.roles.create({ name: uniqueName("nothing") });
  await nothing.drop({ onDelete });
  const privileged = await cluster.roles.create({ name: uniqueName("privileged") });
  const database = await cluster.databases.create({ name: uniqueName("shop") });
  await scene.ask(`SET ROLE ${scene.deployer.name}; GRANT CREATE ON DATABASE ${database.name} TO ${privileged.name}`);
  await privileged.drop({ onDelete });
  const owner = await cluster.roles.create({ name: uniqueName("owner") });
  await scene.ask(`CREATE SCHEMA s AUTHORIZATION ${owner.name}`, [], database.name);
  const missing = await failure(owner.drop({ onDelete }), NotFoundError);
  assert.match(missing.message, /onDelete: role ".*", which is to own everything, does not exist/);
  await owner.drop({ onDelete: { dropOwned: true } });
});

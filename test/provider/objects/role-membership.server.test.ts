import assert from "node:assert/strict";
import { type Cluster, InvalidValueError } from "../../../provider";
import { uniqueName } from "../../support/postgres-fixture";
import { asEachDeployer, asRestricted, failure, onEachServer, type Scene } from "../scene";

/** The roles that a role is a member of, with the grantor of each where grantors mean something. */
async function groupsOf(scene: Scene, member: string): Promise<string[]> {
  const by = scene.server.version >= 16 ? "pg_get_userbyid(m.grantor)" : "'-'";
  const sql = `SELECT pg_get_userbyid(m.roleid) || ' by ' || ${by} FROM pg_auth_members m
                WHERE m.member = (SELECT oid FROM pg_roles WHERE rolname = $1) ORDER BY 1`;
  return (await scene.ask(sql, [member])).flat() as string[];
}

async function makeRoles(cluster: Cluster, ...prefixes: string[]): Promise<string[]> {
  const names = prefixes.map((prefix) => uniqueName(prefix));
  for (const name of names) await cluster.roles.create({ name });
  return names;
}

/** GRANT and REVOKE statements about a role that the server has logged so far: those of a transaction in one line. */
async function sent({ server }: Scene, name: string): Promise<number> {
  const lines = (await server.log()).split(/\n|; /);
  return lines.filter((line) => /(GRANT|REVOKE) /.test(line) && line.includes(name)).length;
}

asEachDeployer("memberOf adds and takes away just the difference, whatever the order", async (scene) => {
  const cluster = await scene.connect();
  const [a, b, c] = (await makeRoles(cluster, "a", "b", "c")) as [string, string, string];
  const role = await cluster.roles.create({ name: uniqueName("member"), memberOf: [b, a] });
  const grants = async () => (await groupsOf(scene, role.name)).map((line) => line.split(" by ")[0]);
  assert.deepEqual(await grants(), [a, b]);
  assert.equal(await sent(scene, role.name), 2);
  await role.alter({ memberOf: [a, b, a] });
  await role.alter({ memberOf: [b, a], connectionLimit: 3 });
  assert.equal(await sent(scene, role.name), 2, "the same set: nothing is sent");
  await role.alter({ memberOf: [c, b] });
  assert.deepEqual(await grants(), [b, c]);
  assert.equal(await sent(scene, role.name), 4);
  await role.alter({ name: `${role.name}_2`, memberOf: [a] });
  assert.deepEqual(await grants(), [a]);
  await role.alter({ memberOf: [] });
  assert.deepEqual(await grants(), []);
});

onEachServer(
  "the superuser leaves what others granted on 16 and newer; before, grantors mean nothing",
  async (scene) => {
    const other = uniqueName("other");
    await scene.ask(`CREATE ROLE ${other} LOGIN CREATEROLE PASSWORD 'x12345'`);
    const theirs = await scene.connect({ user: other, password: "x12345" });
    const cluster = await scene.connect();
    const [group, both, ours] = (await makeRoles(theirs, "group", "both", "ours")) as [string, string, string];
    const { name } = await theirs.roles.create({ name: uniqueName("member"), memberOf: [group, both] });
    const role = await cluster.roles.get(name);
    await scene.ask(`GRANT ${both}, ${ours} TO ${name}`);
    await role.refresh();
    assert.deepEqual(role.memberOf, [both, group, ours].sort());
    const groups = () => groupsOf(scene, name);

    await role.alter({ memberOf: [group, both] });
    const kept = [`${both} by ${other}`, `${both} by postgres`, `${group} by ${other}`];
    assert.deepEqual(
      await groups(),
      scene.server.version >= 16 ? kept.sort() : [`${both} by -`, `${group} by -`].sort(),
    );
    await role.alter({ memberOf: [] });
    assert.deepEqual(
      await groups(),
      scene.server.version >= 16 ? [`${both} by ${other}`, `${group} by ${other}`].sort() : [],
    );
    await theirs.close();
  },
);

asRestricted(
  "the restricted role leaves what the superuser granted",
  async (scene) => {
    const cluster = await scene.connect();
    const [group, name] = (await makeRoles(cluster, "group", "member")) as [string, string];
    const foreign = uniqueName("foreign");
    await scene.ask(`CREATE ROLE ${foreign}; GRANT ${foreign}, ${group} TO ${name}`);
    const role = await cluster.roles.get(name);
    await role.alter({ memberOf: [group] });
    const groups = () => groupsOf(scene, name);
    assert.deepEqual(await groups(), [`${foreign} by postgres`, `${group} by postgres`].sort());
    await role.alter({ memberOf: [] });
    assert.deepEqual(await groups(), [`${foreign} by postgres`, `${group} by postgres`].sort());
  },
  (major) => major >= 16,
);

asEachDeployer(
  "40 roles granted one group, and 40 changes of one role, all at once from two clusters",
  async (scene) => {
    const clusters = [await scene.connect(), await scene.connect({ maxConnections: 4 })];
    const [group, second] = (await makeRoles(clusters[0]!, "group", "second")) as [string, string];
    const members = await Promise.all(
      Array.from({ length: 40 }, (_, i) =>
        clusters[i % 2]!.roles.create({ name: uniqueName("m"), memberOf: [group], password: `p4ssword ${i}` }),
      ),
    );
    const count = async (role: string) =>
      (
        await scene.ask(
          "SELECT count(DISTINCT member)::int FROM pg_auth_members m JOIN pg_roles r ON r.oid = member WHERE roleid = $1::regrole AND r.rolname ~ '^m_'",
          [role],
        )
      )[0]![0];
    assert.equal(await count(group), 40);
    const name = uniqueName("contended");
    await clusters[0]!.roles.create({ name });
    const views = await Promise.all(clusters.map((cluster) => cluster.roles.get(name)));
    await Promise.all(
      Array.from({ length: 40 }, (_, i) =>
        i % 4 < 2
          ? views[i % 2]!.alter({ connectionLimit: i, login: i % 3 === 0 })
          : members[i]!.alter({ memberOf: [second], connectionLimit: i }),
      ),
    );
    assert.equal(await count(second), 20);
    assert.equal(await count(group), 20);
    await Promise.all(members.map((member) => member.drop()));
  },
);

asEachDeployer("options of a membership change in place: the row stays, and so does the membership", async (scene) => {
  const cluster = await scene.connect();
  const modern = scene.server.version >= 16;
  const [group] = (await makeRoles(cluster, "group")) as [string];
  const role = await cluster.roles.create({ name: uniqueName("member"), memberOf: [{ role: group, admin: true }] });
  const row = async () =>
    scene.ask(
      `SELECT ${modern ? "oid::text, inherit_option, set_option" : "'-', true, true"}, admin_option
         FROM pg_auth_members WHERE member = $1`,
      [role.oid],
    );
  const [[oid]] = (await row()) as [[string]];
  assert.deepEqual(await row(), [[oid, true, true, true]]);
  assert.deepEqual(role.memberOf, [{ role: group, admin: true }]);
  await role.alter({ memberOf: [group] });
  assert.deepEqual(await row(), [[oid, true, true, false]]);
  assert.deepEqual(role.memberOf, [group]);
  const options = { role: group, inherit: false, set: false };
  if (!modern) {
    const error = await failure(role.alter({ memberOf: [options] }), InvalidValueError);
    assert.match(
      error.message,
      /memberOf: a membership's `inherit` or `set` needs PostgreSQL 16 or newer; the server runs 1\d\./,
    );
    assert.deepEqual(await row(), [[oid, true, true, false]]);
    return;
  }
  await role.alter({ memberOf: [options] });
  assert.deepEqual(await row(), [[oid, false, false, false]]);
  assert.deepEqual(role.memberOf, [options]);
  await role.alter({ memberOf: [{ role: group, inherit: true, admin: true }] });
  assert.deepEqual(await row(), [[oid, true, true, true]]);
  await role.alter({ memberOf: [{ role: group }] });
  assert.deepEqual(await row(), [[oid, true, true, false]], "inherit is left as it is where it is not declared");
});

asEachDeployer("whoever looks while memberships change always finds those that stay", async (scene) => {
  const cluster = await scene.connect();
  const [kept, a, b] = (await makeRoles(cluster, "kept", "a", "b")) as [string, string, string];
  const role = await cluster.roles.create({ name: uniqueName("watched"), memberOf: [kept, a] });
  const watcher = await scene.client();
  let [looks, missed, changing] = [0, 0, true];
  const watching = (async () => {
    while (changing) {
      const { rows } = await watcher.query("SELECT pg_has_role($1, $2, 'MEMBER') AS member", [role.name, kept]);
      looks += 1;
      if (!rows[0].member) missed += 1;
    }
  })();
  for (let round = 0; round < 10; round++) {
    await role.alter({ memberOf: [{ role: kept, admin: true }, b] });
    await role.alter({ memberOf: [a, kept] });
  }
  changing = false;
  await watching;
  assert.ok(looks > 10);
  assert.equal(missed, 0);
});

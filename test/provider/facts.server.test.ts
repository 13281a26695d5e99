import assert from "node:assert/strict";
import pg from "pg";
import { Cluster, type LentClient, UnsupportedVersionError } from "../../provider";
import { encodingName } from "../../provider/encodings";
import { readObjectFacts, readServerFacts } from "../../provider/facts";
import { PgSession } from "../../provider/pg-session";
import { freshDatabase, uniqueName } from "../support/postgres-fixture";
import { LOCALE } from "./samples";
import { asEachDeployer, failure, onEachServer, type Scene } from "./scene";

/** A session of the deployer, as the core's parts use it. */
async function sessionOf(scene: Scene, database = "postgres"): Promise<PgSession> {
  return new PgSession(await scene.client(database, scene.deployer), database);
}

asEachDeployer("the server and our rights on it", async (scene) => {
  const { version, superuser } = { version: scene.server.version, superuser: scene.deployer.superuser };
  const [[identifier] = []] = await scene.ask("SELECT system_identifier::text FROM pg_control_system()");
  const [[text] = []] = await scene.ask("SELECT current_setting('server_version')");
  assert.deepEqual(await readServerFacts(await sessionOf(scene, "template1")), {
    major: version,
    version: text,
    user: scene.deployer.name,
    superuser,
    createRole: true,
    readsPasswords: superuser,
    systemIdentifier: identifier,
    scramIterations: 4096,
    database: "template1",
  });
});

asEachDeployer(
  "roles and databases as seen by the connected role; those that are not there are left out",
  async (scene) => {
    const session = await sessionOf(scene);
    const me = scene.deployer.name;
    const { superuser } = scene.deployer;
    const modern = scene.server.version >= 16;
    const server = await readServerFacts(session);
    const [mine, foreign, member, admin, root] = ["mine", "foreign", "mem'ber\"", "admin", "root"].map((p) =>
      uniqueName(p),
    ) as [string, string, string, string, string];
    await session.query(`CREATE ROLE ${mine}`);
    const id = pg.escapeIdentifier;
    await scene.ask(
      `CREATE ROLE ${foreign}; CREATE ROLE ${id(member)}; CREATE ROLE ${admin}; CREATE ROLE ${root} SUPERUSER;
     GRANT ${id(member)} TO ${me}; GRANT ${admin} TO ${me} WITH ADMIN OPTION`,
    );
    const { name: database } = await freshDatabase(scene.server);
    const { name: own } = await freshDatabase(scene.server, { owner: me });
    const names = [mine, foreign, member, admin, root, "no such role"];
    const { roles, databases } = await readObjectFacts(session, server, {
      roles: names,
      databases: [database, own, "no such database"],
    });
    const owners = [scene.server.superuser, me];
    assert.deepEqual([...roles.keys()].sort(), [...new Set([...names.slice(0, -1), ...owners])].sort());
    const rights = (name: string) => {
      const { usage, set, admin: may, superuser: root_ } = roles.get(name)!;
      return { usage, set, admin: may, superuser: root_ };
    };
    const all = { usage: true, set: true, admin: true, superuser: false };
    const none = { usage: false, set: false, admin: false, superuser: false };
    assert.deepEqual(rights(mine), superuser ? all : { ...none, admin: modern });
    assert.deepEqual(rights(foreign), superuser ? all : none);
    assert.deepEqual(rights(member), superuser ? all : { ...none, usage: true, set: true });
    assert.deepEqual(rights(admin), all);
    assert.equal(rights(root).superuser, true);
    // The superuser made these grants: they are its own when it is the one who asks.
    const granted = (name: string) => modern && superuser && name === admin;
    const expectedGrant = (name: string) => (granted(name) ? { inherit: true, set: true } : null);
    for (const name of roles.keys()) assert.deepEqual(roles.get(name)!.ownGrant, expectedGrant(name), name);
    if (modern && !superuser) {
      await session.query(`GRANT ${mine} TO ${me} WITH INHERIT FALSE, SET TRUE`);
      const again = await readObjectFacts(session, server, { roles: [mine] });
      assert.deepEqual(again.roles.get(mine)?.ownGrant, { inherit: false, set: true });
    }

    const oids = await scene.ask("SELECT datname::text, oid::int FROM pg_database WHERE datname = ANY ($1)", [
      [database, own],
    ]);
    const oidOf = (name: string) => oids.find(([one]) => one === name)?.[1];
    assert.deepEqual(Object.fromEntries(databases), {
      [database]: { oid: oidOf(database), owner: scene.server.superuser, locale: LOCALE, create: superuser },
      [own]: { oid: oidOf(own), owner: me, locale: LOCALE, create: true },
    });
  },
);

asEachDeployer("schemas of the session's database, their owners among the roles", async (scene) => {
  const [owner, member] = [uniqueName("owner"), uniqueName("member")];
  await scene.ask(`CREATE ROLE ${owner}; CREATE ROLE ${member}; GRANT ${member} TO ${scene.deployer.name}`);
  const { name: database } = await freshDatabase(scene.server, { owner });
  await scene.ask(
    `CREATE SCHEMA "it's" AUTHORIZATION ${owner}; GRANT USAGE ON SCHEMA "it's" TO PUBLIC; CREATE SCHEMA closed;
     CREATE SCHEMA ours AUTHORIZATION ${member}`,
    [],
    database,
  );
  const session = await sessionOf(scene, database);
  const server = await readServerFacts(session);
  const both = [member, owner].sort();
  const { roles, schemas } = await readObjectFacts(session, server, {
    roles: both,
    schemas: ["it's", "closed", "ours", "public", "no such schema"],
  });
  const { superuser } = scene.deployer;
  const root = scene.server.superuser;
  const modern = scene.server.version >= 15;
  assert.deepEqual(Object.fromEntries(schemas), {
    "it's": { owner, usage: true, create: superuser, users: both, creators: [owner] },
    closed: { owner: root, usage: superuser, create: superuser, users: [], creators: [] },
    ours: { owner: member, usage: true, create: true, users: [member], creators: [member] },
    public: {
      owner: modern ? owner : root,
      usage: true,
      create: superuser || !modern,
      users: both,
      creators: modern ? [owner] : both,
    },
  });
  assert.deepEqual([...roles.keys()].sort(), [member, owner, root].sort());
});

onEachServer("14 to 18 are supported; an older server is refused at once", async (scene) => {
  const client = await scene.client();
  const pretending = (version: string): LentClient => ({
    query: (config: object) => {
      const { text } = config as { text: string };
      const number = String(Number(version.split(".")[0]) * 10_000 + 3);
      return client.query({
        ...config,
        text: text
          .replace("current_setting('server_version_num')", `'${number}'`)
          .replace("current_setting('server_version')", `'${version}'`),
      });
    },
  });
  for (const version of ["9.6.24", "13.23"]) {
    const error = await failure(Cluster.connect({ connection: pretending(version) }), UnsupportedVersionError);
    assert.equal(error.message, `the server runs PostgreSQL ${version}; the oldest supported version is 14`);
  }
  const cluster = await Cluster.connect({ connection: pretending("14.3") });
  assert.deepEqual(cluster.version, { major: 14, text: "14.3" });
});

/** Every spelling that could be one: families and numbers, with and without marks between them. */
function spellings(names: string[]): string[] {
  const families =
    "latin iso iso8859 iso88591 koi8 win windows cp euc mule sjis utf unicode sql alt abc tcvn vscii big5 gbk gb18030 uhc johab shiftjis shift_jis mskanji".split(
      " ",
    );
  const tails = ["", "r", "u", "jp", "cn", "kr", "tw", "jis2004", "2004", "internal", "ascii", "5712", "8", "16"];
  const numbers = [
    ...Array.from({ length: 20 }, (_, i) => String(i)),
    ..."866 874 932 936 949 950".split(" "),
    ...Array.from({ length: 9 }, (_, i) => `125${i}`),
  ];
  const made = families.flatMap((family) =>
    [...tails, ...numbers].flatMap((tail) => [family + tail, `${family}-${tail}`, `${family} _${tail}`.toUpperCase()]),
  );
  return [
    ...new Set([
      ...names,
      ...names.map((name) => name.toLowerCase()),
      ...names.map((name) => name.replaceAll("_", "-")),
      ...made,
      "",
      "?",
      "u-t-f-8",
      "ÜTF8",
    ]),
  ];
}

onEachServer("encodings are spelled as the server spells them", async (scene) => {
  const every = (
    await scene.ask("SELECT pg_encoding_to_char(i) FROM generate_series(0, 60) AS i WHERE pg_encoding_to_char(i) <> ''")
  ).flat() as string[];
  assert.ok(every.includes("UTF8") && every.includes("SJIS"));
  const candidates = spellings(every);
  // The first 35 are those that a database can have; the others are for clients alone.
  const rows = await scene.ask(
    `SELECT s, CASE WHEN pg_char_to_encoding(s) BETWEEN 0 AND 34 THEN pg_encoding_to_char(pg_char_to_encoding(s)) END
       FROM unnest($1::name[]) AS s`,
    [candidates],
  );
  assert.equal(rows.length, candidates.length);
  const known = rows.filter(([, name]) => name !== null);
  assert.ok(known.length > 100);
  for (const [spelling, name] of rows) assert.equal(encodingName(spelling as string) ?? null, name, String(spelling));
});

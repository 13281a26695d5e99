import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import pg from "pg";
import { PermissionError } from "../../../provider";
import { matchesVerifier, scramVerifier } from "../../../provider/password";
import { uniqueName } from "../../support/postgres-fixture";
import { asEachDeployer, failure, onEachServer, type Scene } from "../scene";

const passwords = ["simple12", "it's", 'qu"ote', "back\\slash\\1", "naïve 🐘", " spaces ", "$1 $$ %s", "x".repeat(300)];

async function verifierOf(scene: Scene, name: string): Promise<string | null> {
  const [row] = await scene.ask("SELECT rolpassword FROM pg_authid WHERE rolname = $1", [name]);
  return row![0] as string | null;
}

/** Whether the server lets the role in. */
async function logsIn({ server }: Scene, name: string, password: string): Promise<boolean> {
  const client = new pg.Client({ host: server.host, port: server.port, user: name, password, database: "postgres" });
  return client.connect().then(
    () => client.end().then(() => true),
    (error: { code?: string }) => {
      assert.equal(error.code, "28P01");
      return false;
    },
  );
}

asEachDeployer("any password logs in; the server only ever sees its verifier", async (scene) => {
  const cluster = await scene.connect();
  const name = uniqueName("login");
  const role = await cluster.roles.create({ name, login: true, password: "the first 1" });
  const marks: string[] = [];
  for (const password of passwords) {
    const unique = `${password}${uniqueName("pw")}`;
    marks.push(unique);
    await role.alter({ password: unique });
    assert.match((await verifierOf(scene, name)) ?? "", /^SCRAM-SHA-256\$4096:/);
    assert.equal(await logsIn(scene, name, unique), true, password);
    assert.equal(await logsIn(scene, name, `${unique}x`), false, password);
  }
  assert.equal(JSON.stringify(role).includes(marks.at(-1)!), false);
  const log = await scene.server.log();
  for (const mark of [...marks, "the first 1"]) {
    for (const spelling of [mark, pg.escapeLiteral(mark).trim(), mark.replaceAll("'", "''")]) {
      assert.equal(log.includes(spelling), false, spelling);
    }
  }
  assert.match(log, new RegExp(`ALTER ROLE "${name}" PASSWORD 'SCRAM-SHA-256`));
});

asEachDeployer("null takes the password away; what is not declared leaves it; a rename keeps it", async (scene) => {
  const cluster = await scene.connect();
  const name = uniqueName("login");
  const role = await cluster.roles.create({ name, login: true, password: "pass word" });
  const before = await verifierOf(scene, name);
  await role.alter({ connectionLimit: 3 });
  await role.alter({ name: `${name}_2` });
  assert.equal(await verifierOf(scene, role.name), before);
  assert.equal(await logsIn(scene, role.name, "pass word"), true);
  await role.alter({ name, password: "pass word" });
  assert.equal(await logsIn(scene, name, "pass word"), true);
  await role.alter({ password: null });
  assert.equal(await verifierOf(scene, name), null);
  const none = await cluster.roles.create({ name: uniqueName("none"), password: null });
  assert.equal(await verifierOf(scene, none.name), null);
});

asEachDeployer("verifiers are stored as they are", async (scene) => {
  const cluster = await scene.connect();
  const name = uniqueName("verifier");
  const scram = await scramVerifier("the real one", 4096);
  const role = await cluster.roles.create({ name, login: true, password: scram });
  assert.equal(await verifierOf(scene, name), scram);
  assert.equal(await logsIn(scene, name, "the real one"), true);
  const md5 = `md5${createHash("md5").update(`the real one${name}`).digest("hex")}`;
  await role.alter({ password: md5 });
  assert.equal(await verifierOf(scene, name), md5);
});

onEachServer("who may read verifiers sends nothing for a password that is there already", async (scene) => {
  const cluster = await scene.connect();
  const name = uniqueName("same");
  const role = await cluster.roles.create({ name, password: "it's the same" });
  const before = await verifierOf(scene, name);
  await role.alter({ password: "it's the same" });
  await role.alter({ password: before! });
  assert.equal(await verifierOf(scene, name), before);
  const md5 = `md5${createHash("md5").update(`it's the same${name}`).digest("hex")}`;
  await scene.ask(`ALTER ROLE ${name} PASSWORD '${md5}'`);
  await role.alter({ password: "it's the same" });
  assert.equal(await verifierOf(scene, name), md5);
  // The name is the salt of md5, so that the server clears the password on a rename.
  await role.alter({ name: `${name}_2`, password: "it's the same" });
  assert.equal(await matchesVerifier("it's the same", (await verifierOf(scene, role.name))!, role.name), true);
});

onEachServer("a copy made by script has the same password", async (scene) => {
  const cluster = await scene.connect();
  const role = await cluster.roles.create({ name: uniqueName("origin"), login: true, password: "same 'for' both" });
  const copy = uniqueName("copy");
  await scene.ask(await role.script({ name: copy }));
  assert.equal(await verifierOf(scene, copy), await verifierOf(scene, role.name));
  assert.equal(await logsIn(scene, copy, "same 'for' both"), true);
});

asEachDeployer(
  "the verifier is told to whoever may read it, and the missing right to whoever may not",
  async (scene) => {
    const cluster = await scene.connect();
    const role = await cluster.roles.create({ name: uniqueName("told"), login: true, password: "s3cret" });
    if (scene.deployer.superuser) {
      assert.equal(await role.verifier(), await verifierOf(scene, role.name));
      await role.alter({ password: null });
      assert.equal(await role.verifier(), null);
      return;
    }
    const refused = await failure(role.verifier(), PermissionError);
    assert.match(
      refused.message,
      /^role ".*": cannot read its verifier: ".*" may not read pg_authid\. .*GRANT SELECT ON/,
    );
    await scene.ask(`GRANT SELECT ON pg_authid TO ${scene.deployer.name}`);
    try {
      await cluster.refresh();
      assert.equal(await role.verifier(), await verifierOf(scene, role.name));
    } finally {
      await scene.ask(`REVOKE SELECT ON pg_authid FROM ${scene.deployer.name}`);
    }
  },
);

onEachServer("our verifiers are the server's, for passwords that SASLprep changes or refuses, too", async (scene) => {
  const name = uniqueName("prep");
  const admin = await scene.client();
  await admin.query(`CREATE ROLE ${name}`);
  const odd = [
    "ﬁne",
    "soft\u00adhyphen",
    "non\u00a0breaking",
    "Ⅸ",
    "tab\tand\u0007bell",
    "\u00ad",
    "א1",
    "\u0627x",
    "é",
    "e\u0301",
  ];
  for (const password of [...passwords, ...odd]) {
    await admin.query(`ALTER ROLE ${name} PASSWORD ${pg.escapeLiteral(password)}`);
    const verifier = (await verifierOf(scene, name))!;
    assert.equal(await matchesVerifier(password, verifier, name), true, JSON.stringify(password));
    assert.equal(await matchesVerifier(`${password}x`, verifier, name), false, JSON.stringify(password));
  }
});

asEachDeployer(
  "passwordEncryption server: the server makes the verifier, and may log what it is sent",
  async (scene) => {
    const cluster = await scene.connect({ passwordEncryption: "server" });
    const name = uniqueName("hashed");
    const password = `it's sent ${name}`;
    await cluster.roles.create({ name, login: true, password });
    assert.match((await verifierOf(scene, name)) ?? "", /^SCRAM-SHA-256\$/);
    assert.equal(await logsIn(scene, name, password), true);
    assert.equal((await scene.server.log()).includes(password.replaceAll("'", "''")), true);
  },
);

onEachServer("iterations are the server's, where it has a setting for them", async (scene) => {
  const name = uniqueName("slow");
  await scene.ask(`CREATE ROLE ${name} LOGIN SUPERUSER PASSWORD 'x12345'`);
  const [known] = await scene.ask("SELECT 1 FROM pg_settings WHERE name = 'scram_iterations'");
  if (known !== undefined) await scene.ask(`ALTER ROLE ${name} SET scram_iterations = 5000`);
  const cluster = await scene.connect({ user: name, password: "x12345" });
  const role = await cluster.roles.create({ name: uniqueName("iterated"), login: true, password: "p4ssword" });
  const iterations = known === undefined ? 4096 : 5000;
  assert.equal((await verifierOf(scene, role.name))?.startsWith(`SCRAM-SHA-256$${iterations}:`), true);
  assert.equal(await logsIn(scene, role.name, "p4ssword"), true);
});

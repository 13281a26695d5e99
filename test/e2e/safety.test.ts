import assert from "node:assert/strict";
import test from "node:test";
import { startServer } from "../support/postgres";
import { servers } from "../support/postgres-fixture";
import { testServer } from "../support/postgres-servers";
import { startProxy } from "../support/proxy";
import { createWorkspace, engines } from "../support/workspace";
import { onEveryStack, type Program, Stack, uniqueName } from "./stack";

onEveryStack("what is renamed by hand is found by its oid, and its name put back", async (stack) => {
  const name = uniqueName("hand");
  await stack.declare({
    role: { type: "Role", args: { name } },
    shop: { type: "Database", args: { name } },
    sales: { type: "Schema", args: { database: "$shop.name", name } },
  });
  await stack.up({ create: 5 });
  const oids = async (database: string, found: string) => [
    await stack.sql("SELECT oid FROM pg_roles WHERE rolname = $1", [found]),
    await stack.sql("SELECT oid FROM pg_database WHERE datname = $1", [found]),
    await stack.sql("SELECT oid FROM pg_namespace WHERE nspname = $1", [found], database),
  ];
  const before = await oids(name, name);
  await stack.sql(`ALTER SCHEMA ${name} RENAME TO ${name}_2`, [], name);
  await stack.sql(`ALTER ROLE ${name} RENAME TO ${name}_2`);
  await stack.sql(`ALTER DATABASE ${name} RENAME TO ${name}_2`);
  assert.deepEqual(await oids(`${name}_2`, `${name}_2`), before);
  const drift = await stack.preview({ update: 3 }, { refresh: true });
  assert.equal(drift.match(new RegExp(`~ name *: "${name}" => "${name}_2"`, "g"))?.length, 3, drift);
  await stack.up({ update: 3 }, { refresh: true });
  assert.deepEqual(await oids(name, name), before, "the same objects, not others");
  await stack.preview({}, { refresh: true });
  await stack.destroy();
});

onEveryStack("public is adopted, changed by the difference, and released", async (stack) => {
  const name = uniqueName("public");
  const database: Program[string] = { type: "Database", args: { name } };
  const schema = (args: object): Program[string] => ({
    type: "Schema",
    args: { database: "$shop.name", name: "public", ...args },
  });
  await stack.declare({ shop: database });
  await stack.up({ create: 3 });
  const row = () =>
    stack.sql(
      "SELECT pg_get_userbyid(nspowner) AS owner, obj_description(oid, 'pg_namespace') AS comment FROM pg_namespace WHERE nspname = 'public'",
      [],
      name,
    );
  const [before] = await row();
  await stack.declare({ shop: database, public: schema({}) });
  assert.match(await stack.fails("up"), /schema "public": cannot create: it exists already\. Set adopt: true/);
  await stack.declare({ shop: database, public: schema({ adopt: true }) });
  await stack.up({ create: 1 });
  assert.deepEqual(await row(), [before], "nothing differs, nothing is changed");

  await stack.declare({ shop: database, public: schema({ adopt: true, comment: "ours now" }) });
  if (stack.server.version < 15 && !stack.role.superuser) {
    // There it belongs to the bootstrap superuser, whom nobody else may act for.
    assert.match(await stack.fails("up"), /"postgres" is a superuser: only a superuser can act for it/);
    assert.deepEqual(await row(), [before]);
  } else {
    await stack.up({ update: 1 });
    assert.deepEqual(await row(), [{ ...before, comment: "ours now" }]);
    await stack.preview({}, { refresh: true });
  }
  const [adopted] = await row();
  await stack.sql("CREATE TABLE public.kept ()", [], name);
  await stack.declare({ shop: database });
  await stack.up({ delete: 1 });
  assert.deepEqual(await row(), [adopted], "released: neither dropped nor changed");
  await stack.sql("DROP TABLE public.kept", [], name);
  await stack.destroy();
});

onEveryStack("customTimeouts bound create, update and delete, and the next up goes on", async (stack) => {
  const name = uniqueName("timeouts");
  stack.settings.lockTimeout = "1min";
  const declared = (customTimeouts: object, args: object = {}): Program => ({
    group: { type: "Role", args: { name: `${name}_group` } },
    app: { type: "Role", args: { name, ...args }, options: { customTimeouts, dependsOn: ["group"] } },
  });
  const group = [`${name}_group`];
  const holding = async (locked: () => Promise<void>) => {
    const holder = await stack.session("postgres");
    await holder.query("BEGIN; LOCK TABLE pg_catalog.pg_auth_members IN SHARE MODE");
    await locked();
    await holder.query("ROLLBACK");
    await holder.end();
  };
  const { group: first } = declared({});
  await stack.declare({ group: first as Program[string] });
  await stack.up({ create: 3 });
  await holding(async () => {
    await stack.declare(declared({ create: "800ms" }, { memberOf: group }));
    assert.match(
      await stack.fails("up"),
      /role ".*": cannot create: canceling statement due to statement timeout\. It took longer than customTimeouts\.create \(800ms\)/,
    );
  });
  await stack.declare(declared({ create: "30s", update: "800ms", delete: "700ms" }, { memberOf: group }));
  await stack.up({ create: 1 });
  await holding(async () => {
    await stack.declare(declared({ update: "800ms", delete: "700ms" }));
    assert.match(await stack.fails("up"), /cannot alter: .* It took longer than customTimeouts\.update \(800ms\)/);
  });
  await stack.up({ update: 1 });
  await stack.preview({}, { refresh: true });
  await stack.declare({ group: first as Program[string] });
  await holding(async () => {
    assert.match(await stack.fails("up"), /cannot drop: .* It took longer than customTimeouts\.delete \(700ms\)/);
  });
  await stack.up({ delete: 1 });
  await stack.destroy();
});

onEveryStack(
  "a role leaves its objects to another, as its onDelete says; a rotation changes the verifier",
  async (stack) => {
    const name = uniqueName("leaver");
    const leaver = (args: object): Program[string] => ({
      type: "Role",
      args: { name, login: true, password: "one", ...args },
    });
    const rest: Program = {
      heir: { type: "Role", args: { name: `${name}_heir` } },
      shop: { type: "Database", args: { name, owner: "$heir.name", dropNonEmpty: true } },
    };
    await stack.declare({ ...rest, leaver: leaver({ passwordVersion: "1" }) });
    await stack.up({ create: 5 });
    const verifier = () => stack.sql("SELECT rolpassword FROM pg_authid WHERE rolname = $1", [name]);
    const before = await verifier();
    await stack.declare({ ...rest, leaver: leaver({ passwordVersion: "2" }) });
    await stack.up({ update: 1 });
    assert.notDeepEqual(await verifier(), before);
    assert.ok(await stack.canLogIn(name, "one"), "the same password");

    await stack.sql(`CREATE SCHEMA his AUTHORIZATION ${name}; CREATE TABLE his.t AS SELECT 1 AS a`, [], name);
    await stack.sql(`ALTER TABLE his.t OWNER TO ${name}`, [], name);
    await stack.declare(rest);
    const refused = await stack.fails("up");
    assert.match(refused, /objects depend on it \(in database ".*": owner of .*table his\.t.*\)\. Set onDelete/);
    await stack.declare({
      ...rest,
      leaver: leaver({ passwordVersion: "2", onDelete: { reassignOwnedTo: "$heir.name" } }),
    });
    await stack.up({ update: 1 });
    await stack.declare(rest);
    await stack.up({ delete: 1 });
    assert.deepEqual(await stack.sql("SELECT tableowner AS owner FROM pg_tables WHERE schemaname = 'his'", [], name), [
      { owner: `${name}_heir` },
    ]);
    await stack.destroy();
  },
);

for (const engine of engines) {
  test(`another server under the same address is refused until a refresh (${engine})`, async () => {
    const first = servers[0]!;
    const second = await startServer({ version: first.version });
    const name = uniqueName("elsewhere");
    const deployer = { name: `${name}_deployer`, password: "the same s3cret", superuser: false };
    const login = `CREATE ROLE ${deployer.name} LOGIN CREATEDB CREATEROLE PASSWORD '${deployer.password}'`;
    const target = { host: first.host, port: first.port };
    const proxy = await startProxy(target);
    const workspace = await createWorkspace(engine, { name: "program" });
    const stack = new Stack(workspace, engine, { ...first, port: proxy.port }, deployer);
    const onEach = async (sql: string) => {
      for (const server of [first, testServer({ ...first, port: second.port, password: second.password })])
        await server.admin().then((admin) => admin.query(sql).finally(() => admin.end()));
    };
    try {
      await stack.prepare();
      await onEach(login);
      const role = (args: object): Program => ({ role: { type: "Role", args: { name, ...args } } });
      await stack.declare(role({}));
      await stack.up({ create: 3 });
      target.port = second.port;
      await stack.declare(role({ login: true }));
      const sentence = /role ".*": cannot update: the server is another one than the one this object was last seen on/;
      assert.match(await stack.fails("up"), sentence);
      assert.match(await stack.fails("destroy"), /cannot drop: the server is another one/);
      // A refresh finds out that it is not there; then it is made there.
      await stack.up({ create: 1 }, { refresh: true });
      await stack.destroy();
      target.port = first.port;
      const there = await stack.sql("SELECT rolcanlogin AS login FROM pg_roles WHERE rolname = $1", [name]);
      assert.deepEqual(there, [{ login: false }], "nothing was done to the first server's");
      await stack.sql(`DROP ROLE ${name}`);
    } finally {
      await stack.close();
      await proxy.close();
      await onEach(`DROP ROLE IF EXISTS ${deployer.name}`);
      await second.remove();
    }
  });
}

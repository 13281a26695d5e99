import assert from "node:assert/strict";
import { onEveryStack, type Stack, uniqueName } from "./stack";

/** A program of its own, with the connection's parts as constants. */
async function program(stack: Stack, name: string, body: string): Promise<void> {
  const { host, port } = stack.server;
  const constants = { host, port, user: stack.role.name, password: stack.role.password, name };
  await stack.workspace.program(`
    const pulumi = require("@pulumi/pulumi");
    const pgmob = require("pulumi-pgmob");
    const { host, port, user, password, name } = ${JSON.stringify(constants)};
    ${body}`);
}

async function roles(stack: Stack, name: string): Promise<string[]> {
  const rows = await stack.sql<{ name: string }>(
    "SELECT rolname AS name FROM pg_roles WHERE rolname LIKE $1 ORDER BY 1",
    [`${name}%`],
  );
  return rows.map((row) => row.name);
}

onEveryStack("the connection comes from the stack's config where there is no Provider", async (stack) => {
  const name = uniqueName("config");
  const { workspace } = stack;
  await workspace.setConfig("pgmob:host", stack.server.host);
  await workspace.setConfig("pgmob:port", String(stack.server.port));
  await workspace.setConfig("pgmob:user", stack.role.name);
  await workspace.setConfig("pgmob:password", stack.role.password, { secret: true });
  await workspace.setConfig("program:appPassword", "config s3cret", { secret: true });
  await program(
    stack,
    name,
    `const config = new pulumi.Config();
     const role = new pgmob.Role(name, { login: true, password: config.requireSecret("appPassword") });
     exports.password = role.password; exports.name = role.name; exports.oid = role.oid;`,
  );
  await stack.up({ create: 2 });
  assert.ok(await stack.canLogIn(name, "config s3cret"));
  const [{ oid } = {}] = await stack.sql<{ oid: number }>("SELECT oid::int FROM pg_roles WHERE rolname = $1", [name]);
  assert.deepEqual(await workspace.outputs(), { name, oid, password: "config s3cret" });

  const state = JSON.stringify(await workspace.export());
  for (const secret of ["config s3cret", stack.role.password])
    assert.ok(!state.includes(secret), "a secret is in plain");
  await stack.destroy();
});

onEveryStack(
  "Providers of their own: several servers, a component's, a new password, unknown in preview",
  async (stack) => {
    const name = uniqueName("prov");
    await stack.sql(`CREATE ROLE ${name}_admin LOGIN CREATEROLE PASSWORD 'old s3cret'`);
    const source = (secret: string) => `
    class Team extends pulumi.ComponentResource {
      constructor(n, o) { super("test:index:Team", n, {}, o); new pgmob.Role(name + "_member", {}, { parent: this }); }
    }
    const settings = { host, port, connectTimeout: "2s" };
    const one = new pgmob.Provider("one", { ...settings, user, password });
    const two = new pgmob.Provider("two", { ...settings, user: name + "_admin", password: "${secret}" });
    const first = new pgmob.Role(name + "_first", {}, { provider: one });
    new pgmob.Role(name + "_second", {}, { provider: two });
    new Team("team", { providers: [two] });
    // A server that the same program would create: its address is known only in up.
    const later = new pgmob.Provider("later", { ...settings, host: first.oid.apply(() => host), user, password });
    new pgmob.Role(name + "_third", {}, { provider: later });`;
    await program(stack, name, source("old s3cret"));
    await stack.preview({ create: 9 });
    await stack.up({ create: 9 });
    const all = ["admin", "first", "member", "second", "third"].map((part) => `${name}_${part}`);
    assert.deepEqual(await roles(stack, name), all);
    const state = JSON.stringify(await stack.workspace.export());
    for (const secret of ["old s3cret", stack.role.password])
      assert.ok(!state.includes(secret), "a secret is in plain");

    // A rotated password is one update of the Provider, and no object's.
    await stack.sql(`ALTER ROLE ${name}_admin PASSWORD 'new s3cret'`);
    await program(stack, name, source("new s3cret"));
    await stack.preview({ update: 1 });
    await stack.up({ update: 1 });
    await stack.preview({}, { refresh: true });
    await stack.destroy();
    assert.deepEqual(await roles(stack, name), [`${name}_admin`]);
    await stack.sql(`DROP ROLE ${name}_admin`);
  },
);

onEveryStack("lookups, and a database that takes what lives in it with it", async (stack) => {
  const name = uniqueName("look");
  const prologue = `const on = { provider: new pgmob.Provider("one", { host, port, user, password }) };`;
  const withSchema = `${prologue}
    const shop = new pgmob.Database("shop", { name, dropNonEmpty: true }, on);
    const schemas = ["a", "b", "c"].map((schema) => new pgmob.Schema(schema, { database: shop }, on));
    exports.schema = schemas[0].id;`;
  await program(stack, name, withSchema);
  await stack.up({ create: 6 });
  const { schema: id } = await stack.workspace.outputs();
  assert.equal(id, `${name}/a`);

  await program(
    stack,
    name,
    `${withSchema}
     const role = pgmob.Role.get("role", user, on);
     const schema = pgmob.Schema.get("schema", ${JSON.stringify(id)}, on);
     const encoded = pgmob.Database.get("database", name, on);
     exports.looked = [role.login, schema.owner, encoded.encoding];`,
  );
  await stack.up({});
  assert.deepEqual((await stack.workspace.outputs()).looked, [true, stack.role.name, "UTF8"]);

  await program(stack, name, `${withSchema} pgmob.Role.get("nobody", "nobody%2Fhere", on);`);
  assert.match(await stack.fails("preview"), /role "nobody\/here": cannot read: does not exist/);
  await program(stack, name, `${withSchema} pgmob.Role.get("nobody", "nobody/here", on);`);
  assert.match(await stack.fails("preview"), /"nobody\/here" is not the id of a role, which is name/);

  // Content would keep a schema from being dropped; with its database it goes all the same.
  await stack.sql("CREATE FUNCTION a.f() RETURNS int LANGUAGE sql AS 'SELECT 1'", [], name);
  await program(stack, name, prologue);
  const { exitCode, output, summary } = await stack.workspace.up();
  assert.equal(exitCode, 0, output);
  assert.equal(summary.delete, 4, output);
  assert.deepEqual(await stack.sql("SELECT 1 FROM pg_database WHERE datname = $1", [name]), []);
  await stack.destroy();
});

onEveryStack("an attribute that a transform adds is an output", async (stack) => {
  const name = uniqueName("added");
  const body = `
    const provider = new pgmob.Provider("server", { host, port, user, password });
    const add = ({ props, opts }) => ({ props: { ...props, connectionLimit: 3 }, opts });
    const role = new pgmob.Role("role", { name, comment: "a" }, { provider, transforms: [add] });
    const { connectionLimit, comment } = role;
    module.exports = { connectionLimit, comment, login: role.login.apply(String) };`;
  await program(stack, name, body);
  await stack.up({ create: 3 });
  const [role] = await stack.sql("SELECT rolconnlimit AS limit FROM pg_roles WHERE rolname = $1", [name]);
  assert.deepEqual(role, { limit: 3 });
  assert.deepEqual(await stack.workspace.outputs(), { connectionLimit: 3, comment: "a", login: "undefined" });
  await stack.preview({});
  await stack.destroy();
});

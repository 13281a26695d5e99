import assert from "node:assert/strict";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { onEveryStack, type Stack, uniqueName } from "./stack";

/** Writes a program. `see(what, output)` in it notes what is known of an output, and in which kind of run. */
async function program(stack: Stack, name: string, body: string): Promise<void> {
  const { host, port } = stack.server;
  const constants = { host, port, user: stack.role.name, password: stack.role.password, name };
  await stack.workspace.program(`
    const pulumi = require("@pulumi/pulumi");
    const pgmob = require("pulumi-pgmob");
    const { appendFileSync } = require("node:fs");
    const { host, port, user, password, name } = ${JSON.stringify(constants)};
    const settings = { host, port, user, password };
    const on = { provider: new pgmob.Provider("server", settings) };
    const names = (output) => output.apply((all) => all.map((one) => one.name));
    const see = (what, output) => output.apply((value) => {
      appendFileSync("seen", JSON.stringify([pulumi.runtime.isDryRun() ? "preview" : "up", what, value]) + "\\n");
    });
    ${body}`);
}

/** What the program has seen since the last time, by what it was: each with the kind of run. */
async function seen(stack: Stack): Promise<Record<string, unknown>> {
  const file = join(stack.workspace.dir, "seen");
  const lines = (await readFile(file, "utf8").catch(() => "")).split("\n").filter((line) => line !== "");
  await rm(file, { force: true });
  const all = lines.map((line) => JSON.parse(line) as [run: string, what: string, value: unknown]);
  return Object.fromEntries(all.map(([run, what, value]) => [`${what}, ${run}`, value]));
}

onEveryStack("lookups are known in preview, and resources follow from them", async (stack) => {
  const name = uniqueName("find");
  const role = (suffix: string) => stack.sql(`SET ROLE ${stack.role.name}; CREATE ROLE ${name}_${suffix}`);
  await role("a");
  await role("b");
  await program(
    stack,
    name,
    `const teams = { like: name + "\\\\_%" };
     const shop = new pgmob.Database("shop", { name }, on);
     pgmob.getRoles(teams, on).apply((roles) => roles.map((role) =>
       new pgmob.Schema(role.name, { database: shop, owner: role.name, comment: String(role.login) }, on)));
     see("roles", names(pgmob.getRoles(teams, on)));
     see("schemas", names(pgmob.getSchemas({ database: shop }, on)));
     see("by name", names(pgmob.getSchemas({ database: shop.name, names: ["public"] }, on)));
     see("comment", pgmob.getRoles(teams, on)[0].comment);
     see("database", names(pgmob.getDatabases({ names: [name] }, on)));
     see("after", names(pgmob.getDatabases({ names: [name] }, { ...on, dependsOn: shop })));
     see("each", pgmob.getDatabases({ names: ["postgres"] }, on).apply((all) => pulumi.all(
       all.map((one) => names(pgmob.getSchemas({ database: one.name, names: ["public"] }, on))))));
     see("server", pgmob.getServer({ settings: ["wal_level"] }, on).apply(({ major, user, settings }) => [major, user, settings]));
     exports.teams = names(pgmob.getRoles(teams, on));`,
  );
  const teams = [`${name}_a`, `${name}_b`];
  const server = [stack.server.version, stack.role.name, { wal_level: "logical" }];
  const plan = await stack.preview({ create: 5 });
  for (const team of teams) assert.match(plan, new RegExp(`owner +: "${team}"`));
  assert.deepEqual(await seen(stack), {
    ...{ "roles, preview": teams, "comment, preview": null, "database, preview": [] },
    ...{ "each, preview": [["public"]], "server, preview": server },
  });

  await stack.up({ create: 5 });
  const { "schemas, up": schemas, "database, up": database, ...known } = await seen(stack);
  assert.ok(Array.isArray(schemas) && Array.isArray(database), "they come before or after what is created meanwhile");
  assert.deepEqual(known, {
    ...{ "roles, up": teams, "comment, up": null, "by name, up": ["public"], "after, up": [name] },
    ...{ "each, up": [["public"]], "server, up": server },
  });
  assert.deepEqual(await stack.workspace.outputs(), { teams });
  await stack.up({}, { refresh: true }); // what was created meanwhile is among the answers now
  await stack.up({});
  await seen(stack);
  const before = await stack.workspace.export();
  await stack.preview({}, { refresh: true });
  assert.deepEqual((await seen(stack))["schemas, preview"], teams);
  const urns = before.deployment.resources?.map(({ urn }) => urn).filter((urn) => urn.includes("pgmob:get"));
  assert.equal(new Set(urns).size, 8, "one for each question");

  await role("c");
  const drift = await stack.preview({ create: 1 }, { refresh: true });
  assert.match(drift, new RegExp(`\\+ name +: "${name}_c"`));
  await stack.up({ create: 1 });
  assert.deepEqual(await stack.workspace.outputs(), { teams: [...teams, `${name}_c`] });
  await stack.destroy();
  for (const suffix of ["a", "b", "c"]) await stack.sql(`DROP ROLE ${name}_${suffix}`);
});

onEveryStack("what is renamed in the program is not missed in the preview", async (stack) => {
  const [one, two] = [uniqueName("one"), uniqueName("two")];
  const declare = (name: string) =>
    program(
      stack,
      name,
      `const role = new pgmob.Role("role", { name }, on);
       const shop = new pgmob.Database("shop", { name, owner: role.name }, on);
       const sales = new pgmob.Schema("sales", { database: shop, name, owner: role.name }, on);
       const no = new pgmob.Sequence("no", { database: shop, schema: sales.name, owner: role.name }, on);
       const after = { ...on, dependsOn: [role, shop, sales, no] };
       see("all", names(pgmob.getSequences({ database: shop }, after)));
       see("schema", names(pgmob.getSequences({ database: shop.name, schema: sales.name }, after)));
       see("owner", names(pgmob.getSequences({ database: shop, owner: role.name }, after)));
       see("roles", names(pgmob.getRoles({ names: ["postgres"] }, after)));`,
    );
  await declare(one);
  await stack.up({ create: 6 });
  const all = { "all, up": ["no"], "schema, up": ["no"], "owner, up": ["no"], "roles, up": ["postgres"] };
  assert.deepEqual(await seen(stack), all);

  const unchanged = { same: 2, update: 4 };
  await declare(two);
  const { exitCode, output, summary } = await stack.workspace.preview();
  assert.equal(exitCode, 0, output);
  assert.deepEqual({ same: summary.same, update: summary.update }, unchanged, output);
  assert.deepEqual(await seen(stack), { "roles, preview": ["postgres"] });
  const up = await stack.workspace.up();
  assert.equal(up.exitCode, 0, up.output);
  assert.deepEqual({ same: up.summary.same, update: up.summary.update }, unchanged, up.output);
  assert.deepEqual(await seen(stack), all);
  await stack.preview({}, { refresh: true });
  await stack.destroy();
});

onEveryStack("a lookup that cannot be made fails the preview; one that cannot be made yet does not", async (stack) => {
  const name = uniqueName("later");
  const down = `const down = new pgmob.Provider("down", { ...settings, port: 1, connectTimeout: "1ms" });`;
  const failing: [body: string, sentence: RegExp][] = [
    [
      `${down} pgmob.getRoles({ like: "a%" }, { provider: down });`,
      /getRoles: cannot read: PostgreSQL at 127\.0\.0\.1:1: cannot connect as .*ECONNREFUSED/,
    ],
    [
      `pgmob.getTables({ database: name }, on);`,
      new RegExp(`getTables: cannot read: database "${name}" does not exist\\. Create it first`),
    ],
    [`pgmob.getServer({ settings: ["no_such"] }, on);`, /getServer: cannot read: unrecognized .* "no_such"/],
    [`pgmob.getRoles({ names: ["x".repeat(64)] }, on);`, /getRoles: cannot read: names must be a list of names/],
  ];
  for (const [body, sentence] of failing) {
    await program(stack, name, body);
    assert.match(await stack.fails("preview"), sentence);
  }

  await program(
    stack,
    name,
    `const role = new pgmob.Role("role", { name }, on);
     const later = new pgmob.Provider("later", { ...settings, host: role.oid.apply(() => host) });
     class Team extends pulumi.ComponentResource {
       constructor(n) {
         super("test:index:Team", n, {}, { providers: [later] });
         see(n, names(pgmob.getRoles({ names: [name] }, { parent: this })));
       }
     }
     class Squad extends pulumi.ComponentResource {
       constructor(n) {
         super("test:index:Squad", n, {}, { providers: [on.provider] });
         new pgmob.Role(name + "_member", {}, { parent: this });
       }
     }
     see("component", names(pgmob.getRoles({ like: name + "\\_%" }, { ...on, dependsOn: new Squad("squad") })));
     see("provider", names(pgmob.getRoles({ names: [name] }, { provider: later })));
     see("argument", names(pgmob.getRoles({ names: [role.oid.apply(() => name)] }, on)));
     see("secret", names(pgmob.getRoles({ names: [pulumi.secret(name)] }, { ...on, dependsOn: role })));
     see("slow", names(pgmob.getRoles({ names: new Promise((done) => setTimeout(done, 500, ["postgres"])) }, on)));
     new Team("one"); new Team("two");`,
  );
  await stack.preview({ create: 8 });
  assert.deepEqual(await seen(stack), { "slow, preview": ["postgres"] });
  await stack.up({ create: 8 });
  const { "slow, up": slow, "component, up": component, ...found } = await seen(stack);
  assert.deepEqual([slow, component], [["postgres"], [`${name}_member`]]);
  for (const what of ["provider", "argument", "secret", "one", "two"]) assert.deepEqual(found[`${what}, up`], [name]);
  await stack.up({});
  await stack.preview({}, { refresh: true });

  // The secret and the answer to it are encrypted: what is in plain is the role itself, and what was asked in plain.
  const { deployment } = await stack.workspace.export();
  const hidden = deployment.resources?.filter(({ inputs }) => JSON.stringify(inputs ?? {}).includes("ciphertext"));
  const lookup = hidden?.find(({ type }) => type.endsWith(":getRoles")) ?? assert.fail("it is not encrypted");
  assert.equal(JSON.stringify(lookup).includes(name), false);
  await stack.destroy();
});

onEveryStack("a thousand tables are in the state once", async (stack) => {
  const name = uniqueName("many");
  await stack.sql(`CREATE DATABASE ${name}`);
  await stack.sql(
    "DO $$ BEGIN FOR i IN 1..1000 LOOP EXECUTE format('CREATE TABLE %I ()', 'table' || i); END LOOP; END $$",
    [],
    name,
  );
  await program(stack, name, "see('count', pgmob.getTables({ database: name }, on).apply((all) => all.length));");
  await stack.up({ create: 2 });
  assert.deepEqual(await seen(stack), { "count, up": 1000 });
  await stack.preview({}, { refresh: true });
  const { deployment } = await stack.workspace.export();
  const state = JSON.stringify(deployment);
  assert.equal(state.split('"table500"').length, 2);
  const bytes = JSON.stringify(deployment, null, 4).length / 1000;
  assert.ok(bytes < 650, `${bytes} bytes for a table`);
  await stack.destroy();
  await stack.sql(`DROP DATABASE ${name}`);
});

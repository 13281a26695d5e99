import assert from "node:assert/strict";
import { onEveryStack, type Program, type Stack, uniqueName } from "./stack";

type Args = Record<string, unknown>;

/** What a stack's state has of a resource. */
async function stateOf(stack: Stack, name: string): Promise<Args> {
  const { deployment } = await stack.workspace.export();
  const found = deployment.resources?.find(({ urn }) => urn.endsWith(`::${name}`));
  return (found?.outputs ?? assert.fail(`${name} is not in the state`)) as Args;
}

/** SQL that says in a table that it has been run. */
const note = (what: string) => `INSERT INTO runs (what) VALUES ('${what}')`;

onEveryStack("commands: what is run when, and what is kept of it", async (stack) => {
  const name = uniqueName("commands");
  const args = (more: Args): Args => ({ database: "$shop", ...more });
  const program = (more: Args, database: Args = {}): Program => ({
    shop: { type: "Database", args: { name, dropNonEmpty: true, ...database } },
    table: {
      type: "Command",
      args: args({ create: { sql: "CREATE TABLE runs (id serial, what text); CREATE TABLE big (a int8)" } }),
    },
    seed: { type: "Command", args: args(more), options: { dependsOn: ["table"] } },
  });
  const runs = async (database = name) => {
    const rows = await stack.sql<{ what: string }>("SELECT what FROM runs ORDER BY id", [], database);
    return rows.map(({ what }) => what).join(" ");
  };
  const create = { sql: `${note("create")}; SELECT id, 9007199254740993::int8 AS big, $1::text AS name FROM runs` };
  const parameters = [`it's ${name}`];

  // Nothing is run in a preview.
  const first = { create: { ...create, parameters }, delete: { sql: note("delete") }, triggers: ["a"] };
  await stack.declare(program(first));
  const plan = await stack.preview({ create: 5 });
  assert.match(plan, /pgmob:Command: \(create\)[^+]*(\+ .*\n|.*\n)*? +create +: \{/);
  assert.deepEqual(await stack.sql("SELECT 1 FROM pg_database WHERE datname = $1", [name]), []);
  await stack.up({ create: 5 });
  assert.equal(await runs(), "create");
  const rows = [{ id: 1, big: "9007199254740993", name: `it's ${name}` }];
  const kept = await stateOf(stack, "seed");
  assert.deepEqual([kept.rows, kept.rowCount, kept.stdout, kept.exitCode], [rows, 1, undefined, undefined]);

  // Neither is it by a refresh, or when nothing has changed.
  await stack.up({});
  await stack.preview({}, { refresh: true });
  await stack.up({}, { refresh: true });
  assert.equal(await runs(), "create");

  // A change: create is run again, or update where there is one; a change of delete runs nothing.
  await stack.declare(program({ ...first, create: { sql: note("create2") } }));
  await stack.up({ update: 1 });
  assert.equal((await stateOf(stack, "seed")).rowCount, 1);
  const update = { sql: `${note("update")} RETURNING what` };
  await stack.declare(program({ ...first, create: { sql: note("create3") }, update }));
  await stack.up({ update: 1 });
  assert.equal(await runs(), "create create2 update");
  const second = { ...first, create: { sql: note("create3") }, update, delete: { sql: note("delete2") } };
  await stack.declare(program(second));
  await stack.up({ update: 1 });
  assert.equal(await runs(), "create create2 update");
  assert.deepEqual((await stateOf(stack, "seed")).rows, [{ what: "update" }], "what was run last");

  // A trigger: delete as it was applied last, then create.
  await stack.declare(program({ ...second, delete: { sql: note("delete3") }, triggers: ["b"] }));
  await stack.preview({ replace: 1 });
  await stack.up({ replace: 1 });
  assert.equal(await runs(), "create create2 update delete2 create3");

  // The database under another name is the same one.
  const last = { ...second, delete: { sql: note("delete3") }, triggers: ["b"] };
  await stack.declare(program(last, { name: `${name}_2` }));
  await stack.up({ update: 3 });
  assert.equal(await runs(`${name}_2`), "create create2 update delete2 create3");
  await stack.declare(program({ ...last, database: "postgres" }, { name: `${name}_2` }));
  assert.match(
    await stack.fails("up"),
    /command "seed": cannot update: it cannot move to another database \("postgres"\)\. Change triggers as well/,
  );

  // Taken out of the program.
  const { shop, table } = program({}, { name: `${name}_2` }) as { shop: Program[string]; table: Program[string] };
  await stack.declare({ shop, table });
  await stack.up({ delete: 1 });
  assert.equal(await runs(`${name}_2`), "create create2 update delete2 create3 delete3");

  // With its database, nothing need be cleared away.
  await stack.declare(program({ ...last, delete: { sql: "SELECT nonsense" } }, { name: `${name}_2` }));
  await stack.up({ create: 1 });
  await stack.destroy();
});

onEveryStack("a command that fails: the resource fails with its words, and the next up runs it", async (stack) => {
  const name = uniqueName("failing");
  const program = (create: Args, more: Args = {}, options: Args = {}): Program => ({
    shop: { type: "Database", args: { name } },
    fails: { type: "Command", args: { database: "$shop", create, ...more }, options },
  });
  await stack.declare(program({ sql: "CREATE SCHEMA a; CREATE SCHEMA b AUTHORIZATION nobody_at_all" }));
  const sentence =
    /command "fails": cannot create: statement 2 of 2 \(CREATE SCHEMA b AUTH.*\): role "nobody_at_all" does not/;
  assert.match(await stack.fails("up"), sentence);
  assert.deepEqual(await stack.sql("SELECT to_regnamespace('a') AS a", [], name), [{ a: null }]);

  // It is not in the state: the next up creates it.
  const slow = { customTimeouts: { create: "1s", update: "1s", delete: "1s" } };
  await stack.declare(program({ sql: "SELECT pg_sleep(20)" }, {}, slow));
  assert.match(
    await stack.fails("up"),
    /cannot create: canceling statement .* It took longer than customTimeouts\.create \(1s\)/,
  );
  await stack.declare(program({ sql: "VACUUM", transaction: false }, { delete: { sql: "SELECT 1/0" } }, slow));
  await stack.up({ create: 1 });

  // What fails in delete stays in the state, until its delete is another one.
  await stack.declare({ shop: { type: "Database", args: { name } } });
  assert.match(await stack.fails("up"), /command "fails": cannot delete: division by zero/);
  await stack.declare(program({ sql: "VACUUM", transaction: false }, { delete: { sql: "SELECT 1/1" } }, slow));
  await stack.up({ update: 1 });
  await stack.declare({ shop: { type: "Database", args: { name } } });
  await stack.up({ delete: 1 });

  // Wrong ones are refused in preview, and not shown.
  const wrong: [Args, RegExp][] = [
    [{ sql: "SELECT 's3cret" }, /create has sql that cannot be read: the quote that begins in line 1 does not end/],
    [{ sql: "COMMIT" }, /create has COMMIT in its sql, which is one transaction unless transaction is false/],
    [{ sql: "SELECT $1 -- s3cret", parameters: [] }, /create sql has \$1, but there are 0 parameters/],
    [{ sql: "SELECT 1", shell: "s3cret" }, /create must have either sql or shell/],
  ];
  for (const [create, message] of wrong) {
    await stack.declare(program(create));
    const output = await stack.fails("preview");
    assert.match(output, message);
    assert.doesNotMatch(output.replace(/^ +\+.*$/gm, ""), /property .* value .*s3cret/);
  }
  await stack.declare({ shop: { type: "Database", args: { name } } });
  await stack.destroy();
});

const SECRETS = `
const pulumi = require("@pulumi/pulumi");
const pgmob = require("pulumi-pgmob");
const config = new pulumi.Config();
const { connection } = require("./program.json");
const provider = new pgmob.Provider("server", connection);
const token = config.requireSecret("token");
const options = { provider, additionalSecretOutputs: ["rows"] };
const sql = config.require("sql");
const command = new pgmob.Command("token", { create: { sql, parameters: [token] } }, options);
const shown = new pgmob.Command("shown", { create: { sql: pulumi.interpolate\`SELECT length('\${token}') AS length\` } }, { provider });
module.exports = { rows: command.rows, length: shown.rows.apply(([row]) => row.length) };
`;

onEveryStack("secrets: neither in the state nor in a message", async (stack) => {
  await stack.declare({});
  await stack.workspace.program(SECRETS);
  await stack.workspace.setConfig("program:token", "t0ken-s3cret", { secret: true });
  const use = (sql: string) => stack.workspace.setConfig("program:sql", sql);
  for (const sql of ["SELECT $1::int", "SELECT 1; SELECT * FROM $1", "SELECT json_object_agg($1::text, NULL, 1, 2)"]) {
    await use(sql);
    const output = await stack.fails("up");
    assert.match(
      output,
      /command "token": cannot create: .*failed with SQLSTATE \w{5}\. What the server says is not shown/,
    );
    assert.doesNotMatch(output, /s3cret/);
  }
  await use("SELECT $1::text AS token");
  const output = await stack.up({ create: 1 });
  assert.doesNotMatch(output, /s3cret/);
  assert.doesNotMatch(JSON.stringify(await stack.workspace.export()), /s3cret/);
  assert.deepEqual(await stack.workspace.outputs(), { rows: [{ token: "t0ken-s3cret" }], length: 12 });
  await stack.preview({}, { refresh: true });
  await stack.destroy();
});

onEveryStack("a shell command on the server's host", async (stack) => {
  const shell = { shell: 'cat; echo "$NAME" >&2', stdin: "read", environment: { NAME: "it's" } };
  await stack.declare({ host: { type: "Command", args: { create: shell, delete: { shell: "exit 3" } } } });
  if (!stack.role.superuser) {
    assert.match(await stack.fails("up"), /command "host": cannot create: .*GRANT pg_execute_server_program TO/);
    await stack.destroy();
    return;
  }
  await stack.up({ create: 3 });
  const { stdout, stderr, exitCode, rows } = await stateOf(stack, "host");
  assert.deepEqual(
    { stdout, stderr, exitCode, rows },
    { stdout: "read", stderr: "it's\n", exitCode: 0, rows: undefined },
  );
  await stack.declare({});
  assert.match(await stack.fails("up"), /command "host": cannot delete: the command ended with exit code 3/);
  await stack.declare({ host: { type: "Command", args: { create: shell } } });
  await stack.up({ update: 1 });
  await stack.destroy();
});

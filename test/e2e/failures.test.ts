import assert from "node:assert/strict";
import { onEveryStack, type Program, uniqueName } from "./stack";

onEveryStack("bad input is refused in preview, without the server and without a secret's value", async (stack) => {
  stack.settings.port = 1; // nothing listens there: a preview needs no server
  const refused = async (type: "Role" | "Database" | "Schema", args: Record<string, unknown>, reasons: RegExp[]) => {
    await stack.declare({ bad: { type, args } });
    const output = await stack.fails("preview");
    for (const reason of reasons) assert.match(output, reason);
    assert.doesNotMatch(output, /s3cret/);
  };
  await refused(
    "Role",
    { name: "é".repeat(32), password: "s3cret\0value", connectionLimit: -2, memberOf: ["ok", ""] },
    [
      /property name value \{é+\} has a problem: must be a name of 1 to 63 bytes/,
      /password must be text that is not empty/,
      /property connectionLimit value \{-2\} has a problem: must be a whole number from -1 to 2147483647/,
      /property memberOf .* has a problem: must be a list of names/,
    ],
  );
  await refused("Role", { name: "pg_mine" }, [/must be a name .* not starting with pg_/]);
  await refused("Database", { encoding: "UTF-7" }, [
    /property encoding value \{UTF-7\} has a problem: must be a character encoding/,
  ]);
  await refused("Schema", { owner: null }, [/property owner .* has a problem: must be a name .*, not null/]);
  await stack.declare({ fine: { type: "Role", args: { name: "fine", password: "s3cret" } } });
  await stack.preview({ create: 3 });
});

onEveryStack("a server that is not there, or refuses the login, and then the next up", async (stack) => {
  const name = uniqueName("conn");
  const declared: Program = { role: { type: "Role", args: { name } } };
  stack.settings = { port: 1, connectTimeout: "300ms" };
  await stack.declare(declared);
  assert.match(
    await stack.fails("up"),
    /PostgreSQL at 127\.0\.0\.1:1: cannot connect as .*ECONNREFUSED.*Check that the server is running/,
  );

  stack.settings = { password: "wrong s3cret" };
  await stack.declare(declared);
  const refused = await stack.fails("up");
  assert.match(refused, /password authentication failed for user ".*"\. Check user and password of the Provider/);
  assert.doesNotMatch(refused, /wrong s3cret/);

  stack.settings = { sslMode: "sometimes" };
  await stack.declare(declared);
  assert.match(await stack.fails("preview"), /the Provider's sslMode must be one of disable, allow/);

  stack.settings = {};
  await stack.declare(declared);
  await stack.workspace.up();
  assert.equal((await stack.sql("SELECT 1 FROM pg_roles WHERE rolname = $1", [name])).length, 1);
  await stack.preview({});
  await stack.destroy();
});

onEveryStack("an owner that does not exist, a rename with sessions in the way, and then the next up", async (stack) => {
  const name = uniqueName("miss");
  const declared: Program = {
    group: { type: "Role", args: { name: `${name}_group` } },
    shop: { type: "Database", args: { name, owner: `${name}_nobody` } },
    app: { type: "Role", args: { name: `${name}_app`, memberOf: [`${name}_nobody`] } },
  };
  await stack.declare(declared);
  const missing = await stack.fails("up");
  assert.match(missing, /database ".*": cannot create: owner: role ".*_nobody" does not exist\. Create it first/);
  assert.match(missing, /role ".*_app": cannot create: memberOf: role ".*_nobody" does not exist/);
  declared.shop!.args.owner = "$group.name";
  declared.app!.args.memberOf = ["$group.name"];
  await stack.declare(declared);
  const { exitCode, output } = await stack.workspace.up();
  assert.equal(exitCode, 0, output);

  const session = await stack.session(name);
  declared.shop!.args.name = `${name}_2`;
  await stack.declare(declared);
  assert.match(
    await stack.fails("up"),
    /database ".*": cannot alter: database ".*" is being accessed by other users\. There is 1 other session/,
  );
  await session.end();
  await stack.up({ update: 1 });
  await stack.preview({}, { refresh: true });

  // A lock that is not given within lockTimeout.
  stack.settings.lockTimeout = "200ms";
  const holder = await stack.session(`${name}_2`);
  await stack.declare({
    ...declared,
    sales: { type: "Schema", args: { database: "$shop.name", name: "sales", dropCascade: true } },
  });
  await stack.workspace.up();
  await holder.query("CREATE TABLE sales.t (id int); BEGIN; LOCK TABLE sales.t");
  await stack.declare(declared);
  assert.match(
    await stack.fails("up"),
    /schema "sales": cannot drop: canceling statement due to lock timeout.*raise the Provider's lockTimeout/,
  );
  await holder.query("ROLLBACK");
  await holder.end();
  await stack.up({ delete: 1 });
  await stack.destroy();
});

onEveryStack("what was done half is recorded, and finished by the next up", async (stack) => {
  if (stack.role.superuser) return await halfDoneAsSuperuser(stack);
  // The lesser role creates the database for itself and hands it over: the second half can be held up by a lock.
  const name = uniqueName("half");
  stack.settings.lockTimeout = "300ms";
  const declared: Program = {
    owner: { type: "Role", args: { name } },
    shop: { type: "Database", args: { name, owner: "$owner.name" } },
  };
  await stack.declare({ owner: declared.owner! });
  await stack.up({ create: 3 });
  const holder = await stack.session("postgres");
  await holder.query("BEGIN; LOCK TABLE pg_catalog.pg_auth_members IN SHARE MODE");
  await stack.declare(declared);
  assert.match(await stack.fails("up"), /database ".*": cannot create: canceling statement due to lock timeout/);
  await holder.query("ROLLBACK");
  const owner = () => stack.sql("SELECT pg_get_userbyid(datdba) AS owner FROM pg_database WHERE datname = $1", [name]);
  assert.deepEqual(await owner(), [{ owner: stack.role.name }]);
  const { deployment } = await stack.workspace.export();
  const recorded = deployment.resources?.find(({ urn }) => urn.endsWith("::shop"));
  assert.equal(recorded?.initErrors?.length, 1);

  await stack.up({ update: 1 });
  assert.deepEqual(await owner(), [{ owner: name }]);
  await stack.preview({}, { refresh: true });
  await stack.destroy();
});

/** A superuser needs one statement: it is done, or it is not, and then nothing is recorded. */
async function halfDoneAsSuperuser(stack: Parameters<Parameters<typeof onEveryStack>[1]>[0]): Promise<void> {
  const name = uniqueName("half");
  stack.settings.lockTimeout = "300ms";
  const declared: Program = {
    group: { type: "Role", args: { name: `${name}_group` } },
    app: { type: "Role", args: { name, memberOf: ["$group.name"] } },
  };
  await stack.declare({ group: declared.group! });
  await stack.up({ create: 3 });
  const holder = await stack.session("postgres");
  await holder.query("BEGIN; LOCK TABLE pg_catalog.pg_auth_members IN SHARE MODE");
  await stack.declare(declared);
  assert.match(await stack.fails("up"), /role ".*": cannot create: canceling statement due to lock timeout/);
  await holder.query("ROLLBACK");
  assert.deepEqual(await stack.sql("SELECT 1 FROM pg_roles WHERE rolname = $1", [name]), [], "all or nothing");
  await stack.up({ create: 1 });
  await stack.destroy();
}

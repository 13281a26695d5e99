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
      /property memberOf .* has a problem: must be a list of roles/,
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

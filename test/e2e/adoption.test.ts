import assert from "node:assert/strict";
import { onEveryStack, type Program, uniqueName } from "./stack";

onEveryStack("what is there already is adopted on request, changed by the difference, and released", async (stack) => {
  const name = uniqueName("adopt");
  const me = stack.role.name;
  // Made by the very role that adopts them, so that it may alter them.
  const made = async () => {
    await stack.sql(
      `SET ROLE ${me}; CREATE ROLE ${name} CONNECTION LIMIT 3 PASSWORD 'by hand'; CREATE ROLE ${name}_group`,
    );
    await stack.sql(`SET ROLE ${me}; GRANT ${name}_group TO ${name}`);
    await stack.sql(`CREATE DATABASE ${name}`);
    await stack.sql(`ALTER DATABASE ${name} OWNER TO ${me}`);
    await stack.sql(`CREATE SCHEMA sales AUTHORIZATION ${me}; CREATE TABLE sales.t (id int)`, [], name);
  };
  await made();
  const declared: Program = {
    role: { type: "Role", args: { name, login: true } },
    shop: { type: "Database", args: { name } },
    sales: { type: "Schema", args: { database: "$shop.name", name: "sales" } },
  };
  await stack.declare(declared);
  const refused = await stack.fails("up");
  assert.match(refused, /role ".*": cannot create: it exists already\. Set adopt: true .*aliases/);
  assert.match(refused, /database ".*": cannot create: it exists already/);

  for (const { args } of Object.values(declared)) args.adopt = true;
  await stack.declare(declared);
  await stack.up({ create: 3 });
  const role = () =>
    stack.sql(
      `SELECT rolcanlogin AS login, rolconnlimit AS "limit", (SELECT count(*)::int FROM pg_auth_members m WHERE m.member = r.oid) AS groups
         FROM pg_roles r WHERE rolname = $1`,
      [name],
    );
  assert.deepEqual(await role(), [{ login: true, limit: 3, groups: 1 }], "only the difference is applied");
  assert.ok(await stack.canLogIn(name, "by hand"));
  await stack.preview({}, { refresh: true });

  // Taken out of the program: released, with everything in them.
  await stack.declare({});
  await stack.up({ delete: 3 });
  assert.deepEqual(await role(), [{ login: true, limit: 3, groups: 1 }]);
  assert.deepEqual(await stack.sql("SELECT count(*)::int AS n FROM sales.t", [], name), [{ n: 0 }]);

  // Adopted again, and dropped on request.
  for (const { args } of Object.values(declared)) args.dropOnDelete = true;
  Object.assign(declared.sales!.args, { dropCascade: true });
  await stack.declare(declared);
  await stack.up({ create: 3 });
  await stack.destroy();
  assert.deepEqual(await role(), []);
  assert.deepEqual(await stack.sql("SELECT 1 FROM pg_database WHERE datname = $1", [name]), []);
  await stack.sql(`DROP ROLE ${name}_group`);
});

onEveryStack("a renamed resource keeps its object with an alias", async (stack) => {
  const name = uniqueName("alias");
  await stack.declare({ before: { type: "Role", args: { name } } });
  await stack.up({ create: 3 });
  const oid = await stack.sql("SELECT oid FROM pg_roles WHERE rolname = $1", [name]);
  await stack.declare({ after: { type: "Role", args: { name }, options: { aliases: [{ name: "before" }] } } });
  await stack.up({});
  assert.deepEqual(await stack.sql("SELECT oid FROM pg_roles WHERE rolname = $1", [name]), oid);
  await stack.destroy();
});

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

onEveryStack("what was adopted is replaced only when it may be dropped", async (stack) => {
  const name = uniqueName("anew");
  const me = stack.role.name;
  await stack.sql(`CREATE DATABASE ${name} ENCODING 'UTF8' TEMPLATE template0`);
  await stack.sql(`ALTER DATABASE ${name} OWNER TO ${me}`);
  const declared = (args: object): Program => ({
    shop: { type: "Database", args: { name, adopt: true, allowReplace: true, ...args } },
  });
  const latin = { encoding: "LATIN1", locale: "C", template: "template0" };
  const encoding = async () => {
    const shown = "SELECT pg_encoding_to_char(encoding) AS encoding FROM pg_database WHERE datname = $1";
    return (await stack.sql(shown, [name]))[0]?.encoding;
  };
  await stack.declare(declared({ encoding: "UTF8" }));
  await stack.up({ create: 3 });
  // Also with dropOnDelete in the same change: the old one is let go of as it was applied last.
  for (const more of [{}, { dropOnDelete: true }]) {
    await stack.declare(declared({ ...latin, ...more }));
    for (const operation of ["preview", "up"] as const) {
      const refused = await stack.fails(operation);
      assert.match(refused, /database ".*": cannot replace: encoding is "UTF8" and cannot become "LATIN1" in place/);
      assert.match(
        refused,
        /because it was adopted\. Set dropOnDelete: true, and apply that, before you change encoding/,
      );
    }
  }
  await stack.declare(declared({ encoding: "UTF8", dropOnDelete: true }));
  await stack.up({ update: 1 });
  assert.equal(await encoding(), "UTF8");
  await stack.declare(declared({ ...latin, dropOnDelete: true }));
  await stack.up({ replace: 1 });
  assert.equal(await encoding(), "LATIN1");
  await stack.destroy();
});

import assert from "node:assert/strict";
import { onEveryStack, type Program, type Stack, uniqueName } from "./stack";

function names() {
  const unique = uniqueName("life");
  return {
    owner: `${unique}_owner`,
    other: `${unique}_other`,
    app: `${unique}_app`,
    database: `${unique}_db`,
    schema: "sales",
  };
}

/** The program in its first shape; tests change copies of it. */
function program(name: ReturnType<typeof names>): Program {
  return {
    owner: { type: "Role", args: { name: name.owner } },
    other: { type: "Role", args: { name: name.other } },
    app: {
      type: "Role",
      args: { name: name.app, login: true, password: "first s3cret", connectionLimit: 5, memberOf: ["$owner.name"] },
    },
    shop: { type: "Database", args: { name: name.database, owner: "$owner.name", encoding: "utf-8" } },
    sales: { type: "Schema", args: { database: "$shop.name", name: name.schema, owner: "$owner.name" } },
  };
}

async function observed(stack: Stack, name: ReturnType<typeof names>) {
  const [role] = await stack.sql(
    `SELECT r.oid, rolcanlogin AS login, rolconnlimit AS "limit",
            ARRAY(SELECT g.rolname::text FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid
                   WHERE m.member = r.oid ORDER BY 1) AS "memberOf"
       FROM pg_roles r WHERE rolname = $1`,
    [name.app],
  );
  const [database] = await stack.sql(
    "SELECT oid, pg_get_userbyid(datdba) AS owner, pg_encoding_to_char(encoding) AS encoding FROM pg_database WHERE datname = $1",
    [name.database],
  );
  const [schema] = await stack.sql(
    "SELECT oid, pg_get_userbyid(nspowner) AS owner FROM pg_namespace WHERE nspname = $1",
    [name.schema],
    name.database,
  );
  return { role, database, schema };
}

/** No membership that was lent for a statement may be left. */
async function lentMemberships(stack: Stack): Promise<unknown[]> {
  const inherits = stack.server.version >= 16 ? "AND (m.inherit_option OR m.set_option)" : "";
  return stack.sql(
    `SELECT g.rolname FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid JOIN pg_roles u ON u.oid = m.member
      WHERE u.rolname = $1 ${inherits}`,
    [stack.role.name],
  );
}

onEveryStack("create, update, rename, drift, destroy", async (stack) => {
  const name = names();
  const declared = program(name);
  await stack.declare(declared);

  await stack.preview({ create: 7 });
  await stack.up({ create: 7 });
  const first = await observed(stack, name);
  assert.deepEqual(first.role, { oid: first.role?.oid, login: true, limit: 5, memberOf: [name.owner] });
  assert.deepEqual(first.database, { oid: first.database?.oid, owner: name.owner, encoding: "UTF8" });
  assert.equal(first.schema?.owner, name.owner);
  assert.ok(await stack.canLogIn(name.app, "first s3cret"));
  assert.deepEqual(await lentMemberships(stack), []);

  await stack.preview({});
  await stack.preview({}, { refresh: true });
  await stack.up({});

  await stack.sql(
    "CREATE TABLE sales.orders (id int); INSERT INTO sales.orders SELECT generate_series(1, 10)",
    [],
    name.database,
  );

  // Each attribute in place.
  const changed = structuredClone(declared) as Required<Program>;
  Object.assign(changed.app!.args, {
    login: false,
    password: "second s3cret",
    connectionLimit: 0,
    memberOf: ["$other.name"],
  });
  changed.shop!.args.owner = "$other.name";
  changed.sales!.args.owner = "$other.name";
  await stack.declare(changed);
  const plan = await stack.preview({ update: 3 });
  for (const line of [
    /~ login *: true => false/,
    /~ connectionLimit *: 5 => 0/,
    /~ password *: \[secret\] => \[secret\]/,
    new RegExp(`~ \\[0\\]: "${name.owner}" => "${name.other}"`),
    new RegExp(`~ owner *: "${name.owner}" => "${name.other}"`),
  ]) {
    assert.match(plan, line);
  }
  await stack.up({ update: 3 });
  const second = await observed(stack, name);
  assert.deepEqual(second.role, { oid: first.role?.oid, login: false, limit: 0, memberOf: [name.other] });
  assert.equal(second.database?.owner, name.other);
  assert.equal(second.schema?.owner, name.other);
  assert.deepEqual(await lentMemberships(stack), []);
  await stack.preview({}, { refresh: true });

  // Taken away again: what has a default goes back to it, owner and password stay.
  const reduced = structuredClone(changed);
  reduced.app!.args = { name: name.app };
  reduced.shop!.args = { name: name.database };
  reduced.sales!.args = { database: "$shop.name", name: name.schema };
  await stack.declare(reduced);
  await stack.up({ update: 3 });
  const third = await observed(stack, name);
  assert.deepEqual(third.role, { oid: first.role?.oid, login: false, limit: -1, memberOf: [] });
  assert.equal(third.database?.owner, name.other);
  await stack.sql(`ALTER ROLE ${name.app} LOGIN`);
  assert.ok(await stack.canLogIn(name.app, "second s3cret"), "the password is kept");
  await stack.preview({}, { refresh: true }); // what is not declared is no drift

  // Renamed in place, with everything in them.
  await stack.declare(declared);
  await stack.up({ update: 3 });
  const renamed = {
    owner: `${name.owner}2`,
    other: name.other,
    app: `${name.app}2`,
    database: `${name.database}2`,
    schema: "retail",
  };
  const moved = structuredClone(declared);
  for (const key of ["owner", "app"] as const) moved[key]!.args.name = renamed[key];
  moved.shop!.args.name = renamed.database;
  moved.sales!.args.name = renamed.schema;
  await stack.declare(moved);
  const renamePlan = await stack.preview({ update: 4 });
  assert.doesNotMatch(renamePlan, /replace/);
  await stack.up({ update: 4 });
  const fourth = await observed(stack, renamed);
  assert.deepEqual(
    [fourth.role?.oid, fourth.database?.oid, fourth.schema?.oid],
    [first.role?.oid, first.database?.oid, first.schema?.oid],
  );
  assert.deepEqual(await stack.sql("SELECT count(*)::int AS n FROM retail.orders", [], renamed.database), [{ n: 10 }]);
  assert.ok(await stack.canLogIn(renamed.app, "first s3cret"));
  await stack.preview({}, { refresh: true });

  // Changed by hand: seen, property by property, and healed. The memberships as the same grantor: those that others
  // grant are theirs.
  await stack.sql(
    `ALTER ROLE ${renamed.app} NOLOGIN CONNECTION LIMIT 7; ALTER DATABASE ${renamed.database} OWNER TO ${renamed.other};
     SET ROLE ${stack.role.name}; REVOKE ${renamed.owner} FROM ${renamed.app}; GRANT ${renamed.other} TO ${renamed.app}`,
  );
  await stack.sql(
    `ALTER SCHEMA retail OWNER TO ${renamed.other}; ALTER SCHEMA retail RENAME TO byhand`,
    [],
    renamed.database,
  );
  await stack.sql(`ALTER DATABASE ${renamed.database} RENAME TO ${name.database}_byhand`);
  const drift = await stack.preview({ update: 3 }, { refresh: true });
  for (const line of [
    /~ login *: true => false/,
    /~ connectionLimit *: 5 => 7/,
    new RegExp(`~ \\[0\\]: "${renamed.owner}" => "${renamed.other}"`),
    new RegExp(`~ owner *: "${renamed.owner}" => "${renamed.other}"`),
    new RegExp(`~ name *: "${renamed.database}" => "${name.database}_byhand"`),
    /~ name *: "retail" => "byhand"/,
  ]) {
    assert.match(drift, line);
  }
  await stack.up({ update: 3 }, { refresh: true });
  assert.deepEqual(await observed(stack, renamed), fourth);
  await stack.preview({}, { refresh: true });

  // Dropped by hand: created again.
  await stack.sql(`DROP ROLE ${renamed.app}`);
  await stack.up({ create: 1 }, { refresh: true });
  assert.ok(await stack.canLogIn(renamed.app, "first s3cret"));

  // Guards hold until they are opted out of.
  assert.match(await stack.fails("destroy"), /schema "retail": cannot drop: it is not empty \(table retail\.orders\)/);
  await stack.sql("DROP TABLE retail.orders", [], renamed.database);
  await stack.destroy();
  assert.deepEqual(await stack.sql("SELECT 1 FROM pg_database WHERE datname = $1", [renamed.database]), []);
  assert.deepEqual(await stack.sql("SELECT rolname FROM pg_roles WHERE rolname LIKE $1", [`${name.owner}%`]), []);
});

import assert from "node:assert/strict";
import { onEveryStack, type Program, type Stack, uniqueName } from "./stack";

/** What a migration makes in a database, as its owner. */
const MIGRATION = `CREATE SCHEMA sales; CREATE SCHEMA archive;
  CREATE TABLE sales.orders (id int PRIMARY KEY); CREATE VIEW sales.open AS SELECT id FROM sales.orders;
  CREATE MATERIALIZED VIEW sales.sums AS SELECT 1 AS a;
  CREATE FUNCTION sales.total(a int, b text) RETURNS int LANGUAGE sql AS 'SELECT 1';
  CREATE FUNCTION sales.total(a int) RETURNS int LANGUAGE sql AS 'SELECT 2'; SELECT lo_create(70000)`;

/** Two roles and a database, by their own names, and resources over what is in it. */
function program(name: string, change: (one: string, args: Record<string, unknown>) => object = () => ({})): Program {
  const over = (one: string, type: Program[string]["type"], args: Record<string, unknown>): Program => ({
    [one]: { type, args: { database: "$shop", owner: "$owner.name", ...args, ...change(one, args) } },
  });
  return {
    owner: { type: "Role", args: { name: `${name}_owner` } },
    other: { type: "Role", args: { name: `${name}_other` } },
    shop: { type: "Database", args: { name, dropNonEmpty: true }, options: { dependsOn: ["owner", "other"] } },
    ...over("orders", "Table", { schema: "sales", rowSecurity: true, comment: "what was ordered" }),
    ...over("open", "View", { schema: "sales", securityBarrier: true }),
    ...over("sums", "View", { schema: "sales", comment: "by day" }),
    ...over("total", "Routine", { schema: "sales", arguments: "int, text", securityDefiner: true }),
    ...over("photo", "LargeObject", { oid: "70000", comment: "the shop" }),
  };
}
const AROUND = ["owner", "other", "shop"];
const OVER = ["orders", "open", "sums", "total", "photo"];

/** Each object as the catalogue has it, by name. */
async function objects(stack: Stack, database: string): Promise<Record<string, unknown[]>> {
  const rows = await stack.sql<{ name: string; values: unknown[] }>(
    `SELECT c.relname::text AS name, json_build_array(c.oid::int, relnamespace::regnamespace, pg_get_userbyid(relowner), relrowsecurity, reloptions, obj_description(c.oid, 'pg_class')) AS values
       FROM pg_class c WHERE relkind IN ('r', 'v', 'm') AND relnamespace IN ('sales'::regnamespace, 'archive'::regnamespace)
      UNION ALL SELECT format('%s(%s)', proname, oidvectortypes(proargtypes)), json_build_array(p.oid::int, pronamespace::regnamespace, pg_get_userbyid(proowner), prosecdef, obj_description(p.oid, 'pg_proc'))
       FROM pg_proc p WHERE pronamespace IN ('sales'::regnamespace, 'archive'::regnamespace)
      UNION ALL SELECT 'photo', json_build_array(oid::int, pg_get_userbyid(lomowner), obj_description(oid, 'pg_largeobject')) FROM pg_largeobject_metadata`,
    [],
    database,
  );
  return Object.fromEntries(rows.map(({ name, values }) => [name, values]));
}

onEveryStack("what a migration has made is taken over, kept as declared, moved, and let go as it is", async (stack) => {
  const name = uniqueName("over");
  const [owner, other] = [`${name}_owner`, `${name}_other`];
  const declared = program(name);
  const around = Object.fromEntries(AROUND.map((one) => [one, declared[one] as Program[string]]));

  // A preview needs no server, and so does not miss them; up does.
  await stack.declare(declared);
  await stack.preview({ create: 2 + AROUND.length + OVER.length });
  const missing = await stack.fails("up");
  assert.match(
    missing,
    /table "sales"\."orders": cannot take over: it does not exist, and a table is not made here, but by SQL\. Make it first: in a migration, or in a Command/,
  );
  assert.match(missing, /large object 70000: cannot take over: it does not exist/);
  await stack.sql(`GRANT CREATE ON DATABASE ${name} TO ${owner}, ${other}`, [], name);
  await stack.sql(
    `SET ROLE ${stack.role.name}; ${MIGRATION}; GRANT USAGE, CREATE ON SCHEMA sales, archive TO ${owner}, ${other}`,
    [],
    name,
  );
  const before = await objects(stack, name);
  const { exitCode, output } = await stack.workspace.up();
  assert.equal(exitCode, 0, output);

  const after = await objects(stack, name);
  const oid = (one: string) => before[one]?.[0];
  const expected = {
    orders: [oid("orders"), "sales", owner, true, null, "what was ordered"],
    orders_pkey: undefined,
    open: [oid("open"), "sales", owner, false, ["security_barrier=true"], null],
    sums: [oid("sums"), "sales", owner, false, null, "by day"],
    "total(integer, text)": [oid("total(integer, text)"), "sales", owner, true, null],
    "total(integer)": before["total(integer)"],
    photo: [70_000, owner, "the shop"],
  };
  assert.deepEqual(after, Object.fromEntries(Object.entries(expected).filter(([, value]) => value !== undefined)));
  await stack.preview({});
  await stack.preview({}, { refresh: true });

  // Renamed, moved and changed in place; what is taken away goes back to its default, the owner stays.
  const moved = program(name, (one, args) =>
    one === "photo"
      ? { owner: "$other.name", comment: null }
      : {
          schema: "archive",
          name: `${one}_old`,
          owner: one === "open" ? undefined : "$other.name",
          ...("comment" in args ? { comment: null } : {}),
        },
  );
  await stack.declare(moved);
  const plan = await stack.preview({ update: OVER.length });
  assert.doesNotMatch(plan, /replace/);
  for (const line of [/~ schema *: "sales" => "archive"/, /~ name *: "orders" => "orders_old"/])
    assert.match(plan, line);
  await stack.up({ update: OVER.length });
  const there = {
    orders_old: [oid("orders"), "archive", other, true, null, null],
    open_old: [oid("open"), "archive", owner, false, ["security_barrier=true"], null],
    sums_old: [oid("sums"), "archive", other, false, null, null],
    "total_old(integer, text)": [oid("total(integer, text)"), "archive", other, true, null],
    "total(integer)": before["total(integer)"],
    photo: [70_000, other, null],
  };
  assert.deepEqual(await objects(stack, name), there);
  await stack.preview({}, { refresh: true });

  // Changed, renamed and moved by hand: seen property by property, found by the oid, and put back.
  await stack.sql(
    `ALTER TABLE archive.orders_old DISABLE ROW LEVEL SECURITY; ALTER TABLE archive.orders_old RENAME TO by_hand; ALTER TABLE archive.by_hand SET SCHEMA sales;
     ALTER VIEW archive.open_old RESET (security_barrier); COMMENT ON MATERIALIZED VIEW archive.sums_old IS 'by hand';
     ALTER FUNCTION archive.total_old(int, text) SECURITY INVOKER; ALTER FUNCTION archive.total_old(int, text) OWNER TO ${owner};
     ALTER LARGE OBJECT 70000 OWNER TO ${owner}`,
    [],
    name,
  );
  const drift = await stack.preview({ update: OVER.length }, { refresh: true });
  for (const line of [
    /~ rowSecurity *: true => false/,
    /~ schema *: "archive" => "sales"/,
    /~ name *: "orders_old" => "by_hand"/,
    /~ securityBarrier *: true => false/,
    /[~+] comment *: .*"by hand"/,
    /~ securityDefiner *: true => false/,
    new RegExp(`~ owner *: "${other}" => "${owner}"`),
  ])
    assert.match(drift, line);
  await stack.up({ update: OVER.length }, { refresh: true });
  assert.deepEqual(await objects(stack, name), there);
  await stack.preview({}, { refresh: true });

  // Dropped by hand: noticed by a refresh, and then it has to be made again.
  await stack.sql("DROP VIEW archive.open_old", [], name);
  assert.equal((await stack.workspace.refresh()).exitCode, 0);
  assert.match(await stack.fails("up"), /view "archive"\."open_old": cannot take over: it does not exist, and a view/);
  await stack.sql(`SET ROLE ${stack.role.name}; CREATE VIEW archive.open_old AS SELECT 2 AS id`, [], name);
  await stack.up({ create: 1 });
  await stack.preview({}, { refresh: true });

  // Let go: nothing is sent, and they stay as they are.
  const last = await objects(stack, name);
  await stack.declare(around);
  await stack.up({ delete: OVER.length });
  assert.deepEqual(await objects(stack, name), last);
  await stack.sql(`SELECT lo_unlink(70000)`, [], name);
  await stack.destroy();
});

onEveryStack("letting go needs neither the server nor the database", async (stack) => {
  const name = uniqueName("away");
  await stack.sql(`CREATE DATABASE ${name}`);
  await stack.sql("CREATE TABLE public.t ()", [], name);
  await stack.declare({ t: { type: "Table", args: { database: name } }, rest: { type: "Role", args: { name } } });
  await stack.up({ create: 4 });
  await stack.sql(`DROP DATABASE ${name}`);
  stack.settings = { port: 1, connectTimeout: "300ms" };
  await stack.declare({ rest: { type: "Role", args: { name } } });
  const { exitCode, output, summary } = await stack.workspace.up();
  assert.equal(exitCode, 0, output);
  assert.equal(summary.delete, 1, output);
  stack.settings = {};
  await stack.declare({ rest: { type: "Role", args: { name } } });
  await stack.workspace.up();
  await stack.destroy();
});

onEveryStack("what makes no sense of what is not made here is refused by name, in preview", async (stack) => {
  stack.settings.port = 1; // nothing listens there: a preview needs no server
  const refused = async (declared: Program[string], ...reasons: RegExp[]) => {
    await stack.declare({ bad: declared });
    const output = await stack.fails("preview");
    for (const reason of reasons) assert.match(output, reason);
  };
  for (const type of ["Table", "View", "Routine", "LargeObject"] as const) {
    const args = { ...(type === "LargeObject" ? { oid: 5 } : {}), adopt: true, dropOnDelete: true, dropCascade: true };
    await refused(
      { type, args },
      ...["adopt", "dropOnDelete", "dropCascade"].map(
        (one) => new RegExp(`property ${one} .*: is not an attribute of a ${type}`),
      ),
    );
  }
  await refused(
    { type: "View", args: { definition: "DROP TABLE t" } },
    /must be one query: SELECT, VALUES, TABLE or WITH/,
  );
  await refused(
    { type: "View", args: { definition: "SELECT 1 WITH CHECK OPTION" } },
    /set checkOption for a check option/,
  );
  await refused(
    { type: "Routine", args: { definition: "SELECT 1", arguments: "int)" } },
    /must be one statement, CREATE/,
    /must be the types of the input arguments/,
  );
  await refused({ type: "LargeObject", args: { oid: "x" } }, /must be an oid: a whole number/);
  await refused(
    { type: "Ownership", args: { owner: "o", objects: [{ kind: "index", name: "i" }] } },
    /is of no kind that has an owner/,
  );
  await refused({ type: "Ownership", args: { owner: "o" } }, /either objects or reassignOwnedBy says/);
});

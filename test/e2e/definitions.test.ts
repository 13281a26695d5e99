import assert from "node:assert/strict";
import { onEveryStack, type Program, type Stack, uniqueName } from "./stack";

const total = (body: string, { args = "a int", returns = "int", name = "total" } = {}) =>
  `CREATE OR REPLACE FUNCTION sales.${name}(${args}) RETURNS ${returns} LANGUAGE sql STABLE AS $$ ${body} $$;`;

/** A database with a table, and a view, a materialized view, a function and a procedure by their definitions. */
function program(name: string, changes: Readonly<Record<string, object>> = {}): Program {
  const place = { database: "$shop", schema: "$sales.name", owner: "$owner.name" };
  const defined = (one: string, type: "View" | "Routine", args: object): Program => ({
    [one]: { type, args: { ...place, ...args, ...changes[one] } },
  });
  return {
    owner: { type: "Role", args: { name: `${name}_owner` } },
    shop: { type: "Database", args: { name, dropNonEmpty: true }, options: { dependsOn: ["owner"] } },
    sales: { type: "Schema", args: { database: "$shop", name: "sales", owner: "$owner.name", dropCascade: true } },
    ...defined("open", "View", { comment: "not sent", definition: "SELECT 1 AS id, 'x'::text AS what" }),
    ...defined("sums", "View", { materialized: true, definition: "SELECT 7 AS sum" }),
    ...defined("total", "Routine", { arguments: "int", definition: total("SELECT a") }),
    ...defined("clear", "Routine", { definition: "CREATE PROCEDURE sales.clear() LANGUAGE sql AS 'SELECT 1'" }),
  };
}

/** Oid, owner, comment, definition and privileges of each. */
async function defined(stack: Stack, database: string): Promise<Record<string, Record<string, unknown>>> {
  const rows = await stack.sql<Record<string, unknown>>(
    `SELECT relname::text AS name, oid::int, pg_get_userbyid(relowner) AS owner, obj_description(oid, 'pg_class') AS comment, relkind::text AS kind,
            pg_get_viewdef(oid) AS text, relacl::text[] AS acl FROM pg_class WHERE relnamespace = 'sales'::regnamespace AND relkind IN ('v', 'm')
      UNION ALL SELECT proname, oid::int, pg_get_userbyid(proowner), obj_description(oid, 'pg_proc'), prokind::text, prosrc, proacl::text[]
       FROM pg_proc WHERE pronamespace = 'sales'::regnamespace`,
    [],
    database,
  );
  return Object.fromEntries(rows.map(({ name, ...rest }) => [name, rest]));
}

onEveryStack("definitions: made, changed, seen when changed by hand, refused, made anew, let go", async (stack) => {
  const name = uniqueName("defs");
  const owner = `${name}_owner`;
  const declare = (changes: Parameters<typeof program>[1] = {}) => stack.declare(program(name, changes));
  await declare();
  await stack.preview({ create: 9 });
  await stack.up({ create: 9 });
  const first = await defined(stack, name);
  assert.deepEqual(
    Object.values(first).map((one) => one.owner),
    [owner, owner, owner, owner],
  );
  assert.deepEqual(
    [first.open?.comment, first.open?.kind, first.sums?.kind, first.clear?.kind],
    ["not sent", "v", "m", "p"],
  );
  await stack.preview({});
  await stack.preview({}, { refresh: true });

  // Other texts, in place: a column more, another body.
  const wider = { definition: "SELECT 1 AS id, 'x'::text AS what, 2 AS more" };
  await declare({ open: wider, total: { definition: total("SELECT a + 1") } });
  const plan = await stack.preview({ update: 2 });
  assert.match(plan, /~ definition *:/);
  assert.doesNotMatch(plan, /replace|definitionHash/);
  await stack.up({ update: 2 });
  const second = await defined(stack, name);
  assert.deepEqual([second.open?.oid, second.total?.oid], [first.open?.oid, first.total?.oid]);
  assert.match(String(second.open?.text), /2 AS more/);
  assert.equal(second.total?.text, " SELECT a + 1 ");
  await stack.preview({}, { refresh: true });

  // By hand: the diff shows what the server has.
  await stack.sql(
    `CREATE OR REPLACE VIEW sales.open AS SELECT 3 AS id, 'y'::text AS what, 4 AS more; ALTER FUNCTION sales.total(int) IMMUTABLE;
     COMMENT ON PROCEDURE sales.clear() IS 'not declared'`,
    [],
    name,
  );
  const drift = await stack.preview({ update: 2 }, { refresh: true });
  assert.match(drift, /3 AS id/);
  assert.match(drift, /IMMUTABLE/);
  await stack.up({ update: 2 }, { refresh: true });
  assert.deepEqual(await defined(stack, name), { ...second, clear: { ...second.clear, comment: "not declared" } });
  await stack.preview({}, { refresh: true });

  // What CREATE OR REPLACE cannot do is refused with what and why.
  const reader = stack.role.name;
  await stack.sql(
    `REVOKE ALL ON FUNCTION sales.total(int) FROM PUBLIC; GRANT SELECT ON sales.open, sales.sums TO ${reader}; CREATE INDEX i ON sales.sums (sum)`,
    [],
    name,
  );
  const before = await defined(stack, name);
  const changes = {
    open: { definition: "SELECT 1 AS id" },
    sums: { definition: "SELECT 8 AS sum" },
    total: { arguments: "int, text", definition: total("SELECT a", { args: "a int, b text" }) },
    clear: { definition: total("SELECT 1", { args: "", name: "clear" }) },
  };
  await declare(changes);
  const refused = await stack.fails("up");
  for (const sentence of [
    /view "sales"\."open": cannot alter: cannot drop columns from view\. CREATE OR REPLACE VIEW can only add columns at the end\. Set allowReplace: true/,
    /view "sales"\."sums": cannot alter: a materialized view cannot get another definition in place\. Set allowReplace: true/,
    /routine "sales"\."total"\(integer\): cannot alter: its arguments are \(integer\) and cannot become \(integer, text\) in place/,
    /routine "sales"\."clear"\(\): cannot alter: cannot change routine kind\..* Set allowReplace: true/,
  ])
    assert.match(refused, sentence);
  assert.deepEqual(await defined(stack, name), before);

  // Allowed, but not while something depends on it.
  await stack.sql("CREATE VIEW public.later AS SELECT id FROM sales.open", [], name);
  const allowed = Object.fromEntries(
    Object.entries(changes).map(([one, args]) => [one, { ...args, allowReplace: true }]),
  );
  await declare(allowed);
  assert.match(
    await stack.fails("up"),
    /cannot drop view sales\.open because other objects depend on it\..*view later depends on view sales\.open/s,
  );
  await stack.sql("DROP VIEW public.later", [], name);
  const { exitCode, output } = await stack.workspace.up();
  assert.equal(exitCode, 0, output);
  const third = await defined(stack, name);
  for (const one of ["open", "sums", "total", "clear"]) {
    assert.notEqual(third[one]?.oid, before[one]?.oid, one);
    for (const kept of ["owner", "comment"]) assert.equal(third[one]?.[kept], before[one]?.[kept], `${one}.${kept}`);
  }
  assert.deepEqual(
    [third.open?.acl, third.sums?.acl, third.total?.acl],
    [before.open?.acl, before.sums?.acl, before.total?.acl],
  );
  assert.equal(third.clear?.kind, "f");
  assert.deepEqual(await stack.sql("SELECT indexdef FROM pg_indexes WHERE indexname = 'i'", [], name), [
    { indexdef: "CREATE INDEX i ON sales.sums USING btree (sum)" },
  ]);
  await stack.preview({}, { refresh: true });

  // Dropped by hand, it is made again. Taken out of the program, it stays.
  await stack.sql("DROP FUNCTION sales.total(int, text)", [], name);
  await stack.up({ create: 1 }, { refresh: true });
  const last = await defined(stack, name);
  const { owner: role, shop, sales } = program(name);
  await stack.declare({ owner: role!, shop: shop!, sales: sales! });
  await stack.up({ delete: 4 });
  assert.deepEqual(await defined(stack, name), last);
  await stack.destroy();
});

onEveryStack("a text that is more than a definition changes nothing", async (stack) => {
  const name = uniqueName("text");
  const place = { database: "$shop.name" };
  const around: Program = { shop: { type: "Database", args: { name, dropNonEmpty: true } } };
  await stack.declare(around);
  await stack.up({ create: 3 });
  await stack.sql(`SET ROLE ${stack.role.name}; CREATE TABLE kept ()`, [], name);
  const make = "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'";
  const bad: Program = {
    ...around,
    two: { type: "View", args: { ...place, definition: "SELECT 1 AS a; DROP TABLE kept" } },
    other: { type: "Routine", args: { ...place, name: "g", definition: make } },
    more: { type: "Routine", args: { ...place, name: "f", definition: `${make}; DROP TABLE kept` } },
  };
  await stack.declare(bad);
  const refused = await stack.fails("up");
  assert.match(
    refused,
    /view "public"\."two": cannot create: cannot insert multiple commands.*The definition must be one query/,
  );
  assert.match(
    refused,
    /routine "public"\."g"\(\): cannot create: definition: it is to make the declared object and nothing else, but it makes function f\(\)/,
  );
  assert.match(
    refused,
    /routine "public"\."f"\(\): cannot create: cannot insert multiple commands.*The definition must be one statement/,
  );
  const left =
    "SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace UNION ALL SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace";
  assert.deepEqual(await stack.sql(left, [], name), [{ name: "kept" }]);
  await stack.destroy();
});

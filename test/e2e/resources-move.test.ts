/** What becomes of objects when their resources get other names, when databases are kept, or are made anew. */

import assert from "node:assert/strict";
import { onEveryStack, type Program, type Stack, uniqueName } from "./stack";

/** A database with a schema and a sequence in it, whose resources have these names. */
function stackOf(name: string, resources: readonly [string, string, string], args: object = {}): Program {
  const [shop, sales, counter] = resources;
  return {
    [shop]: { type: "Database", args: { name, ...args } },
    [sales]: { type: "Schema", args: { database: `$${shop}`, name: "sales" } },
    [counter]: { type: "Sequence", args: { database: `$${shop}`, schema: `$${sales}.name`, name: "counter" } },
  };
}

/** Where the sequence stands; undefined where there is none. */
async function standsAt(stack: Stack, database: string): Promise<unknown> {
  const [row] = await stack.sql("SELECT to_regclass('sales.counter') IS NOT NULL AS there", [], database);
  if (row?.there !== true) return undefined;
  return (await stack.sql("SELECT last_value::int FROM sales.counter", [], database))[0]?.last_value;
}

onEveryStack(
  "with adopt, what gets a resource of another name is taken over, and not dropped with the old one",
  async (stack) => {
    const name = uniqueName("moved");
    const adopting = (resources: readonly [string, string, string, string]): Program => {
      const [role, ...rest] = resources;
      const all = { [role]: { type: "Role", args: { name } } as const, ...stackOf(name, rest) };
      for (const { args } of Object.values(all)) Object.assign(args, { adopt: true });
      return all;
    };
    await stack.declare(adopting(["a", "b", "c", "d"]));
    await stack.up({ create: 6 });
    await stack.sql("SELECT setval('sales.counter', 4711)", [], name);
    await stack.declare(adopting(["e", "f", "g", "h"]));
    await stack.up({ create: 4, delete: 4 });
    assert.equal(await standsAt(stack, name), 4711);
    assert.equal((await stack.sql("SELECT 1 FROM pg_roles WHERE rolname = $1", [name])).length, 1);
    await stack.preview({}, { refresh: true });
    await stack.destroy();
    assert.equal(await standsAt(stack, name), 4711, "what was taken over is let go");
    await stack.sql(`DROP DATABASE ${name}`);
    await stack.sql(`DROP ROLE ${name}`);
  },
);

onEveryStack("where a database may not be dropped, what was in it is not forgotten", async (stack) => {
  const name = uniqueName("refused");
  await stack.declare(stackOf(name, ["shop", "sales", "counter"]));
  await stack.up({ create: 5 });
  await stack.sql("CREATE TABLE public.orders ()", [], name);
  assert.match(await stack.fails("destroy"), /database ".*": cannot drop: it holds data/);
  await stack.up({ create: 2 });
  assert.equal(await standsAt(stack, name), 1);
  await stack.sql("DROP TABLE public.orders", [], name);
  await stack.destroy();
});

onEveryStack("what is in a database that is only let go is dropped by itself", async (stack) => {
  const name = uniqueName("kept");
  await stack.sql(`CREATE DATABASE ${name} OWNER ${stack.role.name}`);
  await stack.declare(stackOf(name, ["shop", "sales", "counter"], { adopt: true }));
  await stack.up({ create: 5 });
  assert.equal(await standsAt(stack, name), 1);
  await stack.destroy();
  assert.equal(await standsAt(stack, name), undefined);
  await stack.sql(`DROP DATABASE ${name}`);
});

onEveryStack("what is in a database that is made anew is made anew with it", async (stack) => {
  const name = uniqueName("anew");
  const declared = (encoding: string): Program => ({
    ...stackOf(name, ["shop", "sales", "counter"], {
      ...{ encoding, locale: "C", template: "template0", allowReplace: true, dropNonEmpty: true },
    }),
    seed: {
      type: "Command",
      args: { database: "$shop", create: { sql: "CREATE TABLE seeds ()" }, delete: { sql: "DROP TABLE seeds" } },
    },
  });
  await stack.declare(declared("UTF8"));
  await stack.up({ create: 6 });
  await stack.declare(declared("LATIN1"));
  await stack.preview({ replace: 4 });
  await stack.up({ replace: 4 });
  assert.equal(await standsAt(stack, name), 1);
  assert.equal((await stack.sql("SELECT 1 FROM pg_class WHERE relname = 'seeds'", [], name)).length, 1);
  await stack.preview({}, { refresh: true });
  await stack.destroy();
});

onEveryStack("what roles have set in a database that is made anew, they have in the new one", async (stack) => {
  const name = uniqueName("set");
  const declared = (encoding: string): Program => ({
    shop: { type: "Database", args: { name, encoding, locale: "C", template: "template0", allowReplace: true } },
    app: {
      type: "Role",
      args: {
        name: `${name}_app`,
        configInDatabase: { [name]: { search_path: ["sales", "public"], lock_timeout: "5s" } },
      },
      options: { dependsOn: ["shop"] },
    },
  });
  const settings = () =>
    stack.sql(
      `SELECT setrole::regrole::text, setconfig FROM pg_db_role_setting JOIN pg_database d ON d.oid = setdatabase
        WHERE datname = $1`,
      [name],
    );
  await stack.declare(declared("UTF8"));
  await stack.up({ create: 4 });
  const before = await settings();
  assert.equal(before.length, 1);
  await stack.declare(declared("LATIN1"));
  await stack.up({ replace: 1 });
  assert.deepEqual(await settings(), before);
  await stack.preview({}, { refresh: true });
  await stack.destroy();
});

import assert from "node:assert/strict";
import { onEveryStack, type Program, type Stack, uniqueName } from "./stack";

/** Who owns each object of a database that a test has made. */
async function owners(stack: Stack, database: string): Promise<Record<string, string>> {
  const rows = await stack.sql<{ name: string; owner: string }>(
    `SELECT n.nspname || '.' || relname AS name, pg_get_userbyid(relowner) AS owner FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
      WHERE nspname IN ('sales', 'public') AND relkind IN ('r', 'v', 'S')
      UNION ALL SELECT nspname, pg_get_userbyid(nspowner) FROM pg_namespace WHERE nspname = 'sales'
      UNION ALL SELECT proname || '()', pg_get_userbyid(proowner) FROM pg_proc WHERE pronamespace = 'sales'::regnamespace
      UNION ALL SELECT typname, pg_get_userbyid(typowner) FROM pg_type WHERE typname = 'mood'`,
    [],
    database,
  );
  return Object.fromEntries(rows.map(({ name, owner }) => [name, owner]));
}

onEveryStack(
  "an owner of objects: made so, drift by name, healed, more and fewer of them, left as it is",
  async (stack) => {
    const name = uniqueName("own");
    const [owner, other] = [`${name}_owner`, `${name}_other`];
    const around: Program = {
      owner: { type: "Role", args: { name: owner } },
      other: { type: "Role", args: { name: other } },
      shop: { type: "Database", args: { name, dropNonEmpty: true }, options: { dependsOn: ["owner", "other"] } },
      sales: { type: "Schema", args: { database: "$shop", name: "sales" }, options: { ignoreChanges: ["owner"] } },
    };
    await stack.declare(around);
    await stack.up({ create: 6 });
    await stack.sql(
      `SET ROLE ${stack.role.name}; CREATE TABLE sales.orders (); CREATE VIEW sales.open AS SELECT 1 AS a; CREATE SEQUENCE sales.no;
     CREATE FUNCTION sales.total(int) RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE TYPE public.mood AS ENUM ('ok'); CREATE TABLE public.left_alone ();
     GRANT USAGE, CREATE ON SCHEMA sales TO ${owner}, ${other}; GRANT CREATE ON DATABASE ${name} TO ${owner}, ${other}`,
      [],
      name,
    );
    await stack.sql(`GRANT CREATE ON SCHEMA public TO ${owner}, ${other}`, [], name);
    const declared = (objects: unknown[], args: object = {}): Program => ({
      ...around,
      open: { type: "View", args: { database: "$shop", schema: "sales" } },
      mine: { type: "Ownership", args: { owner: "$owner.name", database: "$shop", objects, ...args } },
    });
    const all = [
      "$sales",
      "$open",
      { kind: "table", schema: "sales", name: "orders" },
      { kind: "sequence", schema: "sales", name: "no" },
      { kind: "routine", schema: "sales", name: "total", arguments: "int4" },
      { kind: "type", name: "mood" },
    ];
    const me = stack.role.name;
    await stack.declare(declared(all));
    await stack.preview({ create: 2 });
    await stack.up({ create: 2 });
    const handed = (to: string) => ({
      ...{ sales: to, "sales.open": to, "sales.orders": to, "sales.no": to, "total()": to, mood: to },
      "public.left_alone": me,
    });
    assert.deepEqual(await owners(stack, name), handed(owner));
    await stack.preview({});
    await stack.preview({}, { refresh: true });

    await stack.sql(`ALTER TABLE sales.orders OWNER TO ${other}; ALTER TYPE mood OWNER TO ${other}`, [], name);
    const drift = await stack.preview({ update: 1 }, { refresh: true });
    for (const object of [String.raw`table \\"sales\\"\.\\"orders\\"`, String.raw`type \\"public\\"\.\\"mood\\"`])
      assert.match(
        drift.replaceAll("\\\\", "\\"),
        new RegExp(`notOwned[\\s\\S]*${object.replaceAll("\\\\", "\\\\?")}.*"${other}"`),
      );
    await stack.up({ update: 1 }, { refresh: true });
    assert.deepEqual(await owners(stack, name), handed(owner));
    await stack.preview({}, { refresh: true });

    await stack.declare(declared(all, { owner: "$other.name" }));
    await stack.up({ update: 1 });
    assert.deepEqual(await owners(stack, name), handed(other));
    await stack.declare(declared([...all].reverse(), { owner: "$other.name" }));
    await stack.preview({});
    // What the role was granted has become the new owner's with the schema.
    await stack.sql(`GRANT USAGE, CREATE ON SCHEMA sales TO ${owner}`, [], name);

    await stack.declare(declared([...all.slice(2), { kind: "table", name: "left_alone" }], { owner: "$owner.name" }));
    await stack.up({ update: 1 });
    assert.deepEqual(await owners(stack, name), {
      ...handed(owner),
      sales: other,
      "sales.open": other,
      "public.left_alone": owner,
    });

    // What is not there is named; nothing else changes hands.
    await stack.declare(declared([{ kind: "table", name: "nowhere" }, "$sales"]));
    assert.match(
      await stack.fails("up"),
      /ownership by ".*": cannot alter: table "public"\."nowhere" does not exist\. What is made by SQL has to be made first/,
    );
    await stack.declare(declared(all));
    await stack.up({ update: 1 });

    const last = await owners(stack, name);
    await stack.declare(around);
    await stack.up({ delete: 2 });
    assert.deepEqual(await owners(stack, name), last, "the owner stays");
    await stack.destroy();
  },
);

onEveryStack(
  "everything that a role owns goes to another one, in all databases, also what it gets later",
  async (stack) => {
    const name = uniqueName("leave");
    const [leaver, heir] = [`${name}_leaver`, `${name}_heir`];
    const program = (args: object): Program => ({
      leaver: { type: "Role", args: { name: leaver } },
      heir: { type: "Role", args: { name: heir } },
      shop: { type: "Database", args: { name, dropNonEmpty: true }, options: { dependsOn: ["leaver", "heir"] } },
      ...(Object.keys(args).length === 0
        ? {}
        : { left: { type: "Ownership", args: { owner: "$heir.name", ...args } } }),
    });
    await stack.declare(program({}));
    await stack.up({ create: 5 });
    const give = (table: string) =>
      stack.sql(`CREATE TABLE public.${table} (); ALTER TABLE public.${table} OWNER TO ${leaver}`, [], name);
    await give("first");
    await stack.declare(program({ reassignOwnedBy: "$leaver.name", databases: "all" }));
    await stack.up({ create: 1 });
    const tables = () =>
      stack.sql(
        "SELECT tablename AS name, tableowner AS owner FROM pg_tables WHERE schemaname = 'public' ORDER BY 1",
        [],
        name,
      );
    assert.deepEqual(await tables(), [{ name: "first", owner: heir }]);
    await stack.preview({}, { refresh: true });
    await give("second");
    assert.match(
      await stack.preview({ update: 1 }, { refresh: true }),
      new RegExp(`table second in database .*${name}.*"${leaver}"`),
    );
    await stack.up({ update: 1 }, { refresh: true });
    assert.deepEqual(await tables(), [
      { name: "first", owner: heir },
      { name: "second", owner: heir },
    ]);

    // In a list of databases.
    await give("third");
    await stack.declare(program({ reassignOwnedBy: "$leaver.name", databases: ["$shop", "postgres"] }));
    await stack.up({ update: 1 });
    assert.deepEqual(
      (await tables()).map(({ owner }) => owner),
      [heir, heir, heir],
    );
    await stack.declare(program({}));
    await stack.up({ delete: 1 });
    await stack.destroy();
  },
);

onEveryStack("in a database that is made anew, everything gets its owner again", async (stack) => {
  const name = uniqueName("anew");
  const [owner, leaver] = [`${name}_owner`, `${name}_leaver`];
  const grants = `GRANT ${leaver} TO CURRENT_USER; GRANT CREATE ON SCHEMA public TO ${owner}, ${leaver}`;
  const tables = `CREATE TABLE one (); CREATE TABLE two (); CREATE TABLE three (); ALTER TABLE three OWNER TO ${leaver}`;
  const over = (args: object): Program[string] => ({
    type: "Ownership",
    args: { owner: "$owner.name", ...args },
    options: { dependsOn: ["seed"] },
  });
  const program = (encoding: string): Program => ({
    owner: { type: "Role", args: { name: owner } },
    leaver: { type: "Role", args: { name: leaver } },
    shop: {
      type: "Database",
      args: { name, encoding, locale: "C", template: "template0", allowReplace: true, dropNonEmpty: true },
      options: { dependsOn: ["owner", "leaver"], ignoreChanges: ["owner"] },
    },
    seed: { type: "Command", args: { database: "$shop", create: { sql: `${grants}; ${tables}` } } },
    all: over({ database: "$shop", objects: [{ kind: "table", name: "one" }] }),
    each: over({ objects: [{ kind: "table", name: "two", database: "$shop.name" }] }),
    role: over({ reassignOwnedBy: "$leaver.name", databases: ["$shop"] }),
    itself: over({ objects: [{ kind: "database", name: "$shop.name" }] }),
  });
  const owned = () =>
    stack.sql(
      `SELECT relname::text AS name, relowner::regrole::text AS owner FROM pg_class WHERE relnamespace = 'public'::regnamespace
        UNION ALL SELECT 'database', datdba::regrole::text FROM pg_database WHERE datname = current_database() ORDER BY 1`,
      [],
      name,
    );
  const handed = ["database", "one", "three", "two"].map((one) => ({ name: one, owner }));
  await stack.declare(program("UTF8"));
  await stack.up({ create: 10 });
  assert.deepEqual(await owned(), handed);
  await stack.declare(program("LATIN1"));
  await stack.preview({ replace: 6 });
  await stack.up({ replace: 6 });
  assert.deepEqual(await owned(), handed);
  await stack.preview({}, { refresh: true });
  await stack.destroy();
});

import assert from "node:assert/strict";
import { next, SURROUNDINGS, sequence, sequencesIn, standing, surroundings } from "./sequence";
import { onEveryStack, type Program, type Stack, uniqueName } from "./stack";

/** Runs SQL as the owner of the database, as a migration would. */
async function migrate(stack: Stack, name: string, sql: string): Promise<void> {
  await stack.sql(`SET ROLE ${name}; ${sql}`, [], name);
}

/** The column that a sequence belongs to, as PostgreSQL says it. */
async function ownerColumn(stack: Stack, name: string, called: string): Promise<unknown> {
  const [row] = await stack.sql(
    `SELECT pg_describe_object(refclassid, refobjid, refobjsubid) AS of FROM pg_depend
      WHERE objid = $1::regclass AND deptype IN ('a', 'i')`,
    [called],
    name,
  );
  return row?.of;
}

onEveryStack("a sequence that belongs to a column: said before anything is sent, followed, let go", async (stack) => {
  const name = uniqueName("owned");
  const around = surroundings(name);
  const ownedBy = { schema: "$sales.name", table: "orders", column: "no" };
  await stack.declare(around);
  await stack.up({ create: SURROUNDINGS });
  const declare = (args: object) => stack.declare({ ...around, no: sequence({ ...args }) });
  await declare({ ownedBy });
  assert.match(
    await stack.fails("up"),
    /sequence "sales"\."order_no": cannot create: ownedBy: table "sales"\."orders" does not exist\. Create it first, or leave ownedBy out until it is there/,
  );
  await migrate(
    stack,
    name,
    "CREATE TABLE sales.orders (no bigint, other bigint); CREATE TABLE retail.orders (no bigint)",
  );
  await declare({ ownedBy, owner: stack.role.name });
  assert.match(
    await stack.fails("up"),
    new RegExp(
      `ownedBy: table "sales"\\."orders" is owned by "${name}", and the sequence by "${stack.role.name}": it must be one role\\. Set owner: "${name}"`,
    ),
  );
  await declare({ ownedBy });
  await stack.up({ create: 1 });
  assert.equal(await ownerColumn(stack, name, "sales.order_no"), "column no of table sales.orders");
  assert.equal(await next(stack, name), "1");
  await stack.preview({}, { refresh: true });

  // Let go and moved away, and back to its table; another column by hand, and the column renamed.
  await declare({ schema: "$retail.name" });
  await stack.up({ update: 1 });
  assert.equal(await ownerColumn(stack, name, "retail.order_no"), undefined);
  await declare({ ownedBy });
  await stack.up({ update: 1 });
  assert.equal(await ownerColumn(stack, name, "sales.order_no"), "column no of table sales.orders");
  await stack.sql("ALTER SEQUENCE sales.order_no OWNED BY sales.orders.other", [], name);
  assert.match(await stack.preview({ update: 1 }, { refresh: true }), /~ column: "no" => "other"/);
  await stack.up({ update: 1 }, { refresh: true });
  await migrate(stack, name, "ALTER TABLE sales.orders RENAME COLUMN no TO nr");
  assert.match(await stack.preview({ update: 1 }, { refresh: true }), /~ column: "no" => "nr"/);
  await declare({ ownedBy: { ...ownedBy, column: "nr" } });
  await stack.up({}, { refresh: true });
  assert.deepEqual(await standing(stack, name), ["1", true]);

  // With its table gone, it is gone too.
  await migrate(stack, name, "DROP TABLE sales.orders");
  await stack.preview({ create: 1 }, { refresh: true });
  await declare({});
  await stack.up({ create: 1 }, { refresh: true });
  await stack.destroy();
});

onEveryStack(
  "the sequence of a serial column is adopted and released, one of an identity column is refused",
  async (stack) => {
    const name = uniqueName("adopt");
    const around = surroundings(name);
    await stack.declare(around);
    await stack.up({ create: SURROUNDINGS });
    await migrate(
      stack,
      name,
      "CREATE TABLE sales.t (i int GENERATED ALWAYS AS IDENTITY, s serial); INSERT INTO sales.t DEFAULT VALUES",
    );
    const serial = (args: object) => sequence({ name: "t_s_seq", ...args });
    await stack.declare({ ...around, serial: serial({}) });
    assert.match(
      await stack.fails("up"),
      /sequence "sales"\."t_s_seq": cannot create: it exists already\. Set adopt: true .*aliases/,
    );
    await stack.declare({
      ...around,
      identity: sequence({ name: "t_i_seq", adopt: true }),
      serial: serial({ adopt: true, dataType: "bigint", restartWith: 1, restartTrigger: "1" }),
    });
    assert.match(
      await stack.fails("up"),
      /sequence "sales"\."t_i_seq": cannot alter: it is part of the identity column "sales"\."t"\."i"\. Change it through its column/,
    );
    const adopted = {
      ...around,
      serial: serial({ adopt: true, dataType: "bigint", restartWith: 1, restartTrigger: "1" }),
    };
    await stack.declare(adopted);
    const { exitCode, output } = await stack.workspace.up();
    assert.equal(exitCode, 0, output);
    const row = async () => (await sequencesIn(stack, name)).find(({ name: called }) => called === "t_s_seq");
    const [type, most] = [(await row())?.type, (await row())?.most];
    assert.deepEqual([type, most], ["bigint", "9223372036854775807"], "only the difference is applied");
    assert.deepEqual(await standing(stack, name, "sales.t_s_seq"), ["1", true], "and it is not restarted");
    assert.equal(await ownerColumn(stack, name, "sales.t_s_seq"), "column s of table sales.t");
    await stack.preview({}, { refresh: true });

    // Taken out of the program: released. Adopted again and to be dropped: not while the column uses it.
    const before = await row();
    await stack.declare(around);
    await stack.up({ delete: 1 });
    assert.deepEqual(await row(), before);
    const dropped = { adopt: true, dropOnDelete: true };
    await stack.declare({ ...around, serial: serial(dropped) });
    await stack.up({ create: 1 });
    await stack.declare(around);
    assert.match(
      await stack.fails("up"),
      /sequence "sales"\."t_s_seq": cannot drop: it is used \(default value for column s of table sales\.t\)\. Take it out of use there, or set dropCascade: true \(and apply it\)/,
    );
    await stack.declare({ ...around, serial: serial({ ...dropped, dropCascade: true }) });
    await stack.up({ update: 1 });
    await stack.declare(around);
    await stack.up({ delete: 1 });
    assert.equal(await row(), undefined);
    assert.deepEqual(await stack.sql("SELECT s FROM sales.t", [], name), [{ s: 1 }], "the table stays as it is");
    await stack.destroy();
  },
);

onEveryStack("a change is done as a whole or not at all, and the next up finishes it", async (stack) => {
  const name = uniqueName("whole");
  stack.settings.lockTimeout = "400ms";
  const around = surroundings(name);
  await stack.declare({ ...around, no: sequence() });
  await stack.up({ create: SURROUNDINGS + 1 });
  const [before] = await sequencesIn(stack, name);

  // Who takes a number holds the sequence until the end of the transaction.
  const holder = await stack.session(name);
  await holder.query("BEGIN; SELECT nextval('sales.order_no')");
  const changed: Program = {
    ...around,
    no: sequence({ schema: "$retail.name", name: "nr", cache: 5, comment: "x" }),
    more: sequence({ name: "more" }),
  };
  await stack.declare(changed);
  assert.match(
    await stack.fails("up"),
    /sequence "sales"\."order_no": cannot alter: canceling statement due to lock timeout\. Another session holds a lock on it/,
  );
  assert.deepEqual(
    (await sequencesIn(stack, name)).filter(({ name: called }) => called !== "more"),
    [before],
  );
  await holder.query("COMMIT");
  await holder.end();
  const { exitCode, output } = await stack.workspace.up();
  assert.equal(exitCode, 0, output);
  const [more, after] = (await sequencesIn(stack, name)).reverse();
  assert.deepEqual(after, { ...before, schema: "retail", name: "nr", cache: "5", comment: "x" });
  assert.equal(more?.name, "more");
  assert.deepEqual(await standing(stack, name, "retail.nr"), ["1", true]);
  await stack.preview({}, { refresh: true });

  // A creation that fails leaves nothing, neither on the server nor in the state.
  await stack.declare({ ...changed, bad: sequence({ name: "bad", schema: "nowhere", comment: "x" }) });
  assert.match(
    await stack.fails("up"),
    /sequence "nowhere"\."bad": cannot create: schema "nowhere" does not exist\. Create it first/,
  );
  await stack.declare({ ...changed, bad: sequence({ name: "bad", comment: "x" }) });
  await stack.up({ create: 1 });

  // What is dropped with its database needs no drop of its own.
  await stack.declare({
    ...changed,
    bad: { type: "Sequence", args: { database: "$shop", name: "bad", schema: "sales" } },
  });
  await stack.up({ update: 1 });
  await stack.declare({ owner: around.owner! });
  await stack.up({ delete: 6 });
  assert.deepEqual(await stack.sql("SELECT 1 FROM pg_database WHERE datname = $1", [name]), []);
  await stack.destroy();
});

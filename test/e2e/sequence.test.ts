import assert from "node:assert/strict";
import { MAX, next, SURROUNDINGS, sentTo, sequence, sequencesIn, standing, surroundings } from "./sequence";
import { onEveryStack, type Program, uniqueName } from "./stack";

onEveryStack("a sequence: every property in one ALTER, taking numbers is no drift, drift is healed", async (stack) => {
  const name = uniqueName("seq");
  const declare = (args: object) => stack.declare({ ...surroundings(name), no: sequence({ ...args }) });
  await declare({ start: 1000, comment: "of orders" });
  assert.match(await stack.preview({ create: SURROUNDINGS + 1 }), /start *: "1000"/);
  await stack.up({ create: SURROUNDINGS + 1 });
  const [first] = await sequencesIn(stack, name);
  const { oid } = first ?? {};
  const created = {
    ...{ oid, schema: "sales", name: "order_no", owner: name, type: "bigint", by: "1", least: "1", most: MAX },
    ...{ start: "1000", cache: "1", cycle: false, comment: "of orders" },
  };
  assert.deepEqual(first, created);
  assert.deepEqual([await next(stack, name), await next(stack, name)], ["1000", "1001"]);
  await stack.preview({}, { refresh: true });

  await declare({
    ...{ dataType: "integer", increment: "-5", minValue: "-2147483648", maxValue: 2000, start: "0", cache: 7 },
    ...{ cycle: true, comment: "counted down" },
  });
  const plan = await stack.preview({ update: 1 });
  for (const line of [/\+ dataType *: "integer"/, /\+ maxValue *: "2000"/, /~ start *: "1000" => "0"/]) {
    assert.match(plan, line);
  }
  assert.deepEqual(await sentTo(stack, name, () => stack.up({ update: 1 })), [
    'ALTER SEQUENCE "sales"."order_no" AS integer INCREMENT BY -5 MINVALUE -2147483648 MAXVALUE 2000 START WITH 0 CACHE 7 CYCLE',
  ]);
  const changed = {
    ...{ oid, schema: "sales", name: "order_no", owner: name, type: "integer", by: "-5", least: "-2147483648" },
    ...{ most: "2000", start: "0", cache: "7", cycle: true, comment: "counted down" },
  };
  assert.deepEqual(await sequencesIn(stack, name), [changed]);
  assert.equal(await next(stack, name), "996", "the current number is kept");
  await stack.preview({}, { refresh: true });

  // Changed by hand: seen, property by property, and healed; which number comes next is nobody's to heal.
  await stack.sql(
    `ALTER SEQUENCE sales.order_no AS smallint INCREMENT 9 MINVALUE -100 MAXVALUE 1500 START 3 CACHE 1 NO CYCLE RESTART 1200;
     COMMENT ON SEQUENCE sales.order_no IS 'by hand'`,
    [],
    name,
  );
  const drift = await stack.preview({ update: 1 }, { refresh: true });
  for (const line of [
    /~ dataType *: "integer" => "smallint"/,
    /~ increment *: "-5" => "9"/,
    /~ minValue *: "-2147483648" => "-100"/,
    /~ maxValue *: "2000" => "1500"/,
    /~ start *: "0" => "3"/,
    /~ cache *: "7" => "1"/,
    /~ cycle *: true => false/,
    /~ comment *: "counted down" => "by hand"/,
  ]) {
    assert.match(drift, line);
  }
  await stack.up({ update: 1 }, { refresh: true });
  assert.deepEqual(await sequencesIn(stack, name), [changed]);
  assert.equal(await next(stack, name), "1200");

  // Taken away again: what PostgreSQL makes of a new one. Numbers that were taken stay taken.
  await declare({});
  await stack.up({ update: 1 });
  assert.deepEqual(await sequencesIn(stack, name), [{ ...created, start: "1", comment: null }]);
  assert.deepEqual(await standing(stack, name), ["1170", true], "seven at once had been taken");
  await stack.sql("ALTER SEQUENCE sales.order_no CYCLE CACHE 9 MAXVALUE 99999 START 5", [], name);
  await stack.preview({}, { refresh: true }); // what is not declared is no drift

  // Dropped by hand: created again.
  await stack.sql("DROP SEQUENCE sales.order_no", [], name);
  await stack.up({ create: 1 }, { refresh: true });
  assert.equal(await next(stack, name), "1");
  await stack.destroy();
});

onEveryStack("a sequence is renamed and moved in place, and follows its schema and its database", async (stack) => {
  const name = uniqueName("move");
  const around = surroundings(name) as Required<Program>;
  await stack.declare({ ...around, no: sequence({ start: "5" }) });
  await stack.up({ create: SURROUNDINGS + 1 });
  const [made] = await sequencesIn(stack, name);
  assert.equal(await next(stack, name), "5");
  /** The same sequence, and nothing of it moved, under another name. */
  const is = async (database: string, schema: string, called: string) => {
    assert.deepEqual(await sequencesIn(stack, database), [{ ...made, schema, name: called }]);
    assert.deepEqual(await standing(stack, database, `"${schema}"."${called}"`), ["5", true]);
    await stack.preview({}, { refresh: true });
  };

  await stack.declare({ ...around, no: sequence({ schema: "$retail.name", name: "No. 1", start: "5" }) });
  const plan = await stack.preview({ update: 1 });
  for (const line of [/~ schema *: "sales" => "retail"/, /~ name *: "order_no" => "No\. 1"/]) assert.match(plan, line);
  await stack.up({ update: 1 });
  await is(name, "retail", "No. 1");

  // Everything that it is in, and it itself, renamed at once: by the program, and then by hand.
  const [back, there] = [sequence({ start: "5" }), sequence({ name: "nr", start: "5" })];
  await stack.declare({ ...around, no: back });
  await stack.up({ update: 1 });
  around.shop!.args.name = `${name}_2`;
  around.sales!.args.name = "sold";
  await stack.declare({ ...around, no: there });
  assert.doesNotMatch(await stack.preview({ update: 3 + 1 }), /replace|delete/); // `retail` follows the database
  const sent = await sentTo(stack, `${name}_2`, () => stack.up({ update: 4 }));
  assert.deepEqual(
    sent,
    ['ALTER SEQUENCE "sold"."order_no" RENAME TO "nr"'],
    "its schema and its database moved with it",
  );
  await is(`${name}_2`, "sold", "nr");
  await stack.sql(
    "ALTER SEQUENCE sold.nr RENAME TO byhand; ALTER SEQUENCE sold.byhand SET SCHEMA retail",
    [],
    `${name}_2`,
  );
  await stack.sql("ALTER SCHEMA sold RENAME TO sold_byhand", [], `${name}_2`);
  await stack.sql(`ALTER DATABASE ${name}_2 RENAME TO ${name}_byhand`);
  const drift = await stack.preview({ update: 4 }, { refresh: true });
  for (const line of [/~ schema *: "sold" => "retail"/, /~ name *: "nr" => "byhand"/]) assert.match(drift, line);
  await stack.up({ update: 4 }, { refresh: true });
  await is(`${name}_2`, "sold", "nr");

  // Into another database it cannot go.
  const elsewhere: Program = {
    ...around,
    shop2: { type: "Database", args: { name: `${name}_3`, owner: "$owner.name" } },
    there: { type: "Schema", args: { database: "$shop2.name", name: "sold", owner: "$owner.name" } },
  };
  await stack.declare({ ...elsewhere, no: sequence({ database: "$shop2.name", schema: "$there.name", name: "nr" }) });
  assert.match(
    await stack.fails("up"),
    new RegExp(`sequence "sold"\\."nr": cannot update: it cannot move to another database \\("${name}_3"\\)`),
  );
  await stack.destroy();
});

onEveryStack(
  "a renamed schema's sequence is not taken for the one of a new schema with the old name",
  async (stack) => {
    const name = uniqueName("again");
    const around = surroundings(name);
    await stack.declare({ ...around, no: sequence({ start: 5 }) });
    await stack.up({ create: SURROUNDINGS + 1 });
    const [{ oid } = {}] = await sequencesIn(stack, name);
    around.sales!.args.name = "sold";
    const sales2: Program[string] = {
      type: "Schema",
      args: { database: "$shop.name", name: "sales", owner: "$owner.name" },
      options: { dependsOn: ["sales"] },
    };
    // The new one is made before the old one is looked at.
    await stack.declare({
      ...around,
      sales2,
      no2: sequence({ schema: "$sales2.name", start: 100 }),
      no: { ...sequence({ start: 5, cache: 9 }), options: { dependsOn: ["no2"] } },
    });
    await stack.up({ create: 2, update: 2 });
    const found = await sequencesIn(stack, name);
    assert.deepEqual(
      found.map(({ oid: of, schema, start, cache }) => [of === oid, schema, start, cache]),
      [
        [false, "sales", "100", "1"],
        [true, "sold", "5", "9"],
      ],
    );
    await stack.preview({}, { refresh: true });
    await stack.destroy();
  },
);

import assert from "node:assert/strict";
import { MAX, next, SURROUNDINGS, sequence, sequencesIn, standing, surroundings } from "./sequence";
import { onEveryStack, uniqueName } from "./stack";

onEveryStack("numbers that cannot be are refused in preview, by name and without the server", async (stack) => {
  stack.settings.port = 1; // nothing listens there
  const refused = async (args: Record<string, unknown>, ...reasons: RegExp[]) => {
    await stack.declare({ no: { type: "Sequence", args: { name: "no", ...args } } });
    const output = await stack.fails("preview");
    for (const reason of reasons) assert.match(output, reason);
  };
  await refused(
    { start: 2 ** 53, increment: 0, minValue: "9223372036854775808", maxValue: "1e3", cache: "0", dataType: "int" },
    /property start value \{[\d.e+]+\} has a problem: must be a whole number from -9223372036854775808 to 9223372036854775807 \(beyond 9007199254740991: a bigint or text\)/,
    /property increment value \{0\} has a problem: must be a whole number .*, but not 0/,
    /property minValue .* has a problem: must be a whole number from/,
    /property maxValue .* has a problem: must be a whole number from/,
    /property cache .* has a problem: must be a whole number from 1 to/,
    /property dataType .* has a problem: must be "smallint" or "integer" or "bigint"/,
  );
  await refused(
    { dataType: "smallint", maxValue: 32768 },
    /maxValue .* must be from -32768 to 32767, as smallint holds/,
  );
  await refused({ minValue: 5, maxValue: 5 }, /maxValue .* must be greater than minValue \(5\)/);
  await refused({ minValue: 5, start: 4 }, /start .* must not be less than minValue \(5\)/);
  await refused({ restartWith: 4 }, /restartWith .* needs a restartTrigger: it is used when that changes/);
  await refused({ schema: "pg_mine" }, /schema .* must be a name .* not starting with pg_/);
  await refused(
    { schema: "sales", ownedBy: { schema: "retail", table: "t", column: "c" } },
    /ownedBy .* must be in the schema of the sequence, "sales"/,
  );
  await refused({ ownedBy: { table: "t" } }, /ownedBy .* must be \{ schema, table, column \}/);
  await stack.declare({
    no: { type: "Sequence", args: { minValue: 0, start: "0", maxValue: MAX, ownedBy: { table: "t", column: "c" } } },
  });
  await stack.preview({ create: 3 });
});

onEveryStack("64 bits to the last digit: as bigint, text and number, and inside Outputs", async (stack) => {
  const name = uniqueName("int64");
  const { host, port } = stack.server;
  const connection = { host, port, user: stack.role.name, password: stack.role.password };
  const write = (most: string) =>
    stack.workspace.program(`
      const pulumi = require("@pulumi/pulumi");
      const pgmob = require("pulumi-pgmob");
      const on = { provider: new pgmob.Provider("server", ${JSON.stringify(connection)}) };
      const shop = new pgmob.Database("shop", { name: "${name}" }, on);
      const numbers = { minValue: pulumi.output(-9223372036854775808n), maxValue: ${most}, start: 0, cache: Promise.resolve(1n) };
      const first = new pgmob.Sequence("first", { database: shop, ...numbers }, on);
      // What the first one has, so that it is not known in preview.
      const second = new pgmob.Sequence("second", {
        database: shop,
        maxValue: first.maxValue.apply((value) => BigInt(value) - 1n),
        start: pulumi.all([first.start, first.oid]).apply(([start]) => Number(start) + 7),
        increment: pulumi.output("2"),
      }, on);
      // Looked up by its id, it has everything that the server shows.
      const found = pgmob.Sequence.get("found", first.oid.apply(() => "${name}/public/first"), on);
      const short = pgmob.Sequence.get("short", second.oid.apply(() => "${name}/public/second"), on);
      exports.found = [found.schema, found.name, found.minValue, found.increment, short.maxValue, short.cache];
      exports.most = first.maxValue;
      exports.lessOne = second.maxValue;
      exports.kind = first.maxValue.apply((value) => typeof value);
    `);
  await write("9223372036854775807n");
  const { exitCode, output } = await stack.workspace.up();
  assert.equal(exitCode, 0, output);
  const has = async () =>
    (await sequencesIn(stack, name)).map(({ name: called, by, least, most, start }) => [
      called,
      by,
      least,
      most,
      start,
    ]);
  assert.deepEqual(await has(), [
    ["first", "1", "-9223372036854775808", MAX, "0"],
    ["second", "2", "1", "9223372036854775806", "7"],
  ]);
  const { found, ...outputs } = await stack.workspace.outputs();
  assert.deepEqual(found, ["public", "first", "-9223372036854775808", "1", "9223372036854775806", "1"]);
  assert.deepEqual(outputs, { most: MAX, lessOne: "9223372036854775806", kind: "string" });
  const { deployment } = await stack.workspace.export();
  const { inputs } = deployment.resources?.find(({ urn }) => urn.endsWith("::first")) ?? {};
  assert.deepEqual([inputs?.maxValue, inputs?.start, inputs?.cache], [MAX, "0", "1"]);

  for (const spelling of [`"${MAX}"`, `"0${MAX}"`, "2n ** 63n - 1n", "pulumi.output(9223372036854775807n)"]) {
    await write(spelling);
    await stack.preview({}, { refresh: true });
  }
  await write("Number.MAX_SAFE_INTEGER");
  await stack.up({ update: 2 });
  assert.deepEqual(
    (await has()).map(([, , , most]) => most),
    ["9007199254740991", "9007199254740990"],
  );
  await write("Number.MAX_SAFE_INTEGER + 1");
  assert.match(await stack.fails("preview"), /maxValue .* must be a whole number from/);
  await stack.destroy();
});

onEveryStack("a restart comes on demand, with the change that needs it, and only once", async (stack) => {
  const name = uniqueName("restart");
  const declare = (args: object) => stack.declare({ ...surroundings(name), no: sequence({ ...args }) });
  await declare({ restartWith: 50, restartTrigger: "first" });
  await stack.up({ create: SURROUNDINGS + 1 });
  assert.deepEqual(await standing(stack, name), ["1", false], "a new one is not restarted");
  assert.equal(await next(stack, name), "1");

  // The current number is in the way of new bounds: said, and nothing done.
  await declare({ restartWith: 50, restartTrigger: "first", minValue: 20, cache: 5 });
  await stack.preview({ update: 1 });
  assert.match(
    await stack.fails("up"),
    /sequence "sales"\."order_no": cannot alter: RESTART value \(1\) cannot be less than MINVALUE \(20\)\. Its current number, which a change keeps, would be outside of its bounds: restart it with the same change \(restartWith and restartTrigger/,
  );
  const [before] = await sequencesIn(stack, name);
  assert.deepEqual([before?.least, before?.cache], ["1", "1"], "nothing is done by halves");

  await declare({ restartWith: 50, restartTrigger: "second", minValue: 20, cache: 5 });
  assert.match(await stack.preview({ update: 1 }), /~ restartTrigger *: "first" => "second"/);
  await stack.up({ update: 1 });
  assert.deepEqual(await standing(stack, name), ["50", false]);
  const [after] = await sequencesIn(stack, name);
  assert.deepEqual(
    [after?.least, after?.start, after?.cache],
    ["20", "20", "5"],
    "a start that was the default follows",
  );
  await stack.preview({}, { refresh: true });
  assert.equal(await next(stack, name), "50");

  // Another number, another property: no restart. Neither is taking the trigger away.
  await declare({ restartWith: 70, restartTrigger: "second", minValue: 20, cache: 6 });
  await stack.up({ update: 1 });
  await declare({ minValue: 20 });
  await stack.up({ update: 1 });
  assert.deepEqual(await standing(stack, name), ["54", true]);
  // Without a number: from the start.
  await declare({ minValue: 20, restartTrigger: "third" });
  await stack.up({ update: 1 });
  assert.deepEqual(await standing(stack, name), ["20", false]);
  await stack.up({}, { refresh: true });
  assert.deepEqual(await standing(stack, name), ["20", false]);
  await stack.destroy();
});

import assert from "node:assert/strict";
import { Consumer } from "../support/consumer";
import { onEveryServer } from "./example";
import { publish, slotOf } from "./slots";

onEveryServer("change-data-capture", { readerPassword: "reads s3cret" }, async (stack) => {
  const { host, port } = stack.server;
  await stack.up({ create: 4 });
  const { position, ...outputs } = await stack.workspace.outputs();
  assert.deepEqual(outputs, {
    ...{ user: "orders_reader", database: "orders", slot: "order_changes", wal: "reserved" },
  });
  const insert = await publish(stack, "orders");
  const login = { host, port, user: "orders_reader", password: "reads s3cret", database: "orders" };
  const reader = new Consumer({ ...login, slot: "order_changes", publication: "p", reconnect: true });
  try {
    await insert(1, 100);
    await reader.until(() => reader.received.length === 100);
    await stack.up({}, { refresh: true });
    assert.notEqual((await stack.workspace.outputs()).position, position);
    assert.match(await stack.fails("destroy"), /it holds data \(public\.t\)/);
    assert.equal(await slotOf(stack, "order_changes"), undefined, "ended and dropped while it was read from");
  } finally {
    await reader.stop();
  }
  await stack.sql("DROP TABLE t", [], "orders");
  await stack.destroy();
});

onEveryServer("sequences", {}, async (stack) => {
  await stack.up({ create: 7 });
  assert.deepEqual(await stack.workspace.outputs(), {
    database: "billing",
    sequences: ["order_no", "invoice_no", "event_id"],
    newestEvent: "9223372036854775807",
  });
  const take = async () => {
    const names = ["order_no", "invoice_no", "event_id"].map((name) => `nextval('sales.${name}')`);
    return Object.values(
      (await stack.sql(`SELECT ${names.map((one, i) => `${one} AS n${i}`).join()}`, [], "billing"))[0]!,
    );
  };
  assert.deepEqual(await take(), ["10000", "2030000001", "9223372036854775807"]);
  await take();
  await stack.preview({}, { refresh: true });
  await stack.workspace.setConfig("program:year", "2031");
  await stack.up({ update: 1 });
  // Another session, which takes another twenty order numbers.
  assert.deepEqual(await take(), ["10040", "2031000001", "9223372036854775805"]);
  await stack.destroy();
});

onEveryServer("lookups", {}, async (stack) => {
  const teams = ["team_blue", "team_red"];
  for (const name of [...teams, "team_green_retired"]) await stack.sql(`CREATE ROLE ${name}`);
  try {
    const plan = await stack.preview({ create: 4 });
    for (const team of teams) assert.match(plan, new RegExp(`pgmob:Schema::${team}\\b`));
    await stack.up({ create: 4 });
    const [{ version } = {}] = await stack.sql("SELECT current_setting('server_version') AS version");
    assert.deepEqual(await stack.workspace.outputs(), { version, schemas: teams, unprotected: [] });
    await stack.sql("CREATE TABLE team_red.plans (a int); CREATE TABLE team_red.safe (a int)", [], "sandbox");
    await stack.sql("ALTER TABLE team_red.safe ENABLE ROW LEVEL SECURITY; CREATE ROLE team_grey", [], "sandbox");
    await stack.up({ create: 1 });
    assert.deepEqual(await stack.workspace.outputs(), {
      ...{ version, schemas: ["team_blue", "team_grey", "team_red"], unprotected: ["team_red.plans"] },
    });
    await stack.preview({}, { refresh: true });
    await stack.sql("DROP TABLE team_red.plans, team_red.safe", [], "sandbox");
    await stack.destroy();
  } finally {
    for (const name of [...teams, "team_green_retired", "team_grey"]) await stack.sql(`DROP ROLE IF EXISTS ${name}`);
  }
});

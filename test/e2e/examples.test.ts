import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Cluster } from "../../provider";
import { fitClients, haveClients } from "../support/clients";
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

onEveryServer("commands", { words: '["alpha","beta","it\'s"]' }, async (stack) => {
  await stack.up({ create: 7 });
  assert.deepEqual(await stack.workspace.outputs(), {
    loaded: 3,
    commands: ["catalog/index", "catalog/words", "catalog/fast"],
  });
  await stack.preview({}, { refresh: true });
  const words = () => stack.sql("SELECT array_agg(word ORDER BY id) AS words FROM search.words", [], "catalog");
  assert.deepEqual(await words(), [{ words: ["alpha", "beta", "it's"] }]);
  await stack.workspace.setConfig("program:words", '["gamma"]', { secret: true });
  await stack.up({ replace: 1 });
  assert.deepEqual(await words(), [{ words: ["gamma"] }]);
  assert.deepEqual(
    await stack.sql("SELECT count(*)::int AS n FROM pg_indexes WHERE indexname = 'words_by_word'", [], "catalog"),
    [{ n: 1 }],
  );
  await stack.destroy();
});

if (haveClients) {
  onEveryServer("database-backups", {}, async (stack) => {
    const folder = await mkdtemp(join(tmpdir(), "pgmob-backups-"));
    const clientPath = fitClients(stack.server.version) ?? assert.fail("no clients");
    const { host, port, superuser: user, password } = stack.server;
    const cluster = await Cluster.connect({ host, port, user, password });
    try {
      await cluster.databases.create({ name: "shop_original" });
      const original = cluster.in("shop_original");
      await original.execute("CREATE TABLE customers AS SELECT 1 AS id, 'alice@example.org' AS email");
      await original.backup({ at: "client", path: join(folder, "shop.dump") }, { clientPath });
      await stack.workspace.setConfig("program:backups", folder);
      await stack.workspace.setConfig("program:clientPath", clientPath);
      await stack.up({ create: 3 });
      assert.deepEqual(await stack.workspace.outputs(), { database: "shop_preview", customers: 1 });
      assert.deepEqual(await stack.sql("SELECT email FROM customers", [], "shop_preview"), [
        { email: "customer1@example.com" },
      ]);
      await stack.session("shop_preview");
      await stack.destroy();
      const last = readdirSync(folder).find((name) => /^shop_preview-20\d{6}T\d{6}Z\.dump$/.test(name)) ?? "none";
      await cluster.databases.create({
        name: "shop_again",
        restoreFrom: { at: "client", path: join(folder, last), clientPath },
      });
      assert.deepEqual(await cluster.in("shop_again").execute("SELECT email FROM customers"), [
        ["customer1@example.com"],
      ]);
    } finally {
      for (const name of ["shop_original", "shop_again"]) {
        if (await cluster.databases.has(name))
          await (await cluster.databases.get(name)).drop({ dropNonEmpty: true, forceDrop: true });
      }
      await cluster.close();
      await rm(folder, { recursive: true, force: true });
    }
  });
}

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

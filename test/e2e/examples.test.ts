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
import type { Stack } from "./stack";

/** What a lesser role cannot do is said by name; what was made before that goes again. */
async function lacks(stack: Stack, right: RegExp, ...tidyUp: string[]): Promise<void> {
  assert.match(await stack.fails("up"), right);
  for (const statement of tidyUp) await stack.sql(statement);
  await stack.destroy();
}

onEveryServer("change-data-capture", { readerPassword: "reads s3cret" }, async (stack) => {
  const { host, port } = stack.server;
  if (!stack.role.superuser)
    return lacks(stack, /must be superuser to create replication users|Only roles with the REPLICATION/);
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
      const session = await stack.session("shop_preview");
      if (!stack.role.superuser) {
        assert.match(await stack.fails("destroy"), /has not the rights of role "postgres".* It was not dropped/);
        await session.end();
      }
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
  const create = `SET ROLE ${stack.role.name}; CREATE ROLE`; // with the rights of what it has made itself
  for (const name of [...teams, "team_green_retired"]) await stack.sql(`${create} ${name}`);
  try {
    const plan = await stack.preview({ create: 4 });
    for (const team of teams) assert.match(plan, new RegExp(`pgmob:Schema::${team}\\b`));
    await stack.up({ create: 4 });
    const [{ version } = {}] = await stack.sql("SELECT current_setting('server_version') AS version");
    assert.deepEqual(await stack.workspace.outputs(), { version, schemas: teams, unprotected: [] });
    await stack.sql("CREATE TABLE team_red.plans (a int); CREATE TABLE team_red.safe (a int)", [], "sandbox");
    await stack.sql(`ALTER TABLE team_red.safe ENABLE ROW LEVEL SECURITY; ${create} team_grey`, [], "sandbox");
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

onEveryServer("existing-objects", {}, async (stack) => {
  const inside = (sql: string) => stack.sql(sql, [], "crm");
  await stack.sql("CREATE ROLE alice");
  await stack.sql("CREATE DATABASE crm");
  await inside(`CREATE SCHEMA app; CREATE TYPE app.standing AS ENUM ('good', 'bad'); CREATE TABLE app.visits ();
    CREATE TABLE app.customers (id int PRIMARY KEY, name text, closed bool DEFAULT false); INSERT INTO app.customers VALUES (1, 'a', false), (2, 'b', true);
    CREATE POLICY everything ON app.customers USING (true);
    CREATE FUNCTION app.close_customer(int) RETURNS void LANGUAGE sql AS 'UPDATE app.customers SET closed = true WHERE id = $1';
    CREATE TABLE public.hers (); ALTER TABLE public.hers OWNER TO alice`);
  if (!stack.role.superuser) {
    const denied = /schema "app": cannot alter: .* "postgres" is a superuser: only a superuser can act for it/;
    await lacks(stack, denied, "DROP DATABASE crm");
    await stack.sql("DROP ROLE alice");
    return;
  }
  await stack.up({ create: 8 });
  assert.deepEqual(await stack.workspace.outputs(), {
    takenOver: ["table", "view", "function"],
    ownedByOthers: [{}, {}],
  });
  await inside("SELECT app.rename_customer(1, 'new')");
  assert.deepEqual(await inside("SELECT name FROM app.active_customers"), [{ name: "new" }]);
  const owners = `SELECT array_agg(DISTINCT pg_get_userbyid(o.owner)::text) AS owners FROM (SELECT relowner AS owner FROM pg_class WHERE relkind IN ('r', 'v')
      AND relnamespace IN ('app'::regnamespace, 'public'::regnamespace) UNION SELECT proowner FROM pg_proc WHERE pronamespace = 'app'::regnamespace
      UNION SELECT typowner FROM pg_type WHERE typname = 'standing') AS o`;
  assert.deepEqual(await inside(owners), [{ owners: ["crm_owner"] }]);
  await stack.preview({}, { refresh: true });

  // A migration that goes about it in its own way.
  await inside(`ALTER TABLE app.customers DISABLE ROW LEVEL SECURITY; CREATE OR REPLACE VIEW app.active_customers AS SELECT id, name FROM app.customers;
    CREATE TABLE app.visits_2 (); ALTER TABLE app.visits OWNER TO postgres; CREATE TABLE public.hers_too (); ALTER TABLE public.hers_too OWNER TO alice`);
  const drift = await stack.preview({ update: 4 }, { refresh: true });
  for (const line of [/~ rowSecurity *: true => false/, /~ definition *:/, /notOwned/]) assert.match(drift, line);
  await stack.up({ update: 4 }, { refresh: true });
  await inside("DROP TABLE app.visits_2");
  assert.deepEqual(await inside(owners), [{ owners: ["crm_owner"] }]);
  await stack.preview({}, { refresh: true });

  // Taken out, everything stays; only the role was this program's own, and cannot go before what it owns.
  const role = await stack.fails("destroy");
  assert.match(role, /role "crm_owner": cannot drop: objects depend on it/);
  assert.deepEqual(await inside("SELECT count(*)::int AS n FROM app.active_customers"), [{ n: 1 }]);
  await stack.sql("DROP DATABASE crm");
  await stack.destroy();
  await stack.sql("DROP ROLE alice");
});

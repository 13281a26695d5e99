import assert from "node:assert/strict";
import { InvalidValueError, ObjectInUseError, RefusedError } from "../../../provider";
import { uniqueName } from "../../support/postgres-fixture";
import { asEachDeployer, failure, onEachServer } from "../scene";

asEachDeployer("twenty databases at once", async (scene) => {
  const cluster = await scene.connect();
  const names = Array.from({ length: 20 }, () => uniqueName("many"));
  const made = await Promise.all(names.map((name) => cluster.databases.create({ name, comment: name })));
  assert.deepEqual(
    made.map(({ name, comment }) => [name, comment]),
    names.map((name) => [name, name]),
  );
  await Promise.all(made.map((database) => database.drop()));
  assert.deepEqual(await scene.ask("SELECT 1 FROM pg_database WHERE datname = ANY ($1)", [names]), []);
});

asEachDeployer("a template is dropped like any other, and stays one when the drop fails", async (scene) => {
  const cluster = await scene.connect();
  const database = await cluster.databases.create({ name: uniqueName("template"), isTemplate: true });
  const session = await scene.client(database.name);
  await failure(database.drop(), ObjectInUseError);
  assert.deepEqual(await scene.ask("SELECT datistemplate FROM pg_database WHERE oid = $1", [database.oid]), [[true]]);
  await session.end();
  await database.drop();
  assert.equal(await cluster.databases.has(database.name), false);
});

asEachDeployer("0 connections is a limit, and nobody can connect where that is said", async (scene) => {
  const cluster = await scene.connect();
  const name = uniqueName("closed");
  const database = await cluster.databases.create({ name, connectionLimit: 0, allowConnections: false });
  const row = "SELECT datconnlimit, datallowconn FROM pg_database WHERE oid = $1";
  assert.deepEqual(await scene.ask(row, [database.oid]), [[0, false]]);
  await assert.rejects(scene.client(name), /not currently accepting connections/);
  const { message } = await failure(database.drop(), RefusedError); // whether it holds tables cannot be seen
  assert.match(message, /Let it allow connections first .*Set dropNonEmpty: true/);
  await database.alter({ connectionLimit: null, allowConnections: null });
  assert.deepEqual(await scene.ask(row, [database.oid]), [[-1, true]]);
  await database.drop();
});

onEachServer("locales of every provider that the version has, compared as the server spells them", async (scene) => {
  const cluster = await scene.connect();
  const { version } = scene.server;
  const make = (properties: object) => cluster.databases.create({ name: uniqueName("locale"), ...properties });
  const libc = await make({ locale: "C.UTF-8", lcCtype: "C" });
  assert.deepEqual([libc.lcCollate, libc.lcCtype, libc.localeProvider], ["C.UTF-8", "C", "libc"]);
  await libc.alter({ locale: "C.utf8", lcCollate: "C.utf-8", lcCtype: "POSIX", localeProvider: "libc" });
  await failure(libc.alter({ locale: "C" }), RefusedError);
  if (version < 15) {
    const old = await failure(make({ localeProvider: "icu", icuLocale: "en-US" }), InvalidValueError);
    assert.match(old.message, /localeProvider: `icu` needs PostgreSQL 15 or newer; the server runs 14\./);
    return;
  }
  const rules = version < 16 ? {} : { icuRules: "&a < b" };
  const icu = await make({ localeProvider: "icu", icuLocale: "EN_us_u_kn", encoding: "utf-8", ...rules });
  assert.deepEqual([icu.localeProvider, icu.icuRules], ["icu", rules.icuRules ?? null]);
  await icu.alter({ localeProvider: "icu", icuLocale: "en-US-u-kn-true", ...rules });
  await failure(icu.alter({ icuLocale: "en-GB" }), RefusedError);
  if (version < 17) {
    const old = await failure(make({ localeProvider: "builtin", builtinLocale: "C" }), InvalidValueError);
    assert.match(old.message, /localeProvider: `builtin` needs PostgreSQL 17 or newer; the server runs 1[56]\./);
    return;
  }
  const builtin = await make({ localeProvider: "builtin", builtinLocale: "C.utf8" });
  assert.deepEqual([builtin.localeProvider, builtin.builtinLocale], ["builtin", "C.UTF-8"]);
  await builtin.alter({ builtinLocale: "C.utf8", localeProvider: "builtin" });
});

onEachServer("a script makes the same database again", async (scene) => {
  const cluster = await scene.connect();
  const modern = scene.server.version >= 17 ? { localeProvider: "icu", icuLocale: "de-u-co-phonebk" } : {};
  const database = await cluster.databases.create({
    ...{ name: uniqueName("origin"), encoding: "UTF8", lcCtype: "C.UTF-8", connectionLimit: 7, isTemplate: true },
    ...{ comment: "it's\na \\ comment", config: { search_path: ["a b", "C"], statement_timeout: "30s" }, ...modern },
  } as never);
  const plain = await scene.client();
  const name = uniqueName("copy");
  for (const statement of (await database.script({ name })).split(";\n").filter(Boolean)) await plain.query(statement);
  const copy = await cluster.databases.get(name);
  assert.deepEqual({ ...copy, name: database.name }, { ...database });
  for (const one of [copy, database]) await one.drop();
});

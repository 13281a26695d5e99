/** Every option does with the real programs what its documentation says. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { BackupOptions, Cluster, RestoreOptions } from "../../../provider";
import { InvalidValueError, ProgramError } from "../../../provider";
import { uniqueName } from "../../support/postgres-fixture";
import { failure, onEachServer } from "../scene";
import { inFolder, withClients } from "./scene";

async function filled(cluster: Cluster): Promise<Cluster> {
  const name = uniqueName("src");
  await cluster.databases.create({ name });
  const here = cluster.in(name);
  await here.execute(`CREATE SCHEMA s; CREATE SCHEMA other; CREATE TABLE other.u (a int);
    CREATE FUNCTION s.f(int) RETURNS int LANGUAGE sql AS 'SELECT 1';
    CREATE FUNCTION s.no() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE ''no''; END';
    CREATE TABLE s.t (a int); INSERT INTO s.t VALUES (1), (2); CREATE INDEX i ON s.t (a);
    CREATE TRIGGER tr BEFORE INSERT ON s.t FOR EACH ROW EXECUTE FUNCTION s.no();
    GRANT SELECT ON s.t TO public; CREATE PUBLICATION p FOR TABLE s.t; SELECT lo_create(4711)`);
  return here;
}

withClients("options of pg_dump", onEachServer, (scene, clientPath) =>
  inFolder(async (folder) => {
    const source = await filled(await scene.connect());
    const role = scene.server.superuser;
    const path = join(folder, "x");
    /** Options, what is in the dump with them, and what is not. */
    const table: [options: BackupOptions, has: RegExp[], hasNot: RegExp[]][] = [
      [
        {},
        [/CREATE TABLE s\.t/, /COPY s\.t/, /OWNER TO/, /GRANT SELECT/, /CREATE PUBLICATION/, /lo_create\('4711'\)/],
        [/DROP/],
      ],
      [{ clean: true, create: true }, [/DROP DATABASE "?src/i, /CREATE DATABASE/, /\\connect/], [/IF EXISTS/]],
      [{ clean: true, ifExists: true }, [/DROP TABLE IF EXISTS s\.t/], [/CREATE DATABASE/]],
      [
        { dataOnly: true, disableTriggers: true, superuser: role },
        [/COPY s\.t/, /DISABLE TRIGGER ALL/, new RegExp(`AUTHORIZATION '?${role}`)],
        [/CREATE TABLE/],
      ],
      [{ schemaOnly: true }, [/CREATE TABLE s\.t/, /CREATE INDEX i/], [/COPY s\.t/]],
      [{ tables: ["s.t"] }, [/CREATE TABLE s\.t/], [/other/, /FUNCTION s\.f/]],
      [{ schemas: ["s"], blobs: true }, [/CREATE TABLE s\.t/, /4711/], [/CREATE TABLE other/]],
      [{ excludeSchemas: ["o*"], blobs: false }, [/CREATE TABLE s\.t/], [/CREATE TABLE other/, /4711/]],
      [{ excludeTables: ["s.t"] }, [/CREATE TABLE other\.u/], [/CREATE TABLE s\.t/]],
      [{ excludeTableData: ["s.t"] }, [/CREATE TABLE s\.t/], [/COPY s\.t/]],
      [
        { noOwner: true, noPrivileges: true, noPublications: true, noSubscriptions: true, noTablespaces: true },
        [/CREATE TABLE s\.t/],
        [/OWNER TO/, /GRANT/, /PUBLICATION/, /default_tablespace/],
      ],
      [{ sections: ["pre-data"] }, [/CREATE TABLE s\.t/], [/COPY s\.t/, /CREATE INDEX/]],
      [{ sections: ["data", "post-data"] }, [/COPY s\.t/, /CREATE INDEX/], [/CREATE TABLE/]],
      [{ inserts: true, lockWaitTimeout: 5000 }, [/INSERT INTO s\.t VALUES \(1\)/], [/COPY s\.t/]],
      [{ encoding: "SQL_ASCII", role, verbose: true }, [/client_encoding = 'SQL_ASCII'/], []],
      [{ strictNames: true, schemas: ["s"] }, [/CREATE TABLE s\.t/], []],
    ];
    for (const [options, has, hasNot] of table) {
      await source.backup({ at: "client", path }, { clientPath, format: "plain", overwrite: true, ...options });
      const dump = readFileSync(path, "utf8");
      for (const one of has) assert.match(dump, one, JSON.stringify(options));
      for (const one of hasNot) assert.doesNotMatch(dump, one, JSON.stringify(options));
    }
    const strict = { clientPath, overwrite: true, strictNames: true, schemas: ["s", "nowhere"] };
    await failure(source.backup({ at: "client", path }, strict), ProgramError);
    const sizes: number[] = [];
    for (const compress of [0, 9]) {
      await source.execute("CREATE TABLE IF NOT EXISTS s.long AS SELECT repeat('x', 100000) AS a");
      await source.backup({ at: "client", path }, { clientPath, overwrite: true, compress });
      sizes.push(readFileSync(path).length);
    }
    assert.ok(sizes[0]! > 100_000 && sizes[1]! < 50_000, `${sizes}`);
    // A lock that is not had in time.
    const locker = await scene.client(source.currentDatabase);
    await locker.query("BEGIN; LOCK TABLE s.t");
    const locked = failure(
      source.backup({ at: "client", path: `${path}2` }, { clientPath, lockWaitTimeout: 100 }),
      ProgramError,
    );
    assert.match((await locked).message, /s\.t|lock/);
    await locker.query("ROLLBACK");
  }),
);

withClients("options of pg_restore", onEachServer, (scene, clientPath) =>
  inFolder(async (folder) => {
    const cluster = await scene.connect();
    const source = await filled(cluster);
    const from = { at: "client", path: join(folder, "archive") } as const;
    await source.backup(from, { clientPath });
    const name = uniqueName("dst");
    await cluster.databases.create({ name });
    const target = cluster.in(name);
    const restore = (options: RestoreOptions) => target.restore(from, { clientPath, ...options });
    const count = async () => (await target.execute("SELECT count(*)::int FROM s.t"))[0]?.[0];
    const there = async (query: string) => (await target.execute(`SELECT ${query} IS NOT NULL`))[0]?.[0];

    await restore({
      sections: ["pre-data"],
      noOwner: true,
      noPrivileges: true,
      noTablespaces: true,
      noSubscriptions: true,
    });
    assert.deepEqual([await count(), await there("to_regclass('s.i')")], [0, false]);
    assert.equal((await target.tables.get({ schema: "s", name: "t" })).owner, scene.deployer.name);
    const acl = "SELECT relacl IS NULL FROM pg_class WHERE oid = 's.t'::regclass";
    assert.deepEqual(await target.execute(acl), [[true]]);
    await restore({ triggers: ["t tr"] });
    await failure(target.execute("INSERT INTO s.t VALUES (5)"), Error);
    await restore({
      dataOnly: true,
      disableTriggers: true,
      superuser: scene.server.superuser,
      schemas: ["s"],
      tables: ["t"],
    });
    assert.equal(await count(), 2, "the trigger was off");
    await restore({ indexes: ["i"], singleTransaction: true, exitOnError: true });
    assert.equal(await there("to_regclass('s.i')"), true);
    await target.execute("DROP FUNCTION s.f(int)");
    await restore({ functions: ["f(integer)"], schemas: ["s"], role: scene.server.superuser });
    assert.equal(await there("to_regprocedure('s.f(int)')"), true);

    await failure(restore({ schemaOnly: true }), ProgramError); // it is all there, and the rest is restored
    assert.equal(await there("to_regclass('s.i')"), true);
    await failure(restore({ tables: ["nowhere"], strictNames: true }), ProgramError);
    await target.execute("INSERT INTO other.u VALUES (1); TRUNCATE s.t");
    await restore({
      clean: true,
      ifExists: true,
      schemas: ["s"],
      excludeSchemas: ["other"],
      noPublications: true,
      verbose: true,
    });
    assert.equal(await count(), 2);
    assert.deepEqual(await target.execute("SELECT count(*)::int FROM other.u"), [[1]], "left alone");
    assert.equal(await there("(SELECT 1 FROM pg_publication_tables)"), false);
    await failure(restore({ dataOnly: false, noDataForFailedTables: true }), ProgramError);
    assert.equal(await count(), 2, "no second set of rows for a table that was there");

    // A list of what is restored, as pg_restore itself writes it.
    const list = execFileSync(join(clientPath, "pg_restore"), ["--list", from.path], { encoding: "utf8" });
    writeFileSync(
      join(folder, "list"),
      list
        .split("\n")
        .filter((line) => /TABLE DATA s t/.test(line))
        .join("\n"),
    );
    await target.execute("DROP TRIGGER tr ON s.t; TRUNCATE s.t");
    await restore({ useList: join(folder, "list") });
    assert.equal(await count(), 2);

    // The database itself, under the name that it had. Before 15 that takes programs that are no newer, either.
    if (scene.server.version >= 15) {
      await (await cluster.databases.get(source.currentDatabase)).drop({ forceDrop: true, dropNonEmpty: true });
      await cluster.restore(from, { clientPath, create: true });
      assert.deepEqual(await source.execute("SELECT count(*)::int FROM s.t"), [[2]]);
    }
    await failure(restore({ compress: 1 } as RestoreOptions), InvalidValueError);
  }),
);

onEachServer("options of the other direction are refused before any program is started", async (scene) => {
  const cluster = await scene.connect();
  const to = { at: "client", path: join(__dirname, "no-such-folder", "x") } as const;
  const options = { clientPath: join(__dirname, "no-programs"), useList: "x" };
  await failure(cluster.backup(to, options as BackupOptions), InvalidValueError);
});

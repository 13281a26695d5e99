import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fitClients, haveClients } from "../support/clients";
import { onEveryStack, type Program, type Stack, uniqueName } from "./stack";

type Body = (stack: Stack, folder: string, clientPath: string) => Promise<void>;

/** A test where this machine has the programs of PostgreSQL that it takes; the runner says which are missing. */
function withClients(title: string, body: Body): void {
  if (!haveClients) return;
  onEveryStack(title, async (stack) => {
    const folder = await mkdtemp(join(tmpdir(), "pgmob-last-"));
    await chmod(folder, 0o777);
    try {
      await body(stack, folder, fitClients(stack.server.version) ?? assert.fail("no clients"));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
}

const database = (args: object, options: object = {}): Program => ({
  shop: { type: "Database", args: args as Record<string, unknown>, options: options as Record<string, unknown> },
});

withClients(
  "the last backup of a database, and a database that is filled from it",
  async (stack, folder, clientPath) => {
    const name = uniqueName("last");
    const there = () => stack.sql("SELECT datallowconn AS open FROM pg_database WHERE datname = $1", [name]);
    await stack.declare(database({ name }));
    await stack.up({ create: 3 });
    await stack.sql(
      `CREATE TABLE t AS SELECT i FROM generate_series(1, 500) i; ALTER TABLE t OWNER TO ${stack.role.name}`,
      [],
      name,
    );

    // It must be applied before the database is taken out of the program.
    const path = join(folder, "{timestamp}.dump");
    const guarded = { dropNonEmpty: true, forceDrop: true, finalBackup: { at: "client", path, clientPath } };
    await stack.declare(database({ name, ...guarded }));
    await stack.preview({ update: 1 });
    await stack.up({ update: 1 });
    await stack.preview({}, { refresh: true });

    // A backup that cannot be made: nothing is dropped.
    const nowhere = { ...guarded, finalBackup: { at: "client", path: join(folder, "no", "x"), clientPath } };
    await stack.declare(database({ name, ...nowhere }));
    await stack.up({ update: 1 });
    await stack.declare({});
    assert.match(await stack.fails("up"), /database ".*": cannot make its last backup: .* cannot be made \(ENOENT\)/);
    assert.deepEqual(await there(), [{ open: true }]);
    const failing = { ...guarded, finalBackup: { to: ["sh", "-c", "exit 5"], clientPath } };
    await stack.declare(database({ name, ...failing }));
    await stack.up({ update: 1 });
    assert.match(
      await stack.fails("destroy"),
      /cannot make its last backup: sh ended with exit code 5\. It was not dropped, and is as open to others as before/,
    );
    assert.deepEqual(await there(), [{ open: true }]);

    // A session that stays does not matter.
    await stack.declare(database({ name, ...guarded }));
    await stack.up({ update: 1 });
    const session = stack.role.superuser ? await stack.session(name) : undefined;
    await stack.declare({});
    await stack.up({ delete: 1 });
    assert.deepEqual(await there(), []);
    await assert.rejects(session?.query("SELECT 1") ?? Promise.reject(new Error()));
    const [file = "none"] = readdirSync(folder);
    assert.match(file, /^20\d{6}T\d{6}Z\.dump$/);

    // A database that is filled from it; what is refused leaves nothing behind.
    const restoreFrom = { at: "client", path: join(folder, file), clientPath };
    await stack.declare(database({ name, restoreFrom: { ...restoreFrom, path: join(folder, "none") } }));
    assert.match(await stack.fails("up"), /database ".*": cannot restore its backup: there is nothing at .*none/);
    await writeFile(join(folder, "wrong"), "CREATE TABLE a (); SELECT * FROM nowhere");
    await stack.declare(database({ name, restoreFrom: { ...restoreFrom, path: join(folder, "wrong") } }));
    assert.match(await stack.fails("up"), /relation "nowhere" does not exist.*The database was dropped again/s);
    assert.deepEqual(await there(), []);
    const slow = { from: ["sh", "-c", "yes 'SELECT 1;' | head -n 100; sleep 30"], clientPath };
    await stack.declare(database({ name, restoreFrom: slow }, { customTimeouts: { create: "2s" } }));
    assert.match(
      await stack.fails("up"),
      /it took longer than customTimeouts\.create \(2s\)\. The database was dropped again/,
    );

    await stack.declare(database({ name, restoreFrom, comment: "again", connectionLimit: 5 }));
    await stack.up({ create: 1 });
    const rows = () => stack.sql("SELECT count(*)::int AS rows FROM t", [], name);
    assert.deepEqual(await rows(), [{ rows: 500 }]);
    await stack.preview({}, { refresh: true });

    // It is never restored into again, and into one that is adopted neither.
    await stack.declare(database({ name, restoreFrom: { from: ["false"] }, comment: "again", connectionLimit: 5 }));
    await stack.preview({});
    await stack.sql("TRUNCATE t", [], name);
    await stack.declare(database({ name, dropNonEmpty: true }));
    await stack.up({ update: 1 });
    await stack.destroy();
    await stack.sql(`CREATE DATABASE ${name} OWNER ${stack.role.name}`);
    const adopted = { name, adopt: true, dropOnDelete: true, restoreFrom };
    await stack.declare(database(adopted));
    await stack.up({ create: 3 });
    assert.deepEqual(await stack.sql("SELECT to_regclass('t') AS t", [], name), [{ t: null }]);
    await stack.destroy();
  },
);

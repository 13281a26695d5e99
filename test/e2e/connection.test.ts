/** Whole programs whose Provider connects in another way than with a password to the server itself. */

import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findPgBouncer, startPgBouncer } from "../support/pgbouncer";
import { onEveryStack, type Program, uniqueName } from "./stack";

onEveryStack(
  "a password that a command prints: never in a preview, for every connection, and nowhere to be seen",
  async (stack) => {
    const name = uniqueName("command");
    const file = (of: string) => join(stack.workspace.dir, of);
    const runs = () => (existsSync(file("runs")) ? readFileSync(file("runs"), "utf8").split("\n").length - 1 : 0);
    const passwordCommand = 'echo "$PGUSER to $PGDATABASE" >> runs; cat secret';
    const role = (type: Record<string, unknown> = {}): Program => ({ role: { type: "Role", args: { name, ...type } } });

    stack.settings = { password: undefined, passwordCommand, port: 1 };
    await stack.declare(role());
    await stack.preview({ create: 3 });
    assert.equal(runs(), 0, "a preview connects to nothing");

    writeFileSync(file("secret"), `${stack.role.password}\n`);
    stack.settings = { password: undefined, passwordCommand };
    await stack.declare(role());
    const shown = [await stack.up({ create: 3 })];
    assert.ok(runs() >= 1);
    assert.ok(readFileSync(file("runs"), "utf8").startsWith(`${stack.role.name} to postgres\n`));
    shown.push(await stack.preview({}, { refresh: true }));

    const failing = "echo hunter22-secret; echo 'the vault is sealed' >&2; exit 2";
    stack.settings = { password: undefined, passwordCommand: failing };
    await stack.declare(role({ connectionLimit: 3 }));
    const failed = await stack.fails("up");
    assert.match(failed, /cannot connect as .*: passwordCommand ended with exit code 2\. the vault is sealed/);
    stack.settings = { passwordCommand };
    await stack.declare(role({ connectionLimit: 3 }));
    const both = await stack.fails("preview");
    assert.match(both, /the Provider's passwordCommand must not be set beside a password/);
    stack.settings = { password: undefined, passwordCommand };
    await stack.declare(role({ connectionLimit: 3 }));
    shown.push(await stack.up({ update: 2 }), await stack.destroy(), failed, both);

    const state = JSON.stringify(await stack.workspace.export());
    for (const text of [...shown, state])
      for (const secret of [stack.role.password, "hunter22-secret"]) {
        // The command that fails on purpose has its own words in it, and is shown as an argument.
        assert.ok(!text.replaceAll(failing, "").includes(secret), text);
      }
  },
);

const bouncer = findPgBouncer();

// Where there is no PgBouncer, the test run says so at its end.
if (bouncer !== undefined) {
  onEveryStack("through PgBouncer in session mode", async (stack) => {
    const between = await startPgBouncer(bouncer, stack.server, [stack.role], "session");
    try {
      const name = uniqueName("pooled");
      stack.settings = { host: between.host, port: between.port };
      const program = (database: string, limit: number): Program => ({
        owner: { type: "Role", args: { name, comment: "it's" } },
        shop: { type: "Database", args: { name: database, connectionLimit: limit } },
        copy: {
          type: "Database",
          args: { name: `${name}_copy`, template: "$shop.name" },
          options: { ignoreChanges: ["template"] },
        },
        sales: { type: "Schema", args: { database: "$shop.name", name: "sales", owner: "$owner.name" } },
        numbers: { type: "Sequence", args: { database: "$shop.name", schema: "$sales.name", name: "no", start: 5 } },
        ...(stack.role.superuser && {
          slot: {
            type: "ReplicationSlot",
            args: { type: "logical", name, database: "$shop.name", plugin: "pgoutput" },
          },
        }),
      });
      const count = stack.role.superuser ? 8 : 7;
      await stack.declare(program(name, 5));
      await stack.up({ create: count });
      await stack.preview({}, { refresh: true });
      await stack.declare(program(`${name}_2`, 6));
      await stack.up({ update: stack.role.superuser ? 4 : 3 });
      await stack.preview({}, { refresh: true });
      await stack.destroy();
      assert.deepEqual(await stack.sql("SELECT 1 FROM pg_database WHERE starts_with(datname, $1)", [name]), []);
    } finally {
      await between.stop();
    }
  });
}

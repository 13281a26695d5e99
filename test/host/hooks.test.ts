import assert from "node:assert/strict";
import test from "node:test";
import * as messages from "@pulumi/pulumi/proto/provider_pb";
import { PartialFailure } from "../engine/host";
import { deployers, servers, uniqueName } from "../support/postgres-fixture";
import { Host, withText } from "./host";
import { settings } from "./settings";

/** What the engine puts in place of a value that is not known yet. */
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

test("check and diff need no server, and take unknown values", async () => {
  const host = await Host.start({ "pgmob:host": "127.0.0.1", "pgmob:port": "1" });
  try {
    const inputs = { name: UNKNOWN, memberOf: ["a", UNKNOWN], password: UNKNOWN, connectionLimit: UNKNOWN };
    const checked = await host.check("Role", inputs);
    assert.deepEqual(checked.failures, []);
    assert.deepEqual(checked.inputs, withText("Role", inputs));
    const secret = await host.check("Role", { name: "x", password: "" });
    assert.deepEqual(secret.failures, [["", "password must be text that is not empty"]]);

    const { DIFF_NONE, DIFF_UNKNOWN } = messages.DiffResponse.DiffChanges;
    const database = { name: "d", encoding: "UTF8" };
    assert.deepEqual(await host.diff("Database", database, { name: "d", encoding: "utf-8" }), {
      changes: DIFF_NONE,
      replaces: [],
    });
    assert.deepEqual(await host.diff("Database", database, { name: UNKNOWN, encoding: UNKNOWN }), {
      changes: DIFF_UNKNOWN,
      replaces: [],
    });
    assert.deepEqual(await host.diff("Database", database, { ...database, encoding: "LATIN1", allowReplace: true }), {
      changes: DIFF_UNKNOWN,
      replaces: ["encoding"],
    });
  } finally {
    await host.stop();
  }
});

for (const server of servers) {
  for (const index of [0, 1] as const) {
    const who = index === 0 ? "superuser" : "restricted role";
    test(`the whole life of a role through the real host (PostgreSQL ${server.version}, ${who})`, async () => {
      const host = await Host.start(await settings(server, index));
      const role = (await deployers(server))[index];
      const admin = await server.admin();
      try {
        const name = uniqueName("host");
        const inputs = { name, login: true, password: "s3cret one" };
        const { id, outputs } = await host.create("Role", inputs);
        assert.equal(id, name);
        assert.equal(outputs.login, true);
        assert.equal(typeof outputs.oid, "number");
        await assert.rejects(host.create("Role", inputs), /it exists already\. Set adopt: true/);

        const refreshed = await host.read("Role", id, outputs);
        assert.deepEqual(refreshed.inputs, withText("Role", inputs));
        assert.deepEqual(refreshed.outputs, outputs);

        const updated = await host.update("Role", outputs, { name: `${name}_2`, connectionLimit: 3 });
        assert.deepEqual(
          [updated.name, updated.connectionLimit, updated.login, updated.password],
          [`${name}_2`, 3, undefined, undefined],
        );
        assert.equal(updated.oid, outputs.oid);

        // Another server under the same address.
        const elsewhere = { ...updated, systemIdentifier: "1" };
        await assert.rejects(host.update("Role", elsewhere, { name }), /another one than the one .* `pulumi refresh`/);
        await assert.rejects(host.delete("Role", elsewhere), /another one than the one/);
        assert.equal((await host.read("Role", id, elsewhere)).outputs.systemIdentifier, updated.systemIdentifier);

        // Another role under the same name is not ours to drop, until a refresh has taken it for ours.
        await admin.query(
          `ALTER ROLE "${name}_2" RENAME TO "${name}_3"; SET ROLE "${role?.name}"; CREATE ROLE "${name}_2"`,
        );
        const own = await host.update("Role", updated, { name: `${name}_3`, connectionLimit: 4 });
        assert.deepEqual([own.oid, own.name], [updated.oid, `${name}_3`], "not the other one, that has its name now");
        await host.delete("Role", updated); // the renamed one: it is found by its oid
        await assert.rejects(
          host.delete("Role", updated),
          /dropped outside of Pulumi, and another one made under its name/,
        );
        const taken = await host.read("Role", id, updated);
        assert.notEqual(taken.outputs.oid, updated.oid);
        await host.delete("Role", taken.outputs);
        await host.delete("Role", taken.outputs); // twice is no error
        assert.equal((await host.read("Role", id, updated)).id, "");
        await assert.rejects(
          host.update("Role", updated, { name }),
          /does not exist any more\. Run `pulumi up --refresh`/,
        );
        assert.doesNotMatch(host.printed.join("\n"), /\.js:\d+|s3cret/, "a stack trace or a secret is printed");
      } finally {
        await admin.end();
        await host.stop();
      }
    });
  }

  test(`a database that is created but not handed over is recorded as it is (PostgreSQL ${server.version})`, async () => {
    const host = await Host.start({ ...(await settings(server, 1)), "pgmob:lockTimeout": "300ms" });
    const name = uniqueName("half");
    const admin = await server.admin();
    try {
      const owner = await host.create("Role", { name });
      await admin.query("BEGIN; LOCK TABLE pg_catalog.pg_auth_members IN SHARE MODE");
      const error = await host.create("Database", { name, owner: name }).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      await admin.query("ROLLBACK");
      assert.ok(error instanceof PartialFailure, String(error));
      assert.match(error.reasons.join(), /lock timeout/);
      assert.notEqual(error.properties.owner, name, "the state says what the server has");
      const finished = await host.update("Database", error.properties, { name, owner: name });
      assert.equal(finished.owner, name);
      await host.delete("Database", finished);
      await host.delete("Role", owner.outputs);
    } finally {
      await admin.end();
      await host.stop();
    }
  });
}

import assert from "node:assert/strict";
import test from "node:test";
import { lookups } from "../../provider/lookups";
import { deployers, freshDatabase, servers, uniqueName } from "../support/postgres-fixture";
import { Host, withText } from "./host";
import { settings } from "./settings";

for (const server of servers) {
  for (const index of [0, 1] as const) {
    const who = index === 0 ? "superuser" : "restricted role";
    test(`lookups through the real host (PostgreSQL ${server.version}, ${who})`, async () => {
      const host = await Host.start(await settings(server, index));
      const role = (await deployers(server))[index];
      const { name: database, drop } = await freshDatabase(server, { owner: role?.name });
      const admin = await server.admin(database);
      try {
        await admin.query("CREATE SCHEMA s; CREATE TABLE s.t (); COMMENT ON TABLE s.t IS 'naïve 🐘'");
        const given = { database, schema: "s", like: ["t%", "nothing"] };
        const first = await host.read("getTables", "some id", given);
        const { result, ...rest } = first.outputs;
        assert.equal(first.id, "some id");
        assert.deepEqual(rest, withText("getTables", given));
        const [[oid, entry] = []] = Object.entries(result as Record<string, Record<string, unknown>>);
        assert.deepEqual(entry, {
          ...{ database, schema: "s", name: "t", owner: server.superuser, kind: "table", oid: Number(oid) },
          ...{ comment: "naïve 🐘", tablespace: null, rowSecurity: false, forceRowSecurity: false, unlogged: false },
        });

        // A refresh asks again, whatever the answer was.
        assert.deepEqual(await host.read("getTables", "some id", first.outputs), first);
        await admin.query("CREATE TABLE s.t2 ()");
        const second = await host.read("getTables", "some id", first.outputs);
        assert.deepEqual(Object.keys(second.outputs.result as object).length, 2);
        assert.deepEqual(second.inputs, undefined, "the answer would be in the state twice");

        // Each lookup, and the same one with other arguments, at once.
        const names = [...lookups.keys()];
        const answers = await Promise.all([...names, "getRoles"].map((name) => host.read(name, name, {})));
        for (const answer of answers) assert.equal(typeof answer.outputs.result, "object");

        // A database that is gone: an error for whoever asks, and for a refresh nothing to look at any more.
        await admin.end();
        await drop();
        await assert.rejects(
          host.read("getTables", "id", given),
          /^Error: getTables: cannot read: database ".*" does not exist\. Create it first/,
        );
        assert.deepEqual((await host.read("getTables", "id", second.outputs)).id, "");
        const pending = await host.read("getTables", "id", { ...given, pending: true });
        assert.deepEqual(pending.outputs, withText("getTables", given), "a preview would take it for known");

        for (const call of [
          host.check("getRoles", {}),
          host.diff("getRoles", {}, {}),
          host.create("getRoles", {}),
          host.update("getRoles", {}, {}),
          host.delete("getRoles", {}),
        ])
          await assert.rejects(call, /getRoles: cannot [a-z]+: it is a lookup, which is only read/);
        await assert.rejects(host.read("getRoles", "id", { logIn: true }), /logIn is not an argument of getRoles/);
        await assert.rejects(
          host.read("getRoles", "id", { like: "%\\" }),
          /getRoles: cannot read: LIKE pattern must not end with escape character/,
        );
        assert.doesNotMatch(host.printed.join("\n"), /\.js:\d+/, "a stack trace is printed");
      } finally {
        await admin.end();
        await host.stop();
      }
    });
  }
}

test("a server that is not there, through the real host", async () => {
  const host = await Host.start({ "pgmob:host": "127.0.0.1", "pgmob:port": "1", "pgmob:connectTimeout": "1ms" });
  try {
    const name = uniqueName("nobody");
    await assert.rejects(host.read("getRoles", "id", { names: [name] }), /getRoles: cannot read: PostgreSQL at 127/);
    assert.doesNotMatch(host.printed.join("\n"), /\.js:\d+/, "a stack trace is printed");
  } finally {
    await host.stop();
  }
});

/** A resource that gets the Provider of another server. */

import assert from "node:assert/strict";
import test, { after, before } from "node:test";
import { type Server, startServer } from "../support/postgres";
import { servers, type TestServer, uniqueName } from "../support/postgres-fixture";
import { addressOf, testServer } from "../support/postgres-servers";
import { versions } from "../support/versions";
import { createWorkspace, engines } from "../support/workspace";
import { changes } from "./stack";

const [first] = servers as [TestServer];
let other: Server | undefined;
let second: TestServer;
before(async () => {
  other = await startServer({ version: versions.at(-1) as number });
  second = testServer(addressOf(other));
});
after(() => other?.remove());

for (const engine of engines) {
  test(`a resource is moved to the Provider of another server as the refusal says (${engine})`, async () => {
    const name = uniqueName("moved");
    const workspace = await createWorkspace(engine, { name: "program" });
    const connections = [first, second].map(({ host, port, superuser: user, password }) => ({
      host,
      port,
      user,
      password,
    }));
    const declare = (of: number, args: object) =>
      workspace.program(`
        const pgmob = require("pulumi-pgmob");
        const [first, second] = ${JSON.stringify(connections)};
        const providers = [new pgmob.Provider("first", first), new pgmob.Provider("second", second)];
        new pgmob.Role("role", { name: ${JSON.stringify(name)}, ...${JSON.stringify(args)} }, { provider: providers[${of}] });
      `);
    const up = async (expected: Record<string, number>, refresh = false) => {
      const { exitCode, output, summary } = await workspace.up({ refresh });
      assert.equal(exitCode, 0, output);
      assert.deepEqual(changes(summary), expected, output);
    };
    const logins = () =>
      Promise.all(
        [first, second].map(async (server) => {
          const admin = await server.admin();
          const { rows } = await admin.query("SELECT rolcanlogin FROM pg_roles WHERE rolname = $1", [name]);
          await admin.end();
          return rows[0]?.rolcanlogin;
        }),
      );
    try {
      await declare(0, {});
      await up({ create: 4 });
      await declare(1, { login: true });
      const { exitCode, output } = await workspace.up();
      assert.notEqual(exitCode, 0, output);
      assert.match(output, /cannot update: the server is another one .* `pulumi up --refresh --run-program`/);
      assert.deepEqual(await logins(), [false, undefined]);
      if (engine === "cli") {
        workspace.env.PULUMI_RUN_PROGRAM = "true";
        await up({ create: 1 }, true);
        assert.deepEqual(await logins(), [false, true], "made there, and left as it is here");
      }
      assert.equal((await workspace.destroy()).exitCode, 0);
    } finally {
      await workspace.close();
      const admin = await first.admin();
      await admin.query(`DROP ROLE IF EXISTS ${name}`);
      await admin.end();
    }
  });
}

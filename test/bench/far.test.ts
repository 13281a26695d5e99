import assert from "node:assert/strict";
import test from "node:test";
import { type Server, startServer } from "../support/postgres";
import { versions } from "../support/versions";
import { type Cost, far, SETTINGS } from "./far";

/** More than there may be connections at one time. */
const EACH = 12;

/** What each operation sent to the server, as the server has logged it. */
async function sent(server: Server): Promise<Map<string, { cost: Cost; statements: string[] }>> {
  const operations = new Map<string, { cost: Cost; statements: string[] }>();
  let seen = (await server.log()).length;
  await far(server, EACH, 1, async (cost) => {
    const log = await server.log();
    const lines = log
      .slice(seen)
      .matchAll(/ (\S*)@(\S*) .*?LOG: +(?:statement|execute [^:]*): ([\s\S]*?)(?=\n\d{4}-)/g);
    const statements = [...lines].map(([, , database, text]) => `${database}: ${text?.trim().replace(/\s+/g, " ")}`);
    operations.set(cost.operation, { cost, statements });
    seen = log.length;
  });
  return operations;
}

for (const version of versions) {
  test(`PostgreSQL ${version}: what a program of many kinds asks of a server that is far away`, async () => {
    const server = await startServer({ version, settings: { ...SETTINGS, log_statement: "all" } });
    try {
      const operations = await sent(server);
      const of = (operation: string) => operations.get(operation) ?? assert.fail(`no ${operation}`);
      for (const preview of ["preview", "preview, nothing to do"])
        assert.deepEqual([of(preview).cost.connections, of(preview).statements], [0, []], preview);

      const { cost, statements } = of("refresh");
      const reads = statements.filter((text) => / WHERE .*\$1/.test(text));
      const inDatabases = reads.filter((text) => text.startsWith("far_db_"));
      const elsewhere = reads.filter((text) => !text.startsWith("far_db_"));
      assert.equal(new Set(inDatabases).size, inDatabases.length, "nothing is read twice");
      assert.equal(inDatabases.length, 2 * EACH, "one query for the schemas of a database, one for its sequences");
      // Databases a second time: the objects in them may ask for theirs a moment later.
      assert.ok(elsewhere.length <= 4, `roles, databases, slots: ${elsewhere.join("\n")}`);
      assert.ok(cost.connections <= 2 * EACH, `${cost.connections} connections for ${EACH} databases`);
      assert.ok(cost.roundTrips <= 10 * cost.connections, `${cost.roundTrips} round trips`);

      // Not one after another: creating and dropping a database takes the server itself its time.
      assert.ok(of("up").cost.connections <= 6 * EACH, `up: ${of("up").cost.connections} connections`);
      assert.ok(of("destroy").cost.connections <= 8 * EACH, `destroy: ${of("destroy").cost.connections} connections`);
    } finally {
      await server.remove();
    }
  });
}

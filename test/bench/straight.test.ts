import assert from "node:assert/strict";
import test from "node:test";
import { startServer } from "../support/postgres";
import { memoryOfHost, straight } from "./straight";

/** The names of the package's own statements, and of those that a client begins with, in the log. */
const STATEMENT = /LOG: +(?:statement|execute [^:]*):/g;

test("ten times as many objects take at most ten times as many statements, and the host little memory", async () => {
  const settings = { log_statement: "all", max_locks_per_transaction: "512" };
  const server = await startServer({ version: 18, settings });
  try {
    const statements = async () => (await server.log()).match(STATEMENT)?.length ?? 0;
    const taken: number[] = [];
    for (const count of [30, 300]) {
      const before = await statements();
      await straight(server, count);
      taken.push((await statements()) - before);
    }
    const [few = 0, many = 0] = taken;
    assert.ok(many > few, `${few} and ${many} statements`);
    assert.ok(many <= 10 * few, `${few} statements for 30 of each kind, ${many} for 300`);

    const memory = await memoryOfHost(server, 2000);
    assert.ok(memory > 20 && memory < 200, `${memory} MiB`);
  } finally {
    await server.remove();
  }
});

/** A server that crashes before COMMIT, and gives the id of the transaction to another one when it is back. */

import assert from "node:assert/strict";
import { test } from "node:test";
import pg from "pg";
import { Cluster, ConnectionError } from "../../provider";
import { writing } from "../../provider/transaction";
import { type Server, startServer } from "../support/postgres";
import { versions } from "../support/versions";
import { failure } from "./scene";

/** Commits transactions until an id has been given out. */
async function commitUpTo(server: Server, xid: bigint): Promise<void> {
  const client = new pg.Client({ connectionString: server.url() });
  await client.connect();
  try {
    for (let last = 0n; last < xid; ) {
      const { rows } = await client.query("SELECT pg_current_xact_id()::text AS xid");
      last = BigInt((rows[0] as { xid: string }).xid);
    }
  } finally {
    await client.end();
  }
}

/** Ends one session in a way that makes the server end them all, and recover; returns when it has begun to. */
async function crashOne(server: Server, pid: number): Promise<void> {
  const other = new pg.Client({ connectionString: server.url() });
  await other.connect();
  const ended = new Promise<void>((resolve) => other.once("end", resolve));
  other.on("error", () => undefined);
  process.kill(pid, "SIGKILL");
  await ended;
}

const CRASHES: Record<string, (server: Server, pid: number) => Promise<void>> = {
  "the whole server": async (server) => {
    await server.kill();
    await server.start();
  },
  "one session": crashOne,
};

for (const version of versions) {
  for (const [what, crash] of Object.entries(CRASHES)) {
    test(`PostgreSQL ${version}: nobody else's transaction is taken for ours after a crash of ${what}`, async () => {
      const server = await startServer({ version, settings: { synchronous_commit: "on" } });
      try {
        const admin = new pg.Client({ connectionString: server.url() });
        await admin.connect();
        await admin.query("CREATE ROLE plain LOGIN PASSWORD 'x'");
        await admin.end();
        for (const [user, password] of [
          [server.superuser, server.password],
          ["plain", "x"],
        ] as const) {
          const cluster = await Cluster.connect({ host: "127.0.0.1", port: server.port, user, password });
          const lost = writing(cluster.adapter, "postgres", async (session) => {
            const { rows } = await session.query("SELECT pg_current_xact_id()::text AS xid, pg_backend_pid() AS pid");
            const { xid, pid } = rows[0] as { xid: string; pid: number };
            await crash(server, pid);
            await untilUp(server);
            await commitUpTo(server, BigInt(xid));
          });
          const error = await failure(lost, ConnectionError);
          assert.match(error.message, /could not be found out.*crashed since, or is another one/, user);
          await cluster.close();
        }
      } finally {
        await server.remove();
      }
    });
  }
}

async function untilUp(server: Server): Promise<void> {
  for (const end = Date.now() + 30_000; ; ) {
    try {
      return await commitUpTo(server, 0n);
    } catch (error) {
      if (Date.now() > end) throw error;
    }
  }
}

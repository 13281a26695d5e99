/** Whole programs against servers of their own, whose files are theirs to change. */

import { test } from "node:test";
import { type OwnServer, onOwnServers } from "../provider/hba/own-server";
import { testServer } from "../support/postgres-servers";
import { createWorkspace, engines } from "../support/workspace";
import { Stack } from "./stack";

/** What a test is given: a stack, whose program connects as the superuser, and the server with its pg_hba.conf. */
export type OwnStackTest = (stack: Stack, own: OwnServer) => Promise<void>;

/** Tests on PostgreSQL 14 and 18, on every engine. Each begins with the pg_hba.conf that initdb made. */
export function onOwnStacks(tests: Readonly<Record<string, OwnStackTest>>): void {
  onOwnServers((own) => {
    for (const [name, body] of Object.entries(tests)) {
      for (const engine of engines) {
        test(`${name} (${engine}, PostgreSQL ${own.version}, superuser)`, async () => {
          const { version, port, superuser, password, dataDir, logFile, socketDir } = own.server;
          const address = { host: "127.0.0.1", version, port, superuser, password, dataDir, logFile, socketDir };
          const role = { name: superuser, password, superuser: true };
          const workspace = await createWorkspace(engine, { name: "program" });
          const stack = new Stack(workspace, engine, testServer(address), role);
          try {
            await stack.prepare();
            await body(stack, own);
          } finally {
            await stack.close();
          }
        });
      }
    }
  });
}

/** Whole programs against servers of their own, whose files are theirs to change. */

import { test } from "node:test";
import { type OwnServer, onOwnServers } from "../provider/hba/own-server";
import { addressOf, testServer } from "../support/postgres-servers";
import { createWorkspace, engines } from "../support/workspace";
import { Stack } from "./stack";

/** A role with the password of whoever makes it, which no log may have seen. */
const CREATE_LESSER = `DO $$ BEGIN
  EXECUTE format('CREATE ROLE lesser LOGIN PASSWORD %L', (SELECT rolpassword FROM pg_authid WHERE rolname = current_user));
END $$`;

/** What a test is given: a stack, and the server with its pg_hba.conf. */
export type OwnStackTest = (stack: Stack, own: OwnServer) => Promise<void>;

/**
 * Tests on PostgreSQL 14 and 18, on every engine. Each begins with the pg_hba.conf that initdb made. The program connects
 * as the superuser, or as a role that may do nothing but log in.
 */
export function onOwnStacks(
  tests: Readonly<Record<string, OwnStackTest>>,
  who: "superuser" | "restricted role" = "superuser",
): void {
  onOwnServers((own) => {
    for (const [name, body] of Object.entries(tests)) {
      for (const engine of engines) {
        test(`${name} (${engine}, PostgreSQL ${own.version}, ${who})`, async () => {
          const { superuser, password } = own.server;
          const restricted = who === "restricted role";
          if (restricted) await own.ask(CREATE_LESSER);
          const role = { name: restricted ? "lesser" : superuser, password, superuser: !restricted };
          const workspace = await createWorkspace(engine, { name: "program" });
          const stack = new Stack(workspace, engine, testServer(addressOf(own.server)), role);
          try {
            await stack.prepare();
            await body(stack, own);
          } finally {
            await stack.close();
            if (restricted) await own.ask("DROP OWNED BY lesser; DROP ROLE lesser");
          }
        });
      }
    }
  });
}

/** What programs connect by, a URL with a password and the key of a certificate, is nowhere but in their state, encrypted. */

import assert from "node:assert/strict";
import test from "node:test";
import pg from "pg";
import { type OwnStackTest, onOwnStacks } from "../e2e/own-stack";
import { type Program, Stack } from "../e2e/stack";
import { onTlsServers } from "../provider/tls/scene";
import { addressOf, testServer } from "../support/postgres-servers";
import { createWorkspace, engines } from "../support/workspace";
import { randomSecrets } from "./watch";
import { WatchedStack } from "./watched-stack";

/** A role, and the same role later. */
const program = (connectionLimit: number): Program => ({
  role: { type: "Role", args: { name: "made", password: "v3ry secret", connectionLimit } },
});

/** What a stack does that connects in some way; `again` is with other secrets that are as good. */
async function live(stack: Stack, watched: WatchedStack, again: readonly Record<string, unknown>[]): Promise<void> {
  const { watch } = watched;
  watch.add("the password of the role", "v3ry secret");
  watch.start();
  try {
    await stack.declare(program(1));
    await watched.preview("a preview");
    assert.deepEqual(await watched.up("the first up"), { create: 3 });
    for (const [index, settings] of again.entries()) {
      stack.settings = settings;
      await stack.declare(program(index + 2));
      await watched.preview(`a preview of ${index + 2}`);
      assert.deepEqual(await watched.up(`up ${index + 2}`), { update: 2 });
    }
    await stack.declare({ role: { type: "Role", args: { name: "made", config: { no_such: "x" } } } });
    await watched.fails("a statement that fails");
    stack.workspace.env.PGMOB_DEBUG = "1";
    await watched.fails("the same with PGMOB_DEBUG");
    delete stack.workspace.env.PGMOB_DEBUG;
    await stack.declare(program(again.length + 1));
    await stack.sql("ALTER ROLE made CONNECTION LIMIT 9");
    await watched.preview("drift", { refresh: true });
    assert.deepEqual(await watched.destroy(), { delete: 3 });
  } finally {
    watch.stop();
  }
  watch.nothingFound();
}

const tests: Record<string, OwnStackTest> = {
  "a Provider that connects by a url with a password": async (stack, own) => {
    const watched = new WatchedStack(stack);
    const logins = Object.entries(randomSecrets()).map(([shape, password]) => {
      const user = `by_${shape}`;
      const url = `postgresql://${user}:${encodeURIComponent(password)}@127.0.0.1:${own.server.port}/postgres`;
      watched.watch.add(`the password of ${user}`, password);
      watched.watch.add(`the url of ${user}`, url);
      return {
        user,
        password,
        settings: { host: undefined, port: undefined, user: undefined, password: undefined, url },
      };
    });
    const made = logins.map(
      ({ user, password }) => `CREATE ROLE ${user} SUPERUSER LOGIN PASSWORD ${pg.escapeLiteral(password)}`,
    );
    await own.ask(`SET log_statement = 'none'; ${made.join("; ")}`);
    try {
      const [first, ...others] = logins.map(({ settings }) => settings);
      stack.settings = first ?? {};
      await live(stack, watched, others);
      watched.log(await own.server.log());
    } finally {
      await own.ask(logins.map(({ user }) => `DROP ROLE ${user}`).join("; "));
    }
  },
};

onOwnStacks(tests);

onTlsServers((scene) => {
  for (const engine of engines) {
    test(`a Provider that connects by a certificate, with its key as text (${engine})`, async () => {
      await scene.tls.ask("ALTER ROLE by_cert CREATEROLE");
      const workspace = await createWorkspace(engine, { name: "program" });
      const server = testServer(addressOf(scene.tls.server));
      const stack = new Stack(workspace, engine, server, { name: "by_cert", password: "", superuser: false });
      const watched = new WatchedStack(stack);
      const settings = ({ cert, key }: { cert: string; key: string }) => {
        watched.watch.add("a key", key);
        for (const line of key.split("\n").filter((text) => /^[\w+/=]+$/.test(text)))
          watched.watch.add("of a key", line);
        return {
          password: undefined,
          sslMode: "verify-full",
          sslRootCert: scene.ours.cert,
          sslCert: cert,
          sslKey: key,
        };
      };
      try {
        await stack.prepare();
        stack.settings = settings(scene.identities.byCert);
        await live(stack, watched, [settings(await scene.ours.issue({ cn: "by_cert" }))]);
      } finally {
        await stack.close();
      }
    });
  }
});

/** What is secret in whole programs is nowhere: not in state, output, files, logs and processes. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { scramVerifier } from "../../provider/password";
import { type OwnStackTest, onOwnStacks } from "../e2e/own-stack";
import type { Program } from "../e2e/stack";
import { randomSecrets } from "./watch";
import { WatchedStack } from "./watched-stack";

/**
 * Roles with a password of each shape, a comment that is marked as secret, and, as a superuser, a rule with a secret
 * option.
 */
function programOf(
  passwords: Record<string, string>,
  radiussecrets: string,
  comment: string,
  superuser: boolean,
): Program {
  const roles = Object.entries(passwords).map(([shape, password]): Program[string] => ({
    type: "Role",
    args: { name: `role_${shape}`, login: true, password },
  }));
  const rule = { type: "host", databases: ["x"], users: ["y"], address: "10.0.0.0/8", method: "radius" };
  return {
    ...Object.fromEntries(roles.map((role) => [String(role.args.name), role])),
    ...(superuser
      ? { rule: { type: "HbaRule", args: { ...rule, options: { radiusservers: "127.0.0.1", radiussecrets } } } }
      : {}),
    secret: { type: "Role", args: { comment: { $secret: comment } } },
  };
}

/** Passwords of all shapes, and two that are what a server makes of a password. */
async function secretsOfRoles(): Promise<Record<string, string>> {
  const { plain: random = "", ...shapes } = randomSecrets();
  const md5 = `md5${createHash("md5").update(random).digest("hex")}`;
  return { plain: random, ...shapes, scram: await scramVerifier(random, 4096), md5 };
}

const tests: Record<string, OwnStackTest> = {
  "passwords, options and what is marked as secret, also in runs that fail": async (stack, own) => {
    const { superuser } = stack.role;
    if (!superuser) await own.ask("ALTER ROLE lesser CREATEROLE");
    const watched = new WatchedStack(stack);
    const { watch } = watched;
    const [first, second] = [await secretsOfRoles(), await secretsOfRoles()];
    for (const [what, secrets] of Object.entries({ first, second }))
      for (const [shape, secret] of Object.entries(secrets)) watch.add(`${what} ${shape}`, secret);
    const wrong = watch.add("wrong login", `wr0ng-${first.quotes}`);
    watch.add("login", own.server.password);
    const { workspace } = stack;
    watch.start();
    try {
      stack.settings = { showSql: true };
      const count = Object.keys(first).length;
      await stack.declare(programOf(first, second.plain as string, "a comment", superuser));
      await watched.preview("a preview");
      assert.deepEqual(await watched.up("the first up"), { create: count + (superuser ? 4 : 3) });
      const changed = programOf(second, first.plain as string, "another comment", superuser);
      await stack.declare(changed);
      await watched.preview("a preview of changes");

      // Half of each: what fails is tried with a new password.
      const unfit = Object.entries(changed).map(([name, declared]): [string, Program[string]] => [
        name,
        declared.type === "Role" ? { ...declared, args: { ...declared.args, config: { no_such: "x" } } } : declared,
      ]);
      await stack.declare(Object.fromEntries(unfit));
      await watched.fails("statements that fail");
      workspace.env.PGMOB_DEBUG = "1";
      const connecting: Record<string, Record<string, unknown>> = {
        "a login that is refused, with PGMOB_DEBUG": { showSql: true, password: wrong },
        "a url that is none, with PGMOB_DEBUG": { url: `http://u:${encodeURIComponent(wrong)}@h/` },
        "a key that is none, with PGMOB_DEBUG": { sslMode: "require", sslCert: "x", sslKey: wrong },
      };
      for (const [what, settings] of Object.entries(connecting)) {
        stack.settings = settings;
        await stack.declare(Object.fromEntries(unfit));
        await watched.fails(what);
      }
      delete workspace.env.PGMOB_DEBUG;
      stack.settings = {};
      const nul = { ...changed, bad: { type: "Role", args: { password: `${first.unicode}\0` } } } satisfies Program;
      await stack.declare(nul);
      await watched.fails("what check refuses");

      await stack.declare(changed);
      await watched.up("the second up");
      await own.ask("ALTER ROLE role_quotes PASSWORD 'other'; ALTER ROLE role_plain PASSWORD NULL");
      await watched.preview("drift", { refresh: true });
      await watched.destroy();
      watched.log(await own.server.log());
    } finally {
      watch.stop();
    }
    watch.nothingFound();
  },
};

onOwnStacks(tests);
onOwnStacks(tests, "restricted role");

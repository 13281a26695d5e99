/** What is secret in whole programs is nowhere: not in state, output, files, logs and processes. */

import assert from "node:assert/strict";
import { dirname } from "node:path";
import { type OwnStackTest, onOwnStacks } from "../e2e/own-stack";
import type { Program } from "../e2e/stack";
import { randomSecrets, Watch } from "./watch";

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

const tests: Record<string, OwnStackTest> = {
  "passwords, options and what is marked as secret, also in runs that fail": async (stack, own) => {
    const { superuser } = stack.role;
    if (!superuser) await own.ask("ALTER ROLE lesser CREATEROLE");
    const watch = new Watch();
    const [first, second] = [randomSecrets(), randomSecrets()];
    for (const [what, secrets] of Object.entries({ first, second }))
      for (const [shape, secret] of Object.entries(secrets)) watch.add(`${what} ${shape}`, secret);
    const wrong = watch.add("wrong login", `wr0ng-${first.quotes}`);
    watch.add("login", own.server.password);
    const { workspace } = stack;
    const said = (where: string, output: string) => watch.text(where, output);
    const fails = async (where: string) => {
      const { exitCode, output } = await workspace.up({ diff: true });
      assert.notEqual(exitCode, 0, output);
      said(where, output);
    };
    const state = async (where: string) => {
      watch.text(`state ${where}`, JSON.stringify(await workspace.export()));
      watch.files(dirname(workspace.dir), (path) => /node_modules$|program\.json$/.test(path));
    };
    watch.start();
    try {
      stack.settings = { showSql: true };
      const count = Object.keys(first).length;
      const { short: _, ...others } = second;
      await stack.declare(programOf(first, others.plain as string, "a comment", superuser));
      said("a preview", (await workspace.preview({ diff: true })).output);
      said("up", await stack.up({ create: count + (superuser ? 4 : 3) }));
      await state("after the first up");
      const changed = programOf(second, first.plain as string, "another comment", superuser);
      await stack.declare(changed);
      said("a preview of changes", (await workspace.preview({ diff: true })).output);

      // Half of each: what fails is tried with a new password.
      const unfit = Object.entries(changed).map(([name, declared]): [string, Program[string]] => [
        name,
        declared.type === "Role" ? { ...declared, args: { ...declared.args, config: { no_such: "x" } } } : declared,
      ]);
      await stack.declare(Object.fromEntries(unfit));
      await fails("statements that fail");
      await state("after statements that failed");
      workspace.env.PGMOB_DEBUG = "1";
      stack.settings = { showSql: true, password: wrong };
      await fails("a login that is refused, with PGMOB_DEBUG");
      stack.settings = { url: `http://u:${encodeURIComponent(wrong)}@h/` };
      await fails("a url that is none, with PGMOB_DEBUG");
      delete workspace.env.PGMOB_DEBUG;
      stack.settings = { sslMode: "require", sslCert: "x", sslKey: wrong };
      await fails("a key that is none");
      stack.settings = {};
      const nul = { ...changed, bad: { type: "Role", args: { password: `${first.unicode}\0` } } } satisfies Program;
      await stack.declare(nul);
      await fails("what check refuses");

      await stack.declare(changed);
      const up = await workspace.up({ diff: true });
      assert.equal(up.exitCode, 0, up.output);
      said("the second up", up.output);
      await own.ask("ALTER ROLE role_quotes PASSWORD 'other'; ALTER ROLE role_plain PASSWORD NULL");
      said("drift", (await workspace.preview({ diff: true, refresh: true })).output);
      await state("in the end");
      said("destroy", await stack.destroy());
      watch.text("the server's log", await own.server.log());
    } finally {
      watch.stop();
    }
    watch.nothingFound();
  },
};

onOwnStacks(tests);
onOwnStacks(tests, "restricted role");

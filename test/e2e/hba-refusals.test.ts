import assert from "node:assert/strict";
import { onEveryStack, type Program } from "./stack";

/** A rule for roles that nobody is. */
const rule = (args: Record<string, unknown>): Program => ({
  bad: {
    type: "HbaRule",
    args: { type: "host", databases: ["shop"], users: ["nobody"], address: "10.0.0.0/8", method: "reject", ...args },
  },
});

onEveryStack("a wrong HBA rule is refused in preview; a missing right, before anything is written", async (stack) => {
  const { port } = stack.server;
  stack.settings.port = 1; // nothing listens there: a preview needs no server
  const table: [args: Record<string, unknown>, reason: RegExp][] = [
    [{ users: [] }, /property users .* has a problem: must not be empty: "all" stands for all of them/],
    [{ address: "10.1.0.0/8" }, /property address .* write 10\.0\.0\.0\/8 for the network, or 10\.1\.0\.0\/32/],
    [{ method: "krb5" }, /property method value \{krb5\} has a problem: must be one of trust, reject/],
    [{ options: { ldapbindpasswd: "s3cret" } }, /options ldapbindpasswd is no option of reject, but of ldap/],
  ];
  for (const [args, reason] of table) {
    await stack.declare(rule(args));
    const output = await stack.fails("preview");
    assert.match(output, reason);
    assert.doesNotMatch(output, /s3cret/);
  }
  await stack.declare(rule({}));
  await stack.preview({ create: 3 });

  if (stack.role.superuser) return; // who may write: on servers of their own, in the other tests of rules
  stack.settings.port = port;
  await stack.declare(rule({}));
  assert.match(
    await stack.fails("up"),
    /pg_hba\.conf: cannot read: ".*" may not read and write pg_hba\.conf\. .* Let a superuser run: GRANT pg_read_all_settings, pg_execute_server_program TO "/,
  );
  await stack.destroy();
});

import assert from "node:assert/strict";
import { type Case, cases, isKnown } from "../provider/cases";
import { ByHand, programOf, surroundings, tidy } from "./attributes";
import { sentBy, shownSql, statementsOf } from "./shown-sql";
import { onEveryStack, type Program, type Stack, uniqueName } from "./stack";

/** The statements that are shown: without what is said beside them. */
function statements(shown: readonly string[]): string[] {
  const lines = shown.filter((line) => !line.startsWith("--"));
  return statementsOf(lines.join("\n")).filter((statement) => statement !== "");
}

/** Runs `preview` and `up`, and compares what the one shows with what the server's log has of the other. */
async function asShown(stack: Stack, application: string, changes: Record<string, number>): Promise<string[]> {
  const shown = statements(shownSql(await stack.preview(changes)));
  const sent = await sentBy(stack, application, () => stack.up(changes));
  assert.deepEqual([...sent].sort(), [...shown].sort());
  return shown;
}

onEveryStack("each attribute: what a preview shows is what up sends", async (stack) => {
  const unique = uniqueName("shown");
  const names = await surroundings(stack, unique);
  // A lesser role lends itself rights, which only the server knows about.
  stack.settings = { showSql: true, applicationName: unique, ...(stack.role.superuser ? {} : { previewChecks: true }) };
  const all = cases(names, unique).filter(
    (one) =>
      isKnown(one, stack.server.version) && (stack.role.superuser || !one.sample.superuser) && !one.sample.madeAnew,
  );
  const inPlace = all.filter(({ field }) => field.change !== "guard" && field.change !== "createOnly");
  const applied = all.filter(({ field }) => field.change === "update");
  const updates = (of: readonly Case[]) => ({ update: of.length });

  await stack.declare(programOf(all, names, ({ sample }) => sample.good));
  const created = await asShown(stack, unique, { create: all.length + 2 });
  assert.ok(created.length >= all.length);
  await stack.preview({});
  await stack.preview({}, { refresh: true });

  await stack.declare(programOf(all, names, (one) => (inPlace.includes(one) ? one.sample.other : one.sample.good)));
  await asShown(stack, unique, updates(inPlace));
  await stack.preview({});

  await stack.declare(programOf(all, names, (one) => (inPlace.includes(one) ? undefined : one.sample.good)));
  await asShown(stack, unique, updates(inPlace));

  // Drift, once it was looked at, is healed as it is shown.
  await stack.declare(programOf(all, names, ({ sample }) => sample.good));
  await asShown(stack, unique, updates(inPlace));
  const hand = await ByHand.connect(stack, names);
  const seen = applied.filter(({ field }) => !field.secret);
  for (const one of seen) await hand.change(one, one.sample.other);
  await hand.close();
  assert.equal((await stack.workspace.refresh()).exitCode, 0);
  await asShown(stack, unique, updates(seen));
  await stack.destroy();
  await tidy(stack, names);
});

onEveryStack("what a preview shows beside statements", async (stack) => {
  const name = uniqueName("notes");
  const me = stack.role.name;
  // Nobody is asked: there is no server at this port.
  stack.settings = { showSql: true, port: 1, connectTimeout: "1s" };
  const role = (args: object): Program[string] => ({ type: "Role", args: { name, ...args } });
  const shown = async (program: Program, changes: Record<string, number>) => {
    await stack.declare(program);
    const output = await stack.preview(changes);
    return { output, lines: shownSql(output) };
  };
  const secret = await shown(
    { plain: role({ password: "s3cret-one", comment: "open" }), hidden: role({ comment: { $secret: "s3cret-two" } }) },
    { create: 4 },
  );
  assert.deepEqual(secret.lines.sort().reverse(), [
    `CREATE ROLE "${name}" PASSWORD [secret];`,
    `COMMENT ON ROLE "${name}" IS 'open';`,
  ]);
  assert.match(secret.output, /sql *: \[secret\]/);
  assert.doesNotMatch(secret.output, /s3cret/);

  const { lines } = await shown(
    {
      adopted: role({ adopt: true, login: true }),
      shop: { type: "Database", args: { name } },
      changes: { type: "ReplicationSlot", args: { name, type: "logical", plugin: "pgoutput", database: "$shop.name" } },
      rule: {
        type: "HbaRule",
        args: { name, type: "hostssl", databases: ["shop"], users: ["a b"], address: "10.0.0.0/8", method: "cert" },
      },
      next: {
        type: "Sequence",
        args: {
          database: "$shop.name",
          name,
          maxValue: "$shop.oid",
          start: 5,
          ownedBy: { table: "$adopted.oid", column: "c" },
        },
      },
    },
    { create: 7 },
  );
  assert.deepEqual(
    new Set(lines),
    new Set([
      "-- depends on the server; of what is there already (adopt), only what differs is changed",
      `CREATE ROLE "${name}" LOGIN;`,
      `CREATE DATABASE "${name}";`,
      `-- in database ${name}`,
      `SELECT pg_catalog.pg_create_logical_replication_slot('${name}', 'pgoutput');`,
      '-- pg_hba.conf, add, order 0: hostssl shop "a b" 10.0.0.0/8 cert',
      "-- maxValue is [unknown]",
      `CREATE SEQUENCE "public"."${name}" START WITH 5 OWNED BY "public".[unknown]."c";`,
    ]),
  );

  // The next preview shows what is sent then, and nothing of the last time as if it stayed.
  stack.settings = { showSql: true };
  await stack.declare({ role: role({ comment: "one\ntwo" }) });
  await stack.up({ create: 3 });
  const again = await shown(
    { role: role({ comment: "one\nthree", onDelete: { reassignOwnedTo: me } }) },
    { update: 1 },
  );
  assert.deepEqual(again.lines, [`COMMENT ON ROLE "${name}" IS 'one`, "three';"]);
  const nothing = await shown(
    { role: role({ comment: "one\ntwo", onDelete: { reassignOwnedTo: me } }) },
    { update: 1 },
  );
  assert.deepEqual(nothing.lines, ["-- nothing is sent"]);
  await stack.destroy();
});

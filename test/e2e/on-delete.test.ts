/** What becomes of what a role owns, when it is deleted by the run that changes those whom `onDelete` names. */

import assert from "node:assert/strict";
import { onEveryStack, type Program, type Stack, uniqueName } from "./stack";

/** Who owns the schema `s`. */
async function owner(stack: Stack, database: string): Promise<unknown> {
  const [row] = await stack.sql<{ owner: string }>(
    "SELECT nspowner::regrole::text AS owner FROM pg_namespace WHERE nspname = 's'",
    [],
    database,
  );
  return row?.owner;
}

onEveryStack("the role that is to own everything is the one it was, whatever it is called by then", async (stack) => {
  const name = uniqueName("heir");
  const role = (suffix: string, args: object = {}): Program[string] => ({
    type: "Role",
    args: { name: `${name}_${suffix}`, ...args },
  });
  const shop = (suffix: string): Program => ({
    shop: { type: "Database", args: { name: `${name}_${suffix}`, dropNonEmpty: true } },
  });
  const onDelete = { reassignOwnedTo: "$b.name", databases: ["$shop.name"] };
  await stack.declare({ b: role("b"), c: role("c"), ...shop("shop"), a: role("a", { onDelete }) });
  await stack.up({ create: 6 });
  await stack.sql(`CREATE SCHEMA s AUTHORIZATION ${name}_a`, [], `${name}_shop`);

  const c = { ...role("b"), options: { dependsOn: ["b"] } };
  await stack.declare({ b: role("bx"), c, ...shop("store") });
  await stack.up({ update: 3, delete: 1 });
  assert.equal(await owner(stack, `${name}_store`), `${name}_bx`);
  await stack.preview({}, { refresh: true });
  await stack.destroy();
});

onEveryStack("a role that owns nothing is destroyed although its heir is gone", async (stack) => {
  const name = uniqueName("gone");
  await stack.declare({ a: { type: "Role", args: { name, onDelete: { reassignOwnedTo: `${name}_heir` } } } });
  await stack.up({ create: 3 });
  await stack.destroy();
});

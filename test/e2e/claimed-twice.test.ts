/** Two resources that come to stand for one object. */

import assert from "node:assert/strict";
import { onEveryStack, type Program, uniqueName } from "./stack";

onEveryStack("a name that one resource gives up is not another one's before that is applied", async (stack) => {
  const name = uniqueName("claimed");
  const only = (args: object): Program => ({ shop: { type: "Database", args: { name, ...args } } });
  await stack.declare(only({}));
  await stack.up({ create: 3 });
  const oid = async () =>
    await stack.sql("SELECT oid, datname AS name FROM pg_database WHERE datname LIKE $1", [`${name}%`]);
  const before = await oid();

  // The new one is there first, takes over what there is, and then that is to be renamed.
  const fresh: Program = { fresh: { type: "Database", args: { name, adopt: true } } };
  const renamed = {
    ...fresh,
    shop: { ...only({ name: `${name}_old` }).shop, options: { dependsOn: ["fresh"] } },
  } as Program;
  await stack.declare(renamed);
  const refused = await stack.fails("up");
  assert.match(refused, /database ".*": cannot update: another resource has taken it over just now .*rename it first/);
  assert.deepEqual(await oid(), before);

  // As the refusal says: one of the two is taken out, and the other one renamed before.
  await stack.declare(only({}));
  await stack.up({ delete: 1 });
  await stack.declare(only({ name: `${name}_old` }));
  await stack.up({ update: 1 });
  await stack.declare(renamed);
  await stack.up({ create: 1 });
  await stack.preview({}, { refresh: true });
  assert.equal((await oid()).length, 2);
  await stack.destroy();
  await stack.sql(`DROP DATABASE IF EXISTS ${name}`);
});

onEveryStack("two that are to swap their names are told how", async (stack) => {
  const name = uniqueName("swap");
  const roles = (one: string, other: string): Program => ({
    one: { type: "Role", args: { name: `${name}_${one}` } },
    other: { type: "Role", args: { name: `${name}_${other}` } },
  });
  await stack.declare(roles("a", "b"));
  await stack.up({ create: 4 });
  await stack.declare(roles("b", "a"));
  assert.match(await stack.fails("up"), /role "\w+_[ab]" already exists\. .* take a third name in between/);
  await stack.declare(roles("c", "b"));
  await stack.up({ update: 1 });
  await stack.declare(roles("b", "a"));
  for (const _ of ["whichever comes first", "the other one"]) await stack.workspace.up();
  await stack.preview({}, { refresh: true });
  await stack.destroy();
});

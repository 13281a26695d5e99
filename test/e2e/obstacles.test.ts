import assert from "node:assert/strict";
import { onEveryStack, type Program, uniqueName } from "./stack";

onEveryStack("an owner that does not exist, a rename with sessions in the way, and then the next up", async (stack) => {
  const name = uniqueName("miss");
  const declared: Program = {
    group: { type: "Role", args: { name: `${name}_group` } },
    shop: { type: "Database", args: { name, owner: `${name}_nobody` } },
    app: { type: "Role", args: { name: `${name}_app`, memberOf: [`${name}_nobody`] } },
  };
  await stack.declare(declared);
  const missing = await stack.fails("up");
  assert.match(missing, /database ".*": cannot create: owner: role ".*_nobody" does not exist\. Create it first/);
  assert.match(missing, /role ".*_app": cannot create: memberOf: role ".*_nobody" does not exist/);
  declared.shop!.args.owner = "$group.name";
  declared.app!.args.memberOf = ["$group.name"];
  await stack.declare(declared);
  const { exitCode, output } = await stack.workspace.up();
  assert.equal(exitCode, 0, output);

  const session = await stack.session(name);
  declared.shop!.args.name = `${name}_2`;
  await stack.declare(declared);
  assert.match(
    await stack.fails("up"),
    /database ".*": cannot alter: database ".*" is being accessed by other users\. There is 1 other session/,
  );
  await session.end();
  await stack.up({ update: 1 });
  await stack.preview({}, { refresh: true });

  // A lock that is not given within lockTimeout.
  stack.settings.lockTimeout = "200ms";
  const holder = await stack.session(`${name}_2`);
  await stack.declare({
    ...declared,
    sales: { type: "Schema", args: { database: "$shop.name", name: "sales", dropCascade: true } },
  });
  await stack.workspace.up();
  await holder.query("CREATE TABLE sales.t (id int); BEGIN; LOCK TABLE sales.t");
  await stack.declare(declared);
  assert.match(
    await stack.fails("up"),
    /schema "sales": cannot drop: canceling statement due to lock timeout.*raise the Provider's lockTimeout/,
  );
  await holder.query("ROLLBACK");
  await holder.end();
  await stack.up({ delete: 1 });
  await stack.destroy();
});

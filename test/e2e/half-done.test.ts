import assert from "node:assert/strict";
import { onEveryStack, type Program, type Stack, uniqueName } from "./stack";

onEveryStack("what was done half is recorded, and finished by the next up", async (stack) => {
  if (stack.role.superuser) return await halfDoneAsSuperuser(stack);
  // The lesser role creates the database for itself and hands it over: the second half can be held up by a lock.
  const name = uniqueName("half");
  stack.settings.lockTimeout = "300ms";
  const declared: Program = {
    owner: { type: "Role", args: { name } },
    shop: { type: "Database", args: { name, owner: "$owner.name" } },
  };
  await stack.declare({ owner: declared.owner! });
  await stack.up({ create: 3 });
  const holder = await stack.session("postgres");
  await holder.query("BEGIN; LOCK TABLE pg_catalog.pg_auth_members IN SHARE MODE");
  await stack.declare(declared);
  assert.match(await stack.fails("up"), /database ".*": cannot create: canceling statement due to lock timeout/);
  await holder.query("ROLLBACK");
  const owner = () => stack.sql("SELECT pg_get_userbyid(datdba) AS owner FROM pg_database WHERE datname = $1", [name]);
  assert.deepEqual(await owner(), [{ owner: stack.role.name }]);
  const { deployment } = await stack.workspace.export();
  const recorded = deployment.resources?.find(({ urn }) => urn.endsWith("::shop"));
  assert.equal(recorded?.initErrors?.length, 1);

  await stack.up({ update: 1 });
  assert.deepEqual(await owner(), [{ owner: name }]);
  await stack.preview({}, { refresh: true });
  await stack.destroy();
});

onEveryStack("what was done half can be refreshed, and destroyed", async (stack) => {
  const name = uniqueName("half");
  await stack.declare({ shop: { type: "Database", args: { name, config: { work_mem: "lots" } } } });
  const there = async () => (await stack.sql("SELECT 1 FROM pg_database WHERE datname = $1", [name])).length;
  assert.match(await stack.fails("up"), /database ".*": cannot create: invalid value for parameter "work_mem"/);
  assert.equal(await there(), 1);
  await stack.preview({ update: 1 }, { refresh: true });
  await stack.destroy();
  assert.equal(await there(), 0);
});

/** A superuser needs one statement: it is done, or it is not, and then nothing is recorded. */
async function halfDoneAsSuperuser(stack: Stack): Promise<void> {
  const name = uniqueName("half");
  stack.settings.lockTimeout = "300ms";
  const declared: Program = {
    group: { type: "Role", args: { name: `${name}_group` } },
    app: { type: "Role", args: { name, memberOf: ["$group.name"] } },
  };
  await stack.declare({ group: declared.group! });
  await stack.up({ create: 3 });
  const holder = await stack.session("postgres");
  await holder.query("BEGIN; LOCK TABLE pg_catalog.pg_auth_members IN SHARE MODE");
  await stack.declare(declared);
  assert.match(await stack.fails("up"), /role ".*": cannot create: canceling statement due to lock timeout/);
  await holder.query("ROLLBACK");
  assert.deepEqual(await stack.sql("SELECT 1 FROM pg_roles WHERE rolname = $1", [name]), [], "all or nothing");
  await stack.up({ create: 1 });
  await stack.destroy();
}

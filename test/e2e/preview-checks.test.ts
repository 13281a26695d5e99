import assert from "node:assert/strict";
import { onEveryStack, type Program, uniqueName } from "./stack";

onEveryStack("a preview that asks the server refuses what up would run into", async (stack) => {
  const name = uniqueName("asked");
  const theirs = uniqueName("theirs");
  const me = stack.role.name;
  stack.settings = { previewChecks: true };
  await stack.sql(`SET ROLE ${me}; CREATE ROLE ${theirs} CONNECTION LIMIT 7`);
  await stack.sql(`CREATE DATABASE ${theirs} OWNER ${me}`);

  const role: Program[string] = { type: "Role", args: { name } };
  const shop = (args: object = {}): Program[string] => ({
    type: "Database",
    args: { name, owner: "$role.name", encoding: "UTF8", ...args },
  });
  const sales = (args: object = {}): Program[string] => ({
    type: "Schema",
    args: { database: "$shop.name", name: "sales", owner: "$role.name", ...args },
  });
  const order: Program[string] = {
    type: "Sequence",
    args: { database: "$shop.name", schema: "$sales.name", name: "order_no", owner: "$role.name" },
  };
  const refuses = async (program: Program, reason: RegExp) => {
    await stack.declare(program);
    const output = await stack.fails("preview");
    assert.match(output, reason);
    assert.doesNotMatch(output, /Preview failed/);
  };

  // What the program itself makes is not missed, wherever it is.
  const whole: Program = { role, shop: shop(), sales: sales(), order };
  await stack.declare(whole);
  await stack.preview({ create: 6 });

  await refuses(
    { shop: shop({ owner: `${name}_nobody` }) },
    /owner: role ".*_nobody" does not exist\. Create it first/,
  );
  await refuses(
    { role: { type: "Role", args: { name, memberOf: [`${name}_no`] } } },
    /memberOf: role ".*" does not exist/,
  );
  await refuses(
    { role: { type: "Role", args: { name: theirs } } },
    /role ".*": cannot create: it exists already\. Set adopt: true/,
  );
  await refuses({ shop: shop({ name: theirs, owner: me }) }, /database ".*": cannot create: it exists already/);
  await refuses(
    { sales: { type: "Schema", args: { database: theirs, name: "public" } } },
    /schema "public": cannot create: it exists already/,
  );
  await refuses(
    { sales: { type: "Schema", args: { database: `${name}_no`, name: "s" } } },
    /database ".*_no" does not exist\. Create it first/,
  );
  await refuses(
    { order: { type: "Sequence", args: { database: theirs, schema: "nowhere", name: "s" } } },
    /schema "nowhere" does not exist\. Create it first/,
  );
  await refuses(
    { shop: shop({ name: theirs, owner: me, adopt: true, encoding: "LATIN1" }) },
    /it exists already, but its encoding is "UTF8", not "LATIN1"/,
  );
  if (stack.server.version < 16) {
    const inherit = [{ role: theirs, inherit: true }];
    await refuses({ role: { type: "Role", args: { name, memberOf: inherit } } }, /needs PostgreSQL 16 or newer/);
  }

  // What is adopted is known: with the SQL, which then says what differs.
  stack.settings = { previewChecks: true, showSql: true };
  await stack.declare({ role: { type: "Role", args: { name: theirs, adopt: true, connectionLimit: 7, login: true } } });
  assert.match(await stack.preview({ create: 3 }), new RegExp(`sql *: "ALTER ROLE \\\\"${theirs}\\\\" LOGIN;"`));
  stack.settings = { previewChecks: true };

  // A replacement finds its own object there, and says what its drop would meet.
  await stack.declare(whole);
  await stack.up({ create: 6 });
  await stack.preview({});
  await stack.sql("CREATE TABLE t ()", [], name);
  const replaced = { encoding: "LATIN1", locale: "C", allowReplace: true };
  await refuses({ ...whole, shop: shop({ lcCollate: "C.utf8", allowReplace: true }) }, /it holds data \(public\.t\)/);
  await refuses({ ...whole, shop: shop(replaced) }, /it holds data \(public\.t\)/);
  await stack.sql("DROP TABLE t", [], name);
  const session = await stack.session(name);
  await refuses({ ...whole, shop: shop(replaced) }, /is in use|session/);
  await session.end();
  await stack.declare({ ...whole, shop: shop(replaced) });
  await stack.preview({ replace: 3 });
  await stack.declare({ ...whole, sales: sales({ owner: `${name}_nobody` }) });
  assert.match(await stack.fails("preview"), /owner: role ".*_nobody" does not exist/);

  // Renamed in the same run: the new name is there for whoever says it.
  const renamed: Program = { ...whole, role: { type: "Role", args: { name: `${name}_2` } } };
  await stack.declare(renamed);
  await stack.preview({ update: 4 });
  await stack.up({ update: 4 });
  await stack.destroy();

  // Nobody to ask.
  stack.settings = { previewChecks: true, port: 1, connectTimeout: "1s" };
  await refuses({ role }, /ECONNREFUSED|cannot connect/);
  await stack.sql(`DROP DATABASE ${theirs}`);
  await stack.sql(`DROP ROLE ${theirs}`);
});

onEveryStack("another oid is another large object, also where the server is asked", async (stack) => {
  stack.settings = { previewChecks: true };
  const [made] = await stack.sql<{ one: string; other: string }>(
    "SELECT lo_create(0)::text AS one, lo_create(0)::text AS other",
  );
  const { one, other } = made ?? assert.fail("nothing was made");
  for (const oid of [one, other]) await stack.sql(`ALTER LARGE OBJECT ${oid} OWNER TO ${stack.role.name}`);
  const photo = (oid: string): Program => ({ photo: { type: "LargeObject", args: { oid, comment: "the shop" } } });
  await stack.declare(photo(one));
  await stack.up({ create: 3 });
  await stack.declare(photo(other));
  await stack.preview({ replace: 1 });
  await stack.up({ replace: 1 });
  await stack.destroy();
  await stack.sql(`SELECT lo_unlink(${one}), lo_unlink(${other})`);
});

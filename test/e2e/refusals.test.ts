import assert from "node:assert/strict";
import { onEveryStack, type Program, uniqueName } from "./stack";

onEveryStack("what would destroy data is refused until it is allowed", async (stack) => {
  const name = uniqueName("refuse");
  const declared: Program = {
    owner: { type: "Role", args: { name } },
    shop: { type: "Database", args: { name, owner: "$owner.name", encoding: "UTF8" } },
    sales: { type: "Schema", args: { database: "$shop.name", name: "sales" } },
  };
  await stack.declare(declared);
  await stack.up({ create: 5 });
  await stack.sql("CREATE TABLE sales.t (id int); CREATE TABLE public.t (id int)", [], name);

  // A schema with something in it.
  const { sales: _, ...withoutSchema } = declared;
  await stack.declare(withoutSchema);
  assert.match(
    await stack.fails("up"),
    /schema "sales": cannot drop: it is not empty \(table sales\.t\)\. Set dropCascade: true/,
  );
  declared.sales!.args.dropCascade = true;
  await stack.declare(declared);
  await stack.up({ update: 1 });
  await stack.declare(withoutSchema);
  await stack.up({ delete: 1 });
  assert.deepEqual(await stack.sql("SELECT 1 FROM pg_namespace WHERE nspname = 'sales'", [], name), []);

  // A role that owns things: the whole list, and nothing done.
  const { owner: __, ...withoutOwner } = structuredClone(withoutSchema);
  delete withoutOwner.shop!.args.owner;
  await stack.declare(withoutOwner);
  assert.match(
    await stack.fails("up"),
    new RegExp(`role "${name}": cannot drop: objects depend on it \\(on the server: owner of database ${name}\\)`),
  );

  // A database with a table in it, then with a session, then with both allowed.
  await stack.declare(withoutSchema);
  await stack.up({ update: 1 });
  await stack.declare({ owner: declared.owner! });
  assert.match(
    await stack.fails("up"),
    /database ".*": cannot drop: it holds data \(public\.t\)\. Set dropNonEmpty: true/,
  );
  withoutSchema.shop!.args.dropNonEmpty = true;
  await stack.declare(withoutSchema);
  await stack.up({ update: 1 });
  const session = await stack.session(name);
  await stack.declare({ owner: declared.owner! });
  assert.match(await stack.fails("up"), /database ".*": cannot drop: other sessions are in it: pid \d+ of postgres/);
  const [left] = await stack.sql("SELECT pg_get_userbyid(datdba) AS owner FROM pg_database WHERE datname = $1", [name]);
  assert.deepEqual(left, { owner: name }, "a refused drop changes nothing");
  await session.end();
  await stack.up({ delete: 1 });
  await stack.destroy();
});

onEveryStack("a replacement of a database is refused until it is allowed", async (stack) => {
  const name = uniqueName("guard");
  const declared: Program = { shop: { type: "Database", args: { name } } };
  await stack.declare(declared);
  await stack.up({ create: 3 });
  // Nobody has declared it, and a preview knows it all the same, without the server.
  declared.shop!.args.encoding = "LATIN1";
  stack.settings = { port: 1 };
  await stack.declare(declared);
  const refused =
    /database ".*": cannot update: encoding is "UTF8" and cannot become "LATIN1" in place\. Set allowReplace/;
  assert.match(await stack.fails("preview"), refused);
  stack.settings = {};
  declared.shop!.args.encoding = "UTF8";
  await stack.declare(declared);
  await stack.up({});
  const oid = () => stack.sql("SELECT oid FROM pg_database WHERE datname = $1", [name]);
  const before = await oid();

  for (const spelling of ["utf8", "UTF-8", "unicode"]) {
    declared.shop!.args.encoding = spelling;
    await stack.declare(declared);
    await stack.preview({});
  }
  declared.shop!.args.encoding = "SQL_ASCII";
  await stack.declare(declared);
  assert.match(
    await stack.fails("preview"),
    /encoding is "UTF8" and cannot become "SQL_ASCII" in place\. Set allowReplace/,
  );
  assert.deepEqual(await oid(), before);

  declared.shop!.args.allowReplace = true;
  await stack.declare(declared);
  await stack.preview({ replace: 1 });
  await stack.up({ replace: 1 });
  assert.notDeepEqual(await oid(), before);
  await stack.preview({}, { refresh: true });

  // Not declared any more, it is known all the same.
  delete declared.shop!.args.encoding;
  delete declared.shop!.args.allowReplace;
  await stack.declare(declared);
  await stack.up({ update: 1 });
  declared.shop!.args.encoding = "UTF8";
  await stack.declare(declared);
  assert.match(await stack.fails("preview"), /encoding is "SQL_ASCII" and cannot become "UTF8" in place/);
  declared.shop!.args.encoding = "SQL_ASCII";
  await stack.declare(declared);
  await stack.up({});
  await stack.destroy();
});

import { onEveryStack, type Program, uniqueName } from "./stack";

onEveryStack("roles whose objects and privileges go with their database are dropped behind it", async (stack) => {
  const name = uniqueName("along");
  const declared: Program = {
    shop: { type: "Database", args: { name, dropNonEmpty: true } },
    grants: {
      type: "Command",
      args: {
        database: "$shop",
        create: {
          sql: "CREATE TABLE stock (id int); GRANT SELECT ON stock TO $1",
          parameters: [{ identifier: "$reader.name" }],
        },
      },
    },
  };
  const roles = Array.from({ length: 5 }, (_, index) => `${name}_${index}`);
  const owners = roles.map((role) => [role, { type: "Role", args: { name: role } }] as const);
  const schemas = roles.map((role) => {
    const args = { database: "$shop", name: role, owner: `$${role}.name` };
    return [`schema ${role}`, { type: "Schema", args }] as const;
  });
  const reader: Program = { reader: { type: "Role", args: { name: `${name}_reader` } } };
  await stack.declare({ ...reader, ...Object.fromEntries(owners), ...declared, ...Object.fromEntries(schemas) });
  await stack.up({ create: 15 });
  await stack.destroy();
});

onEveryStack("a role that owned what is dropped beside it is dropped behind that", async (stack) => {
  const name = uniqueName("owned");
  const database: Program = { shop: { type: "Database", args: { name } } };
  const owner: Program = { owner: { type: "Role", args: { name: `${name}_owner` } } };
  const inside = (args: object): Program => ({
    sales: { type: "Schema", args: { database: "$shop", name: "sales", ...args } },
    orders: { type: "Sequence", args: { database: "$shop", schema: "$sales.name", name: "orders", ...args } },
  });
  await stack.declare({ ...database, ...owner, ...inside({ owner: "$owner.name" }) });
  await stack.up({ create: 6 });
  // Without the attribute the owner stays, and the engine knows of no order any more.
  await stack.declare({ ...database, ...owner, ...inside({}) });
  await stack.up({ update: 2 });
  await stack.declare(database);
  await stack.up({ delete: 3 });
  await stack.destroy();
});

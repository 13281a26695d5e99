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

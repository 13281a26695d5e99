import assert from "node:assert/strict";
import { onEveryStack, type Program, uniqueName } from "./stack";

/** Names that tools trip over; each is a legal name in PostgreSQL. */
const HOSTILE = ['a"b', "MiXed", "x.y", "u@d.com", "naïve 🐘", "'; select 1", "a/b%2Fc", "back\\slash", "$1", " "];

onEveryStack("any legal name works, everywhere", async (stack) => {
  const unique = uniqueName("name");
  const longest = (text: string) => text + "n".repeat(63 - Buffer.byteLength(text));
  const names = [...HOSTILE.map((text) => `${unique}${text}`), longest(`${unique}_63 `)];
  const shape = (change: (name: string) => string): Program =>
    Object.fromEntries(
      names.flatMap((name, index) => [
        [
          `r${index}`,
          { type: "Role", args: { name: change(name), memberOf: index > 0 ? [`$r${index - 1}.name`] : [] } },
        ],
        [`d${index}`, { type: "Database", args: { name: change(name), owner: `$r${index}.name` } }],
        [
          `s${index}`,
          { type: "Schema", args: { database: `$d${index}.name`, name: change(name), owner: `$r${index}.name` } },
        ],
        [
          `q${index}`,
          {
            type: "Sequence",
            args: { database: `$d${index}`, schema: `$s${index}.name`, name: change(name), owner: `$r${index}.name` },
          },
        ],
      ]),
    );
  const existing = async (expected: string[]) => {
    const like = `${unique}%`;
    const sorted = [...expected].sort();
    const names = (rows: { name: string }[]) => rows.map(({ name }) => name).sort();
    assert.deepEqual(
      names(await stack.sql("SELECT rolname AS name FROM pg_roles WHERE rolname LIKE $1", [like])),
      sorted,
    );
    assert.deepEqual(
      names(await stack.sql("SELECT datname AS name FROM pg_database WHERE datname LIKE $1", [like])),
      sorted,
    );
    for (const name of expected) {
      const schemas = await stack.sql<{ name: string }>(
        "SELECT nspname AS name, pg_get_userbyid(nspowner) AS owner FROM pg_namespace WHERE nspname LIKE $1",
        [like],
        name,
      );
      assert.deepEqual(schemas, [{ name, owner: name }]);
      const sequences = await stack.sql(
        "SELECT relname AS name, pg_get_userbyid(relowner) AS owner, n.nspname AS schema FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE relkind = 'S'",
        [],
        name,
      );
      assert.deepEqual(sequences, [{ name, owner: name, schema: name }]);
    }
  };

  await stack.declare(shape((name) => name));
  await stack.up({ create: 2 + 4 * names.length });
  await existing(names);
  await stack.preview({}, { refresh: true });

  const other = (name: string) => (Buffer.byteLength(name) > 61 ? `${name.slice(0, -2)}Ω` : `${name}Ω`);
  await stack.declare(shape(other));
  await stack.up({ update: 4 * names.length });
  await existing(names.map(other));
  await stack.preview({}, { refresh: true });
  await stack.destroy();
});

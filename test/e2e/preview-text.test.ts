import assert from "node:assert/strict";
import { shownSql } from "./shown-sql";
import { onEveryStack, type Program, uniqueName } from "./stack";

onEveryStack("the SQL of a preview is shown as text, whatever it looks like", async (stack) => {
  const name = uniqueName("text");
  const shown = async (program: Program, changes: Record<string, number>) => {
    await stack.declare(program);
    const output = await stack.preview(changes);
    assert.doesNotMatch(output, /\((yaml|json)\b/, output);
    return shownSql(output);
  };
  stack.settings = { showSql: true };
  const owner = { type: "Role", args: { name } } as const;
  const given = (objects: string[]): Program => ({
    owner,
    given: {
      type: "Ownership",
      args: { owner: "$owner.name", objects: objects.map((kind) => ({ kind: "table", name: kind })) },
    },
  });
  assert.deepEqual((await shown(given(["a", "b"]), { create: 4 })).slice(1), [
    "-- depends on the server; of what is there already, only what differs is changed",
    `-- table "public"."a", table "public"."b": OWNER TO "${name}"`,
  ]);
  const role = (comment: string): Program => ({ role: { type: "Role", args: { name, comment } } });
  await stack.declare(role("a: b"));
  await stack.up({ create: 3 });
  const lines = ["-- what is sent", `COMMENT ON ROLE "${name}" IS 'c: d`, "e: f';"];
  assert.deepEqual(await shown(role("c: d\ne: f"), { update: 1 }), lines);
  await stack.destroy();
});

import assert from "node:assert/strict";
import { cases, isKnown } from "../provider/cases";
import { programOf, surroundings, tidy } from "./attributes";
import { importFrom, stackOf } from "./imported";
import { onEveryStack, uniqueName } from "./stack";

onEveryStack(
  "what is on a server is taken over by a program, every attribute, with nothing to change",
  async (stack) => {
    const unique = uniqueName("import");
    const names = await surroundings(stack, unique);
    const all = cases(names, unique).filter(
      (one) => !one.type.found && isKnown(one, stack.server.version) && (stack.role.superuser || !one.sample.superuser),
    );
    await stack.declare(programOf(all, names, ({ sample }) => sample.good));
    await stack.up({ create: all.length + 2 });
    const imported = await importFrom(stack, ["--include", `${unique}*`]);
    const { program, said } = imported;
    const other = await stackOf(stack, imported);
    try {
      assert.doesNotMatch(said, /would be changed/);
      for (const { name } of all) assert.ok(program.includes(name), `${name} is not in the program`);
      await other.preview({});
      await other.preview({}, { refresh: true });
      await other.up({});
      // What was taken over is let go, not dropped.
      await other.destroy();
    } finally {
      await other.close();
    }
    await stack.preview({}, { refresh: true });
    await stack.destroy();
    await tidy(stack, names);
  },
);

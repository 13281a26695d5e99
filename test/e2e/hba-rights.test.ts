import assert from "node:assert/strict";
import { onOwnStacks } from "./own-stack";
import type { Program } from "./stack";

/** A rule for roles that nobody is. */
const rule = (args: Record<string, unknown> = {}): Program => ({
  mine: {
    type: "HbaRule",
    args: { type: "host", databases: ["shop"], users: ["nobody"], address: "10.0.0.0/8", method: "reject", ...args },
  },
});

/** The statements that an error asks a superuser to run. */
function grantsIn(output: string): string {
  const [, statements] = /Let a superuser run: (GRANT .* TO "lesser")/.exec(output) ?? [];
  assert.ok(statements, output);
  return statements.replaceAll('in database "postgres", ', "");
}

onOwnStacks(
  {
    "no superuser is needed: with the rights that the error names, a role owns rules, and without them it loses none":
      async (stack, own) => {
        await stack.declare(rule());
        await stack.preview({ create: 3 });
        const refused = await stack.fails("up");
        assert.match(refused, /"lesser" may not read and write pg_hba\.conf/);
        assert.equal(own.bytes, own.initial);
        await own.ask(grantsIn(refused));
        await stack.up({ create: 1 });
        const line = "host shop nobody 10.0.0.0/8 reject # pgmob name=mine order=0\n";
        assert.equal(own.bytes, own.initial + line);
        await stack.preview({}, { refresh: true });

        await stack.declare(rule({ name: "ours", method: "md5" }));
        await stack.up({ update: 1 });
        const renamed = "host shop nobody 10.0.0.0/8 md5 # pgmob name=ours order=0\n";
        assert.equal(own.bytes, own.initial + renamed);
        own.bytes = own.initial + renamed.replace("md5", "trust");
        assert.match(await stack.preview({ update: 1 }, { refresh: true }), /~ method *: "md5" => "trust"/);
        await stack.up({ update: 1 }, { refresh: true });
        assert.equal(own.bytes, own.initial + renamed);

        // It may still look, but not write.
        await own.ask("REVOKE pg_execute_server_program FROM lesser");
        await stack.preview({}, { refresh: true });
        const kept = await stack.fails("destroy");
        assert.equal(grantsIn(kept), 'GRANT pg_execute_server_program TO "lesser"');
        assert.equal(own.bytes, own.initial + renamed);
        await own.ask(grantsIn(kept));
        await stack.destroy();
        assert.deepEqual([own.bytes === own.initial, own.leftovers], [true, []]);
      },
  },
  "restricted role",
);

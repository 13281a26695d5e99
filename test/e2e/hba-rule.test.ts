import assert from "node:assert/strict";
import { onOwnStacks } from "./own-stack";
import type { Program } from "./stack";

/** A rule by which a role gets in without a password. */
const letIn = (user: string, args: Record<string, unknown> = {}): Program[string] => ({
  type: "HbaRule",
  args: {
    type: "host",
    databases: ["all"],
    users: [user],
    address: "127.0.0.1/32",
    method: "trust",
    order: -1,
    ...args,
  },
});

/** The lines that the package keeps in a file. */
const ours = (bytes: string): string[] => bytes.split("\n").filter((line) => line.includes("# pgmob name="));

onOwnStacks({
  "create, update, rename, drift, destroy": async (stack, own) => {
    const program = (args: Record<string, unknown> = {}, more: Program = {}): Program => ({
      guest: { type: "Role", args: { name: "guest", login: true } },
      "let-in": letIn("$guest.name", args),
      ...more,
    });
    await stack.declare(program());
    await stack.preview({ create: 4 });
    assert.equal(own.bytes, own.initial, "a preview changes nothing");
    await stack.up({ create: 4 });
    assert.deepEqual(ours(own.bytes), ["host all guest 127.0.0.1/32 trust # pgmob name=let-in order=-1"]);
    assert.equal(await own.letsIn("guest"), true);
    await stack.preview({});
    await stack.preview({}, { refresh: true });
    await stack.up({});

    // In place: what it says, its name, its place.
    await stack.declare(program({ method: "reject", comment: "not today" }));
    const plan = await stack.preview({ update: 1 });
    assert.match(plan, /~ method *: "trust" => "reject"/);
    assert.match(plan, /\+ comment *: "not today"/);
    await stack.up({ update: 1 });
    assert.equal(await own.letsIn("guest"), false);
    await stack.declare(program({ name: "guests", order: undefined }));
    assert.doesNotMatch(await stack.preview({ update: 1 }), /replace/);
    await stack.up({ update: 1 });
    assert.deepEqual(ours(own.bytes), ["host all guest 127.0.0.1/32 trust # pgmob name=guests order=0"]);
    assert.ok(own.bytes.endsWith("name=guests order=0\n"), "order 0 is after everybody else's rules");
    await stack.preview({}, { refresh: true });
    await stack.declare(program());
    await stack.up({ update: 1 });

    // Edited by hand: seen property by property, and healed.
    const before = own.bytes;
    own.bytes = before.replace("127.0.0.1/32 trust #", "127.0.0.0/8 reject #");
    const drift = await stack.preview({ update: 1 }, { refresh: true });
    assert.match(drift, /~ address *: "127\.0\.0\.1\/32" => "127\.0\.0\.0\/8"/);
    assert.match(drift, /~ method *: "trust" => "reject"/);
    await stack.up({ update: 1 }, { refresh: true });
    assert.equal(own.bytes, before);

    // Into what the server cannot read.
    own.bytes = before.replace("host all guest 127.0.0.1/32 trust #", "hots all guest #");
    assert.match(await stack.preview({ update: 1 }, { refresh: true }), /- method *: "trust"|~ method *: "trust" => /);
    await stack.up({ update: 1 }, { refresh: true });
    assert.equal(own.bytes, before);

    // Moved by hand.
    const [line = ""] = ours(before);
    own.bytes = `${before.replace(`${line}\n`, "")}${line}\n`;
    assert.match(await stack.preview({ update: 1 }, { refresh: true }), /inPlace *: .*false/);
    await stack.up({ update: 1 }, { refresh: true });
    assert.equal(own.bytes, before);
    await stack.preview({}, { refresh: true });

    // Deleted by hand.
    own.bytes = own.initial;
    await stack.up({ create: 1 }, { refresh: true });
    assert.equal(own.bytes, before);
    assert.equal(await own.letsIn("guest"), true);

    await stack.destroy();
    assert.deepEqual([own.bytes === own.initial, own.leftovers], [true, []]);
  },
});

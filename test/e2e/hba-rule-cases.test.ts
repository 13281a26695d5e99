import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { onOwnStacks } from "./own-stack";
import type { Program } from "./stack";

/** A rule for a role that nobody is. */
const rule = (args: Record<string, unknown> = {}): Program[string] => ({
  type: "HbaRule",
  args: { type: "host", databases: ["shop"], users: ["nobody"], address: "10.0.0.0/8", method: "reject", ...args },
});

/** The names of our rules in a file, in order. */
const order = (bytes: string): string[] => [...bytes.matchAll(/# pgmob name=(\S+)/g)].map(([, name]) => name as string);

onOwnStacks({
  "thirty rules that are created in parallel stand in order, and are moved by what is declared": async (stack, own) => {
    const many = Array.from({ length: 24 }, (_, index) => (index * 7) % 24);
    const program = (extra: Program = {}): Program => ({
      ...Object.fromEntries(many.map((at) => [`r${String(at).padStart(2, "0")}`, rule({ order: at - 12 })])),
      same1: rule({ order: 0 }),
      same2: rule(),
      anchor: rule({ order: 5 }),
      behind: rule({ after: "$anchor" }),
      ahead: rule({ before: "$anchor" }),
      byName: rule({ after: "behind" }),
      ...extra,
    });
    await stack.declare(program());
    await stack.up({ create: 32 });
    const numbered = Array.from({ length: 24 }, (_, at) => `r${String(at).padStart(2, "0")}`);
    const expected = [
      ...numbered.slice(0, 12),
      ...[...numbered.slice(12, 13), "same1", "same2"],
      ...numbered.slice(13, 17),
      ...["ahead", "anchor", "behind", "byName"],
      ...numbered.slice(17),
    ];
    assert.deepEqual(order(own.bytes), expected);
    assert.equal(own.bytes.replaceAll(/^.*# pgmob name=.*\n/gm, ""), own.initial, "nobody else's line has changed");
    await stack.preview({}, { refresh: true });

    // A rule that others stand beside takes them along, under another name too.
    await stack.declare(program({ anchor: rule({ name: "moved", order: -99 }) }));
    await stack.up({ update: 3 });
    assert.deepEqual(order(own.bytes).slice(0, 4), ["ahead", "moved", "behind", "byName"]);
    await stack.preview({}, { refresh: true });

    // One of them is put at the end by hand.
    const [line = ""] = /^.*# pgmob name=r03 .*\n/m.exec(own.bytes) ?? [];
    own.bytes = own.bytes.replace(line, "") + line;
    assert.match(await stack.preview({ update: 1 }, { refresh: true }), /inPlace *: .*false/);
    await stack.up({ update: 1 }, { refresh: true });
    assert.deepEqual(order(own.bytes).slice(0, 8), ["ahead", "moved", "behind", "byName", ...numbered.slice(0, 4)]);
    await stack.destroy();
    assert.equal(own.bytes, own.initial);
  },

  "somebody else's line is adopted on request and released; another rule's name is refused": async (stack, own) => {
    const theirs = "host  shop\tnobody 10.0.0.0 255.0.0.0 reject # theirs\n";
    own.bytes = `${theirs}${own.initial}`;
    const before = own.bytes;
    await stack.declare({ mine: rule({ adopt: true }) });
    await stack.up({ create: 3 });
    assert.equal(own.bytes, before.replace("# theirs\n", "# theirs # pgmob name=mine\n"), "it stays where it is");
    await stack.preview({}, { refresh: true });
    await stack.declare({ mine: rule({ adopt: true, comment: "ours" }) });
    await stack.up({ update: 1 });
    assert.match(own.bytes, /^host shop nobody 10\.0\.0\.0\/8 reject # ours # pgmob name=mine\n/);

    // Another stack's rule of the name.
    await stack.declare({ mine: rule({ adopt: true, comment: "ours" }), other: rule({ name: "mine" }) });
    assert.match(await stack.fails("up"), /HBA rule "mine": cannot create: it exists already\. Set adopt: true/);

    await stack.declare({});
    await stack.up({ delete: 1 });
    assert.equal(own.bytes, `host shop nobody 10.0.0.0/8 reject # ours\n${own.initial}`, "only the name is gone");

    await stack.declare({ mine: rule({ adopt: true, dropOnDelete: true }) });
    await stack.up({ create: 1 });
    await stack.destroy();
    assert.equal(own.bytes, own.initial);
  },

  "what would keep the Provider out is refused until it is allowed; what the server refuses is the only loss": async (
    stack,
    own,
  ) => {
    const lockout = (args: Record<string, unknown> = {}) =>
      rule({ databases: ["all"], users: ["all"], address: "127.0.0.1/32", order: -1, ...args });
    const program = (more: Program): Program => ({ one: rule(), two: rule({ order: 3 }), ...more });
    // "bsd" is a method, but not one of this build: the server says so, and the others are made all the same.
    await stack.declare(program({ bad: rule({ method: "bsd" }), "lock-out": lockout() }));
    const refused = await stack.fails("up");
    assert.match(
      refused,
      /HBA rule "lock-out": cannot create: line \d+ of pg_hba\.conf .* would reject it.*allowLockout: true/,
    );
    assert.match(refused, /HBA rule "bad": cannot \w+.*invalid authentication method "bsd"/);
    assert.deepEqual([order(own.bytes), own.leftovers], [["one", "two"], []]);

    // The next up finishes it.
    await stack.declare(program({ bad: rule({ method: "md5" }) }));
    await stack.up({ create: 1 });
    assert.deepEqual(order(own.bytes), ["bad", "one", "two"]);

    // Allowed for whom it does not matter: there is a rule before it that lets the Provider in.
    const door = { door: lockout({ users: ["postgres"], method: "scram-sha-256", order: -2 }) };
    await stack.declare(program({ ...door, "lock-out": lockout({ order: undefined, after: "$door" }) }));
    await stack.up({ create: 2, delete: 1 });
    await stack.preview({}, { refresh: true });
    await stack.declare(program({ "lock-out": lockout({ order: -1 }) }));
    assert.match(await stack.fails("up"), /HBA rule "door": cannot drop: .* would reject it/);
    await stack.declare(
      program({ ...door, "lock-out": lockout({ order: undefined, after: "$door", allowLockout: true }) }),
    );
    await stack.workspace.up();
    await stack.preview({}, { refresh: true });
    await stack.destroy();
    assert.equal(own.bytes, own.initial);
  },

  "behind a line of which it cannot be told whether it decides, a change is made only where that is allowed": async (
    stack,
    own,
  ) => {
    const names = join(own.server.dataDir, "kept-out");
    writeFileSync(names, "somebody\n");
    own.own(names);
    const theirs = `host all @kept-out all reject\n${own.initial}`;
    own.bytes = theirs;
    const perhaps =
      /line 1 of pg_hba\.conf \(host all @kept-out all reject\) perhaps decides about it.*allowLockout: true/;
    await stack.declare({ one: rule() });
    await stack.preview({ create: 3 });
    assert.match(await stack.fails("up"), perhaps);
    assert.equal(own.bytes, theirs);

    await stack.declare({ one: rule({ allowLockout: true }) });
    await stack.up({ create: 1 });
    assert.equal(own.bytes.replace(/^.*# pgmob name=one.*\n/m, ""), theirs);
    await stack.preview({}, { refresh: true });
    await stack.declare({ one: rule({ method: "md5" }) });
    assert.match(await stack.fails("up"), perhaps);
    await stack.declare({ one: rule() });
    await stack.up({ update: 1 }); // nothing of the file changes
    assert.match(await stack.fails("destroy"), perhaps);
    assert.deepEqual(order(own.bytes), ["one"]);
    await stack.declare({ one: rule({ allowLockout: true }) });
    await stack.up({ update: 1 });
    await stack.destroy();
    assert.equal(own.bytes, theirs);
    own.bytes = own.initial;
  },

  "options with a secret are secret in everything that is shown and kept": async (stack, own) => {
    const ldap = (ldapbindpasswd: string, more: object = {}) =>
      rule({ method: "radius", options: { radiusservers: "127.0.0.1", radiussecrets: ldapbindpasswd, ...more } });
    await stack.declare({ secret: ldap("first-s3cret") });
    const shown = [await stack.preview({ create: 3 }), await stack.up({ create: 3 })];
    assert.match(own.bytes, /radiussecrets="?first-s3cret/);
    own.bytes = own.bytes.replace("first-s3cret", "by-hand-s3cret");
    shown.push(await stack.preview({ update: 1 }, { refresh: true }), await stack.up({ update: 1 }, { refresh: true }));
    assert.match(own.bytes, /radiussecrets="?first-s3cret/);
    await stack.declare({ secret: ldap("second-s3cret", { radiusports: "none" }) });
    shown.push(await stack.fails("up"));
    assert.match(own.bytes, /radiussecrets="?first-s3cret/);
    shown.push(JSON.stringify(await stack.workspace.export()), await stack.destroy());
    assert.doesNotMatch(shown.join("\n"), /s3cret/);
  },
});

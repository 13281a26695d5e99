import assert from "node:assert/strict";
import { test } from "node:test";
import { scenes } from "./scene";

scenes("resource options", (scene) => {
  test("deletedWith, retainOnDelete and protect decide what is deleted", async () => {
    const { workspace } = scene();
    await scene().program(`
      const owner = new Thing("owner");
      new Thing("part", { of: owner.name }, { deletedWith: owner });
      new Thing("kept", {}, { retainOnDelete: true });
      new Thing("safe", {}, { protect: true });`);
    assert.equal((await workspace.up()).exitCode, 0);
    await scene().program(`new Thing("safe", { shape: "new" }, { protect: true });`);
    const refused = await workspace.up();
    assert.equal(refused.exitCode, 1);
    assert.match(refused.output, /unable to replace resource "urn:pulumi:dev::scene::.*::safe"/);
    assert.deepEqual(scene().changes(), []);
    await scene().program(`new Thing("safe", {});`);
    assert.deepEqual((await workspace.up()).summary, { same: 2, delete: 3 });
    assert.deepEqual(scene().changes(), ["delete owner"]);
    await scene().program("");
    assert.equal((await workspace.up()).summary.delete, 1);
  });

  test("long texts are cut, unless they are to be shown whole", async () => {
    const { workspace } = scene();
    const long = "é".repeat(100);
    await scene().program(`
      new Thing("lines", { text: "a\\nb\\nc\\nd\\ne" });
      new Thing("long", { text: ${JSON.stringify(`x${long}`)}, list: ["a\\n${"b".repeat(151)}"] });`);
    const shown = ({ output }: { output: string }) =>
      [...output.matchAll(/(?:text|\[0\]) *: (.*)/g)].map(([, text]) => text).sort();
    const cut = await workspace.preview({ diff: true, showFullOutput: false });
    assert.deepEqual(shown(cut), [
      String.raw`"a\nb\nc\n..."`,
      String.raw`"a\n${"b".repeat(150)}..."`,
      String.raw`"x${"é".repeat(74)}\xc3..."`,
    ]);
    const whole = await workspace.preview({ diff: true });
    assert.deepEqual(shown(whole), [String.raw`"a\nb\nc\nd\ne"`, String.raw`"a\n${"b".repeat(151)}"`, `"x${long}"`]);
    assert.equal((await workspace.up()).exitCode, 0);
    await scene().program("");
    assert.equal(shown(await workspace.up({ diff: true, showFullOutput: false }))[0], shown(cut)[0]);
  });

  test("ignoreChanges keeps the old value, replaceOnChanges replaces for the new one", async () => {
    const { workspace } = scene();
    const program = (size: number, colour: string) =>
      scene().program(`
        new Thing("ignoring", { size: ${size}, tags: { colour: "${colour}", age: 1 } }, { ignoreChanges: ["size", "tags.colour"] });
        new Thing("replacing", { tags: { colour: "${colour}" } }, { replaceOnChanges: ["tags.colour"] });`);
    await program(1, "red");
    assert.equal((await workspace.up()).summary.create, 2);
    await program(2, "blue");
    const preview = await workspace.preview({ diff: true });
    assert.match(preview.output, /\+-pulumi-nodejs:dynamic\/scene:Thing: \(replace\)/);
    assert.match(preview.output, / {6}~ tags: \{\n {10}~ colour: "red" => "blue"\n {8}\}\n/);
    assert.deepEqual((await workspace.up()).summary, { same: 2, replace: 1 });
    assert.deepEqual(scene().changes(), ["delete replacing", "create replacing"]);
    assert.deepEqual((await scene().stored("ignoring"))?.inputs?.tags, { colour: "red", age: 1 });
  });

  test("an alias finds the resource under its old name, parent and type", async () => {
    const { workspace } = scene();
    await scene().program(`
      const box = new Box("box");
      const first = new Thing("first", { name: "one" }, { parent: box });
      new Thing("second", { name: "two", before: first.name });`);
    assert.equal((await workspace.up()).exitCode, 0);
    await scene().program(`
      const box = new Box("chest", { aliases: [{ name: "box" }] });
      const first = new Thing("uno", { name: "one" }, { parent: box, aliases: [{ name: "first" }] });
      new Thing("dos", { name: "two", before: first.name }, { aliases: [{ name: "second" }] });`);
    const moved = await workspace.up();
    assert.equal(moved.summary.same, 4, moved.output);
    assert.deepEqual(scene().changes(), []);
    const stored = await scene().stored("dos");
    const first = "urn:pulumi:dev::scene::scene:index:Box$pulumi-nodejs:dynamic/scene:Thing::uno";
    assert.deepEqual(stored?.dependencies, [first]);
    assert.equal((await scene().stored("uno"))?.parent, "urn:pulumi:dev::scene::scene:index:Box::chest");
    assert.equal((await workspace.up()).summary.same, 4);
  });

  test("outputs that the program calls secret are secret", async () => {
    const { workspace } = scene();
    await scene().program(`
      const thing = new Thing("shy", { word: pulumi.secret("quiet-word") }, { additionalSecretOutputs: ["serial"] });
      exports.serial = thing.serial; exports.word = thing.word;`);
    const up = await workspace.up();
    assert.match(up.output, /\+ serial: \[secret\]\n/);
    assert.ok(!JSON.stringify(await workspace.export()).includes("quiet-word"));
    assert.equal((await workspace.outputs()).serial, 1);
  });
});

scenes("replacement", (scene) => {
  test("what cannot live through a replacement is deleted first and created again", async () => {
    const { workspace } = scene();
    const program = (shape: string) =>
      scene().program(`
        const base = new Thing("base", { shape: "${shape}" });
        const middle = new Thing("middle", { shape: base.shape });
        new Thing("leaf", { shape: middle.shape });
        new Thing("loose", { note: base.shape }, { dependsOn: [base] });`);
    await program("a");
    assert.equal((await workspace.up()).exitCode, 0);
    await program("b");
    const replaced = await workspace.up();
    assert.equal(replaced.exitCode, 0, replaced.output);
    assert.deepEqual(replaced.summary, { update: 1, replace: 3, same: 1 });
    const changes = scene()
      .changes()
      .filter((change) => !change.endsWith("loose"));
    const order = ["delete leaf", "delete middle", "delete base", "create base", "create middle", "create leaf"];
    assert.deepEqual(changes, order);
  });

  test("a resource that may exist twice is created before the old one is deleted", async () => {
    const { workspace } = scene();
    await scene().program(`new Thing("swan", { shape: "a", gently: true });`);
    await workspace.up();
    await scene().program(`new Thing("swan", { shape: "b", gently: true });`);
    const replaced = await workspace.up();
    assert.equal(replaced.summary.replace, 1, replaced.output);
    assert.deepEqual(
      scene()
        .changes()
        .filter((change) => change.endsWith("swan")),
      ["create swan", "delete swan"],
    );
  });
});

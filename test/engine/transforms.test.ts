import assert from "node:assert/strict";
import { test } from "node:test";
import { scenes } from "./scene";

scenes("transforms", (scene) => {
  test("change what is registered: a resource's own, then its parents', then the stack's", async () => {
    const { workspace } = scene();
    await scene().program(`
      const add = (mark) => async ({ props, opts, name, custom }) => {
        if (!custom) return undefined;
        const marks = [...((await value(props.marks)) ?? []), mark + " " + name];
        return { props: { ...props, marks }, opts };
      };
      const value = (given) => new Promise((resolve) => pulumi.output(given).apply(resolve));
      pulumi.runtime.registerResourceTransform(add("stack"));
      const outer = new Box("outer", { transforms: [add("outer")] });
      const inner = new Box("inner", { parent: outer, transforms: [add("inner")] });
      new Thing("a", { marks: [] }, { parent: inner, transforms: [add("first"), add("second")] });
      new Thing("b");
      `);
    const up = await workspace.up();
    assert.equal(up.exitCode, 0, up.output);
    const marks = async (name: string) => (await scene().stored(name))?.inputs?.marks;
    const all = ["first", "second", "inner", "outer", "stack"].map((mark) => `${mark} a`);
    assert.deepEqual([await marks("a"), await marks("b")], [all, ["stack b"]]);
    assert.deepEqual((await workspace.preview()).summary, { same: up.summary.create });
    assert.equal((await workspace.destroy()).exitCode, 0);
  });

  test("keep secrets and what depends on what, and change options", async () => {
    const { workspace } = scene();
    await scene().program(`
      const before = new Thing("before");
      const change = ({ props, opts }) => ({
        props: { ...props, more: pulumi.output(props.size).apply((size) => size + 1), key: pulumi.secret("hush"), say: undefined },
        opts: pulumi.mergeOptions(opts, { protect: true, ignoreChanges: ["free"] }),
      });
      new Thing("after", { size: before.serial, word: pulumi.secret("psst"), say: "x" }, { transforms: [change] });`);
    const up = await workspace.up();
    assert.equal(up.exitCode, 0, up.output);
    const after = (await scene().stored("after")) ?? assert.fail();
    const before = after.urn.replace(/::after$/, "::before");
    assert.deepEqual(after.dependencies, [before]);
    assert.equal(after.protect, true);
    const inputs = after.inputs ?? {};
    assert.deepEqual(Object.keys(inputs).sort(), ["__provider", "key", "more", "name", "size", "word"]);
    for (const secret of ["key", "word"]) assert.match(JSON.stringify(inputs[secret]), /"ciphertext"/);
    assert.deepEqual((await workspace.preview()).summary, { same: up.summary.create });
  });

  test("that fail stop the program", async () => {
    await scene().program(`
      const fail = () => { throw new Error("no such thing here"); };
      new Thing("broken", {}, { transforms: [fail] });`);
    const up = await scene().workspace.up();
    assert.notEqual(up.exitCode, 0);
    assert.match(up.output, /no such thing here/);
    assert.deepEqual(
      scene()
        .changes()
        .filter((change) => change.endsWith("broken")),
      [],
    );
  });
});

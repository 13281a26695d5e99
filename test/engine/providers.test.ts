import assert from "node:assert/strict";
import { test } from "node:test";
import { scenes } from "./scene";

scenes("providers", (scene) => {
  test("each provider has a process of its own and its own configuration", async () => {
    const { workspace } = scene();
    await workspace.setConfig("scene:greeting", "from the stack", { secret: true });
    await scene().program(`
      const one = new Things("one", "from one");
      const box = new Box("box", { providers: [one] });
      const things = [new Thing("a", {}, { provider: one }), new Thing("b", {}, { parent: box }), new Thing("c"), new Thing("d")];
      exports.greetings = things.map((thing) => thing.greeting);
      exports.processes = pulumi.all(things.map((t) => t.process)).apply((ids) => ids.map((id) => ids.indexOf(id)));`);
    const up = await workspace.up();
    assert.equal(up.exitCode, 0, up.output);
    const { greetings, processes } = await workspace.outputs();
    assert.deepEqual(greetings, ["from one", "from one", "from the stack", "from the stack"]);
    assert.deepEqual(processes, [0, 0, 2, 2]);
    assert.equal((await workspace.preview()).summary.same, up.summary.create);
    assert.equal((await workspace.destroy()).exitCode, 0);
  });

  test("with a configuration that is not known yet a preview calls no hook", async () => {
    const { workspace } = scene();
    const program = (size: number) =>
      scene().program(`
        const server = new Thing("server", { size: ${size} });
        const later = new Things("later", server.serial.apply((serial) => "serial " + serial));
        new Thing("object", {}, { provider: later });`);
    await program(1);
    assert.equal((await workspace.preview()).summary.create, 4);
    assert.deepEqual(scene().calls(), []);
    assert.equal((await workspace.up()).exitCode, 0);
    await program(2);
    const preview = await workspace.preview({ diff: true });
    assert.deepEqual(preview.summary, { update: 3, same: 1 });
    assert.match(preview.output, /The provider for this resource has inputs that are not known during preview/);
    assert.deepEqual((await workspace.up()).summary, { update: 1, same: 3 });
  });

  test("a resource that is only read is read in a preview too, and never deleted", async () => {
    const { workspace } = scene();
    await scene().program(`
      const found = new Thing("found", {}, { id: "there" });
      exports.serial = found.serial;`);
    const preview = await workspace.preview({ diff: true });
    assert.match(preview.output, />\s+pulumi-nodejs:dynamic\/scene:Thing: \(read\)/);
    assert.match(preview.output, / {8}--outputs:--\n {8}serial +: 5\n/);
    assert.equal((await workspace.up()).exitCode, 0);
    assert.equal((await scene().stored("found"))?.external, true);
    await scene().program("");
    const up = await workspace.up();
    assert.equal(up.exitCode, 0, up.output);
    assert.deepEqual(
      scene()
        .changes()
        .filter((change) => change.endsWith("found")),
      [],
    );
  });

  test("what a host prints is shown with the stack", async () => {
    const { workspace } = scene();
    await scene().program(
      `new Thing("chatty", { say: "hello from the host" }); console.log("hello from the program");`,
    );
    const { output } = await workspace.up();
    assert.match(output, /^Diagnostics:\n(.*\n)* {4}hello from the host\n/m);
    assert.match(output, /^Diagnostics:\n(.*\n)* {4}hello from the program\n/m);
  });
});

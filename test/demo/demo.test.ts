import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { postmasterPid, untilFreePort } from "../support/postgres-process";
import { serverUser } from "../support/postgres-user";
import { engines } from "../support/workspace";
import { CopiedProject, type Ended } from "./copied-project";

const extra = `
new pgmob.Role("extra", { name: "extra_role" });
new pgmob.Database("extra-db", { name: "extra_db" });
export const database`;

function succeeded({ code, output }: Ended): string {
  assert.equal(code, 0, output);
  return output;
}

const portIn = (output: string) => Number(/port (\d+);/.exec(output)?.[1]);

for (const engine of engines) {
  const cli = engine === "cli";
  test(`the quickstart from the first start to the stop, ${cli ? "with the Pulumi CLI" : "without the Pulumi CLI"}`, async () => {
    const project = await CopiedProject.create({ cli });
    try {
      await chmod(project.dir, 0o755);
      const data = join(project.dir, ".pgmob", "postgres", "data");
      await mkdir(data, { recursive: true });
      await writeFile(join(data, "half-made"), "what a killed initdb leaves");

      const first = succeeded(await project.run("start"));
      assert.equal(first.includes("https://www.pulumi.com/docs/install/"), !cli);
      assert.match(first, /\+ \d to create/);
      assert.match(first, /^ {2}shop_app +yes +20 +shop_owner$/m);
      assert.match(first, /^ {2}shop +shop_owner +UTF8$/m);
      assert.match(first, /^ {2}sales +shop +shop_owner$/m);
      assert.match(first, /^ {2}sales\.order_no +shop +shop_owner +bigint +1000$/m);
      assert.match(first, /^ {2}changes +shop +logical +pgoutput +no$/m);
      assert.match(first, /^ {2}\d+ +host +shop +shop_app +10\.0\.0\.0\/255\.0\.0\.0 +scram-sha-256$/m);
      assert.match(first, /postgresql:\/\/postgres:\w+@127\.0\.0\.1:\d+\/shop/);
      const password = JSON.parse(await readFile(join(data, "..", "server.json"), "utf8")).password as string;
      const state = cli ? "backend/.pulumi/stacks/pulumi-pgmob-quickstart/dev.json" : "state.json";
      assert.equal((await readFile(join(project.dir, ".pgmob", state), "utf8")).includes(password), false);

      const second = succeeded(await project.run("start"));
      assert.match(second, /8 unchanged/);
      assert.doesNotMatch(second, /to (create|update|delete|replace)/);
      assert.doesNotMatch(second, /refresh .*\[diff:/, "a refresh that finds nothing says nothing");

      succeeded(await project.run("sql", { args: ["ALTER ROLE shop_app NOLOGIN"] }));
      const drift = succeeded(await project.run("drift"));
      assert.match(drift, /login *: false => true/);
      assert.match(drift, /The server is not as the program says: 1 to update\./);

      await project.edit("connectionLimit: 20", "connectionLimit: 30");
      const edited = succeeded(await project.run("start"));
      assert.match(edited, /connectionLimit: 20 => 30/);
      assert.match(edited, /~ 1 to update\n +7 unchanged/);
      assert.match(edited, /^ {2}shop_app +yes +30 +shop_owner$/m);

      await project.edit("\nexport const database", extra);
      const killed = await project.run("start", { killAt: "extra-db creating" });
      assert.equal(killed.code, null, killed.output);
      // Whether the role was created and whether that was recorded is a matter of milliseconds: both must be fine.
      await project.run("sql", { args: ["CREATE ROLE extra_role"] });
      await project.run("sql", { args: ["CREATE ROLE not_recorded"] });
      process.kill((await postmasterPid(data))!, "SIGKILL");
      await untilFreePort(portIn(first));
      const squatter = createServer().listen(portIn(first), "127.0.0.1").unref();
      await once(squatter, "listening");
      const recovered = succeeded(await project.run("start"));
      squatter.close();
      assert.notEqual(portIn(recovered), portIn(first));
      assert.match(recovered, /killed half way/);
      assert.match(recovered, /Dropped the role not_recorded/);
      assert.match(recovered, /^ {2}extra_role +no/m);
      assert.match(recovered, /^ {2}extra_db +postgres +UTF8$/m);
      assert.match(succeeded(await project.run("drift")), /No drift/);

      assert.match(succeeded(await project.run("stop")), /- 10 deleted/);
      assert.equal(await postmasterPid(data), undefined);
      assert.deepEqual(project.made(), []);
      assert.match(succeeded(await project.run("stop")), /nothing to stop/);
    } finally {
      await project.remove();
    }
  });
}

test("the quickstart in a folder that the server's user cannot enter", async () => {
  const project = await CopiedProject.create({ cli: false });
  try {
    const output = succeeded(await project.run("start"));
    const folder = /its data is in (.+)\.$/m.exec(output)?.[1] ?? "";
    assert.equal(folder.startsWith("/"), serverUser() !== undefined, folder);
    assert.match(succeeded(await project.run("start")), /runs on/);
    succeeded(await project.run("stop"));
    assert.equal(existsSync(folder), false);
    assert.deepEqual(project.made(), []);
  } finally {
    await project.remove();
  }
});

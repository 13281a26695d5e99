import assert from "node:assert/strict";
import { chmodSync, lstatSync, mkdirSync, readdirSync, readFileSync, renameSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { InvalidValueError } from "../../../provider";
import { failure } from "../scene";
import { onOwnServers } from "./own-server";
import { letIn } from "./samples";

onOwnServers((own) => {
  test("a symbolic link is followed, and stays", async () => {
    const { hbaRules } = await own.connect();
    const folder = own.folder(`links 'é" ${own.version}`);
    mkdirSync(join(folder, "in"));
    own.own(join(folder, "in"));
    const target = join(folder, "in", "real hba");
    renameSync(own.file, target);
    symlinkSync("in/real hba", join(folder, "relative"));
    symlinkSync(join(folder, "relative"), own.file);
    try {
      await hbaRules.managed.create(letIn("a"));
      assert.ok(lstatSync(own.file).isSymbolicLink() && lstatSync(join(folder, "relative")).isSymbolicLink());
      assert.match(readFileSync(target, "utf8"), /name=a order=-1/);
      assert.deepEqual([own.leftovers, readdirSync(join(folder, "in"))], [[], ["real hba"]]);
    } finally {
      renameSync(target, own.file);
    }
  });

  test("mode and owner stay, also of a file that is read-only", async () => {
    const { hbaRules } = await own.connect();
    for (const mode of [0o400, 0o640, 0o644]) {
      chmodSync(own.file, mode);
      const rights = own.rights;
      await hbaRules.managed.create(letIn(`m${mode}`));
      assert.equal(own.rights, rights);
      await failure(hbaRules.append("nonsense"), InvalidValueError);
      assert.equal(own.rights, rights);
    }
    chmodSync(own.file, 0o600);
  });
});

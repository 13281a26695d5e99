/** What every start of the host pays for: modules that few programs need are loaded when they are used. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { it } from "node:test";

/** The files that are loaded after a script has run in a process of its own, as `folder/file.js` or by package. */
function loadedBy(script: string): Set<string> {
  const entry = JSON.stringify(join(__dirname, "..", "..", "provider", "index.js"));
  const listing = "console.log(JSON.stringify(Object.keys(require.cache)))";
  const output = execFileSync(process.execPath, ["-e", `const core = require(${entry}); ${script}; ${listing}`]);
  const files = JSON.parse(output.toString()) as string[];
  return new Set(files.map((file) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? shortened(file)));
}

function shortened(file: string): string {
  return file.split("/dist/").at(-1) ?? file;
}

it("the hooks load neither COPY, the import nor previews of SQL", () => {
  const loaded = loadedBy('core.hooks("Role")');
  assert.ok(loaded.has("provider/objects/role.js") && loaded.has("pg"), [...loaded].join());
  const rare = [
    ...["provider/pg-copy.js", "pg-copy-streams", "provider/import/import.js"],
    ...["provider/preview/ask.js", "provider/preview/assume.js", "provider/preview/describe.js"],
  ];
  assert.deepEqual(
    rare.filter((one) => loaded.has(one)),
    [],
  );
});

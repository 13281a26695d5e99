import assert from "node:assert/strict";
import { it } from "node:test";
import ts from "typescript";
import { createWorkspace, engines } from "../support/workspace";

/** What a compiler leaves out, so that no line is where it was. */
const TYPES = `interface Types {
  left: "out";
}
`;

const PROGRAM = `import * as pgmob from "pulumi-pgmob";
${TYPES}${TYPES.replaceAll("Types", "Others")}
const role = new pgmob.Role("app");
role.urn.apply(() => fails("later"));

function fails(when: string): never {
  throw new Error(when);
}
`;

for (const kind of engines) {
  it(`an error of the program is shown with its lines of TypeScript, in whatever turn (${kind})`, async () => {
    const workspace = await createWorkspace(kind, { name: "errors" });
    try {
      await workspace.setConfig("pgmob:host", "127.0.0.1");
      const { outputText } = ts.transpileModule(PROGRAM, {
        fileName: "index.ts",
        compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022, inlineSourceMap: true },
      });
      await workspace.program(outputText);
      const { exitCode, output } = await workspace.preview();
      assert.notEqual(exitCode, 0);
      const lines = PROGRAM.split("\n");
      const line = (text: string) => lines.findIndex((one) => one.includes(text)) + 1;
      assert.match(output, /Error: later/);
      assert.match(output, new RegExp(`at fails \\(\\S*index\\.ts:${line("throw")}:9\\)`));
      assert.match(output, new RegExp(`at \\S*index\\.ts:${line("role.urn")}:22`));
    } finally {
      await workspace.close();
    }
  });
}

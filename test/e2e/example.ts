/** The programs of examples/, run as they are. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import ts from "typescript";
import { deployers, servers, type TestRole } from "../support/postgres-fixture";
import { createWorkspace, engines } from "../support/workspace";
import { Stack } from "./stack";

const EXAMPLES = join(__dirname, "..", "..", "..", "examples");

/** Makes an example the program of a stack, and sets the stack's config; all of it as secrets but for the connection. */
export async function useExample(
  stack: Stack,
  example: string,
  config: Readonly<Record<string, string>>,
): Promise<void> {
  // What the compiler says about its types is for `npm run lint`.
  await useTypeScript(stack, readFileSync(join(EXAMPLES, example, "index.ts"), "utf8"), config);
}

/** As {@link useExample}, for any program. */
export async function useTypeScript(
  { workspace, server, role }: Stack,
  source: string,
  config: Readonly<Record<string, string>>,
): Promise<void> {
  await workspace.program(ts.transpile(source, { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 }));
  const { host, port } = server;
  const settings = { host, port: String(port), user: role.name };
  for (const [key, value] of Object.entries(settings)) await workspace.setConfig(`pgmob:${key}`, value);
  await workspace.setConfig("pgmob:password", role.password, { secret: true });
  for (const [key, value] of Object.entries(config)) {
    await workspace.setConfig(`program:${key}`, value, { secret: true });
  }
}

/** One test for each engine, server and role, with an example as the program and its stack's config set. */
export function onEveryServer(
  example: string,
  config: Readonly<Record<string, string>>,
  body: (stack: Stack) => Promise<void>,
): void {
  for (const engine of engines) {
    for (const server of servers) {
      for (const [index, who] of ["superuser", "restricted role"].entries()) {
        test(`examples/${example} (${engine}, PostgreSQL ${server.version}, ${who})`, async () => {
          const role = (await deployers(server))[index] as TestRole;
          const workspace = await createWorkspace(engine, { name: "program" });
          const stack = new Stack(workspace, engine, server, role);
          try {
            await useExample(stack, example, config);
            await body(stack);
          } finally {
            await stack.close();
          }
        });
      }
    }
  }
}

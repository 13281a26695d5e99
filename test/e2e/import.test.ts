import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { importServer } from "../../provider/import/import";
import { parseOptions } from "../../provider/import/options";
import { cases, isKnown } from "../provider/cases";
import { createWorkspace } from "../support/workspace";
import { programOf, surroundings, tidy } from "./attributes";
import { useTypeScript } from "./example";
import { onEveryStack, Stack, uniqueName } from "./stack";

/** Reads the server as `pulumi-pgmob import` does, and makes a stack of its own of what it writes. */
async function importedStack(
  stack: Stack,
  patterns: string[],
): Promise<{ other: Stack; program: string; said: string }> {
  const { server, role, engine } = stack;
  const out = await mkdtemp(join(tmpdir(), "pgmob-import-"));
  const other = new Stack(await createWorkspace(engine, { name: "program" }), engine, server, role);
  try {
    const options = parseOptions(["import", "--out", out, ...patterns.flatMap((one) => ["--include", one])]);
    const lines: string[] = [];
    const settings = { host: server.host, port: server.port, user: role.name, password: role.password };
    lines.push(await importServer({ ...options, settings }, (line) => lines.push(line)));
    const program = await readFile(join(out, "index.ts"), "utf8");
    await useTypeScript(other, program, {});
    const secrets = await readFile(join(out, "secrets.json"), "utf8").catch(() => "{}");
    for (const [key, { value }] of Object.entries(JSON.parse(secrets) as Record<string, { value: string }>))
      await other.workspace.setConfig(`program:${key}`, value, { secret: true });
    assert.equal((await stat(join(out, "import.json"))).mode & 0o777, 0o600);
    await other.workspace.importFile(join(out, "import.json"));
    return { other, program, said: lines.join("\n") };
  } catch (error) {
    await other.close();
    throw error;
  } finally {
    await rm(out, { recursive: true });
  }
}

onEveryStack(
  "what is on a server is taken over by a program, every attribute, with nothing to change",
  async (stack) => {
    const unique = uniqueName("import");
    const names = await surroundings(stack, unique);
    const all = cases(names, unique).filter(
      (one) => !one.type.found && isKnown(one, stack.server.version) && (stack.role.superuser || !one.sample.superuser),
    );
    await stack.declare(programOf(all, names, ({ sample }) => sample.good));
    await stack.up({ create: all.length + 2 });
    const { other, program, said } = await importedStack(stack, [`${unique}*`]);
    try {
      assert.doesNotMatch(said, /would be changed/);
      for (const { name } of all) assert.ok(program.includes(name), `${name} is not in the program`);
      await other.preview({});
      await other.preview({}, { refresh: true });
      await other.up({});
      // What was taken over is let go, not dropped.
      await other.destroy();
    } finally {
      await other.close();
    }
    await stack.preview({}, { refresh: true });
    await stack.destroy();
    await tidy(stack, names);
  },
);

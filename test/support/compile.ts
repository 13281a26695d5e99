/** The compiler, for programs that stand in texts. */

import { join, resolve } from "node:path";
import ts from "typescript";

const ROOT = resolve(__dirname, "../../..");

/** How examples are compiled. */
export const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.Node16,
  moduleResolution: ts.ModuleResolutionKind.Node16,
  lib: ["lib.es2023.d.ts"],
  types: ["node"],
  strict: true,
  noEmit: true,
  skipLibCheck: true,
};

/** What the compiler says about texts, as files in the root of the package. */
export function complaints(texts: readonly string[]): string[] {
  const files = new Map(texts.map((text, index) => [join(ROOT, `example-${index}.ts`), text]));
  const host = ts.createCompilerHost(OPTIONS);
  const { getSourceFile, fileExists, readFile } = host;
  host.getSourceFile = (file, ...rest) =>
    files.has(file)
      ? ts.createSourceFile(file, files.get(file) ?? "", ts.ScriptTarget.ES2022)
      : getSourceFile.call(host, file, ...rest);
  host.fileExists = (file) => files.has(file) || fileExists.call(host, file);
  host.readFile = (file) => files.get(file) ?? readFile.call(host, file);
  const program = ts.createProgram([...files.keys()], OPTIONS, host);
  return [...files.keys()].flatMap((file) => {
    const source = program.getSourceFile(file);
    const all = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    return all.map(({ messageText, start = 0 }) => {
      const line = (files.get(file) ?? "").slice(0, start).split("\n").length;
      const text = (files.get(file) ?? "").split("\n")[line - 1];
      return `${ts.flattenDiagnosticMessageText(messageText, " ")}: ${text?.trim()}`;
    });
  });
}

/** A program's text as a module: its imports, and the rest of it in an async function that is exported as `run`. */
export function asModule(text: string): string {
  const lines = text.split("\n");
  const imports = lines.filter((line) => line.startsWith("import "));
  const rest = lines.filter((line) => !line.startsWith("import ")).map((line) => line.replace(/^export /, ""));
  return [...imports, "export async function run() {", ...rest, "}"].join("\n");
}

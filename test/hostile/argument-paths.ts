/** Every place in the arguments of a resource or a lookup that can hold a text, as the types of programs have them. */

import assert from "node:assert/strict";
import { join, resolve } from "node:path";
import ts from "typescript";
import { OPTIONS } from "../support/compile";

const ENTRY = join(resolve(__dirname, "../../.."), "resources/index.ts");

/** What holds a value that comes later, and what stands for a name: the text itself is beside them in the union. */
const WRAPPERS = ["Promise", "OutputInstance"];

/**
 * The ways to texts, by the name of the type: `memberOf[].role`, `config.*`, and `config (keys)` for the names of properties
 * that may be any text.
 */
export function textPaths(types: readonly string[]): Map<string, string[]> {
  const program = ts.createProgram([ENTRY], OPTIONS);
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(ENTRY) ?? assert.fail(ENTRY);
  const module = checker.getSymbolAtLocation(source) ?? assert.fail(`${ENTRY} exports nothing`);
  const exported = new Map(checker.getExportsOfModule(module).map((symbol) => [symbol.name, symbol]));

  function walk(type: ts.Type, path: string, found: Set<string>): void {
    if (type.isUnion()) {
      for (const member of type.types) walk(member, path, found);
    } else if (type.flags & (ts.TypeFlags.StringLike | ts.TypeFlags.Unknown | ts.TypeFlags.Any)) {
      found.add(path);
    } else if (type.flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection) && !isWrapper(type)) {
      walkObject(type, path, found);
    }
  }

  function walkObject(type: ts.Type, path: string, found: Set<string>): void {
    const element = type.getNumberIndexType();
    if (checker.isArrayType(type) && element !== undefined) {
      walk(element, `${path}[]`, found);
      return;
    }
    const value = type.getStringIndexType();
    if (value !== undefined) {
      found.add(`${path} (keys)`);
      walk(value, `${path}.*`, found);
    }
    for (const property of type.getProperties())
      walk(checker.getTypeOfSymbol(property), path === "" ? property.name : `${path}.${property.name}`, found);
  }

  /** A value that comes later, or a resource: whose name is taken, which is a text of its own. */
  function isWrapper(type: ts.Type): boolean {
    const parts = type.isIntersection() ? type.types : [type];
    return (
      parts.some(({ symbol }) => WRAPPERS.includes(symbol?.name ?? "")) ||
      type.getProperty("__pulumiType") !== undefined
    );
  }

  return new Map(
    types.map((name) => {
      const symbol = exported.get(name) ?? assert.fail(`there is no type ${name}`);
      const declared = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
      const found = new Set<string>();
      walk(checker.getDeclaredTypeOfSymbol(declared), "", found);
      return [name, [...found]];
    }),
  );
}

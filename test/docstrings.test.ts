/** Every class that is exported shows how it is used, and what it shows compiles. */

import assert from "node:assert/strict";
import { join, resolve } from "node:path";
import { describe, it } from "node:test";
import ts from "typescript";
import { complaints, OPTIONS } from "./support/compile";

const ROOT = resolve(__dirname, "../..");
const ENTRIES = ["resources/index.ts", "provider/index.ts"].map((name) => join(ROOT, name));

/** What examples may use without saying where it comes from. */
const AROUND = `
import { createReadStream, createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import * as pulumi from "@pulumi/pulumi";
import * as pgmob from "pulumi-pgmob";
import * as core from "pulumi-pgmob/provider";
const { Cluster, identifier, sql, PostgresError, NotFoundError } = core;
declare const config: pulumi.Config;
declare const owner: pgmob.Role;
declare const shop: pgmob.Database;
declare const sales: pgmob.Schema;
declare const cluster: core.Cluster;
declare const name: string;
`;

/** Every example in the docstrings of a module's exports and of their members, by the class it is about. */
function examples(): Map<string, string[]> {
  const program = ts.createProgram(ENTRIES, OPTIONS);
  const checker = program.getTypeChecker();
  const found = new Map<string, string[]>();
  for (const entry of ENTRIES) {
    const source = program.getSourceFile(entry);
    const module = source && checker.getSymbolAtLocation(source);
    for (const one of checker.getExportsOfModule(module ?? assert.fail(`${entry} exports nothing`))) {
      const symbol = one.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(one) : one;
      const members = [...(symbol.members?.values() ?? []), ...(symbol.exports?.values() ?? [])];
      const tags = [symbol, ...members].flatMap((part) => part.getJsDocTags(checker));
      const texts = tags.filter(({ name }) => name === "example").map(({ text }) => ts.displayPartsToString(text));
      const isError = checker
        .getDeclaredTypeOfSymbol(symbol)
        .getBaseTypes()
        ?.some(({ symbol: base }) => base?.name === "PostgresError");
      if (texts.length > 0 || (symbol.flags & ts.SymbolFlags.Class && !isError)) found.set(symbol.name, texts);
    }
  }
  return found;
}

const wrapped = (example: string) => `${AROUND}\nexport async function example() {\n${example}\n}\n`;

describe("examples in docstrings", () => {
  const all = examples();
  it("every class has one", () => {
    const without = [...all].filter(([, texts]) => texts.length === 0).map(([name]) => name);
    assert.deepEqual(without, []);
    for (const name of ["Role", "Database", "Schema", "Provider", "Cluster", "Collection"])
      assert.ok(all.has(name), name);
  });

  it("each compiles", () => {
    const texts = [...all.values()].flat().map(wrapped);
    assert.ok(texts.length >= 8);
    assert.deepEqual(complaints(texts), []);
  });

  it("what does not compile would be noticed", () => {
    const wrong = complaints([wrapped('new pgmob.Role("x", { logIn: true });'), wrapped('const n: number = "text";')]);
    assert.equal(wrong.length, 2, wrong.join("\n"));
  });
});

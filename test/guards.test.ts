/** What must stay true of the sources whoever changes them. Read by the TypeScript compiler, and in compiled form. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { describe, it } from "node:test";
import ts from "typescript";
import { COMPUTED, commandType } from "../provider/command/definition";
import type { ResourceType } from "../provider/definition";
import { hookedTypes } from "../provider/hooks";
import { lookups } from "../provider/lookups";
import { objectTypes } from "../provider/objects";
import * as resources from "../resources";
import { providerText } from "../resources/base";

const ROOT = resolve(__dirname, "../..");

const kebab = (type: string) => type.replace(/(?<=[a-z0-9])[A-Z]/g, "-$&").toLowerCase();

function files(folder: string, ending: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(ending) && !name.endsWith(".d.ts"))
    .map((name) => join(folder, name))
    .sort();
}

const SOURCES = { provider: files("provider", ".ts"), resources: files("resources", ".ts") };

const program = ts.createProgram(
  [...SOURCES.provider, ...SOURCES.resources].map((name) => join(ROOT, name)),
  {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.Node16,
    moduleResolution: ts.ModuleResolutionKind.Node16,
    lib: ["lib.es2023.d.ts"],
    types: ["node"],
    strict: true,
  },
);
const checker = program.getTypeChecker();

function sourceOf(file: string): ts.SourceFile {
  return program.getSourceFile(join(ROOT, file)) ?? assert.fail(`${file} is not compiled`);
}

interface Import {
  readonly from: string;
  /** Whether nothing of it is left after compilation. */
  readonly typesOnly: boolean;
}

/** Every module that a file names: imports, exports from, `import()`, `require()` and types of another module. */
function imports(source: ts.SourceFile): Import[] {
  const found: Import[] = [];
  const add = (node: ts.Node | undefined, typesOnly: boolean) => {
    if (node !== undefined && ts.isStringLiteralLike(node)) found.push({ from: node.text, typesOnly });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) {
      const { importClause: clause } = node;
      const named = clause?.namedBindings;
      const eachIsType =
        clause?.name === undefined &&
        named !== undefined &&
        ts.isNamedImports(named) &&
        named.elements.every((one) => one.isTypeOnly);
      add(node.moduleSpecifier, clause?.isTypeOnly === true || eachIsType);
    } else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly);
    else if (ts.isImportTypeNode(node)) add((node.argument as ts.LiteralTypeNode).literal, true);
    else if (ts.isImportEqualsDeclaration(node) && ts.isExternalModuleReference(node.moduleReference)) {
      add(node.moduleReference.expression, node.isTypeOnly);
    } else if (ts.isCallExpression(node)) {
      const callee = node.expression;
      const loads =
        callee.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(callee) && callee.text === "require");
      if (loads) add(node.arguments[0], false);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** Imports of files that break a rule, as `file: module`. */
function offences(names: string[], breaks: (found: Import, file: string) => boolean): string[] {
  return names.flatMap((file) =>
    imports(sourceOf(file)).flatMap((found) => (breaks(found, file) ? [`${file}: ${found.from}`] : [])),
  );
}

/** Whether a relative import of a file leads into a folder of the project. */
function leadsInto(folder: string, { from }: Import, file: string): boolean {
  return from.startsWith(".") && relative(join(ROOT, folder), resolve(ROOT, file, "..", from)).split("/")[0] !== "..";
}

const isPackage = (name: string, { from }: Import) => from === name || from.startsWith(`${name}/`);

describe("import directions", () => {
  it("the rules see every import", () => {
    const all = [...SOURCES.provider, ...SOURCES.resources].flatMap((file) => imports(sourceOf(file)));
    assert.ok(all.some((found) => found.from === "pg" && !found.typesOnly));
    assert.ok(all.some((found) => found.from === "@pulumi/pulumi" && !found.typesOnly));
    assert.ok(all.some((found) => found.from === "@pulumi/pulumi" && found.typesOnly));
    const text = `import "a"; import { type B } from "b"; import type C from "c"; export * from "d"; let e: import("e").E;
      const f = require("f"); import("g"); import { type H, i } from "h"; export type { J } from "j"; import k = require("k");`;
    const seen = imports(ts.createSourceFile("x.ts", text, ts.ScriptTarget.ES2022, true));
    assert.equal(
      seen.map(({ from, typesOnly }) => `${from}${typesOnly ? "?" : ""}`).join(" "),
      "a b? c? d e? f g h j? k",
    );
  });

  it("provider/ never imports @pulumi/pulumi, nor anything of resources/", () => {
    assert.deepEqual(
      offences(
        SOURCES.provider,
        (found, file) => isPackage("@pulumi/pulumi", found) || leadsInto("resources", found, file),
      ),
      [],
    );
  });

  it("resources/ imports nothing but types from provider/, and never pg", () => {
    assert.deepEqual(
      offences(
        SOURCES.resources,
        (found, file) =>
          isPackage("pg", found) ||
          isPackage("pg-copy-streams", found) ||
          (leadsInto("provider", found, file) && !found.typesOnly),
      ),
      [],
    );
  });

  it("neither leaves the package", () => {
    const inside = (found: Import, file: string) =>
      leadsInto("provider", found, file) || leadsInto("resources", found, file);
    assert.deepEqual(
      offences(
        [...SOURCES.provider, ...SOURCES.resources],
        (found, file) => found.from.startsWith(".") && !inside(found, file),
      ),
      [],
    );
  });

  it("what is compiled requires only what package.json promises", () => {
    const { dependencies, peerDependencies } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
    const allowed = {
      "dist/provider": ["node:", ...Object.keys(dependencies)],
      "dist/resources": ["node:", ...Object.keys(peerDependencies)],
    };
    for (const [folder, packages] of Object.entries(allowed)) {
      const ofProvider = folder === "dist/provider";
      const sources = new Set(
        SOURCES[ofProvider ? "provider" : "resources"].map((name) => `dist/${name.slice(0, -3)}.js`),
      );
      if (ofProvider) sources.add("dist/provider/bundle.js");
      const compiled = files(folder, ".js").filter((name) => sources.has(name));
      assert.equal(compiled.length, sources.size, `${folder} is not what the sources compile to`);
      for (const name of compiled) {
        const text = readFileSync(join(ROOT, name), "utf8");
        for (const [, from = ""] of text.matchAll(/\brequire\("([^"]+)"\)/g)) {
          // The provider text names the package itself: it is run in the host, not here.
          if (name.endsWith("resources/base.js") && from === "pulumi-pgmob/provider") continue;
          const fine = from.startsWith(".")
            ? resolve(ROOT, name, "..", from).startsWith(join(ROOT, folder))
            : packages.some((allowed) => from === allowed || (allowed.endsWith(":") && from.startsWith(allowed)));
          assert.ok(fine, `${name} requires ${from}`);
        }
      }
    }
  });
});

/** Every type of resources: its file, and what it computes. */
const RESOURCES: { type: ResourceType; source: string; computed: readonly string[]; tests: readonly string[] }[] = [
  ...[...objectTypes.values()].map((type) => {
    const source = `objects/${kebab(type.type)}`;
    const tests = [`provider/${source}`, `provider/${source}.server`];
    return { type, source, computed: Object.keys(type.computed), tests };
  }),
  {
    type: commandType,
    source: "command/definition",
    computed: COMPUTED,
    tests: ["provider/command/definition", "provider/command/run.server"],
  },
];

describe("the provider text is frozen: it stands in every state for ever", () => {
  const GOLDEN: Record<string, string> = {
    Role: 'exports.handler=()=>require("pulumi-pgmob/provider").hooks("Role")',
    Database: 'exports.handler=()=>require("pulumi-pgmob/provider").hooks("Database")',
    ReplicationSlot: 'exports.handler=()=>require("pulumi-pgmob/provider").hooks("ReplicationSlot")',
    HbaRule: 'exports.handler=()=>require("pulumi-pgmob/provider").hooks("HbaRule")',
    Schema: 'exports.handler=()=>require("pulumi-pgmob/provider").hooks("Schema")',
    Sequence: 'exports.handler=()=>require("pulumi-pgmob/provider").hooks("Sequence")',
    Command: 'exports.handler=()=>require("pulumi-pgmob/provider").hooks("Command")',
    getRoles: 'exports.handler=()=>require("pulumi-pgmob/provider").hooks("getRoles")',
    getDatabases: 'exports.handler=()=>require("pulumi-pgmob/provider").hooks("getDatabases")',
    getSchemas: 'exports.handler=()=>require("pulumi-pgmob/provider").hooks("getSchemas")',
    getTables: 'exports.handler=()=>require("pulumi-pgmob/provider").hooks("getTables")',
    getSequences: 'exports.handler=()=>require("pulumi-pgmob/provider").hooks("getSequences")',
    getServer: 'exports.handler=()=>require("pulumi-pgmob/provider").hooks("getServer")',
    Table: 'exports.handler=()=>require("pulumi-pgmob/provider").hooks("Table")',
    View: 'exports.handler=()=>require("pulumi-pgmob/provider").hooks("View")',
    Routine: 'exports.handler=()=>require("pulumi-pgmob/provider").hooks("Routine")',
    Ownership: 'exports.handler=()=>require("pulumi-pgmob/provider").hooks("Ownership")',
    LargeObject: 'exports.handler=()=>require("pulumi-pgmob/provider").hooks("LargeObject")',
  };
  it("for everything that has hooks: every type and every lookup", () => {
    assert.deepEqual([...hookedTypes].sort(), Object.keys(GOLDEN).sort());
    for (const name of [...RESOURCES.map(({ type }) => type.type), ...lookups.keys()])
      assert.ok(hookedTypes.includes(name), name);
  });
  for (const [type, text] of Object.entries(GOLDEN)) {
    it(type, () => {
      assert.equal(providerText(type), text);
      assert.ok(Buffer.byteLength(text) <= 100);
    });
  }
  it("is made of the type alone", () => assert.equal(providerText("X"), GOLDEN.Role?.replace("Role", "X")));
});

/** The members of an exported interface of a file, or of every part of a union, with their documentation. */
function members(file: string, name: string): Map<string, string> {
  const found = checker.getSymbolAtLocation(sourceOf(file))?.exports?.get(name as ts.__String);
  assert.ok(found, `${file} exports no ${name}`);
  const declared = checker.getDeclaredTypeOfSymbol(found);
  const parts = declared.isUnion() ? declared.types : [declared];
  return new Map(
    parts.flatMap((part) =>
      checker.getPropertiesOfType(part).map((member): [string, string] => [member.name, documentation(member)]),
    ),
  );
}

function documentation(symbol: ts.Symbol): string {
  return ts.displayPartsToString(symbol.getDocumentationComment(checker)).trim();
}

/** What a program can declare: not what the base class fills in from resource options. */
const attributes = (type: ResourceType) =>
  Object.keys(type.fields)
    .filter((name) => !type.fields[name]?.hidden)
    .sort();

describe("every type of resources", () => {
  for (const { type, source, computed: names, tests } of RESOURCES) {
    describe(type.type, () => {
      it("has a resource class that is exported, with its arguments", () => {
        const file = `resources/${kebab(type.type)}.ts`;
        assert.equal(typeof (resources as Record<string, unknown>)[type.type], "function");
        const exported = checker.getSymbolAtLocation(sourceOf("resources/index.ts"))?.exports;
        for (const name of [type.type, `${type.type}Args`]) assert.ok(exported?.has(name as ts.__String), name);
        const args = members(file, `${type.type}Args`);
        assert.deepEqual([...args.keys()].sort(), attributes(type));
      });

      it("has a docstring for every attribute, and none for what is no attribute", () => {
        const properties = members(`provider/${source}.ts`, `${type.type}Properties`);
        assert.deepEqual([...properties.keys()].sort(), attributes(type));
        for (const [name, text] of properties) assert.match(text, /^[A-Z].*\.$/s, name);
      });

      it("has a docstring for everything that is computed", () => {
        const computed = members(`provider/${source}.ts`, `${type.type}Computed`);
        const said = Object.entries(objectTypes.get(type.type)?.computed ?? {});
        for (const [name, text] of [...computed, ...said]) assert.match(text, /^[A-Z].*\.$/s, name);
        for (const name of computed.keys()) assert.ok(names.includes(name), name);
      });

      it("says which clause sets each attribute", () => {
        for (const [name, field] of Object.entries(type.fields)) assert.ok(field.postgres.length > 0, name);
      });

      it("has no attribute that is called like what every object has", () => {
        const file = sourceOf("provider/managed-object.ts");
        const symbol = checker.getSymbolAtLocation(file)?.exports?.get("ManagedObject" as ts.__String);
        const own = [...(symbol?.members?.keys() ?? [])].filter((name) => name !== "__constructor" && name !== "oid");
        assert.ok(own.length > 3 && own.includes("objectType" as ts.__String), own.join());
        assert.deepEqual(
          [...Object.keys(type.fields), ...names].filter((name) => own.includes(name as ts.__String)),
          [],
        );
      });

      it("has its tests: without a server, with one, and of its resource", () => {
        for (const test of [...tests, `resources/${kebab(type.type)}`]) {
          assert.ok(files("test", `${test}.test.ts`).length === 1, `test/${test}.test.ts`);
        }
      });
    });
  }
});

describe("every lookup", () => {
  for (const { name, arguments: table } of lookups.values()) {
    it(`${name} is a function that is exported, with a docstring for each argument`, () => {
      assert.equal(typeof (resources as Record<string, unknown>)[name], "function");
      const exported = checker.getSymbolAtLocation(sourceOf("resources/index.ts"))?.exports;
      const args = `${name.charAt(0).toUpperCase()}${name.slice(1)}Args`;
      for (const one of [name, args]) assert.ok(exported?.has(one as ts.__String), one);
      const declared = members("resources/lookups.ts", args);
      assert.deepEqual([...declared.keys()].sort(), Object.keys(table).sort());
      for (const [argument, text] of declared) assert.match(text, /^[A-Z].*\.$/s, argument);
    });
  }
});

describe("docstrings", () => {
  const isInternal = (symbol: ts.Symbol) => symbol.getJsDocTags().some(({ name }) => name === "internal");
  const isPrivate = (node: ts.ClassElement | ts.TypeElement) =>
    (ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Private) !== 0 ||
    (node.name !== undefined && ts.isPrivateIdentifier(node.name));

  /** Members that a user sees and whose name alone has to tell what they are, unless there is a docstring. */
  function undocumentedMembers(symbol: ts.Symbol): string[] {
    return (symbol.declarations ?? []).flatMap((node) => {
      if (!ts.isInterfaceDeclaration(node) && !ts.isClassDeclaration(node)) return [];
      return (node.members as ts.NodeArray<ts.ClassElement | ts.TypeElement>).flatMap((member) => {
        const found = member.name && checker.getSymbolAtLocation(member.name);
        if (found === undefined || isPrivate(member) || isInternal(found) || documentation(found) !== "") return [];
        return [`${symbol.name}.${found.name}`];
      });
    });
  }

  for (const entry of ["resources/index.ts", "provider/index.ts"]) {
    it(`of everything that ${entry} exports, and of its members`, () => {
      const module = checker.getSymbolAtLocation(sourceOf(entry)) ?? assert.fail(`${entry} exports nothing`);
      const exported = checker.getExportsOfModule(module);
      assert.ok(exported.length > 5);
      const undocumented = exported.flatMap((one) => {
        const symbol = one.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(one) : one;
        return [...(documentation(symbol) === "" ? [symbol.name] : []), ...undocumentedMembers(symbol)];
      });
      assert.deepEqual(undocumented, []);
    });
  }

  it("of everything that any file exports", () => {
    const undocumented = [...SOURCES.provider, ...SOURCES.resources].flatMap((file) => {
      const module = checker.getSymbolAtLocation(sourceOf(file));
      return [...(module?.exports?.values() ?? [])].flatMap((symbol) =>
        symbol.flags & ts.SymbolFlags.Alias || symbol.name.startsWith("__") || documentation(symbol) !== ""
          ? []
          : [`${file}: ${symbol.name}`],
      );
    });
    assert.deepEqual(undocumented, []);
  });
});

/** What `npm pack` makes: just what a user needs, usable with nothing but its own dependencies. */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { after, before, describe, it } from "node:test";
import { promisify } from "node:util";

const run = promisify(execFile);
const ROOT = resolve(__dirname, "../..");
const MODULES = join(ROOT, "node_modules");

/** Runs a program of Node in a folder and gives back what it prints; fails with it otherwise. */
async function node(cwd: string, ...args: string[]): Promise<string> {
  try {
    return (await run(process.execPath, args, { cwd, maxBuffer: 1e8 })).stdout;
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    return assert.fail(`${args.join(" ")}\n${stdout}${stderr}`);
  }
}

async function npm(...args: string[]): Promise<string> {
  // The scripts of the package would build it once more; the tests run on what is built.
  return (await run("npm", [...args, "--ignore-scripts"], { cwd: ROOT, maxBuffer: 1e8 })).stdout;
}

function sources(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => `${folder}/${name.slice(0, -".ts".length)}`);
}

it("holds the compiled sources with their declarations, the bundle of the core, three texts and package.json, and nothing else", async () => {
  const [{ files }] = JSON.parse(await npm("pack", "--dry-run", "--json")) as [{ files: { path: string }[] }];
  const compiled = [...sources("provider"), ...sources("resources")].flatMap((name) => [
    `dist/${name}.js`,
    `dist/${name}.d.ts`,
  ]);
  const bundle = "dist/provider/bundle.js";
  const expected = ["README.md", "CHANGELOG.md", "LICENSE", "package.json", bundle, ...compiled];
  assert.deepEqual(files.map(({ path }) => path).sort(), expected.sort());
});

describe("installed", () => {
  let project: string;
  let installed: string;

  before(async () => {
    project = mkdtempSync(join(tmpdir(), "pgmob-package-"));
    installed = join(project, "node_modules", "pulumi-pgmob");
    const [{ filename }] = JSON.parse(await npm("pack", "--json", "--pack-destination", project)) as [
      { filename: string },
    ];
    await run("tar", ["-xzf", join(project, filename), "-C", project]);
    mkdirSync(dirname(installed), { recursive: true });
    cpSync(join(project, "package"), installed, { recursive: true });
    const { dependencies, peerDependencies } = JSON.parse(readFileSync(join(installed, "package.json"), "utf8"));
    // Just these, so that neither @types/pg nor @types/node can be seen from the project or from the package.
    for (const name of Object.keys({ ...dependencies, ...peerDependencies })) {
      mkdirSync(dirname(join(project, "node_modules", name)), { recursive: true });
      symlinkSync(join(MODULES, name), join(project, "node_modules", name), "dir");
    }
  });
  after(() => rmSync(project, { recursive: true, force: true }));

  it("nothing else can be seen", () => {
    const seen = readdirSync(join(project, "node_modules"));
    assert.ok(!seen.includes("@types"));
    assert.throws(() => require.resolve("@types/node/package.json", { paths: [installed] }));
    assert.throws(() => require.resolve("@types/pg/package.json", { paths: [installed] }));
  });

  const CORE = `
    import { Cluster, identifier, NotFoundError, sql } from "pulumi-pgmob/provider";
    import type { ConnectionSettings, Cursor, DatabaseObject, RoleProperties } from "pulumi-pgmob/provider";

    export async function main(settings: ConnectionSettings): Promise<string[]> {
      const cluster = await Cluster.connect({ ...settings, lockTimeout: "5s" });
      try {
        const rows: unknown[][] = await cluster.execute(sql\`SELECT \${1}, \${identifier("a")}\`, [["x"]]);
        const [first] = await cluster.query<{ name: string }>("SELECT $1 AS name", "x");
        const role: RoleProperties = { name: "app", login: true, memberOf: ["owner"] };
        await (await cluster.roles.create(role)).alter({ connectionLimit: 5 });
        const names: string[] = [first?.name ?? "", String(rows.length)];
        for await (const slot of cluster.replicationSlots) names.push(slot.restartLsn ?? String(slot.activePid));
        await cluster.replicationSlots.create({ type: "logical", name: "cdc", plugin: "pgoutput" });
        for await (const database of cluster.databases) names.push((database satisfies DatabaseObject).owner);
        await cluster.executeWithCursor(async (cursor: Cursor) => cursor.fetchOne());
        return names;
      } catch (error) {
        if (error instanceof NotFoundError) return [error.sqlstate ?? "", error.object ?? ""];
        throw error;
      } finally {
        await cluster.close();
      }
    }
    // @ts-expect-error: a setting that there is not
    void Cluster.connect({ hots: "x" });
    // @ts-expect-error: a port is no flag
    void Cluster.connect({ port: true });
    // @ts-expect-error: a physical slot has no plugin
    void Cluster.connect().then((cluster) => cluster.replicationSlots.create({ type: "physical", name: "a", plugin: "p" }));
  `;

  const PROGRAM = `
    import * as pulumi from "@pulumi/pulumi";
    import * as pgmob from "pulumi-pgmob";

    const config = new pulumi.Config();
    const prod = new pgmob.Provider("prod", { host: "db.internal", password: config.requireSecret("dbPassword"), port: 5432 });
    const on = { provider: prod };
    const owner = new pgmob.Role("shop-owner", { name: "shop_owner" }, on);
    const args: pgmob.RoleArgs = { login: true, password: config.getSecret("appPassword"), memberOf: [owner.name] };
    const app = new pgmob.Role("shop-app", args, on);
    const shop = new pgmob.Database("shop", { owner: owner.name, encoding: "UTF8", forceDrop: pulumi.output(true) }, on);
    const sales = new pgmob.Schema("sales", { database: shop, owner: owner.name, dropCascade: null }, on);
    new pgmob.Schema("more", { database: shop.name }, on);
    const found = pgmob.Role.get("found", "postgres");
    const cdc = new pgmob.ReplicationSlot("cdc", { type: "logical", database: shop, plugin: "pgoutput" }, on);
    const slot: pgmob.ReplicationSlotArgs = { type: "physical", immediatelyReserve: pulumi.output(true) };
    new pgmob.ReplicationSlot("standby", slot, on);
    const rule = new pgmob.HbaRule("app", { type: "hostssl", databases: [shop.name], users: [app.name], address: "all", method: "cert" }, on);
    const next: pgmob.HbaRuleArgs = { type: "local", databases: ["all"], users: [{ group: app.name }], method: "peer", after: rule };
    new pgmob.HbaRule("next", next, on);
    export const inPlace: pulumi.Output<boolean> = rule.inPlace;
    export const position: pulumi.Output<string | null> = cdc.confirmedFlushLsn;
    export const name: pulumi.Output<string> = sales.name;
    export const oid: pulumi.Output<number> = app.oid;
    export const login: pulumi.Output<boolean | null | undefined> = found.login;
    // @ts-expect-error: an attribute that there is not
    new pgmob.Role("bad", { logni: true });
    // @ts-expect-error: a flag is no text
    new pgmob.Role("bad", { login: "yes" });
    // @ts-expect-error: a rule about TCP/IP needs an address
    new pgmob.HbaRule("bad", { type: "host", databases: ["all"], users: ["all"], method: "md5" });
    // @ts-expect-error: a rule about the Unix socket has no address
    new pgmob.HbaRule("bad", { type: "local", databases: ["all"], users: ["all"], method: "peer", address: "all" });
    // @ts-expect-error: a rule is about users
    new pgmob.HbaRule("bad", { type: "local", databases: ["all"], method: "peer" });
    // @ts-expect-error: an item is one of the known kinds
    new pgmob.HbaRule("bad", { type: "local", databases: ["all"], users: [{ role: "app" }], method: "peer" });
    // @ts-expect-error: a logical slot needs a plugin
    new pgmob.ReplicationSlot("bad", { type: "logical" });
    // @ts-expect-error: a physical slot has no plugin
    new pgmob.ReplicationSlot("bad", { type: "physical", plugin: "pgoutput" });
    // @ts-expect-error: the kind is plain text
    new pgmob.ReplicationSlot("bad", { type: pulumi.output("physical") });
    // @ts-expect-error: there is no slot without a kind
    new pgmob.ReplicationSlot("bad", {});
  `;

  const NODE16 = { module: "node16", moduleResolution: "node16", type: "commonjs" };
  const NODE10 = { module: "commonjs", moduleResolution: "node10", type: "commonjs" };
  const MODES = [
    { ...NODE16, texts: { core: CORE, program: PROGRAM } },
    { ...NODE10, texts: { core: CORE, program: PROGRAM } },
    // A program takes the compiler ten seconds: all of the SDK's declarations are checked with it.
    { ...NODE16, type: "module", texts: { core: CORE } },
    { module: "esnext", moduleResolution: "bundler", type: "commonjs", texts: { core: CORE } },
  ];
  for (const { type, texts, ...mode } of MODES) {
    for (const [what, text] of Object.entries(texts)) {
      it(`a ${what} compiles with ${mode.module} and ${mode.moduleResolution} as ${type}`, async () => {
        const folder = mkdtempSync(join(project, `${what}-`));
        const compilerOptions = {
          ...mode,
          strict: true,
          target: "ES2022",
          lib: ["ES2022"],
          types: [],
          skipLibCheck: false,
          noEmit: true,
        };
        writeFileSync(join(folder, "package.json"), JSON.stringify({ type }));
        writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["index.ts"] }));
        writeFileSync(join(folder, "index.ts"), text);
        await node(folder, join(MODULES, "typescript", "bin", "tsc"), "-p", ".");
      });
    }
  }

  const RESOURCES = ["Database", "HbaRule", "Provider", "ReplicationSlot", "Role", "Schema"];
  const CORE_NAMES = ["Cluster", "NotFoundError", "PostgresError", "hooks", "identifier", "sql"];
  const check = (value: string, names: string[]) =>
    `for (const n of ${JSON.stringify(names)}) if (typeof ${value}[n] !== "function") throw n;`;

  it("both entries can be required", async () => {
    const script = `
      const resources = require("pulumi-pgmob"), core = require("pulumi-pgmob/provider");
      ${check("resources", RESOURCES)} ${check("core", CORE_NAMES)}
      if (require("pulumi-pgmob/package.json").name !== "pulumi-pgmob") throw "package.json";
      console.log("fine");`;
    assert.equal(await node(project, "-e", script), "fine\n");
  });

  it("both entries can be imported by name from an ES module", async () => {
    const script = `
      import { ${RESOURCES.join(", ")} } from "pulumi-pgmob";
      import { ${CORE_NAMES.join(", ")} } from "pulumi-pgmob/provider";
      ${check("[]", [])} for (const f of [${[...RESOURCES, ...CORE_NAMES].join(", ")}]) if (typeof f !== "function") throw f;
      console.log("fine");`;
    assert.equal(await node(project, "--input-type=module", "-e", script), "fine\n");
  });

  it("what the host requires is there, without @pulumi/pulumi being loaded by it", async () => {
    const script = `
      const exports = {}; eval('exports.handler=()=>require("pulumi-pgmob/provider").hooks("Role")');
      const hooks = exports.handler();
      for (const name of ["configure", "check", "diff", "create", "read", "update", "delete"]) if (typeof hooks[name] !== "function") throw name;
      const loaded = Object.keys(require.cache).filter((name) => /@pulumi.pulumi/.test(name));
      console.log(JSON.stringify(loaded));`;
    assert.equal(await node(project, "-e", script), "[]\n");
  });

  it("the host reads the core from one file", async () => {
    const script = `require("pulumi-pgmob/provider");
      const own = Object.keys(require.cache).filter((name) => /pulumi-pgmob.dist/.test(name));
      console.log(own.map((name) => name.split(/[\\\\/]/).at(-1)).join());`;
    assert.equal(await node(project, "-e", script), "bundle.js\n");
  });

  it("the resources do not load pg, which a program has no use for", async () => {
    const script = `require("pulumi-pgmob");
      console.log(JSON.stringify(Object.keys(require.cache).filter((name) => /node_modules.pg|pulumi-pgmob.dist.provider/.test(name))));`;
    assert.equal(await node(project, "-e", script), "[]\n");
  });

  it("nothing but the two entries and package.json can be required", async () => {
    const script = `
      for (const path of ["dist/provider/sql.js", "provider/index.js", "resources"]) {
        try { require("pulumi-pgmob/" + path); } catch (error) { console.log(error.code); }
      }`;
    assert.equal(await node(project, "-e", script), "ERR_PACKAGE_PATH_NOT_EXPORTED\n".repeat(3));
  });
});

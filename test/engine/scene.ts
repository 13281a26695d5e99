import { copyFileSync, existsSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { after, before, describe } from "node:test";
import { createWorkspace, type EngineKind, engines, type Workspace } from "../support/workspace";
import type { StoredResource } from "./index";
import { FIXTURE } from "./recording";

/** What every program of a scene begins with: the class `Thing`, the class `Things` of its providers. */
const PRELUDE = `
const pulumi = require("@pulumi/pulumi");
const __provider = "exports.handler=()=>require(process.cwd()+'/scene-provider.js').hooks";
class Thing extends pulumi.CustomResource {
  constructor(name, args = {}, options = {}) {
    super("pulumi-nodejs:dynamic/scene:Thing", name, { name, serial: undefined, process: undefined, greeting: undefined, ...args, __provider }, options);
  }
}
class Things extends pulumi.ProviderResource {
  constructor(name, greeting) {
    super("pulumi-nodejs", name, { "scene:greeting": greeting });
  }
}
class Box extends pulumi.ComponentResource {
  constructor(name, options) {
    super("scene:index:Box", name, {}, options);
  }
}
`;

/** A workspace whose program registers things that exist only in a log of hook calls. */
export class Scene {
  private constructor(readonly workspace: Workspace) {}

  /** Makes the workspace. */
  static async create(kind: EngineKind): Promise<Scene> {
    const workspace = await createWorkspace(kind, { name: "scene" });
    copyFileSync(path.join(FIXTURE, "scene-provider.js"), path.join(workspace.dir, "scene-provider.js"));
    return new Scene(workspace);
  }

  /** Writes the program; `Thing`, `Things`, `Box` and `pulumi` are there. Forgets the calls so far. */
  async program(source: string): Promise<void> {
    rmSync(path.join(this.workspace.dir, "calls.log"), { force: true });
    await this.workspace.program(PRELUDE + source);
  }

  /** The calls of hooks that change something, in order. */
  changes(): string[] {
    return this.calls().filter((call) => !/^(diff|read) /.test(call));
  }

  /** All calls of hooks that were noted. */
  calls(): string[] {
    const file = path.join(this.workspace.dir, "calls.log");
    return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
  }

  /** The resource of the state with this name. */
  async stored(name: string): Promise<StoredResource | undefined> {
    const { deployment } = await this.workspace.export();
    return deployment.resources?.find((resource) => resource.urn.endsWith(`::${name}`));
  }
}

/** Runs tests on every kind of engine, each with a scene of its own. */
export function scenes(title: string, tests: (scene: () => Scene, kind: EngineKind) => void): void {
  for (const kind of engines) {
    describe(`${title} (${kind})`, () => {
      let scene: Scene;
      before(async () => {
        scene = await Scene.create(kind);
      });
      tests(() => scene, kind);
      after(() => scene.workspace.close());
    });
  }
}

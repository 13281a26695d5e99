/** The two programs that are measured against one another: roles, and as many resources that do nothing. */

import { copyFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { providerText } from "../../resources/base";
import { withoutPgVariables } from "../demo/environment";
import type { Server } from "../support/postgres";
import { createWorkspace, type EngineKind, type Workspace } from "../support/workspace";
import { declaredRoles } from "./roles";

/** Which of the two programs. */
export type Side = "ours" | "noOp";

/** The resource type of each side; both are equally long, because the state holds them once per resource. */
export const TYPES: Readonly<Record<Side, string>> = {
  ours: "pulumi-nodejs:dynamic/pgmob:Role",
  noOp: "pulumi-nodejs:dynamic/no-op:Role",
};

const NO_OP_FILE = "no-op-role-hooks.js";

/** The provider text of a no-op resource: as long as a role's. */
export const NO_OP_TEXT = providerText("Role").replace("pulumi-pgmob/provider", `./${NO_OP_FILE}`);

const SOURCES: Readonly<Record<Side, string>> = {
  ours: `
const pulumi = require("@pulumi/pulumi");
const pgmob = require("pulumi-pgmob");
const { connection, roles } = require("./program.json");
const provider = new pgmob.Provider("server", connection);
for (const { name, password } of roles) {
  new pgmob.Role(name, { name, login: true, password: pulumi.secret(password) }, { provider });
}
`,
  noOp: `
const pulumi = require("@pulumi/pulumi");
const { roles } = require("./program.json");
class Nothing extends pulumi.CustomResource {
  constructor(name, args, options) {
    const properties = { ...args, __provider: ${JSON.stringify(NO_OP_TEXT)} };
    super(${JSON.stringify(TYPES.noOp)}, name, properties, { ...options, additionalSecretOutputs: ["password"] });
  }
}
const provider = new pulumi.ProviderResource("pulumi-nodejs", "server", {});
for (const { name, password } of roles) {
  new Nothing(name, { name, login: true, password: pulumi.secret(password) }, { provider });
}
`,
};

/** Without them, the file backend rewrites the whole state after every resource, and that is all one would measure. */
export const WITHOUT_CHECKPOINTS = { PULUMI_EXPERIMENTAL: "true", PULUMI_SKIP_CHECKPOINTS: "true" };

/** One side of the comparison: a workspace with its program. */
export class Contender {
  private constructor(
    readonly side: Side,
    readonly workspace: Workspace,
    private readonly server: Server,
  ) {}

  /** Makes the workspace. Nothing is declared in it yet. */
  static async create(side: Side, engine: EngineKind, server: Server): Promise<Contender> {
    const env = { ...withoutPgVariables(), ...WITHOUT_CHECKPOINTS };
    const workspace = await createWorkspace(engine, { name: "bench", env });
    await workspace.program(SOURCES[side]);
    if (side === "noOp") await copyFile(join(__dirname, "no-op-hooks.js"), join(workspace.dir, NO_OP_FILE));
    return new Contender(side, workspace, server);
  }

  /** Says how many roles the program declares, and with which passwords. */
  async declare(count: number, rotated: boolean): Promise<void> {
    const { port, superuser: user, password } = this.server;
    const connection = { host: "127.0.0.1", port, user, password };
    const roles = declaredRoles("role", count, rotated);
    await writeFile(join(this.workspace.dir, "program.json"), JSON.stringify({ connection, roles }));
  }

  /** Options of node for the program, as `runtime.options.nodeargs` of Pulumi.yaml. */
  async nodeArguments(text: string): Promise<void> {
    const file = join(this.workspace.dir, "Pulumi.yaml");
    const project = await readFile(file, "utf8");
    await writeFile(file, project.replace("  options:\n", `  options:\n    nodeargs: ${JSON.stringify(text)}\n`));
  }

  /** The bytes of state, as Pulumi writes it, per resource. */
  async bytesPerResource(): Promise<number> {
    const { deployment } = await this.workspace.export();
    const own = (deployment.resources ?? []).filter(({ type }) => type === TYPES[this.side]);
    return Buffer.byteLength(JSON.stringify(own, null, 4)) / own.length;
  }
}

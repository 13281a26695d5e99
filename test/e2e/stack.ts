/** Whole programs against real servers: on every engine, both servers, as superuser and as a restricted role. */

import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import pg from "pg";
import { deployers, servers, type TestRole, type TestServer, uniqueName } from "../support/postgres-fixture";
import { createWorkspace, type EngineKind, engines, type Workspace } from "../support/workspace";

/**
 * A declared resource. In args, `"$other.attribute"` is an output of another one, `"$other"` the resource itself, and
 * `{ $secret: value }` a secret.
 */
export interface Declared {
  type:
    | ("Role" | "Database" | "Schema" | "Sequence" | "HbaRule" | "ReplicationSlot" | "Command")
    | ("Table" | "View" | "Routine" | "LargeObject" | "Ownership");
  args: Record<string, unknown>;
  options?: Record<string, unknown>;
}

/** What a program declares, by resource name, in the order of declaration. */
export type Program = Record<string, Declared>;

const SOURCE = `
const pulumi = require("@pulumi/pulumi");
const pgmob = require("pulumi-pgmob");
const { connection, resources } = require("./program.json");
const provider = new pgmob.Provider("server", connection);
const made = {};
const resolve = (value) => {
  if (Array.isArray(value)) return value.map(resolve);
  if (value !== null && typeof value === "object" && "$secret" in value) return pulumi.secret(value.$secret);
  if (value !== null && typeof value === "object")
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, resolve(inner)]));
  if (typeof value !== "string" || !value.startsWith("$")) return value;
  const [name, attribute] = value.slice(1).split(".");
  if (made[name] === undefined) return value;
  return attribute === undefined ? made[name] : made[name][attribute];
};
for (const [name, { type, args, options }] of Object.entries(resources)) {
  const given = resolve(args);
  const { dependsOn = [], ...rest } = options ?? {};
  made[name] = new pgmob[type](name, given, { provider, dependsOn: dependsOn.map((other) => made[other]), ...rest });
}
`;

/** One stack of one test: a workspace, a server, and the role that the program connects as. */
export class Stack {
  /** Connection settings of the program's Provider, beside host, port, user and password. */
  settings: Record<string, unknown> = {};
  private readonly clients: pg.Client[] = [];

  constructor(
    readonly workspace: Workspace,
    readonly engine: EngineKind,
    readonly server: TestServer,
    readonly role: TestRole,
  ) {}

  /** Writes what stays the same of the program, once. */
  prepare(): Promise<void> {
    return this.workspace.program(SOURCE);
  }

  /** Writes what the program declares. */
  async declare(resources: Program): Promise<void> {
    const { host, port } = this.server;
    const connection = { host, port, user: this.role.name, password: this.role.password, ...this.settings };
    await writeFile(join(this.workspace.dir, "program.json"), JSON.stringify({ connection, resources }));
  }

  /** `up`, which must succeed and change exactly as many resources as said. Returns the output. */
  async up(expected: Record<string, number>, options: { refresh?: boolean } = {}): Promise<string> {
    const { exitCode, output, summary } = await this.workspace.up({ diff: true, ...options });
    assert.equal(exitCode, 0, output);
    assert.deepEqual(changes(summary), expected, output);
    return output;
  }

  /** `preview`, which must succeed and plan exactly as many changes as said. Returns the output. */
  async preview(expected: Record<string, number>, options: { refresh?: boolean } = {}): Promise<string> {
    const { exitCode, output, summary } = await this.workspace.preview({ diff: true, ...options });
    assert.equal(exitCode, 0, output);
    assert.deepEqual(changes(summary), expected, output);
    return output;
  }

  /** An operation that must fail. Returns the output. */
  async fails(operation: "preview" | "up" | "destroy" | "refresh"): Promise<string> {
    const { exitCode, output } = await this.workspace[operation]();
    assert.notEqual(exitCode, 0, output);
    assert.doesNotMatch(output, /\n\s+at .*\.js:\d+/, "a stack trace is shown");
    return output;
  }

  /** `destroy`, which must succeed. */
  async destroy(): Promise<string> {
    const { exitCode, output } = await this.workspace.destroy();
    assert.equal(exitCode, 0, output);
    return output;
  }

  /** Runs SQL as the superuser, outside of the package, and returns the rows. */
  async sql<R = Record<string, unknown>>(text: string, params: unknown[] = [], database = "postgres"): Promise<R[]> {
    const client = await this.server.admin(database);
    try {
      const result = await client.query(text, params.length > 0 ? params : undefined);
      return (Array.isArray(result) ? result.at(-1) : result).rows as R[];
    } finally {
      await client.end();
    }
  }

  /** An open session of the superuser, ended with the test at the latest. */
  async session(database: string): Promise<pg.Client> {
    const client = await this.server.admin(database);
    client.on("error", () => {}); // it may be terminated on purpose
    this.clients.push(client);
    return client;
  }

  /** Whether a login works. */
  async canLogIn(user: string, password: string): Promise<boolean> {
    const { host, port } = this.server;
    const client = new pg.Client({ host, port, user, password, database: "postgres" });
    try {
      await client.connect();
      return true;
    } catch {
      return false;
    } finally {
      await client.end().catch(() => {});
    }
  }

  /** Ends sessions and removes the workspace. */
  async close(): Promise<void> {
    await Promise.all(this.clients.map((client) => client.end().catch(() => {})));
    await this.workspace.close();
  }
}

/** What an operation changed or would change: the summary without what stays the same, and what was only looked at. */
export function changes(summary: Record<string, number>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(summary).filter(([operation]) => operation !== "same" && operation !== "read"),
  );
}

/** One test for each engine, server and role. Whatever the program created must be gone at its end. */
export function onEveryStack(name: string, body: (stack: Stack) => Promise<void>): void {
  for (const engine of engines) {
    for (const server of servers) {
      for (const index of [0, 1] as const) {
        const who = index === 0 ? "superuser" : "restricted role";
        test(`${name} (${engine}, PostgreSQL ${server.version}, ${who})`, async () => {
          const role = (await deployers(server))[index] as TestRole;
          const workspace = await createWorkspace(engine, { name: "program" });
          const stack = new Stack(workspace, engine, server, role);
          try {
            await stack.prepare();
            await body(stack);
          } finally {
            await stack.close();
          }
        });
      }
    }
  }
}

export { uniqueName };

import { test } from "node:test";
import pg from "pg";
import { Cluster, type ClusterOptions } from "../../provider";
import { deployers, servers, type TestRole, type TestServer, uniqueName } from "../support/postgres-fixture";
import { token } from "../support/postgres-names";

/** Names that quoting, folding and lengths go wrong with, each with something unique in it. */
export function hostileNames(): string[] {
  const names = [
    (u: string) => `a"b ${u}`,
    (u: string) => `MiXed ${u}`,
    (u: string) => `x.y.${u}`,
    (u: string) => `u@d.com ${u}`,
    (u: string) => `naïve 🐘 ${u}`,
    (u: string) => `'; select 1 -- ${u}`,
    (u: string) => `back\\slash ${u}`,
    (u: string) => `${"é".repeat(31 - u.length)}${u}`.padEnd(63 - 31 + u.length, "n"),
  ];
  return names.map((name) => name(uniqueName("h")));
}

/** One test's view of a server: the core under test, and beside it plain `pg` connections that judge it. */
export interface Scene {
  readonly server: TestServer;
  /** The role that the core connects as. */
  readonly deployer: TestRole;
  /** Connects the core as the deployer; `options` go on top. Closed at the end of the test. */
  connect(options?: ClusterOptions): Promise<Cluster>;
  /** Connects plain `pg`; default: the superuser to `postgres`. Closed at the end of the test. */
  client(database?: string, role?: { name: string; password: string }): Promise<pg.Client>;
  /** Runs SQL as the superuser through plain `pg`, each time on a new connection; rows as arrays. */
  ask(sql: string, params?: unknown[], database?: string): Promise<unknown[][]>;
  /** Every row of pg_auth_members that touches a role of this process, with its grantor and options. */
  memberships(): Promise<string[]>;
}

class LiveScene implements Scene {
  private readonly closers: (() => Promise<void>)[] = [];

  constructor(
    readonly server: TestServer,
    readonly deployer: TestRole,
  ) {}

  async connect(options: ClusterOptions = {}): Promise<Cluster> {
    const { host, port } = this.server;
    const cluster = await Cluster.connect({
      host,
      port,
      user: this.deployer.name,
      password: this.deployer.password,
      database: "postgres",
      applicationName: token,
      ...options,
    });
    this.closers.push(() => cluster.close());
    return cluster;
  }

  async client(
    database = "postgres",
    role = { name: this.server.superuser, password: this.server.password },
  ): Promise<pg.Client> {
    const { host, port } = this.server;
    const client = new pg.Client({ host, port, user: role.name, password: role.password, database, ssl: false });
    client.on("error", () => undefined); // sessions that tests terminate
    await client.connect();
    this.closers.push(() => client.end());
    return client;
  }

  async ask(sql: string, params: unknown[] = [], database = "postgres"): Promise<unknown[][]> {
    const admin = await this.server.admin(database);
    try {
      return (await admin.query<unknown[]>({ text: sql, values: params, rowMode: "array" })).rows;
    } finally {
      await admin.end();
    }
  }

  async memberships(): Promise<string[]> {
    const rows = await this.ask(
      `SELECT DISTINCT format('%s in %s by %s ', m.member::regrole, m.roleid::regrole, m.grantor::regrole) || (to_jsonb(m) - 'oid')
         FROM pg_auth_members m JOIN pg_roles r ON r.oid IN (m.member, m.roleid)
        WHERE strpos(r.rolname, $1) > 0 ORDER BY 1`,
      [token],
    );
    return rows.flat() as string[];
  }

  /** Ends every connection, then drops what the test made: by the process's token, but for the fixture's roles. */
  async close(): Promise<void> {
    await Promise.all(this.closers.map((close) => close()));
    const kept = (await deployers(this.server)).map(({ name }) => name);
    const admin = await this.server.admin();
    const names = async (sql: string) =>
      (await admin.query<[string]>({ text: sql, values: [token], rowMode: "array" })).rows.map(([name]) => name);
    try {
      for (const name of await names("SELECT slot_name FROM pg_replication_slots WHERE strpos(slot_name, $1) > 0")) {
        await admin.query("SELECT pg_drop_replication_slot($1)", [name]);
      }
      for (const name of await names("SELECT datname FROM pg_database WHERE strpos(datname, $1) > 0")) {
        await admin.query(`DROP DATABASE ${pg.escapeIdentifier(name)} WITH (FORCE)`);
      }
      // A role that granted something can only go after those it granted it to.
      for (let left = 3; left > 0; left--) {
        for (const name of await names("SELECT rolname FROM pg_roles WHERE strpos(rolname, $1) > 0")) {
          if (kept.includes(name)) continue;
          await admin.query(`DROP ROLE ${pg.escapeIdentifier(name)}`).catch((error) => {
            if (left === 1) throw error;
          });
        }
      }
    } finally {
      await admin.end();
    }
  }
}

async function play(server: TestServer, deployer: TestRole, body: (scene: Scene) => Promise<void>): Promise<void> {
  const scene = new LiveScene(server, deployer);
  try {
    await body(scene);
  } finally {
    await scene.close();
  }
}

/** A test on each server, as the superuser. */
export function onEachServer(title: string, body: (scene: Scene) => Promise<void>): void {
  for (const server of servers) {
    test(`PostgreSQL ${server.version}: ${title}`, async () => {
      const [superuser] = await deployers(server);
      await play(server, superuser!, body);
    });
  }
}

/** A test on each server, as the superuser and as the role with LOGIN CREATEDB CREATEROLE only. */
export function asEachDeployer(title: string, body: (scene: Scene) => Promise<void>): void {
  for (const server of servers) {
    for (const [index, who] of ["superuser", "restricted role"].entries()) {
      test(`PostgreSQL ${server.version}, ${who}: ${title}`, async () => {
        await play(server, (await deployers(server))[index]!, body);
      });
    }
  }
}

/** A test as the restricted role, on each server or those of some major versions. */
export function asRestricted(
  title: string,
  body: (scene: Scene) => Promise<void>,
  on: (major: number) => boolean = () => true,
): void {
  for (const server of servers.filter(({ version }) => on(version))) {
    test(`PostgreSQL ${server.version}, restricted role: ${title}`, async () => {
      await play(server, (await deployers(server))[1]!, body);
    });
  }
}

/** An error that a promise must be rejected with. */
export async function failure<E extends Error>(
  promise: Promise<unknown>,
  kind: abstract new (...args: never[]) => E,
): Promise<E> {
  const outcome = await promise.then(
    () => "nothing was refused",
    (error: unknown) => error,
  );
  if (outcome instanceof kind) return outcome;
  throw new Error(`expected a ${kind.name}, got ${String(outcome)}`, { cause: outcome });
}

import { spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { temporaryRoot } from "./postgres";
import type { TestRole, TestServer } from "./postgres-fixture";
import { freePort } from "./postgres-process";
import type { SupervisorOrder } from "./postgres-supervisor";
import { asServerUser, serverUser } from "./postgres-user";

/** Where test/support/install-clients.sh unpacks it. */
const UNPACKED = path.join(__dirname, "..", "..", "..", ".pgmob", "pgbouncer");

/** The program, and where its libraries are when they are not the system's. */
export interface PgBouncerProgram {
  readonly file: string;
  readonly libraries?: string;
}

/** Finds PgBouncer; undefined where there is none. */
export function findPgBouncer(): PgBouncerProgram | undefined {
  const folders = [...(process.env.PATH ?? "").split(path.delimiter), "/usr/sbin"].filter((folder) => folder !== "");
  const file = folders.map((folder) => path.join(folder, "pgbouncer")).find(existsSync);
  if (file !== undefined) return { file };
  const own = path.join(UNPACKED, "usr", "sbin", "pgbouncer");
  const machine = { x64: "x86_64", arm64: "aarch64" }[process.arch as string] ?? process.arch;
  return existsSync(own)
    ? { file: own, libraries: path.join(UNPACKED, "usr", "lib", `${machine}-linux-gnu`) }
    : undefined;
}

/** A PgBouncer in front of a server, for some logins. */
export interface PgBouncer {
  readonly host: "127.0.0.1";
  readonly port: number;
  /** Everything that it has logged. */
  log(): string;
  /** Stops it and removes its files. Its clients must have gone. */
  stop(): Promise<void>;
}

/** Starts one, on 127.0.0.1. */
export async function startPgBouncer(
  { file, libraries }: PgBouncerProgram,
  server: TestServer,
  roles: readonly Pick<TestRole, "name" | "password">[],
  poolMode: "session" | "transaction" | "statement",
): Promise<PgBouncer> {
  const folder = mkdtempSync(path.join(await temporaryRoot(), "pgmob-pgbouncer-"));
  const port = await freePort();
  const at = (name: string) => path.join(folder, name);
  const quote = (text: string) => `"${text.replaceAll('"', '""')}"`;
  writeFileSync(at("users"), roles.map(({ name, password }) => `${quote(name)} ${quote(password)}\n`).join(""));
  writeFileSync(
    at("pgbouncer.ini"),
    `[databases]
* = host=${server.host} port=${server.port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = ${at("users")}
pool_mode = ${poolMode}
`,
  );
  const user = serverUser();
  if (user) for (const owned of [folder, at("users"), at("pgbouncer.ini")]) chownSync(owned, user.uid, user.gid);
  const order: SupervisorOrder = {
    program: file,
    args: ["-q", at("pgbouncer.ini")],
    options: { ...asServerUser(), env: libraries === undefined ? {} : { LD_LIBRARY_PATH: libraries } },
    cleanUp: folder,
  };
  const log = openSync(at("log"), "a");
  const supervisor = [path.join(__dirname, "postgres-supervisor.js"), JSON.stringify(order)];
  const child = spawn(process.execPath, supervisor, { detached: true, stdio: ["pipe", log, log] });
  const ended = once(child, "exit");
  const read = () => readFileSync(at("log"), "utf8");
  for (let i = 0; !(await answers(port, roles[0]!)); i++) {
    if (i > 200 || child.exitCode !== null) throw new Error(`PgBouncer does not start:\n${read()}`);
    await sleep(30);
  }
  return {
    ...{ host: "127.0.0.1", port, log: read },
    async stop() {
      child.stdin?.end();
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function answers(port: number, role: Pick<TestRole, "name" | "password">): Promise<boolean> {
  const login = { user: role.name, password: role.password, database: "postgres", ssl: false };
  const client = new pg.Client({ host: "127.0.0.1", port, ...login });
  client.on("error", () => undefined);
  return client.connect().then(
    () => client.end().then(() => true),
    () => false,
  );
}

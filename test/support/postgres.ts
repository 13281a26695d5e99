import { randomBytes } from "node:crypto";
import { chown, mkdir, mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { type Binaries, postgresBinaries } from "./postgres-binaries";
import { initialise, readRecord, type ServerRecord, writeRecord, writeSettings } from "./postgres-data";
import {
  clearReusedPid,
  freePort,
  killServer,
  type Launched,
  launch,
  postmasterPid,
  signalServer,
  untilFreePort,
} from "./postgres-process";
import { serverCanReach, serverUser } from "./postgres-user";

/** A real PostgreSQL server on 127.0.0.1. */
export interface Server {
  readonly version: number;
  readonly port: number;
  /** Where everything of this server lies: data/, server.log, server.json. */
  readonly folder: string;
  readonly dataDir: string;
  readonly logFile: string;
  /** The folder of its Unix socket, or undefined where the path would be too long for one. */
  readonly socketDir: string | undefined;
  readonly superuser: string;
  readonly password: string;
  /** The superuser's connection URL. Default database: postgres. */
  url(database?: string): string;
  /** Stops it and waits: `fast` (the default) writes a checkpoint, `immediate` leaves recovery to the next start. */
  stop(mode?: "fast" | "immediate"): Promise<void>;
  /** Starts it and waits until it answers. Does nothing when it runs. The port changes if another process took it. */
  start(): Promise<void>;
  /** Kills the postmaster with SIGKILL, as a crash would. */
  kill(): Promise<void>;
  /** Everything that it has logged. */
  log(): Promise<string>;
  /** Stops it and removes its folder. */
  remove(): Promise<void>;
}

/** How to start a server. */
export interface ServerOptions {
  readonly version: number;
  /** Settings of postgresql.conf, on top of those for tests unless detached. */
  readonly settings?: Record<string, string>;
  /** Where to put the server, or where one was put before: it is then started again. Default: a temporary folder. */
  readonly folder?: string;
  /** Just this port, or an error. Default: the one that the server had before, otherwise a free one. */
  readonly port?: number;
  /** The PATH of the server, and so of its shell. Default: this process's. */
  readonly path?: string | undefined;
  /** Lets the server outlive this process. Default: it is stopped when this process ends. */
  readonly detached?: boolean;
}

/** Speed instead of durability, room for many tests at once, and every statement in the log. */
const testSettings: Record<string, string> = {
  fsync: "off",
  synchronous_commit: "off",
  full_page_writes: "off",
  wal_level: "logical",
  max_prepared_transactions: "10",
  max_connections: "200",
  log_statement: "all",
  log_line_prefix: "%m [%p] %q%u@%d %a ",
};

/**
 * Starts a PostgreSQL server and waits until it answers.
 * @throws with the end of the server's log when it does not start.
 */
export async function startServer(options: ServerOptions): Promise<Server> {
  const folder = options.folder ?? (await mkdtemp(join(await temporaryRoot(), `pgmob-pg${options.version}-`)));
  const server = new LocalServer(options, folder);
  try {
    await server.start();
    return server;
  } catch (error) {
    if (options.folder === undefined) await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/** The folder for temporary files, or /tmp where the server's user has no way into that. */
export async function temporaryRoot(): Promise<string> {
  return serverCanReach(tmpdir()) ? tmpdir() : "/tmp";
}

/** The server that was put in this folder and runs now, or undefined. */
export async function runningServer(folder: string): Promise<Server | undefined> {
  const record = await readRecord(folder);
  if (record === undefined || (await postmasterPid(join(folder, "data"))) === undefined) return undefined;
  return new LocalServer({ version: record.version, folder, detached: true }, folder, record);
}

class LocalServer implements Server {
  readonly version: number;
  readonly dataDir: string;
  readonly logFile: string;
  readonly socketDir: string | undefined;
  private binaries: Binaries | undefined;

  constructor(
    private readonly options: ServerOptions,
    readonly folder: string,
    private record?: ServerRecord,
  ) {
    this.version = options.version;
    this.dataDir = join(folder, "data");
    this.logFile = join(folder, "server.log");
    // A socket's address holds about a hundred bytes, and its setting is a list with commas and quotes of its own.
    this.socketDir = /^[\w./-]{1,85}$/.test(folder) ? folder : undefined;
  }

  get port(): number {
    return this.known.port;
  }

  get superuser(): string {
    return this.known.superuser;
  }

  get password(): string {
    return this.known.password;
  }

  url(database = "postgres"): string {
    const { superuser, password, port } = this.known;
    return `postgresql://${superuser}:${password}@127.0.0.1:${port}/${encodeURIComponent(database)}`;
  }

  async start(): Promise<void> {
    await this.prepare();
    const deadline = Date.now() + 60_000;
    let logged = await this.logSize();
    let launched = await this.launchUnlessRunning();
    for (;;) {
      if (await this.answers()) return;
      if (launched?.exited || (launched === undefined && (await postmasterPid(this.dataDir)) === undefined)) {
        const reason = (await readFile(this.logFile)).subarray(logged).toString();
        const transient = /could not bind|postmaster\.pid" already exists|pre-existing shared memory block/.test(
          reason,
        );
        if (!transient || Date.now() > deadline) throw this.failure(reason);
        await sleep(200);
        logged = await this.logSize();
        launched = await this.launchUnlessRunning();
      }
      if (Date.now() > deadline) throw this.failure(await this.log());
      await sleep(30);
    }
  }

  async stop(mode: "fast" | "immediate" = "fast"): Promise<void> {
    await signalServer(this.dataDir, mode === "fast" ? "SIGINT" : "SIGQUIT");
  }

  async kill(): Promise<void> {
    await killServer(this.dataDir);
    await untilFreePort(this.port);
  }

  async log(): Promise<string> {
    return readFile(this.logFile, "utf8");
  }

  async remove(): Promise<void> {
    await this.stop("immediate");
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  private get known(): ServerRecord {
    if (this.record === undefined) throw new Error("the server has not been started yet");
    return this.record;
  }

  private failure(log: string): Error {
    const end = log.trimEnd().split("\n").slice(-15).join("\n");
    return new Error(`PostgreSQL ${this.version} in ${this.folder} did not start. The end of its log:\n${end}`);
  }

  private async logSize(): Promise<number> {
    return (await stat(this.logFile).catch(() => undefined))?.size ?? 0;
  }

  /** Finds or makes the data directory. One without a record is what a killed initdb left, and is made anew. */
  private async prepare(): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    const user = serverUser();
    if (user) await chown(this.folder, user.uid, user.gid);
    this.binaries ??= await postgresBinaries(this.version, this.folder);
    this.record ??= await readRecord(this.folder);
    if (this.record === undefined) {
      const port = this.options.port ?? (await freePort());
      const password = randomBytes(12).toString("hex");
      this.record = { version: this.version, superuser: "postgres", password, port };
      await initialise(this.binaries, this.folder, this.record);
      await writeRecord(this.folder, this.record);
    }
    if (this.record.version !== this.version) {
      throw new Error(`${this.folder} holds a server of version ${this.record.version}, not ${this.version}`);
    }
  }

  private async launchUnlessRunning(): Promise<Launched | undefined> {
    if ((await postmasterPid(this.dataDir)) !== undefined) return undefined;
    await clearReusedPid(this.dataDir);
    const { port, detached = false } = this.options;
    if (port !== undefined) this.known.port = port;
    if (!(await untilFreePort(this.known.port))) {
      if (port !== undefined) throw new Error(`port ${port} of 127.0.0.1 is taken`);
      this.known.port = await freePort();
    }
    await writeRecord(this.folder, this.known);
    await writeSettings(this.dataDir, {
      listen_addresses: "127.0.0.1",
      port: String(this.known.port),
      unix_socket_directories: this.socketDir ?? "",
      ...(detached ? {} : testSettings),
      ...this.options.settings,
    });
    const { path } = this.options;
    const files = { postgres: this.binaries!.postgres, dataDir: this.dataDir, logFile: this.logFile, path };
    if (detached) return launch({ ...files, detached });
    return launch({ ...files, detached, cleanUp: this.options.folder === undefined ? this.folder : undefined });
  }

  /** Whether this server, and not another on the same port, lets its superuser in. */
  private async answers(): Promise<boolean> {
    const { superuser: user, password, port } = this.known;
    const client = new pg.Client({
      host: "127.0.0.1",
      port,
      user,
      password,
      database: "postgres",
      ssl: false,
      connectionTimeoutMillis: 5_000,
    });
    client.on("error", () => undefined);
    try {
      await client.connect();
      const { rows } = await client.query<{ data_directory: string }>("SHOW data_directory");
      return rows[0]?.data_directory === this.dataDir;
    } catch {
      return false;
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}

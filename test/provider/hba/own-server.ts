import { chownSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, before, beforeEach, describe } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { Cluster, type ClusterOptions } from "../../../provider";
import type { Adapter, Session } from "../../../provider/adapter";
import { HbaRuleList } from "../../../provider/hba/list";
import { type Server, startServer } from "../../support/postgres";
import { postmasterPid } from "../../support/postgres-process";
import { serverUser } from "../../support/postgres-user";
import { versions } from "../../support/versions";

/** A server whose pg_hba.conf is the test's to rewrite. Each test begins with the file that initdb made. */
export class OwnServer {
  server!: Server;
  private original = Buffer.alloc(0);
  private readonly closers: (() => Promise<void>)[] = [];

  constructor(
    readonly version: number,
    private readonly options: OwnServerOptions,
  ) {}

  /** Where pg_hba.conf is. */
  get file(): string {
    const { folder, dataDir } = this.server;
    return this.options.elsewhere === undefined ? join(dataDir, "pg_hba.conf") : join(folder, this.options.elsewhere);
  }

  /** The file as it is. */
  get bytes(): string {
    return readFileSync(this.file, "latin1");
  }

  set bytes(bytes: string) {
    writeFileSync(this.file, Buffer.from(bytes, "latin1"));
  }

  /** The file as initdb made it. */
  get initial(): string {
    return this.original.toString("latin1");
  }

  /** The names of files of ours that are in the data directory or beside pg_hba.conf. */
  get leftovers(): string[] {
    return [...new Set([this.server.dataDir, dirname(this.file)])].flatMap((folder) =>
      readdirSync(folder).filter((name) => name.includes("pgmob")),
    );
  }

  /** Mode, owner and group of the file. */
  get rights(): string {
    const { mode, uid, gid } = statSync(this.file);
    return `${mode.toString(8)} ${uid} ${gid}`;
  }

  /** Starts it. */
  async start(): Promise<void> {
    const { settings = {}, path } = this.options;
    this.server = await startServer({ version: this.version, settings, path });
    if (this.options.elsewhere !== undefined) await this.moveFile();
    this.original = readFileSync(this.file);
  }

  /** As Debian does: the file is not in the data directory. */
  private async moveFile(): Promise<void> {
    await this.ask(`ALTER SYSTEM SET hba_file = ${pg.escapeLiteral(this.file)}`);
    await this.server.stop();
    mkdirSync(dirname(this.file));
    renameSync(join(this.server.dataDir, "pg_hba.conf"), this.file);
    this.own(dirname(this.file));
    await this.server.start();
  }

  /** Connects the core, as the superuser unless told otherwise. Closed at the end of the test. */
  async connect(options: ClusterOptions = {}): Promise<Cluster> {
    const { port, superuser: user, password } = this.server;
    const cluster = await Cluster.connect({
      host: "127.0.0.1",
      port,
      user,
      password,
      database: "postgres",
      ...options,
    });
    this.closers.push(() => cluster.close());
    return cluster;
  }

  /** An open session, of the superuser unless told otherwise, which the caller ends. */
  async session(login: pg.ClientConfig = {}): Promise<pg.Client> {
    const { port, superuser: user, password } = this.server;
    const usual = { host: "127.0.0.1", port, user, password, database: "postgres", ssl: false };
    const client = new pg.Client({ ...usual, ...login });
    client.on("error", () => undefined); // the server may be killed
    try {
      await client.connect();
      return client;
    } catch (error) {
      await client.end().catch(() => undefined);
      throw error;
    }
  }

  /** Runs SQL in a {@link session} of its own; rows as arrays. */
  async ask(sql: string, login: pg.ClientConfig = {}, params: unknown[] = []): Promise<unknown[][]> {
    const client = await this.session(login);
    try {
      const { rows } = await client.query({
        text: sql,
        values: params.length > 0 ? params : undefined,
        rowMode: "array",
      });
      return rows;
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  /** Whether a role can log in without a password. */
  async letsIn(user: string): Promise<boolean> {
    return this.ask("SELECT 1", { user, password: "no-such-password" }).then(
      () => true,
      (error: { code?: string }) => {
        if (error.code?.startsWith("28")) return false;
        throw error;
      },
    );
  }

  /** Puts everything back for the next test, also when nobody can log in any more. */
  async reset(): Promise<void> {
    await Promise.all(this.closers.splice(0).map((close) => close()));
    const since = new Date();
    this.bytes = this.initial;
    process.kill((await postmasterPid(this.server.dataDir)) as number, "SIGHUP");
    const reloaded = () => this.ask("SELECT pg_conf_load_time() > $1", {}, [since]).catch(() => [[false]]);
    while ((await reloaded())[0]?.[0] !== true) await sleep(10);
  }

  /** A folder that the server's user owns. */
  folder(name: string): string {
    const folder = join(this.server.folder, name);
    mkdirSync(folder);
    this.own(folder);
    return folder;
  }

  /** Gives a file to the server's user. */
  own(path: string): void {
    const user = serverUser();
    if (user) chownSync(path, user.uid, user.gid);
  }
}

/** What is special about a server. */
export interface OwnServerOptions {
  /** Where in the server's folder pg_hba.conf is, instead of in its data directory. */
  readonly elsewhere?: string;
  /** The PATH with the tools that its shell finds. */
  readonly path?: string;
  /** Settings of postgresql.conf beside those for tests. */
  readonly settings?: Record<string, string>;
}

/** Tests on servers of their own, of each version. */
export function onOwnServers(define: (own: OwnServer) => void, options: OwnServerOptions = {}): void {
  for (const version of versions) {
    describe(`PostgreSQL ${version}`, () => {
      const own = new OwnServer(version, options);
      before(() => own.start());
      beforeEach(() => own.reset());
      after(async () => {
        await own.reset();
        await own.server.remove();
      });
      define(own);
    });
  }
}

/** The list over a cluster's connections, with something that happens before each query whose text a pattern matches. */
export function meddled(
  cluster: Cluster,
  pattern: RegExp,
  meddle: (session: Session, count: number) => Promise<void> | void,
): HbaRuleList {
  let count = 0;
  const adapter: Adapter = {
    isConnected: true,
    database: cluster.adapter.database,
    without: (database, task) => cluster.adapter.without(database, task),
    close: () => cluster.close(),
    use: (database, task) =>
      cluster.adapter.use(database, (session) =>
        task({
          database: session.database,
          copyIn: (text, source) => session.copyIn(text, source),
          copyOut: (text, consume) => session.copyOut(text, consume),
          ask: (text, params) => session.ask(text, params),
          query: async (text, params, shape) => {
            if (pattern.test(text)) await meddle(session, ++count);
            return session.query(text, params, shape);
          },
        }),
      ),
  };
  return new HbaRuleList(adapter);
}

/** The query that lets the server read the file. */
export const CHECK = /FROM pg_catalog\.pg_hba_file_rules ORDER/;
/** The query that makes the server reload. */
export const RELOAD = /pg_reload_conf\(\) AS sent/;
/** The statement that runs any of the scripts. */
export const SCRIPT = /TO PROGRAM/;

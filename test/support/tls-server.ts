import { chownSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { TLSSocket } from "node:tls";
import pg from "pg";
import { type Server, startServer, temporaryRoot } from "./postgres";
import { serverUser } from "./postgres-user";
import type { Authority, Identity } from "./tls-authority";

/** A server of its own with TLS, whose certificate and rules the test decides. */
export class TlsServer {
  private constructor(
    readonly server: Server,
    private readonly folder: string,
  ) {}

  /**
   * Starts one.
   *
   * @param clients the authority of client certificates
   * @param rules lines of pg_hba.conf before those of initdb
   */
  static async start(
    version: number,
    identity: Identity,
    clients: Authority,
    rules: readonly string[],
  ): Promise<TlsServer> {
    const folder = mkdtempSync(join(await temporaryRoot(), "pgmob-tls-"));
    try {
      own(folder);
      write(join(folder, "ca.crt"), clients.cert);
      writeIdentity(folder, identity);
      const file = (name: string) => join(folder, name);
      const server = await startServer({
        version,
        settings: {
          ...{ ssl: "on", ssl_cert_file: file("server.crt"), ssl_key_file: file("server.key") },
          ssl_ca_file: file("ca.crt"),
        },
      });
      const hba = join(server.dataDir, "pg_hba.conf");
      write(hba, `${rules.join("\n")}\n${readFileSync(hba, "utf8")}`);
      const started = new TlsServer(server, folder);
      await started.ask("SELECT pg_reload_conf()");
      return started;
    } catch (error) {
      rmSync(folder, { recursive: true });
      throw error;
    }
  }

  /** Has the server show another certificate from now on. */
  async present(identity: Identity): Promise<void> {
    writeIdentity(this.folder, identity);
    await this.ask("SELECT pg_reload_conf()");
    const wanted = Buffer.from(identity.cert.replace(/-----[^-]+-----|\s/g, ""), "base64");
    for (let i = 0; i < 200; i++) {
      if ((await this.shown()).equals(wanted)) return;
      await sleep(20);
    }
    throw new Error("the server does not show its new certificate");
  }

  /** Runs SQL as the superuser. */
  async ask(sql: string): Promise<void> {
    const client = this.client(false);
    await client.connect();
    await client.query(sql);
    await client.end();
  }

  /** Stops it and removes everything. */
  async remove(): Promise<void> {
    await this.server.remove();
    rmSync(this.folder, { recursive: true });
  }

  private async shown(): Promise<Buffer> {
    const client = this.client({ rejectUnauthorized: false });
    await client.connect();
    const { stream } = (client as unknown as { connection: { stream: TLSSocket } }).connection;
    const { raw } = stream.getPeerCertificate();
    await client.end();
    return raw;
  }

  private client(ssl: pg.ClientConfig["ssl"]): pg.Client {
    const { port, superuser: user, password } = this.server;
    return new pg.Client({ host: "127.0.0.1", port, user, password, database: "postgres", ssl });
  }
}

function writeIdentity(folder: string, { cert, key }: Identity): void {
  write(join(folder, "server.key"), key);
  write(join(folder, "server.crt"), cert);
}

function write(file: string, text: string): void {
  writeFileSync(file, text, { mode: 0o600 });
  own(file);
}

function own(path: string): void {
  const user = serverUser();
  if (user) chownSync(path, user.uid, user.gid);
}

/** Servers with TLS, whose certificates and rules the tests make, and ways to connect to them. */

import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe } from "node:test";
import { Cluster, type ClusterOptions, ConnectionError } from "../../../provider";
import { type Authority, type Identity, makeAuthority } from "../../support/tls-authority";
import { TlsServer } from "../../support/tls-server";
import { versions } from "../../support/versions";
import { failure } from "../scene";

/** Who may log in how. */
const RULES = [
  "hostssl   all by_cert  127.0.0.1/32 cert",
  "hostssl   all by_both  127.0.0.1/32 scram-sha-256 clientcert=verify-full",
  "hostnossl all only_plain 127.0.0.1/32 trust",
  "hostssl   all only_plain 127.0.0.1/32 reject",
  "hostssl   all only_tls 127.0.0.1/32 scram-sha-256",
  "hostnossl all only_tls 127.0.0.1/32 reject",
  "local     all by_socket trust",
];

const ROLES = ["by_cert", "by_both", "only_plain", "only_tls", "by_socket"];

/** What certificates there are, all signed by our authority. */
const SUBJECTS = {
  good: { cn: "anything", dns: ["db.internal", "*.wild.internal"], ip: ["127.0.0.1"] },
  expired: { cn: "db.internal", dns: ["db.internal"], ip: ["127.0.0.1"], expired: true },
  cnAddress: { cn: "127.0.0.1" },
  cnName: { cn: "db.internal" },
  byCert: { cn: "by_cert" },
  byBoth: { cn: "by_both" },
};

/** `foreign` is made out to the same role as `byCert`, by an authority that the server does not know. */
type Identities = Record<keyof typeof SUBJECTS | "foreign", Identity>;

/** The password of every role. */
export const PASSWORD = "pass word";

/** One server with TLS, which shows the certificate `good`. What it has is there once it has started. */
export class TlsScene {
  tls!: TlsServer;
  folder!: string;
  ours!: Authority;
  theirs!: Authority;
  identities!: Identities;

  constructor(readonly version: number) {}

  /** Makes the certificates and starts the server. */
  async start(): Promise<void> {
    this.folder = mkdtempSync(join(tmpdir(), "pgmob-tlstest-"));
    mkdirSync(join(this.folder, "empty"));
    [this.ours, this.theirs] = await Promise.all([makeAuthority("ours"), makeAuthority("theirs")]);
    const issued: [string, Identity][] = [["foreign", await this.theirs.issue({ cn: "by_cert" })]];
    for (const [name, subject] of Object.entries(SUBJECTS)) issued.push([name, await this.ours.issue(subject)]);
    this.identities = Object.fromEntries(issued) as Identities;
    this.tls = await TlsServer.start(this.version, this.identities.good, this.ours, RULES);
    await this.tls.ask(ROLES.map((name) => `CREATE ROLE ${name} LOGIN PASSWORD '${PASSWORD}'`).join("; "));
  }

  /** Ends the server and removes every file. */
  async remove(): Promise<void> {
    await this.tls?.remove();
    if (this.folder !== undefined) rmSync(this.folder, { recursive: true });
  }

  /** Writes a file that only we may read, and gives its path. */
  file(name: string, text: string, mode = 0o600): string {
    const path = join(this.folder, name);
    writeFileSync(path, text);
    chmodSync(path, mode);
    return path;
  }

  /** As the superuser. */
  address(): ClusterOptions {
    const { port, superuser: user, password } = this.tls.server;
    return { host: "127.0.0.1", port, user, password, connectTimeout: "5s" };
  }

  /** Under a name that no resolver knows: the address is given beside it. */
  named(host: string): ClusterOptions {
    const { port } = this.tls.server;
    return { host: undefined, port: undefined, url: `postgresql://${host}:${port}/?hostaddr=127.0.0.1` };
  }

  /** Whether the connection has TLS; throws as connecting does. Our home directory has no file of libpq's, unless told. */
  async secure(options: ClusterOptions, variables: Record<string, string> = {}): Promise<boolean> {
    return withEnvironment({ HOME: join(this.folder, "empty"), ...variables }, async () => {
      const cluster = await Cluster.connect({ ...this.address(), ...options });
      try {
        const [row] = await cluster.execute("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()");
        return row?.[0] as boolean;
      } finally {
        await cluster.close();
      }
    });
  }

  /** The error with which connecting fails. */
  refused(options: ClusterOptions, variables: Record<string, string> = {}): Promise<ConnectionError> {
    return failure(this.secure(options, variables), ConnectionError);
  }
}

async function withEnvironment<T>(variables: Record<string, string>, task: () => Promise<T>): Promise<T> {
  const beforehand = { ...process.env };
  Object.assign(process.env, variables);
  try {
    return await task();
  } finally {
    for (const name of Object.keys(process.env)) if (!(name in beforehand)) delete process.env[name];
    Object.assign(process.env, beforehand);
  }
}

/** Declares the tests for a server of each version. */
export function onTlsServers(declare: (scene: TlsScene) => void): void {
  for (const version of versions) {
    describe(`PostgreSQL ${version}`, () => {
      const scene = new TlsScene(version);
      before(() => scene.start());
      after(() => scene.remove());
      declare(scene);
    });
  }
}

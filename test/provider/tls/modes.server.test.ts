/** TLS modes, certificates of the server and of the client, against servers whose certificates the tests make. */

import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { Cluster, type ClusterOptions, ConnectionError } from "../../../provider";
import { type Authority, type Identity, makeAuthority } from "../../support/tls-authority";
import { TlsServer } from "../../support/tls-server";
import { versions } from "../../support/versions";
import { failure } from "../scene";

const RULES = [
  "hostssl   all by_cert  127.0.0.1/32 cert",
  "hostssl   all by_both  127.0.0.1/32 scram-sha-256 clientcert=verify-full",
  "hostnossl all only_plain 127.0.0.1/32 trust",
  "hostssl   all only_plain 127.0.0.1/32 reject",
  "hostssl   all only_tls 127.0.0.1/32 scram-sha-256",
  "hostnossl all only_tls 127.0.0.1/32 reject",
  "local     all by_socket trust",
];

let folder: string;
let ours: Authority;
let theirs: Authority;
const identities: Record<string, Identity> = {};

/** Writes a file that only we may read, and gives its path. */
function file(name: string, text: string, mode = 0o600): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "pgmob-tlstest-"));
  mkdirSync(join(folder, "empty"));
  [ours, theirs] = await Promise.all([makeAuthority("ours"), makeAuthority("theirs")]);
  const subjects = {
    good: { cn: "anything", dns: ["db.internal", "*.wild.internal"], ip: ["127.0.0.1"] },
    expired: { cn: "db.internal", dns: ["db.internal"], ip: ["127.0.0.1"], expired: true },
    cnAddress: { cn: "127.0.0.1" },
    cnName: { cn: "db.internal" },
    byCert: { cn: "by_cert" },
    byBoth: { cn: "by_both" },
  };
  for (const [name, subject] of Object.entries(subjects)) identities[name] = await ours.issue(subject);
  identities.foreign = await theirs.issue({ cn: "by_cert" });
});

after(() => rmSync(folder, { recursive: true }));

/** Runs a task with variables set, and a home directory without any file of libpq's. */
async function withEnvironment<T>(variables: Record<string, string>, task: () => Promise<T>): Promise<T> {
  const beforehand = { ...process.env };
  Object.assign(process.env, { HOME: join(folder, "empty"), ...variables });
  try {
    return await task();
  } finally {
    for (const name of Object.keys(process.env)) if (!(name in beforehand)) delete process.env[name];
    Object.assign(process.env, beforehand);
  }
}

for (const version of versions) {
  describe(`PostgreSQL ${version}`, () => {
    let tls: TlsServer;

    before(async () => {
      tls = await TlsServer.start(version, identities.good!, ours, RULES);
      const roles = ["by_cert", "by_both", "only_plain", "only_tls", "by_socket"];
      await tls.ask(roles.map((name) => `CREATE ROLE ${name} LOGIN PASSWORD 'pass word'`).join("; "));
    });
    after(() => tls?.remove());

    const address = (): ClusterOptions => {
      const { port, superuser: user, password } = tls.server;
      return { host: "127.0.0.1", port, user, password, connectTimeout: "5s" };
    };

    /** Whether the connection has TLS; throws as connecting does. */
    async function secure(options: ClusterOptions, variables: Record<string, string> = {}): Promise<boolean> {
      return withEnvironment(variables, async () => {
        const cluster = await Cluster.connect({ ...address(), ...options });
        try {
          const [row] = await cluster.execute("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()");
          return row?.[0] as boolean;
        } finally {
          await cluster.close();
        }
      });
    }

    const refused = (options: ClusterOptions, variables: Record<string, string> = {}) =>
      failure(secure(options, variables), ConnectionError);

    /** Under a name that no resolver knows: the address is given beside it. */
    const named = (host: string): ClusterOptions => {
      const { port } = tls.server;
      return { host: undefined, port: undefined, url: `postgresql://${host}:${port}/?hostaddr=127.0.0.1` };
    };

    it("each mode, where both are possible", async () => {
      const found: Record<string, boolean> = {};
      for (const sslMode of ["disable", "allow", "prefer", "require"] as const)
        found[sslMode] = await secure({ sslMode });
      assert.deepEqual(found, { disable: false, allow: false, prefer: true, require: true });
      assert.equal(await secure({}), true, "prefer is the default");
      assert.equal(await secure({}, { PGSSLMODE: "disable" }), false);
      assert.equal(await secure({ sslMode: "require" }, { PGSSLMODE: "disable" }), true);
    });

    it("allow and prefer fall back to what the server's rules let in, the others do not", async () => {
      const [plain, secured] = ["only_plain", "only_tls"].map((user) => ({ user, password: "pass word" }));
      assert.equal(await secure({ ...plain, sslMode: "prefer" }), false);
      assert.equal(await secure({ ...plain, sslMode: "allow" }), false);
      assert.equal(await secure({ ...secured, sslMode: "allow" }), true);
      assert.equal(await secure({ ...secured, sslMode: "prefer" }), true);
      assert.match((await refused({ ...plain, sslMode: "require" })).message, /pg_hba\.conf rejects connection/);
      assert.match((await refused({ ...secured, sslMode: "disable" })).message, /pg_hba\.conf rejects connection/);
    });

    it("where both attempts fail, both reasons are told", async () => {
      for (const sslMode of ["allow", "prefer"] as const) {
        const error = await refused({ user: "only_tls", password: "wr0ng-secret", sslMode });
        assert.equal(error.sqlstate, "28P01");
        assert.match(
          error.message,
          /: with TLS: password authentication failed for user "only_tls"; without TLS: pg_hba\.conf rejects connection .*no encryption/,
        );
        assert.doesNotMatch(error.message, /wr0ng-secret/);
      }
    });

    it("a database that is not there is not asked for twice", async () => {
      const before = (await tls.server.log()).split("nowhere").length;
      assert.equal(
        (await failure(secure({ database: "nowhere", sslMode: "prefer" }), Error)).message.match(/with TLS/),
        null,
      );
      const log = (await tls.server.log()).split('FATAL:  database "nowhere" does not exist').length - 1;
      assert.equal(log, 1, String(before));
    });

    it("the authority: PEM text, a path, the system's; the wrong one is refused, whatever the mode insists on", async () => {
      const [right, wrong] = [ours.cert, theirs.cert];
      for (const sslMode of ["require", "verify-ca", "verify-full"] as const) {
        assert.equal(await secure({ sslMode, sslRootCert: right }), true);
        assert.equal(await secure({ sslMode, sslRootCert: file("both.crt", `${wrong}\n${right}`, 0o644) }), true);
        const { message } = await refused({ sslMode, sslRootCert: wrong });
        assert.match(message, /self-signed certificate|unable to (get|verify)|first certificate/);
        assert.match(
          message,
          new RegExp(`sslMode ${sslMode} takes a certificate that an authority in sslRootCert has signed`),
        );
      }
      assert.equal(await secure({ sslMode: "require" }), true, "without one, anybody's");
      // As libpq: what cannot be verified is no TLS for prefer, and so the other way is taken.
      assert.equal(await secure({ sslMode: "prefer", sslRootCert: wrong }), false);
      const system = { SSL_CERT_FILE: file("system.crt", right) };
      assert.equal(await secure({ sslRootCert: "system" }, system), true);
      assert.equal(await secure({}, { ...system, PGSSLROOTCERT: "system" }), true);
      const inFolder = join(folder, `certs-${version}`);
      mkdirSync(inFolder);
      writeFileSync(join(inFolder, "one.pem"), right);
      assert.equal(await secure({ sslRootCert: "system" }, { SSL_CERT_DIR: inFolder }), true);
      assert.match((await refused({ sslRootCert: "system" })).message, /certificate/, "the system does not know ours");
    });

    it("verify-ca and verify-full without an authority at hand are refused, with what to set", async () => {
      const { message } = await refused({ sslMode: "verify-full" });
      const at = join(folder, "empty", ".postgresql", "root.crt");
      assert.match(
        message,
        /^PostgreSQL at 127\.0\.0\.1:\d+: cannot connect as "postgres" to database "postgres": sslMode /,
      );
      assert.ok(
        message.includes(`sslMode verify-full takes a root certificate, and there is none at ${at}. Set sslRootCert`),
      );
      assert.match(
        (await refused({ sslMode: "require", sslRootCert: "/no/where" })).message,
        /sslRootCert: there is no file at \/no\/where/,
      );
    });

    it("the name: verify-full refuses another one, verify-ca does not ask; names, wildcards, addresses", async () => {
      const trust = { sslRootCert: ours.cert };
      const full = { ...trust, sslMode: "verify-full" } as const;
      for (const host of ["db.internal", "x.wild.internal"])
        assert.equal(await secure({ ...full, ...named(host) }), true, host);
      for (const host of ["other.internal", "a.b.wild.internal", "anything"]) {
        const { message } = await refused({ ...full, ...named(host) });
        assert.match(message, /does not match certificate's altnames/);
        assert.match(message, /sslMode verify-full takes a certificate that is made out to host/);
        assert.equal(await secure({ ...trust, ...named(host), sslMode: "verify-ca" }), true);
      }
      assert.equal(await secure(full), true, "an address among the alternative names");
      await tls.present(identities.cnAddress!);
      assert.equal(await secure(full), true, "an address that only the common name tells");
      assert.match((await refused({ ...full, ...named("db.internal") })).message, /does not match/);
      await tls.present(identities.cnName!);
      assert.equal(await secure({ ...full, ...named("db.internal") }), true);
      assert.match((await refused(full)).message, /is not in the cert's list/);
      await tls.present(identities.good!);
    });

    it("an expired certificate is refused where it is verified, and one that was revoked", async () => {
      await tls.present(identities.expired!);
      for (const sslMode of ["require", "verify-ca", "verify-full"] as const) {
        const { message } = await refused({ sslMode, sslRootCert: ours.cert });
        assert.match(message, /certificate has expired\. Give the server a new certificate$/);
      }
      assert.equal(await secure({ sslMode: "require" }), true);
      await tls.present(identities.good!);
      const trust = { sslMode: "verify-ca", sslRootCert: ours.cert } as const;
      const list = file("ours.crl", await ours.revoke(identities.good!.cert));
      assert.match((await refused(trust, { PGSSLCRL: list })).message, /certificate revoked\. Give the server a new/);
      assert.equal(
        await secure(trust, { PGSSLCRL: file("none.crl", await ours.revoke(identities.expired!.cert)) }),
        true,
      );
    });

    it("client certificates, as PEM text and as paths", async () => {
      const [cert, both] = [identities.byCert!, identities.byBoth!];
      const user = { user: "by_cert", password: undefined, sslMode: "require" } as const;
      assert.equal(await secure({ ...user, sslCert: cert.cert, sslKey: cert.key }), true);
      const paths = { sslCert: file("c.crt", cert.cert, 0o644), sslKey: file("c.key", cert.key) };
      assert.equal(await secure({ ...user, ...paths }), true);
      assert.equal(await secure(user, { PGSSLCERT: paths.sslCert, PGSSLKEY: paths.sslKey }), true);
      const twice = { user: "by_both", password: "pass word", sslMode: "require" } as const;
      assert.equal(await secure({ ...twice, sslCert: both.cert, sslKey: both.key }), true);
      assert.match(
        (await refused({ ...twice, password: "wrong", sslCert: both.cert, sslKey: both.key })).message,
        /password authentication failed/,
      );

      assert.match((await refused(user)).message, /requires a valid client certificate\. Set sslCert and sslKey/);
      assert.match(
        (await refused({ ...twice, ...paths })).message,
        /Check user and password of the Provider, its client certificate, and/,
      );
      const other = { sslCert: identities.foreign!.cert, sslKey: identities.foreign!.key };
      assert.match(
        (await refused({ ...user, ...other })).message,
        /Check sslMode, sslRootCert, sslCert and sslKey, and that the server trusts the client certificate$/,
      );
      const mixed = { sslCert: cert.cert, sslKey: both.key };
      assert.match(
        (await refused({ ...user, ...mixed })).message,
        /key values mismatch.*Check sslMode, sslRootCert, sslCert and sslKey/,
      );
    });

    it("keys that are missing, open to others or encrypted are refused before anything is sent", async () => {
      const { cert, key } = identities.byCert!;
      const user = { user: "by_cert", sslMode: "require", sslCert: cert } as const;
      assert.match((await refused(user)).message, /sslCert takes a key\. Set sslKey, or put it at .*postgresql\.key/);
      assert.match((await refused({ ...user, sslKey: "/no/key" })).message, /sslKey: there is no file at \/no\/key/);
      const lost = "MC4CAQAwBQYDK2VwBCIEIAbc+de/f="; // a key whose first line was lost
      assert.match(
        (await refused({ ...user, sslKey: lost })).message,
        /sslKey: there is no file at this path, and it is no PEM/,
      );
      const open = file("open.key", key, 0o644);
      assert.match(
        (await refused({ ...user, sslKey: open })).message,
        /sslKey: others may read .*open\.key\. Run: chmod 600/,
      );
      const encrypted = `-----BEGIN ENCRYPTED PRIVATE KEY-----\n${key.split("\n")[1]}\n-----END ENCRYPTED PRIVATE KEY-----\n`;
      const { message } = await refused({ ...user, sslKey: encrypted });
      assert.match(message, /sslKey is encrypted, and there is no setting for its passphrase\. Decrypt it/);
      assert.ok(!message.includes(key.split("\n")[1]!));
    });

    it("the files below ~/.postgresql are used where nothing is set", async () => {
      const home = join(folder, `home-${version}`);
      const at = join(home, ".postgresql");
      mkdirSync(at, { recursive: true });
      const put = (name: string, text: string) => writeFileSync(join(at, name), text, { mode: 0o600 });
      put("root.crt", theirs.cert);
      const trusting = (sslMode: "require" | "verify-ca" | "prefer") => secure({ sslMode }, { HOME: home });
      await assert.rejects(trusting("require"), /certificate/, "with a root certificate there, require verifies");
      assert.equal(await trusting("prefer"), false);
      put("root.crt", ours.cert);
      assert.equal(await trusting("verify-ca"), true);
      put("postgresql.crt", identities.byCert!.cert);
      put("postgresql.key", identities.byCert!.key);
      const user = { user: "by_cert", password: undefined, sslMode: "verify-full" } as const;
      assert.equal(await secure(user, { HOME: home }), true);
      put("root.crl", await ours.revoke(identities.good!.cert));
      await assert.rejects(trusting("verify-ca"), /certificate revoked/);
      assert.deepEqual(readdirSync(at).length, 4);
    });

    it("over a Unix socket TLS plays no part", async () => {
      const { socketDir } = tls.server;
      const socket = { host: socketDir, user: "by_socket", password: undefined };
      assert.equal(await secure({ ...socket, sslMode: "verify-full" }), false);
      assert.equal(await secure({ ...socket, sslMode: "require", sslRootCert: "/no/where" }), false);
    });

    it("a login is bound to its TLS channel, and can be required to be", async () => {
      const user = { user: "only_tls", password: "pass word", sslMode: "require" } as const;
      assert.equal(await secure(user, { PGCHANNELBINDING: "require" }), true);
      const by = { user: "by_cert", password: undefined, sslMode: "require" } as const;
      const keys = { sslCert: identities.byCert!.cert, sslKey: identities.byCert!.key };
      assert.match(
        (await refused({ ...by, ...keys }, { PGCHANNELBINDING: "require" })).message,
        /asks for nothing, and not for channel binding, which channel_binding \(PGCHANNELBINDING\) requires/,
      );
      const unbound = await refused({ sslMode: "disable" }, { PGCHANNELBINDING: "require" });
      assert.match(unbound.message, /asks for scram-sha-256, and not for channel binding/);
    });

    it("only the methods of PGREQUIREAUTH are answered", async () => {
      const user = { user: "only_tls", password: "pass word", sslMode: "require" } as const;
      for (const PGREQUIREAUTH of ["scram-sha-256", "md5,scram-sha-256", "!password,!none"])
        assert.equal(await secure(user, { PGREQUIREAUTH }), true);
      for (const PGREQUIREAUTH of ["md5", "!scram-sha-256", "none"]) {
        const { message } = await refused(user, { PGREQUIREAUTH });
        assert.match(message, /the server asks for scram-sha-256, which require_auth \(PGREQUIREAUTH\) rules out/);
      }
      const trusted = { user: "only_plain", sslMode: "disable" } as const;
      assert.match(
        (await refused(trusted, { PGREQUIREAUTH: "scram-sha-256" })).message,
        /the server asks for nothing, which/,
      );
      assert.equal(await secure(trusted, { PGREQUIREAUTH: "none" }), false);
    });

    it("a place is free when the session has ended, over TLS as well", async () => {
      await tls.ask("ALTER ROLE only_tls CONNECTION LIMIT 1");
      const login = { user: "only_tls", password: "pass word", sslMode: "require", maxConnections: 1 } as const;
      const cluster = await Cluster.connect({ ...address(), ...login });
      try {
        for (let i = 0; i < 10; i++) {
          for (const database of ["postgres", "template1"])
            assert.deepEqual(await cluster.in(database).execute("SELECT current_database()::text"), [[database]]);
          const rows = "COPY (SELECT repeat('x', 1000) FROM generate_series(1, 100000)) TO STDOUT";
          const enough = cluster.copyTo(rows, async (chunks) => {
            for await (const _ of chunks) throw new Error("enough");
          });
          await assert.rejects(enough, /enough/);
        }
      } finally {
        await cluster.close();
        await tls.ask("ALTER ROLE only_tls CONNECTION LIMIT -1");
      }
    });

    it("TLS versions have bounds", async () => {
      assert.equal(await secure({ sslMode: "require" }, { PGSSLMAXPROTOCOLVERSION: "TLSv1.2" }), true);
      const only13 = { PGSSLMINPROTOCOLVERSION: "TLSv1.3", PGSSLMAXPROTOCOLVERSION: "TLSv1.2" };
      await assert.rejects(secure({ sslMode: "require" }, only13));
    });

    if (version === 18) {
      it("direct TLS, which PostgreSQL 17 and newer know", async () => {
        assert.equal(await secure({ sslMode: "require" }, { PGSSLNEGOTIATION: "direct" }), true);
        assert.equal(await secure({ sslMode: "disable" }, {}), false);
      });
    }
  });
}

/** Certificates of the server and of the client: authorities, names, expiry, revocation, keys, and where they are looked for. */

import assert from "node:assert/strict";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { it } from "node:test";
import { onTlsServers, PASSWORD } from "./scene";

onTlsServers((scene) => {
  it("the authority: PEM text, a path, the system's; the wrong one is refused, whatever the mode insists on", async () => {
    const [right, wrong] = [scene.ours.cert, scene.theirs.cert];
    for (const sslMode of ["require", "verify-ca", "verify-full"] as const) {
      assert.equal(await scene.secure({ sslMode, sslRootCert: right }), true);
      assert.equal(
        await scene.secure({ sslMode, sslRootCert: scene.file("both.crt", `${wrong}\n${right}`, 0o644) }),
        true,
      );
      const { message } = await scene.refused({ sslMode, sslRootCert: wrong });
      assert.match(message, /self-signed certificate|unable to (get|verify)|first certificate/);
      assert.match(
        message,
        new RegExp(`sslMode ${sslMode} takes a certificate that an authority in sslRootCert has signed`),
      );
    }
    assert.equal(await scene.secure({ sslMode: "require" }), true, "without one, anybody's");
    // As libpq: what cannot be verified is no TLS for prefer, and so the other way is taken.
    assert.equal(await scene.secure({ sslMode: "prefer", sslRootCert: wrong }), false);
    const system = { SSL_CERT_FILE: scene.file("system.crt", right) };
    assert.equal(await scene.secure({ sslRootCert: "system" }, system), true);
    assert.equal(await scene.secure({}, { ...system, PGSSLROOTCERT: "system" }), true);
    const inFolder = join(scene.folder, `certs-${scene.version}`);
    mkdirSync(inFolder);
    writeFileSync(join(inFolder, "one.pem"), right);
    assert.equal(await scene.secure({ sslRootCert: "system" }, { SSL_CERT_DIR: inFolder }), true);
    assert.match(
      (await scene.refused({ sslRootCert: "system" })).message,
      /certificate/,
      "the system does not know ours",
    );
  });

  it("verify-ca and verify-full without an authority at hand are refused, with what to set", async () => {
    const { message } = await scene.refused({ sslMode: "verify-full" });
    const at = join(scene.folder, "empty", ".postgresql", "root.crt");
    assert.match(
      message,
      /^PostgreSQL at 127\.0\.0\.1:\d+: cannot connect as "postgres" to database "postgres": sslMode /,
    );
    assert.ok(
      message.includes(`sslMode verify-full takes a root certificate, and there is none at ${at}. Set sslRootCert`),
    );
    assert.match(
      (await scene.refused({ sslMode: "require", sslRootCert: "/no/where" })).message,
      /sslRootCert: there is no file at \/no\/where/,
    );
  });

  it("the name: verify-full refuses another one, verify-ca does not ask; names, wildcards, addresses", async () => {
    const trust = { sslRootCert: scene.ours.cert };
    const full = { ...trust, sslMode: "verify-full" } as const;
    for (const host of ["db.internal", "x.wild.internal"])
      assert.equal(await scene.secure({ ...full, ...scene.named(host) }), true, host);
    for (const host of ["other.internal", "a.b.wild.internal", "anything"]) {
      const { message } = await scene.refused({ ...full, ...scene.named(host) });
      assert.match(message, /does not match certificate's altnames/);
      assert.match(message, /sslMode verify-full takes a certificate that is made out to host/);
      assert.equal(await scene.secure({ ...trust, ...scene.named(host), sslMode: "verify-ca" }), true);
    }
    assert.equal(await scene.secure(full), true, "an address among the alternative names");
    await scene.tls.present(scene.identities.cnAddress);
    assert.equal(await scene.secure(full), true, "an address that only the common name tells");
    assert.match((await scene.refused({ ...full, ...scene.named("db.internal") })).message, /does not match/);
    await scene.tls.present(scene.identities.cnName);
    assert.equal(await scene.secure({ ...full, ...scene.named("db.internal") }), true);
    assert.match((await scene.refused(full)).message, /is not in the cert's list/);
    await scene.tls.present(scene.identities.good);
  });

  it("an expired certificate is refused where it is verified, and one that was revoked", async () => {
    await scene.tls.present(scene.identities.expired);
    for (const sslMode of ["require", "verify-ca", "verify-full"] as const) {
      const { message } = await scene.refused({ sslMode, sslRootCert: scene.ours.cert });
      assert.match(message, /certificate has expired\. Give the server a new certificate$/);
    }
    assert.equal(await scene.secure({ sslMode: "require" }), true);
    await scene.tls.present(scene.identities.good);
    const trust = { sslMode: "verify-ca", sslRootCert: scene.ours.cert } as const;
    const list = scene.file("ours.crl", await scene.ours.revoke(scene.identities.good.cert));
    assert.match(
      (await scene.refused(trust, { PGSSLCRL: list })).message,
      /certificate revoked\. Give the server a new/,
    );
    assert.equal(
      await scene.secure(trust, {
        PGSSLCRL: scene.file("none.crl", await scene.ours.revoke(scene.identities.expired.cert)),
      }),
      true,
    );
  });

  it("client certificates, as PEM text and as paths", async () => {
    const [cert, both] = [scene.identities.byCert, scene.identities.byBoth];
    const user = { user: "by_cert", password: undefined, sslMode: "require" } as const;
    assert.equal(await scene.secure({ ...user, sslCert: cert.cert, sslKey: cert.key }), true);
    const paths = { sslCert: scene.file("c.crt", cert.cert, 0o644), sslKey: scene.file("c.key", cert.key) };
    assert.equal(await scene.secure({ ...user, ...paths }), true);
    assert.equal(await scene.secure(user, { PGSSLCERT: paths.sslCert, PGSSLKEY: paths.sslKey }), true);
    const twice = { user: "by_both", password: PASSWORD, sslMode: "require" } as const;
    assert.equal(await scene.secure({ ...twice, sslCert: both.cert, sslKey: both.key }), true);
    assert.match(
      (await scene.refused({ ...twice, password: "wrong", sslCert: both.cert, sslKey: both.key })).message,
      /password authentication failed/,
    );

    assert.match((await scene.refused(user)).message, /requires a valid client certificate\. Set sslCert and sslKey/);
    assert.match(
      (await scene.refused({ ...twice, ...paths })).message,
      /Check user and password of the Provider, its client certificate, and/,
    );
    const other = { sslCert: scene.identities.foreign.cert, sslKey: scene.identities.foreign.key };
    assert.match(
      (await scene.refused({ ...user, ...other })).message,
      /Check sslMode, sslRootCert, sslCert and sslKey, and that the server trusts the client certificate$/,
    );
    const mixed = { sslCert: cert.cert, sslKey: both.key };
    assert.match(
      (await scene.refused({ ...user, ...mixed })).message,
      /key values mismatch.*Check sslMode, sslRootCert, sslCert and sslKey/,
    );
  });

  it("keys that are missing, open to others or encrypted are refused before anything is sent", async () => {
    const { cert, key } = scene.identities.byCert;
    const user = { user: "by_cert", sslMode: "require", sslCert: cert } as const;
    assert.match(
      (await scene.refused(user)).message,
      /sslCert takes a key\. Set sslKey, or put it at .*postgresql\.key/,
    );
    assert.match(
      (await scene.refused({ ...user, sslKey: "/no/key" })).message,
      /sslKey: there is no file at \/no\/key/,
    );
    const lost = "MC4CAQAwBQYDK2VwBCIEIAbc+de/f="; // a key whose first line was lost
    assert.match(
      (await scene.refused({ ...user, sslKey: lost })).message,
      /sslKey: there is no file at this path, and it is no PEM/,
    );
    const open = scene.file("open.key", key, 0o644);
    assert.match(
      (await scene.refused({ ...user, sslKey: open })).message,
      /sslKey: others may read .*open\.key\. Run: chmod 600/,
    );
    const encrypted = `-----BEGIN ENCRYPTED PRIVATE KEY-----\n${key.split("\n")[1]}\n-----END ENCRYPTED PRIVATE KEY-----\n`;
    const { message } = await scene.refused({ ...user, sslKey: encrypted });
    assert.match(message, /sslKey is encrypted, and there is no setting for its passphrase\. Decrypt it/);
    assert.ok(!message.includes(key.split("\n")[1]!));
  });

  it("the files below ~/.postgresql are used where nothing is set", async () => {
    const home = join(scene.folder, `home-${scene.version}`);
    const at = join(home, ".postgresql");
    mkdirSync(at, { recursive: true });
    const put = (name: string, text: string) => writeFileSync(join(at, name), text, { mode: 0o600 });
    put("root.crt", scene.theirs.cert);
    const trusting = (sslMode: "require" | "verify-ca" | "prefer") => scene.secure({ sslMode }, { HOME: home });
    await assert.rejects(trusting("require"), /certificate/, "with a root certificate there, require verifies");
    assert.equal(await trusting("prefer"), false);
    put("root.crt", scene.ours.cert);
    assert.equal(await trusting("verify-ca"), true);
    put("postgresql.crt", scene.identities.byCert.cert);
    put("postgresql.key", scene.identities.byCert.key);
    const user = { user: "by_cert", password: undefined, sslMode: "verify-full" } as const;
    assert.equal(await scene.secure(user, { HOME: home }), true);
    put("root.crl", await scene.ours.revoke(scene.identities.good.cert));
    await assert.rejects(trusting("verify-ca"), /certificate revoked/);
    assert.deepEqual(readdirSync(at).length, 4);
  });
});

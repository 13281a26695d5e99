/** TLS modes as libpq knows them, and what is done without TLS or with it from the first byte on. */

import assert from "node:assert/strict";
import { it } from "node:test";
import { failure } from "../scene";
import { onTlsServers, PASSWORD } from "./scene";

onTlsServers((scene) => {
  it("each mode, where both are possible", async () => {
    const found: Record<string, boolean> = {};
    for (const sslMode of ["disable", "allow", "prefer", "require"] as const)
      found[sslMode] = await scene.secure({ sslMode });
    assert.deepEqual(found, { disable: false, allow: false, prefer: true, require: true });
    assert.equal(await scene.secure({}), true, "prefer is the default");
    assert.equal(await scene.secure({}, { PGSSLMODE: "disable" }), false);
    assert.equal(await scene.secure({ sslMode: "require" }, { PGSSLMODE: "disable" }), true);
  });

  it("allow and prefer fall back to what the server's rules let in, the others do not", async () => {
    const [plain, secured] = ["only_plain", "only_tls"].map((user) => ({ user, password: PASSWORD }));
    assert.equal(await scene.secure({ ...plain, sslMode: "prefer" }), false);
    assert.equal(await scene.secure({ ...plain, sslMode: "allow" }), false);
    assert.equal(await scene.secure({ ...secured, sslMode: "allow" }), true);
    assert.equal(await scene.secure({ ...secured, sslMode: "prefer" }), true);
    assert.match((await scene.refused({ ...plain, sslMode: "require" })).message, /pg_hba\.conf rejects connection/);
    assert.match((await scene.refused({ ...secured, sslMode: "disable" })).message, /pg_hba\.conf rejects connection/);
  });

  it("where both attempts fail, both reasons are told", async () => {
    for (const sslMode of ["allow", "prefer"] as const) {
      const error = await scene.refused({ user: "only_tls", password: "wr0ng-secret", sslMode });
      assert.equal(error.sqlstate, "28P01");
      assert.match(
        error.message,
        /: with TLS: password authentication failed for user "only_tls"; without TLS: pg_hba\.conf rejects connection .*no encryption/,
      );
      assert.doesNotMatch(error.message, /wr0ng-secret/);
    }
  });

  it("a database that is not there is not asked for twice", async () => {
    assert.equal(
      (await failure(scene.secure({ database: "nowhere", sslMode: "prefer" }), Error)).message.match(/with TLS/),
      null,
    );
    const log = (await scene.tls.server.log()).split('FATAL:  database "nowhere" does not exist').length - 1;
    assert.equal(log, 1);
  });

  it("over a Unix socket TLS plays no part", async () => {
    const { socketDir } = scene.tls.server;
    const socket = { host: socketDir, user: "by_socket", password: undefined };
    assert.equal(await scene.secure({ ...socket, sslMode: "verify-full" }), false);
    assert.equal(await scene.secure({ ...socket, sslMode: "require", sslRootCert: "/no/where" }), false);
  });

  it("TLS versions have bounds", async () => {
    assert.equal(await scene.secure({ sslMode: "require" }, { PGSSLMAXPROTOCOLVERSION: "TLSv1.2" }), true);
    const only13 = { PGSSLMINPROTOCOLVERSION: "TLSv1.3", PGSSLMAXPROTOCOLVERSION: "TLSv1.2" };
    await assert.rejects(scene.secure({ sslMode: "require" }, only13));
  });

  if (scene.version >= 17) {
    it("direct TLS, which PostgreSQL 17 and newer know", async () => {
      assert.equal(await scene.secure({ sslMode: "require" }, { PGSSLNEGOTIATION: "direct" }), true);
      assert.equal(await scene.secure({ sslMode: "disable" }, {}), false);
    });
  }
});

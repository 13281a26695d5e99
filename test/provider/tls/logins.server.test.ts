/** What a login says over TLS: channel binding, the methods that are answered, and when its place is free. */

import assert from "node:assert/strict";
import { it } from "node:test";
import { Cluster } from "../../../provider";
import { onTlsServers, PASSWORD } from "./scene";

onTlsServers((scene) => {
  it("a login is bound to its TLS channel, and can be required to be", async () => {
    const user = { user: "only_tls", password: PASSWORD, sslMode: "require" } as const;
    assert.equal(await scene.secure(user, { PGCHANNELBINDING: "require" }), true);
    const by = { user: "by_cert", password: undefined, sslMode: "require" } as const;
    const keys = { sslCert: scene.identities.byCert.cert, sslKey: scene.identities.byCert.key };
    assert.match(
      (await scene.refused({ ...by, ...keys }, { PGCHANNELBINDING: "require" })).message,
      /asks for nothing, and not for channel binding, which channel_binding \(PGCHANNELBINDING\) requires/,
    );
    const unbound = await scene.refused({ sslMode: "disable" }, { PGCHANNELBINDING: "require" });
    assert.match(unbound.message, /asks for scram-sha-256, and not for channel binding/);
  });

  it("only the methods of PGREQUIREAUTH are answered", async () => {
    const user = { user: "only_tls", password: PASSWORD, sslMode: "require" } as const;
    for (const PGREQUIREAUTH of ["scram-sha-256", "md5,scram-sha-256", "!password,!none"])
      assert.equal(await scene.secure(user, { PGREQUIREAUTH }), true);
    for (const PGREQUIREAUTH of ["md5", "!scram-sha-256", "none"]) {
      const { message } = await scene.refused(user, { PGREQUIREAUTH });
      assert.match(message, /the server asks for scram-sha-256, which require_auth \(PGREQUIREAUTH\) rules out/);
    }
    const trusted = { user: "only_plain", sslMode: "disable" } as const;
    assert.match(
      (await scene.refused(trusted, { PGREQUIREAUTH: "scram-sha-256" })).message,
      /the server asks for nothing, which/,
    );
    assert.equal(await scene.secure(trusted, { PGREQUIREAUTH: "none" }), false);
  });

  it("a place is free when the session has ended, over TLS as well", async () => {
    await scene.tls.ask("ALTER ROLE only_tls CONNECTION LIMIT 1");
    const login = { user: "only_tls", password: PASSWORD, sslMode: "require", maxConnections: 1 } as const;
    const cluster = await Cluster.connect({ ...scene.address(), ...login });
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
      await scene.tls.ask("ALTER ROLE only_tls CONNECTION LIMIT -1");
    }
  });
});

/** Servers that have no TLS. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Cluster, type ClusterOptions, ConnectionError } from "../../../provider";
import { servers, uniqueName } from "../../support/postgres-fixture";
import { startProxy } from "../../support/proxy";
import { makeAuthority } from "../../support/tls-authority";
import { TlsServer } from "../../support/tls-server";
import { failure } from "../scene";

for (const server of servers) {
  const { version, host, port, superuser: user, password } = server;
  describe(`PostgreSQL ${version} without TLS`, () => {
    it("is refused where TLS is insisted on, with the setting's name", async () => {
      const { cert } = await makeAuthority("ours");
      const connect = (sslMode: ClusterOptions["sslMode"]) =>
        Cluster.connect({ host, port, user, password, sslMode, sslRootCert: cert });
      for (const sslMode of ["require", "verify-ca", "verify-full"] as const) {
        const { message } = await failure(connect(sslMode), ConnectionError);
        assert.match(message, /: The server does not support SSL connections\. sslMode is /);
        assert.ok(
          message.endsWith(
            `sslMode is ${sslMode} (PGSSLMODE): turn TLS on in the server (ssl = on), or set a sslMode that goes without`,
          ),
        );
      }
      for (const sslMode of ["disable", "allow", "prefer"] as const) await (await connect(sslMode)).close();
    });

    it("is asked for it once, and again when it lets nobody in without", async () => {
      const authority = await makeAuthority("ours");
      const login = { user: uniqueName("only_tls"), password: "pass word" };
      const create = `CREATE ROLE ${login.user} LOGIN PASSWORD '${login.password}'`;
      const rules = [`hostnossl all ${login.user} 127.0.0.1/32 reject`];
      const tls = await TlsServer.start(version, await authority.issue({ cn: "localhost" }), authority, rules);
      const admin = await server.admin();
      await admin.query(create);
      await tls.ask(create);
      const target = { host, port };
      const proxy = await startProxy(target);
      const cluster = await Cluster.connect({
        ...{ host: proxy.host, port: proxy.port, sslMode: "prefer", maxConnections: 1 },
        ...login,
      });
      try {
        const hasTls = async (database: string) => {
          const rows = await cluster.in(database).execute("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()");
          return rows[0]?.[0];
        };
        assert.equal(await hasTls("postgres"), false);
        assert.equal(proxy.accepted, 2);
        assert.equal(await hasTls("template1"), false);
        assert.equal(await hasTls("postgres"), false);
        assert.equal(proxy.accepted, 4, "one connection each");

        // From now on somebody else is there.
        Object.assign(target, { port: tls.server.port });
        assert.equal(await hasTls("template1"), true);
      } finally {
        await cluster.close();
        await proxy.close();
        await tls.remove();
        await admin.query(`DROP ROLE ${login.user}`);
        await admin.end();
      }
    });
  });
}

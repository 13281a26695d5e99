/** The environment means to us what it means to libpq: psql and the core on the same one, side by side. */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { promisify } from "node:util";
import { Cluster } from "../../../provider";
import { findPsql } from "../../support/clients";
import { servers } from "../../support/postgres-fixture";
import { makeAuthority } from "../../support/tls-authority";
import { TlsServer } from "../../support/tls-server";
import { ENVIRONMENTS, type World } from "./libpq-environments";

const RULES = [
  "hostssl   all by_cert  127.0.0.1/32 cert",
  "hostnossl all only_plain 127.0.0.1/32 scram-sha-256",
  "hostssl   all only_plain 127.0.0.1/32 reject",
  "hostssl   all only_tls 127.0.0.1/32 scram-sha-256",
  "hostnossl all only_tls 127.0.0.1/32 reject",
];

const WHERE = `SELECT session_user, current_database(), current_setting('port'), s.ssl, current_setting('application_name'),
  current_setting('search_path') FROM pg_stat_ssl s WHERE pid = pg_backend_pid()`;

const psql = findPsql();

async function askPsql(env: NodeJS.ProcessEnv): Promise<string> {
  const args = ["--no-psqlrc", "--no-password", "--no-align", "--tuples-only", "--command", WHERE];
  const done = promisify(execFile)(psql!, args, { env: { PATH: process.env.PATH, ...env }, timeout: 20_000 });
  return done.then(
    ({ stdout }) => stdout.trim(),
    () => "nothing",
  );
}

async function askCore(env: NodeJS.ProcessEnv): Promise<string> {
  const kept = { ...process.env };
  for (const name of Object.keys(process.env)) if (name.startsWith("PG")) delete process.env[name];
  Object.assign(process.env, env);
  try {
    const cluster = await Cluster.connect();
    const [row = []] = await cluster.execute(WHERE);
    await cluster.close();
    return row.map((value) => (typeof value === "boolean" ? (value ? "t" : "f") : value)).join("|");
  } catch {
    return "nothing";
  } finally {
    for (const name of Object.keys(env)) delete process.env[name];
    Object.assign(process.env, kept);
  }
}

// Where there is no psql, the test run says so at its end; what the core does alone is in the other files.
if (psql !== undefined) {
  describe("psql and the core reach the same server as the same user", () => {
    const folder = mkdtempSync(join(tmpdir(), "pgmob-libpq-"));
    let tls: TlsServer;
    let world: Omit<World, "home" | "file">;

    before(async () => {
      const [ours, theirs] = await Promise.all([makeAuthority("ours"), makeAuthority("theirs")]);
      const names = { cn: "common.internal", dns: ["db.internal", "*.wild.internal"], ip: ["127.0.0.1"] };
      tls = await TlsServer.start(18, await ours.issue(names), ours, RULES);
      await tls.ask(
        ["by_cert", "only_plain", "only_tls"].map((r) => `CREATE ROLE ${r} LOGIN PASSWORD 'pass word'`).join("; "),
      );
      const { port, password, socketDir } = tls.server;
      const [other] = servers;
      world = {
        ...{ ours, theirs, client: await ours.issue({ cn: "by_cert" }) },
        tls: { port: String(port), password, socket: socketDir! },
        other: { port: String(other!.port), password: other!.password },
      };
    });
    after(async () => {
      rmSync(folder, { recursive: true });
      await tls?.remove();
    });

    for (const [index, [what, reaches, environment]] of ENVIRONMENTS.entries()) {
      it(what, async () => {
        const home = join(folder, String(index));
        mkdirSync(home);
        const file = (name: string, text: string, mode = 0o600) => {
          const path = join(home, name);
          mkdirSync(join(path, ".."), { recursive: true });
          writeFileSync(path, text, { mode });
          return path;
        };
        const own = environment({ ...world, home, file });
        const env = { HOME: home, PGDATABASE: "postgres", PGAPPNAME: "test", ...own };
        const found = await askCore(env);
        assert.equal(found, await askPsql(env));
        assert.equal(found.split("|")[0], reaches);
      });
    }
  });
}

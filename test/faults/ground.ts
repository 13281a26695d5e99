/** Where faults happen: a server of its own behind a proxy, a role to deploy as, and a provider host that may be killed. */

import assert from "node:assert/strict";
import { mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { ProviderHost } from "../engine/host";
import { Provider } from "../engine/provider";
import { type PropertyMap, Secret } from "../engine/values";
import { Watch } from "../hostile/watch";
import { OwnServer } from "../provider/hba/own-server";
import { PASSWORDS } from "./logins";
import { brokenTools } from "./tools";
import { FaultProxy } from "./wire";

/** Whom the programs deploy as. */
export type Who = "superuser" | "restricted role";

/** How many connections the server takes. */
const MAX_CONNECTIONS = 40;

/** The password of the restricted role. */
const DEPLOYER = "d3ploy@it's/100%";

const RIGHTS = `
  CREATE ROLE deployer LOGIN CREATEDB CREATEROLE REPLICATION PASSWORD ${pg.escapeLiteral(DEPLOYER)};
  GRANT pg_read_all_settings, pg_execute_server_program TO deployer;
  GRANT EXECUTE ON FUNCTION pg_read_binary_file(text), pg_read_binary_file(text, bigint, bigint, boolean),
    pg_hba_file_rules(), pg_reload_conf() TO deployer;
  GRANT SELECT ON pg_hba_file_rules TO deployer`;

/** A server, its proxy, and the host that connects through it. */
export class Ground {
  readonly tools = brokenTools();
  readonly own: OwnServer;
  proxy!: FaultProxy;
  /** Looks for passwords, and for the URL that is connected by, in what the host's processes print. */
  readonly watch = new Watch();
  private readonly folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), "pgmob-faults-")));
  private settings: PropertyMap = {};
  private readonly killed: Provider[] = [];
  private current: { provider: Provider; host: Promise<ProviderHost> } | undefined;

  constructor(
    readonly version: number,
    readonly who: Who,
  ) {
    this.own = new OwnServer(version, { path: this.tools.path });
    symlinkSync(path.join(__dirname, "..", "..", "..", "node_modules"), path.join(this.folder, "node_modules"), "dir");
  }

  /** Starts server and proxy. */
  async start(): Promise<void> {
    await this.own.start();
    await this.own.ask(`ALTER SYSTEM SET max_connections = ${MAX_CONNECTIONS}`);
    await this.own.ask("ALTER SYSTEM SET synchronous_commit = on"); // what was committed survives a crash
    await this.own.server.stop();
    await this.own.server.start();
    if (this.who === "restricted role") await this.own.ask(RIGHTS);
    this.proxy = await FaultProxy.start(() => this.own.server.port);
    for (const password of [...PASSWORDS, DEPLOYER, this.own.server.password]) this.watch.add("a password", password);
    this.watch.add("the URL", this.url);
  }

  /** Makes the server a standby: it takes no changes until {@link promote}. */
  async demote(): Promise<void> {
    await this.restarted(() => {
      writeFileSync(this.standbyFile, "");
      this.own.own(this.standbyFile);
    });
  }

  /** Makes the server a primary again. */
  async promote(): Promise<void> {
    await this.restarted(() => rmSync(this.standbyFile));
  }

  private get standbyFile(): string {
    return path.join(this.own.server.dataDir, "standby.signal");
  }

  private async restarted(meanwhile: () => void): Promise<void> {
    await this.own.server.stop();
    meanwhile();
    await this.own.server.start();
  }

  /** The provider, in a host process that is started when it is needed. */
  provider(): Provider {
    this.current ??= this.startHost();
    return this.current.provider;
  }

  /** Settings of the provider beside those that say where and who. Another host is started for others than it has. */
  async configure(settings: PropertyMap): Promise<void> {
    if (JSON.stringify(settings) === JSON.stringify(this.settings)) return;
    this.settings = settings;
    await this.endHost();
  }

  /** Ends the host in order. The next hook starts another one. */
  async endHost(): Promise<void> {
    const { current } = this;
    this.current = undefined;
    await current?.provider.close();
  }

  /** Kills the host's process. The next hook starts another one. */
  async killHost(): Promise<void> {
    const { current } = this;
    if (current === undefined) return;
    this.current = undefined;
    this.killed.push(current.provider);
    await (await current.host).kill();
  }

  /** Every object that programs could have made or changed, and pg_hba.conf, each as one line. */
  async snapshot(): Promise<string[]> {
    const databases = (await this.own.ask("SELECT datname FROM pg_database WHERE datallowconn")).flat() as string[];
    const inEach = await Promise.all(
      databases.map(async (database) =>
        ((await this.own.ask(IN_DATABASE, { database })).flat() as string[]).map((line) => `${database}: ${line}`),
      ),
    );
    const lines = [...((await this.own.ask(EVERYWHERE)).flat() as string[]), ...inEach.flat()];
    return [...lines.sort(), `pg_hba.conf: ${this.own.bytes}`, ...this.own.leftovers];
  }

  /** Does something by hand, in each of these databases. */
  async drift(statements: Readonly<Record<string, string>>): Promise<void> {
    for (const [database, sql] of Object.entries(statements)) await this.own.ask(sql, { database });
  }

  /** Waits until nothing of ours holds a lock or has a transaction open, and fails if that goes on. */
  async settled(): Promise<void> {
    const deadline = Date.now() + 10_000;
    for (;;) {
      const held = (await this.own.ask(HELD)).flat();
      if (held.length === 0) return;
      assert.ok(Date.now() < deadline, `still held: ${held.join("; ")}`);
      await sleep(20);
    }
  }

  /** Fails if anything secret was printed, or told to {@link watch} in another way, since the last time. */
  assertSilent(): void {
    assert.deepEqual(this.watch.taken(), []);
  }

  /** Ends everything. */
  async close(): Promise<void> {
    await this.endHost();
    await Promise.all(this.killed.map((provider) => provider.close()));
    await this.proxy?.close();
    await this.own.server?.remove();
    this.tools.remove();
    rmSync(this.folder, { recursive: true });
  }

  /** How the provider connects: the superuser with settings of their own, the restricted role with a URL. */
  private get login(): PropertyMap {
    if (this.who === "restricted role") return { url: new Secret(this.url) };
    const { superuser: user, password } = this.own.server;
    const where: PropertyMap = { host: "127.0.0.1", port: String(this.proxy.port), user, database: "postgres" };
    return { ...where, sslMode: "disable", password: new Secret(password) };
  }

  private get url(): string {
    return `postgresql://deployer:${encodeURIComponent(DEPLOYER)}@127.0.0.1:${this.proxy.port}/postgres?sslmode=disable`;
  }

  private startHost(): { provider: Provider; host: Promise<ProviderHost> } {
    const host = ProviderHost.start({
      directory: this.folder,
      env: { ...process.env, PGMOB_DEBUG: "1" }, // it prints the stacks of errors
      engineAddress: "127.0.0.1:1",
      onLine: ({ text }) => this.watch.text("what a host has printed", text),
    });
    const provider = new Provider(() => host);
    const all: PropertyMap = { ...this.login, ...this.settings };
    const inputs = Object.fromEntries(Object.entries(all).map(([name, value]) => [`pgmob:${name}`, value]));
    provider.configure("urn:pulumi:dev::faults::pulumi:providers:pulumi-nodejs::server", "server", inputs);
    return { provider, host };
  }
}

const EVERYWHERE = `
  SELECT format('role %s ', r.rolname) || (to_jsonb(r) - 'oid' - 'rolpassword') || coalesce(d.description, '')
    FROM pg_roles r LEFT JOIN pg_shdescription d ON d.objoid = r.oid AND d.classoid = 'pg_authid'::regclass
  UNION ALL
  SELECT format('member %s in %s by %s ', m.member::regrole, m.roleid::regrole, m.grantor::regrole)
         || (to_jsonb(m) - 'oid' - 'member' - 'roleid' - 'grantor') FROM pg_auth_members m
  UNION ALL
  SELECT format('database %s of %s, %s, %s, %s, ', d.datname, d.datdba::regrole, d.datconnlimit, d.datallowconn, d.datacl)
         || coalesce(s.description, '')
    FROM pg_database d LEFT JOIN pg_shdescription s ON s.objoid = d.oid AND s.classoid = 'pg_database'::regclass
  UNION ALL
  SELECT format('config %s %s %s', setdatabase, setrole::regrole, setconfig) FROM pg_db_role_setting
  UNION ALL
  SELECT format('slot %s %s %s %s', slot_name, slot_type, plugin, database) FROM pg_replication_slots`;

const IN_DATABASE = `
  SELECT format('schema %s of %s, %s, %s', n.nspname, n.nspowner::regrole, n.nspacl, obj_description(n.oid))
    FROM pg_namespace n WHERE n.nspname !~ '^pg_'
  UNION ALL
  SELECT format('sequence %s of %s, %s ', c.relname, c.relowner::regrole, c.relacl)
         || (to_jsonb(s) - 'seqrelid') || (SELECT nspname FROM pg_namespace WHERE oid = c.relnamespace)
    FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid
  UNION ALL
  SELECT format('relation %s (%s) of %s, %s, %s, %s, %s, %s, %s, ', c.oid::regclass, c.relkind, c.relowner::regrole, c.relacl,
                c.reloptions, c.relpersistence, c.relrowsecurity, c.relforcerowsecurity, obj_description(c.oid))
         || CASE c.relkind WHEN 'v' THEN pg_get_viewdef(c.oid) ELSE '' END
         || ARRAY(SELECT format('%s %s', attname, atttypid::regtype) FROM pg_attribute
                   WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped ORDER BY attnum)::text
    FROM pg_class c WHERE c.relkind IN ('r', 'v') AND c.oid >= 16384
  UNION ALL
  SELECT format('routine of %s, %s, %s, ', p.proowner::regrole, p.proacl, obj_description(p.oid)) || pg_get_functiondef(p.oid)
    FROM pg_proc p WHERE p.oid >= 16384 AND p.prokind IN ('f', 'p')
  UNION ALL
  SELECT format('large object %s of %s, %s, %s', m.oid, m.lomowner::regrole, m.lomacl, obj_description(m.oid))
    FROM pg_largeobject_metadata m`;

const HELD = `
  SELECT format('prepared transaction %s', gid) FROM pg_prepared_xacts
  UNION ALL
  SELECT format('%s of process %s (%s): %s', l.locktype, l.pid, a.state, left(a.query, 200))
    FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
   WHERE l.pid <> pg_backend_pid() AND a.backend_type = 'client backend'`;

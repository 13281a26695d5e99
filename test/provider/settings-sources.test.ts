import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { type CoreSettings, type ResolvedSettings, SETTING_NAMES } from "../../provider/settings";
import { DEFAULTS, type Environment, resolve, WITHOUT_SETTING } from "./settings-resolve";

const FULL_ENV: Environment = {
  PGHOST: "env-host",
  PGPORT: "6001",
  PGUSER: "env-user",
  PGPASSWORD: "env-password",
  PGDATABASE: "env-database",
  PGSSLMODE: "require",
  PGSSLROOTCERT: "env-root",
  PGSSLCERT: "env-cert",
  PGSSLKEY: "env-key",
  PGCONNECT_TIMEOUT: "7",
  PGAPPNAME: "env-app",
  PGPASSFILE: "env-passfile",
  PGOPTIONS: "-c env=1",
  PGTARGETSESSIONATTRS: "primary",
  PGREQUIREAUTH: "scram-sha-256",
  PGCHANNELBINDING: "require",
  PGSSLCRL: "env-crl",
  PGSSLNEGOTIATION: "direct",
  PGSSLMINPROTOCOLVERSION: "tlsv1.3",
  PGSSLMAXPROTOCOLVERSION: "TLSv1.3",
};

const FULL_URL =
  "postgresql://url-user:url-password@url-host:6002/url-database?sslmode=verify-ca&sslrootcert=url-root" +
  "&sslcert=url-cert&sslkey=url-key&connect_timeout=8&application_name=url-app&passfile=url-passfile&sslcrl=url-crl" +
  "&options=-c%20url%3D1&target_session_attrs=any&require_auth=!none&channel_binding=prefer&sslnegotiation=postgres" +
  "&ssl_min_protocol_version=TLSv1&ssl_max_protocol_version=TLSv1.2";

const FULL_SET: CoreSettings = {
  host: "set-host",
  port: 6003,
  user: "set-user",
  password: "set-password",
  database: "set-database",
  sslMode: "disable",
  sslRootCert: "set-root",
  sslCert: "set-cert",
  sslKey: "set-key",
  connectTimeout: 9000,
  applicationName: "set-app",
};

/** What each source alone gives, setting by setting. */
const LEVELS: [name: keyof ResolvedSettings, set: unknown, url: unknown, env: unknown][] = [
  ["host", "set-host", "url-host", "env-host"],
  ["port", 6003, 6002, 6001],
  ["user", "set-user", "url-user", "env-user"],
  ["password", "set-password", "url-password", "env-password"],
  ["database", "set-database", "url-database", "env-database"],
  ["sslMode", "disable", "verify-ca", "require"],
  ["sslRootCert", "set-root", "url-root", "env-root"],
  ["sslCert", "set-cert", "url-cert", "env-cert"],
  ["sslKey", "set-key", "url-key", "env-key"],
  ["connectTimeout", 9000, 8000, 7000],
  ["applicationName", "set-app", "url-app", "env-app"],
];

describe("precedence: what is set, then the url, then PG*, then the default", () => {
  it("has a default for everything", () => assert.deepEqual(resolve(), DEFAULTS));

  for (const [name, set, url, env] of LEVELS) {
    it(name, () => {
      assert.deepEqual(resolve({ ...FULL_SET, url: FULL_URL }, FULL_ENV)[name], set);
      assert.deepEqual(resolve({ url: FULL_URL }, FULL_ENV)[name], url);
      assert.deepEqual(resolve({}, FULL_ENV)[name], env);
      const alone = { [name]: FULL_SET[name as keyof CoreSettings] };
      assert.deepEqual(resolve({ url: FULL_URL, ...alone }, FULL_ENV)[name], set);
      assert.deepEqual(resolve({ ...alone }, { ...FULL_ENV, PGSSLNEGOTIATION: "postgres" })[name], set);
    });
  }

  for (const [name, url, env] of WITHOUT_SETTING) {
    it(`${name}, which has no setting of its own`, () => {
      assert.deepEqual(resolve({ url: FULL_URL }, FULL_ENV)[name], url);
      assert.deepEqual(resolve({}, FULL_ENV)[name], env);
    });
  }

  it("takes the settings that have no variable", () => {
    const given = { statementTimeout: "1min", lockTimeout: 0, become: "dba", maxConnections: "3" } as const;
    assert.deepEqual(resolve({ ...given, passwordEncryption: "server" }), {
      ...DEFAULTS,
      statementTimeout: 60_000,
      lockTimeout: 0,
      become: "dba",
      maxConnections: 3,
      passwordEncryption: "server",
    });
  });

  it("treats empty and undefined settings, and empty variables, as not set", () => {
    const nothing = (value: unknown) => Object.fromEntries(SETTING_NAMES.map((name) => [name, value]));
    assert.deepEqual(resolve(nothing(undefined), {}), DEFAULTS);
    assert.deepEqual(resolve(nothing(""), {}), DEFAULTS);
    assert.deepEqual(resolve({}, Object.fromEntries(Object.keys(FULL_ENV).map((name) => [name, ""]))), DEFAULTS);
  });
});

describe("the address is never mixed from two sources", () => {
  const env = { PGHOST: "env-host", PGPORT: "6001" };
  const table: [what: string, given: CoreSettings, host: string, port: number][] = [
    ["host set: PGPORT is ignored", { host: "h" }, "h", 5432],
    ["url set: PGPORT is ignored", { url: "postgresql://h/db" }, "h", 5432],
    ["url without host: PGHOST and PGPORT are ignored", { url: "postgresql:///db" }, "localhost", 5432],
    ["port set: PGHOST still counts", { port: 7 }, "env-host", 7],
    ["host beside url: the url's port counts", { host: "h", url: "postgresql://u:8/db" }, "h", 8],
    ["nothing set: both count", {}, "env-host", 6001],
    ["other settings set: both count", { user: "u", database: "d" }, "env-host", 6001],
    [
      "an address of the environment is nobody's but its host's",
      { host: "h", url: "postgresql:///?hostaddr=::1" },
      "h",
      5432,
    ],
  ];
  for (const [what, given, host, port] of table) {
    it(what, () => {
      const { host: h, port: p, hostAddress } = resolve(given, env);
      assert.deepEqual([h, p, hostAddress], [host, port, undefined]);
    });
  }

  it("PGHOSTADDR is where to connect, and the host where there is none", () => {
    const where = (given: CoreSettings, more: Environment) => {
      const { host, hostAddress } = resolve(given, { PGHOSTADDR: "10.0.0.1", ...more });
      return [host, hostAddress];
    };
    assert.deepEqual(where({}, { PGHOST: "db" }), ["db", "10.0.0.1"]);
    assert.deepEqual(where({}, {}), ["10.0.0.1", "10.0.0.1"]);
    assert.deepEqual(where({ host: "h" }, { PGHOST: "db" }), ["h", undefined]);
    assert.deepEqual(where({ url: "postgresql://h?hostaddr=10.0.0.2" }, {}), ["h", "10.0.0.2"]);
  });

  it("a certificate and its key come from one place", () => {
    assert.equal(resolve({ sslCert: "c" }, { PGSSLCERT: "e", PGSSLKEY: "k" }).sslKey, undefined);
    assert.equal(resolve({ sslCert: "c", sslKey: "own" }, { PGSSLKEY: "k" }).sslKey, "own");
    assert.equal(resolve({}, { PGSSLCERT: "e", PGSSLKEY: "k" }).sslKey, "k");
  });
});

describe("a service", () => {
  const folder = mkdtempSync(join(tmpdir(), "pgmob-service-"));
  const file = join(folder, "services.conf");
  writeFileSync(file, "[shop]\nhost=service-host\nport=6100\nuser=service-user\ndbname=service-db\nsslmode=require\n");
  after(() => rmSync(folder, { recursive: true }));
  const env = { PGSERVICE: "shop", PGSERVICEFILE: file, PGHOST: "env-host", PGPORT: "1", PGUSER: "env-user" };
  const found = ({ host, port, user, database, sslMode }: ResolvedSettings) => [host, port, user, database, sslMode];

  const table: [what: string, given: CoreSettings, env: Environment, expected: unknown[]][] = [
    ["goes before the other variables", {}, env, ["service-host", 6100, "service-user", "service-db", "require"]],
    [
      "goes after what is set",
      { user: "u", port: 7, sslMode: "disable" },
      env,
      ["service-host", 7, "u", "service-db", "disable"],
    ],
    ["is ignored with a host", { host: "h" }, env, ["h", 5432, "env-user", "postgres", "prefer"]],
    ["is ignored with a url", { url: "postgresql://h" }, env, ["h", 5432, "env-user", "postgres", "prefer"]],
    [
      "may be named by the url",
      { url: "postgresql://u@/d?service=shop" },
      { PGSERVICEFILE: file },
      ["service-host", 6100, "u", "d", "require"],
    ],
  ];
  for (const [what, given, environment, expected] of table) {
    it(what, () => assert.deepEqual(found(resolve(given, environment)), expected));
  }

  it("is read from the user's home, and then from the system's folder", () => {
    writeFileSync(join(folder, ".pg_service.conf"), "[mine]\nhost=home-host\n");
    writeFileSync(join(folder, "pg_service.conf"), "[mine]\nhost=hidden\n[ours]\nhost=system-host\n");
    const hostOf = (PGSERVICE: string) => resolve({}, { PGSERVICE, PGSYSCONFDIR: folder }, folder).host;
    assert.deepEqual(["mine", "ours"].map(hostOf), ["home-host", "system-host"]);
    assert.throws(
      () => hostOf("theirs"),
      /^InvalidValueError: service "theirs" is defined in none of .*\.pg_service\.conf, /,
    );
    const elsewhere = { PGSERVICE: "ours", PGSYSCONFDIR: folder, PGSERVICEFILE: file };
    assert.equal(resolve({}, elsewhere).host, "system-host", "the system's counts beside the named one");
    assert.throws(
      () => resolve({}, { PGSERVICE: "x", PGSERVICEFILE: "/none" }),
      /service file \/none \(PGSERVICEFILE\) is not there/,
    );
  });
});

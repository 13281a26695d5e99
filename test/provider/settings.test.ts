import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { InvalidValueError } from "../../provider/errors";
import {
  type CoreSettings,
  milliseconds,
  type ResolvedSettings,
  resolveSettings,
  SETTING_NAMES,
} from "../../provider/settings";

type Environment = Record<string, string>;

const HOME = "/home/of-nobody";

function resolve(given: CoreSettings = {}, env: Environment = {}, home = HOME): ResolvedSettings {
  return resolveSettings(given, env, { name: "system", home });
}

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

const DEFAULTS: ResolvedSettings = {
  host: "localhost",
  hostAddress: undefined,
  port: 5432,
  user: "system",
  password: undefined,
  passwordCommand: undefined,
  passwordFile: `${HOME}/.pgpass`,
  database: "postgres",
  sslMode: "prefer",
  sslRootCert: undefined,
  sslCert: undefined,
  sslKey: undefined,
  sslCrl: undefined,
  sslNegotiation: "postgres",
  sslMinVersion: "TLSv1.2",
  sslMaxVersion: undefined,
  tlsFolder: `${HOME}/.postgresql`,
  channelBinding: "prefer",
  requireAuth: undefined,
  options: undefined,
  targetSession: "any",
  connectTimeout: 10_000,
  statementTimeout: 0,
  lockTimeout: 10_000,
  applicationName: "pulumi-pgmob",
  become: undefined,
  maxConnections: 10,
  passwordEncryption: "scram-sha-256",
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

/** The same for what has no setting of its own. */
const WITHOUT_SETTING: [name: keyof ResolvedSettings, url: unknown, env: unknown][] = [
  ["passwordFile", "url-passfile", "env-passfile"],
  ["options", "-c url=1", "-c env=1"],
  ["targetSession", "any", "primary"],
  ["requireAuth", "!none", "scram-sha-256"],
  ["channelBinding", "prefer", "require"],
  ["sslCrl", "url-crl", "env-crl"],
  ["sslNegotiation", "postgres", "direct"],
  ["sslMinVersion", "TLSv1", "TLSv1.3"],
  ["sslMaxVersion", "TLSv1.2", "TLSv1.3"],
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

describe("what goes together", () => {
  it('sslRootCert "system" takes verify-full, which is then the default', () => {
    assert.equal(resolve({ sslRootCert: "system" }).sslMode, "verify-full");
    assert.equal(resolve({}, { PGSSLROOTCERT: "system" }).sslMode, "verify-full");
    for (const sslMode of ["disable", "allow", "prefer", "require", "verify-ca"] as const)
      assert.throws(
        () => resolve({ sslRootCert: "system", sslMode }),
        /sslMode must be verify-full with sslRootCert "system"/,
      );
  });

  it("direct TLS takes a mode that insists on TLS", () => {
    const direct = (PGSSLMODE: string) => resolve({}, { PGSSLNEGOTIATION: "direct", PGSSLMODE }).sslNegotiation;
    assert.deepEqual(["require", "verify-ca", "verify-full"].map(direct), ["direct", "direct", "direct"]);
    for (const mode of ["disable", "allow", "prefer"]) assert.throws(() => direct(mode), /sslMode must be require/);
  });

  it("a command for the password stands beside no password, and before those of the environment", () => {
    const passwordCommand = "print";
    for (const given of [{ password: "p" }, { password: () => "p" }, { url: "postgresql://u:p@h" }])
      assert.throws(() => resolve({ ...given, passwordCommand }), /passwordCommand must not be set beside a password/);
    const { password, passwordCommand: command } = resolve({ passwordCommand }, { PGPASSWORD: "env" });
    assert.deepEqual([password, command], [undefined, "print"]);
  });

  it("a function is a password", () => {
    const password = () => "p";
    assert.equal(resolve({ password }, { PGPASSWORD: "env" }).password, password);
  });

  it("somebody without a name has to be told", () => {
    const nobody = { name: undefined, home: "" };
    assert.throws(() => resolveSettings({}, {}, nobody), /^InvalidValueError: user must be set/);
    assert.equal(resolveSettings({ user: "u" }, {}, nobody).user, "u");
  });

  it("PGCONNECT_TIMEOUT of 0 and less means no limit", () => {
    for (const PGCONNECT_TIMEOUT of ["0", "-1", " -3 "])
      assert.equal(resolve({}, { PGCONNECT_TIMEOUT }).connectTimeout, 0);
  });
});

describe("url", () => {
  const table: [url: string, expected: Partial<ResolvedSettings>][] = [
    ["postgresql://h", { host: "h", port: 5432, user: "system", database: "postgres" }],
    ["postgres://u@h/d", { host: "h", user: "u", database: "d", password: undefined }],
    [
      "postgresql://u%40d.com:p%3A%2F%20%F0%9F%90%98@h:1/a%2Fb",
      { user: "u@d.com", password: "p:/ 🐘", database: "a/b" },
    ],
    ["postgresql://[::1]:5433/d", { host: "::1", port: 5433 }],
    ["postgresql://%2Fvar%2Frun/d", { host: "/var/run" }],
    ["postgresql:///d?host=/var/run&port=7&user=u&password=p", { host: "/var/run", port: 7, user: "u", password: "p" }],
    ["postgresql://h?dbname=d&sslmode=verify-full", { database: "d", sslMode: "verify-full" }],
    ["postgresql://", { host: "localhost", user: "system" }],
    ["postgresql://u@/d", { host: "localhost", user: "u", database: "d" }],
    ["postgresql://:7/d", { host: "localhost", port: 7 }],
    ["postgresql://u:p@ss:w%23rd@h/d", { user: "u", password: "p@ss:w#rd", host: "h" }],
    ["postgresql://h/d?host=/run/it&dbname=e", { host: "/run/it", database: "e" }],
    ["postgresql://h?password=a+b%2B%3D&application_name=x=y", { password: "a+b+=", applicationName: "x=y" }],
    ["postgresql://h?ssl=true&keepalives=1&gssencmode=disable", { host: "h", sslMode: "require" }],
  ];
  for (const [url, expected] of table) {
    it(url, () => {
      const found = resolve({ url });
      for (const [name, value] of Object.entries(expected)) assert.deepEqual(found[name as "host"], value, name);
    });
  }
});

describe("durations", () => {
  const table: [text: number | string, ms: number][] = [
    [0, 0],
    [1500, 1500],
    ["0", 0],
    ["250", 250],
    ["500ms", 500],
    ["5s", 5000],
    [" 5 s ", 5000],
    ["2min", 120_000],
    ["1h", 3_600_000],
    [2_147_483_647, 2_147_483_647],
  ];
  for (const [text, ms] of table) it(JSON.stringify(text), () => assert.equal(milliseconds("lockTimeout", text), ms));

  const refused = [
    "",
    " ",
    "s",
    "-1",
    "1.5s",
    "5S",
    "5 m",
    "1d",
    "5s5s",
    "1e3",
    -1,
    1.5,
    Number.NaN,
    2_147_483_648,
    "597h",
  ];
  for (const text of refused) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      assert.throws(
        () => milliseconds("lockTimeout", text),
        (error: Error) => {
          assert.ok(error instanceof InvalidValueError);
          return error.message.startsWith("lockTimeout must be");
        },
      );
    });
  }
});

describe("every refusal names the setting, never the value", () => {
  const table: [names: string, given: Record<string, unknown>, env?: Environment][] = [
    ["port", { port: "SECRET" }],
    ["port", { port: 0 }],
    ["port", { port: 65_536 }],
    ["port", { port: 1.5 }],
    ["port", { port: " " }],
    ["port", {}, { PGPORT: "SECRET" }],
    ["port", { url: "postgresql://h/d?port=SECRET" }],
    ["sslMode", { sslMode: "SECRET" }],
    ["sslMode", {}, { PGSSLMODE: "SECRET" }],
    ["sslMode", { url: "postgresql://h/d?sslmode=SECRET" }],
    ["connectTimeout", { connectTimeout: "SECRET" }],
    ["connectTimeout", {}, { PGCONNECT_TIMEOUT: "SECRET" }],
    ["connectTimeout", { url: "postgresql://h/d?connect_timeout=SECRET" }],
    ["statementTimeout", { statementTimeout: "SECRET" }],
    ["lockTimeout", { lockTimeout: "SECRET" }],
    ["maxConnections", { maxConnections: 0 }],
    ["maxConnections", { maxConnections: "SECRET" }],
    ["passwordEncryption", { passwordEncryption: "SECRET" }],
    ["url", { url: "SECRET" }],
    ["url", { url: "https://u:SECRET@h/d" }],
    ["port", { url: "postgresql://u:SECRET@h:99999/d" }],
    ["port", { url: "postgresql://u:SECRET@h:1:2/d" }],
    ["url", { url: "postgresql://u:SECRET@h/d#x" }],
    ["url", { url: "postgresql://u:SECRET%zz@h/d" }],
    ["url", { url: "postgresql://u@h/SECRET%ff" }],
    ["url", { url: "postgresql://u@h?sslmodus=SECRET" }],
    ["url", { url: "postgresql://u@h?sslpassword=SECRET" }],
    ["url", { url: "postgresql://u@h?gssencmode=SECRET" }],
    ["host", { host: "SECRET,b" }],
    ["host", {}, { PGHOST: "SECRET,b" }],
    ["host", {}, { PGHOSTADDR: "SECRET,b" }],
    ["host", { url: "postgresql://u:SECRET,x@a:1,b:2/d" }],
    ["host", { url: "postgresql://h/d?host=SECRET,b" }],
    ["target_session_attrs", {}, { PGTARGETSESSIONATTRS: "SECRET" }],
    ["channel_binding", {}, { PGCHANNELBINDING: "SECRET" }],
    ["require_auth \\(PGREQUIREAUTH\\)", {}, { PGREQUIREAUTH: "md5,SECRET" }],
    ["require_auth \\(PGREQUIREAUTH\\)", {}, { PGREQUIREAUTH: "md5,!none" }],
    ["ssl_min_protocol_version", {}, { PGSSLMINPROTOCOLVERSION: "SECRET" }],
    ["the environment has a parameter that", {}, { PGGSSENCMODE: "require" }],
    ["the environment has a parameter that", {}, { PGREQUIREPEER: "SECRET" }],
    ["the environment has a parameter that", {}, { PGSSLCRLDIR: "SECRET" }],
    ["the environment has a parameter that", {}, { PGSSLCERTMODE: "SECRET" }],
  ];
  for (const [name, given, env] of table) {
    it(`${name}: ${JSON.stringify(given)} ${env ? JSON.stringify(env) : ""}`, () => {
      assert.throws(
        () => resolve(given, env),
        (error: Error) => {
          assert.ok(error instanceof InvalidValueError, String(error));
          assert.match(error.message, new RegExp(`^${name} (must|is not|has a parameter)`));
          assert.doesNotMatch(`${error.message} ${error.stack} ${JSON.stringify(error)}`, /SECRET/);
          return true;
        },
      );
    });
  }
});

it("SETTING_NAMES lists every setting once", () => {
  const hidden = ["hostAddress", "passwordFile", "sslCrl", "tlsFolder", ...WITHOUT_SETTING.map(([name]) => name)];
  const resolved = Object.keys(DEFAULTS).filter((name) => !hidden.includes(name));
  assert.deepEqual([...SETTING_NAMES].filter((name) => name !== "url").sort(), resolved.sort());
  assert.equal(new Set(SETTING_NAMES).size, SETTING_NAMES.length);
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { InvalidValueError } from "../../provider/errors";
import {
  type ConnectionSettings,
  milliseconds,
  type ResolvedSettings,
  resolveSettings,
  SETTING_NAMES,
} from "../../provider/settings";

type Environment = Record<string, string>;

function resolve(given: ConnectionSettings = {}, env: Environment = {}): ResolvedSettings {
  return resolveSettings(given, env, "system");
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
};

const FULL_URL =
  "postgresql://url-user:url-password@url-host:6002/url-database?sslmode=verify-ca&sslrootcert=url-root" +
  "&sslcert=url-cert&sslkey=url-key&connect_timeout=8&application_name=url-app";

const FULL_SET: ConnectionSettings = {
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
  port: 5432,
  user: "system",
  password: undefined,
  database: "postgres",
  sslMode: "prefer",
  sslRootCert: undefined,
  sslCert: undefined,
  sslKey: undefined,
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

describe("precedence: what is set, then the url, then PG*, then the default", () => {
  it("has a default for everything", () => assert.deepEqual(resolve(), DEFAULTS));

  for (const [name, set, url, env] of LEVELS) {
    it(name, () => {
      assert.deepEqual(resolve({ ...FULL_SET, url: FULL_URL }, FULL_ENV)[name], set);
      assert.deepEqual(resolve({ url: FULL_URL }, FULL_ENV)[name], url);
      assert.deepEqual(resolve({}, FULL_ENV)[name], env);
      const alone = { [name]: FULL_SET[name as keyof ConnectionSettings] };
      assert.deepEqual(resolve({ url: FULL_URL, ...alone }, FULL_ENV)[name], set);
      assert.deepEqual(resolve({ ...alone }, FULL_ENV)[name], set);
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
  const table: [what: string, given: ConnectionSettings, host: string, port: number][] = [
    ["host set: PGPORT is ignored", { host: "h" }, "h", 5432],
    ["url set: PGPORT is ignored", { url: "postgresql://h/db" }, "h", 5432],
    ["url without host: PGHOST and PGPORT are ignored", { url: "postgresql:///db" }, "localhost", 5432],
    ["port set: PGHOST still counts", { port: 7 }, "env-host", 7],
    ["host beside url: the url's port counts", { host: "h", url: "postgresql://u:8/db" }, "h", 8],
    ["nothing set: both count", {}, "env-host", 6001],
    ["other settings set: both count", { user: "u", database: "d" }, "env-host", 6001],
  ];
  for (const [what, given, host, port] of table) {
    it(what, () => {
      const { host: h, port: p } = resolve(given, env);
      assert.deepEqual([h, p], [host, port]);
    });
  }
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
    ["url", { url: "postgresql://u:SECRET@h:99999/d" }],
    ["url", { url: "postgresql://u:SECRET%zz@h/d" }],
    ["url", { url: "postgresql://u@h/SECRET%ff" }],
  ];
  for (const [name, given, env] of table) {
    it(`${name}: ${JSON.stringify(given)} ${env ? JSON.stringify(env) : ""}`, () => {
      assert.throws(
        () => resolve(given, env),
        (error: Error) => {
          assert.ok(error instanceof InvalidValueError, String(error));
          assert.match(error.message, new RegExp(`^${name} (must|is not)`));
          assert.doesNotMatch(`${error.message} ${error.stack} ${JSON.stringify(error)}`, /SECRET/);
          return true;
        },
      );
    });
  }
});

it("SETTING_NAMES lists every setting once", () => {
  const resolved = Object.keys(DEFAULTS);
  assert.deepEqual([...SETTING_NAMES].filter((name) => name !== "url").sort(), resolved.sort());
  assert.equal(new Set(SETTING_NAMES).size, SETTING_NAMES.length);
});

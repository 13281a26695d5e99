import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { InvalidValueError } from "../../provider/errors";
import { milliseconds, type ResolvedSettings, resolveSettings } from "../../provider/settings";
import { resolve } from "./settings-resolve";

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

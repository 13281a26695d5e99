import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { InvalidValueError } from "../../provider/errors";
import { SETTING_NAMES } from "../../provider/settings";
import { DEFAULTS, type Environment, resolve, WITHOUT_SETTING } from "./settings-resolve";

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
    ["sslMode", {}, { PGREQUIRESSL: "1", PGSSLROOTCERT: "system" }],
    ["connectTimeout", { connectTimeout: "SECRET" }],
    ["connectTimeout", {}, { PGCONNECT_TIMEOUT: "SECRET" }],
    ["connectTimeout", { url: "postgresql://h/d?connect_timeout=SECRET" }],
    ["statementTimeout", { statementTimeout: "SECRET" }],
    ["lockTimeout", { lockTimeout: "SECRET" }],
    ["maxConnections", { maxConnections: 0 }],
    ["maxConnections", { maxConnections: "SECRET" }],
    ["passwordEncryption", { passwordEncryption: "SECRET" }],
    ["become", { become: "none" }],
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

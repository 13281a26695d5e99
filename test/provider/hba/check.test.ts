import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { checkRule, checkVersion } from "../../../provider/hba/check";
import type { ManagedHbaRule } from "../../../provider/hba/types";
import { UNKNOWN } from "../samples";
import { HOSTILE, rule } from "./samples";

/** Failures as one text. */
function failures(one: object): string {
  return checkRule({ ...one })
    .map(({ property, reason }) => `${property} ${reason}`)
    .join("; ");
}

describe("a rule that is fine", () => {
  const table: Partial<ManagedHbaRule>[] = [
    {},
    { type: "local", address: undefined, method: "peer", options: { map: "m" } },
    { type: "local", address: null, netmask: null, method: "reject", options: null, comment: null, order: null },
    { address: "10.0.0.0", netmask: "255.0.0.0" },
    { address: "::1/128" },
    { address: "all" },
    { address: "samenet" },
    { address: "db.example.com" },
    { address: ".example.com" },
    { users: [...HOSTILE] },
    { databases: [...HOSTILE] },
    { databases: ["all", "sameuser", "samerole", "replication", { name: "all" }, { regex: "^a" }, { file: "f" }] },
    { users: ["all", { name: "replication" }, { group: "ops" }, { regex: "^a" }, { file: "f" }] },
    { method: "cert", options: { clientcert: "verify-full", map: "m" } },
    { type: "host", method: "ldap", options: { ldapserver: "l", ldapbindpasswd: "" } },
    { method: "oauth", options: { issuer: "i", scope: "s" } },
    { order: -1 },
    { before: "other" },
    { after: "other", comment: "words # more \\" },
    { name: "any näme at all\n", order: 0 },
  ];
  for (const changes of table) {
    it(JSON.stringify(changes), () => assert.equal(failures(rule(changes)), ""));
  }
});

describe("a rule that is refused", () => {
  const table: [changes: object, reason: RegExp][] = [
    [{ users: [] }, /^users must not be empty: "all" stands for all of them$/],
    [{ databases: [] }, /^databases must not be empty/],
    [{ users: "app" }, /^users must be a list$/],
    [{ users: [""] }, /^users must hold a name of 1 to 63 bytes/],
    [{ users: ["x".repeat(64)] }, /^users must hold a name of 1 to 63 bytes/],
    [{ users: ["a\0"] }, /without a NUL character/],
    [{ users: ["replication"] }, /"replication" is a keyword, but not of users: .* write \{ name: "replication" \}$/],
    [{ users: ["sameuser"] }, /is a keyword, but not of users/],
    [{ users: [{}] }, /^users must hold text, or one of \{ name \}, \{ group \}, \{ regex \}, \{ file \}$/],
    [{ users: [{ name: "a", group: "b" }] }, /^users must hold text, or one of/],
    [{ users: [null] }, /^users must hold text/],
    [{ users: [5] }, /^users must hold text/],
    [{ databases: [{ group: "a" }] }, /^databases must hold text, or one of \{ name \}, \{ regex \}, \{ file \}$/],
    [{ users: [{ group: "" }] }, /\{ group \} must be a name of 1 to 63 bytes/],
    [{ users: [{ group: "a\nb" }] }, /\{ group \} .* on one line/],
    [{ users: [{ name: "" }] }, /\{ name \} must be a name/],
    [{ users: [{ regex: "" }] }, /\{ regex \} must be one line of text that is not empty/],
    [{ users: [{ regex: "a\nb" }] }, /\{ regex \} must be one line/],
    [{ databases: [{ file: "" }] }, /\{ file \} must be one line/],
    [{ type: "hostile" }, /^type must be one of local, host, hostssl/],
    [{ method: "krb5" }, /^method must be one of trust, reject/],
    [{ method: "constructor" }, /^method must be one of/],
    [{ address: null }, /^address is missing, which connections of type hostssl need$/],
    [{ address: "10.0.0.1/8" }, /write 10\.0\.0\.0\/8 for the network, or 10\.0\.0\.1\/32 for the address$/],
    [{ address: "fe80::1/10" }, /write fe80::\/10 for the network, or fe80::1\/128 for the address$/],
    [
      { address: "10.0.0.1", netmask: "255.0.0.0" },
      /^netmask is one address with .* write 10\.0\.0\.0 with 255\.0\.0\.0/,
    ],
    [{ address: "10.0.0.1" }, /^address needs a length: 10\.0\.0\.1\/32$/],
    [{ address: "::1" }, /^address needs a length: ::1\/128$/],
    [{ address: "10.0.0.0/33" }, /^address must be a network such as/],
    [{ address: "10.1" }, /^address must be a network such as/],
    [{ address: "a b" }, /^address must be a network such as/],
    [{ address: 'x" trust #' }, /^address must be a network such as/],
    [{ address: "all", netmask: "255.0.0.0" }, /^netmask is only for an address without a length$/],
    [{ address: "10.0.0.0/8", netmask: "255.0.0.0" }, /^netmask is only for an address without a length$/],
    [{ address: "10.0.0.0", netmask: "ffff::" }, /^netmask must be a mask of the same kind/],
    [{ address: "10.0.0.0", netmask: "8" }, /^netmask must be an IP address such as/],
    [{ address: "10.0.0.0", netmask: Object.create(null) }, /^netmask must be an IP address such as/],
    [{ address: undefined, netmask: "255.0.0.0" }, /^netmask needs an address$/],
    [{ type: "local" }, /^address is not for connections of type local$/],
    [{ method: "peer" }, /^method peer is not for connections of type hostssl$/],
    [{ type: "host", method: "cert" }, /^method cert is not for connections of type host$/],
    [{ type: "local", address: null, method: "gss" }, /^method gss is not for connections of type local$/],
    [{ options: { bogus: "1" } }, /^options there is no option "bogus"$/],
    [{ options: { map: "m" } }, /^options map is no option of scram-sha-256, but of ident, peer/],
    [{ type: "host", options: { clientcert: "verify-ca" } }, /^options clientcert is only for .* hostssl$/],
    [{ options: { map: 5 } }, /^options map must be one line of text$/],
    [{ options: ["map=m"] }, /^options must be an object of texts$/],
    [{ comment: "two\nlines" }, /^comment must be one line of text$/],
    [{ comment: "x # pgmob name=other order=0" }, /^comment must not end in what stands behind a managed rule/],
    [{ order: 1.5 }, /^order must be a whole number/],
    [{ order: "1" }, /^order must be a whole number/],
    [{ before: "" }, /^before must be the name of another rule$/],
    [{ after: "app" }, /^after must be the name of another rule$/],
    [{ order: 1, before: "x" }, /^before cannot be given together with order$/],
    [{ before: "x", after: "y" }, /^after cannot be given together with before$/],
    [{ name: "" }, /^name must be text that is not empty$/],
    [{ name: undefined }, /^name is missing$/],
    [{ users: undefined }, /^users is missing$/],
    [{ user: ["x"] }, /^user is not an attribute of an HBA rule$/],
  ];
  for (const [changes, reason] of table) {
    it(JSON.stringify(changes), () => assert.match(failures({ ...rule(), ...changes }), reason));
  }

  it("says nothing of what an option is set to", () => {
    const options = { ldapbindpasswd: "s3cret\n", bogus: "s3cret" };
    assert.doesNotMatch(failures(rule({ method: "ldap", options })), /s3cret/);
  });
});

describe("unknown values pass, and everything that depends on them", () => {
  const all = { ...rule({ netmask: null, options: { clientcert: "verify-ca" }, comment: "c", order: 1 }) };
  for (const property of Object.keys(all)) {
    it(property, () => assert.equal(failures({ ...all, [property]: UNKNOWN }), ""));
  }
  it("inside of values", () => {
    assert.equal(failures(rule({ users: [UNKNOWN, { group: UNKNOWN }], options: { clientcert: UNKNOWN } })), "");
    assert.match(failures(rule({ users: "x".repeat(64) as never, databases: [UNKNOWN] })), /^users must be a list$/);
  });
});

describe("what a version does not have", () => {
  const table: [changes: Partial<ManagedHbaRule>, since: number, reason: RegExp][] = [
    [{ method: "oauth" }, 18, /^method oauth needs PostgreSQL 18 or newer; the server runs 17$/],
    [{ users: [{ regex: "x" }] }, 16, /^users a regex needs PostgreSQL 16 or newer; the server runs 15$/],
    [{ databases: [{ regex: "x" }] }, 16, /^databases a regex needs/],
    [{ users: ["a\nb"] }, 16, /^users a name with an end of line needs/],
    [{ databases: [{ name: "a\nb" }] }, 16, /^databases a name with an end of line needs/],
  ];
  for (const [changes, since, reason] of table) {
    it(`${JSON.stringify(changes)} before ${since}`, () => {
      const of = (major: number) => checkVersion(rule(changes), major).map((one) => `${one.property} ${one.reason}`);
      assert.deepEqual(of(since), []);
      assert.match(of(since - 1).join(), reason);
    });
  }

  it("files, groups and keywords every version has", () => {
    const one = rule({ users: [{ file: "f" }, { group: "g" }, "all", { name: "all" }], databases: ["samerole"] });
    assert.deepEqual(checkVersion(one, 14), []);
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Observed, Values } from "../../../provider/definition";
import { roleType } from "../../../provider/objects/role";
import { fingerprint, isVerifier, matchesVerifier, scramVerifier } from "../../../provider/password";
import { factsOf, restricted, role, serverFacts } from "../samples";

describe("create", () => {
  it("never shows the password", () => {
    const [statement] = roleType.create({ name: "app", login: true, password: "hush" }, factsOf(serverFacts()));
    assert.equal(statement?.sql.display, 'CREATE ROLE "app" LOGIN PASSWORD [secret]');
  });
});

describe("prepare: what becomes of a desired password", () => {
  const MD5 = "md5a0fb7d6d9c3a35a7a3ad1be6a0ac7d2a";
  const of = (
    desired: Values,
    observed?: Observed,
    previous: Values = {},
    server = serverFacts({ scramIterations: 1 }),
  ) => roleType.prepare?.(desired, { observed, previous, facts: factsOf(server) }) as Promise<Values>;

  it("plaintext becomes a verifier with the server's iterations; nothing else changes", async () => {
    const { password, ...others } = await of({ name: "app", login: true, password: "pencil" });
    assert.deepEqual(others, { name: "app", login: true });
    assert.match(String(password), /^SCRAM-SHA-256\$1:/);
    assert.ok(await matchesVerifier("pencil", String(password), "app"));
  });

  it("verifiers pass as they are, and plaintext where the server is to make the verifier", async () => {
    const scram = await scramVerifier("pencil", 1);
    for (const password of [MD5, scram]) {
      assert.ok(isVerifier(password));
      assert.deepEqual(await of({ name: "app", password }), { name: "app", password });
    }
    const facts = { ...factsOf(serverFacts()), serverHashesPasswords: true };
    const desired = { name: "app", password: "pencil" };
    assert.deepEqual(await roleType.prepare?.(desired, { observed: undefined, previous: {}, facts }), desired);
  });

  it("it is left out where the server has it already", async () => {
    const scram = await scramVerifier("pencil", 1);
    const left: [desired: Values, observed: Observed | undefined, previous?: Values][] = [
      [{ name: "app", password: null }, undefined],
      [{ password: null }, role({}, [], null)],
      [{ password: "pencil" }, role({}, [], scram)],
      [{ password: scram }, role({}, [], scram)],
      [{ password: MD5 }, role({}, [], MD5)],
      [{ password: "pencil" }, role({}, [], undefined), { password: "pencil" }],
      [{ name: "app2", password: "pencil" }, role({}, [], scram)],
    ];
    for (const [desired, observed, previous] of left) {
      const { password: _, ...others } = desired;
      assert.deepEqual(await of(desired, observed, previous), others);
    }
  });

  it("it is sent where the server has another, none, or may have lost it", async () => {
    const scram = await scramVerifier("pencil", 1);
    const sent: [desired: Values, observed: Observed, previous?: Values][] = [
      [{ password: null }, role({}, [], scram)],
      [{ password: "other" }, role({}, [], scram)],
      [{ password: "pencil" }, role({}, [], null)],
      [{ password: "new" }, role({}, [], undefined), { password: "pencil" }],
      [{ password: "pencil" }, role({}, [], undefined)],
      // Unreadable, it could be an md5 hash, which a rename clears.
      [{ name: "app2", password: "pencil" }, role({}, [], undefined), { password: "pencil" }],
      [{ name: "app2", password: MD5 }, role({}, [], MD5)],
    ];
    for (const [desired, observed, previous] of sent) {
      assert.ok("password" in (await of(desired, observed, previous)), JSON.stringify(desired));
    }
  });

  it("a fingerprint that is known tells another password without deriving keys", async () => {
    const scram = await scramVerifier("pencil", 1);
    const previous = { name: "app", password: "pencil", passwordHash: fingerprint(scram) ?? "" };
    assert.ok(!("password" in (await of({ password: "pencil" }, role({}, [], scram), previous))));
    assert.ok("password" in (await of({ password: "other" }, role({}, [], scram), previous)));
    // Changed outside meanwhile, to what is wanted now.
    const outside = await scramVerifier("other", 1);
    assert.ok(!("password" in (await of({ password: "other" }, role({}, [], outside), previous))));
  });

  it("another passwordVersion sends it again, except to a role that is just adopted", async () => {
    const scram = await scramVerifier("pencil", 1);
    const desired = { name: "app", password: "pencil", passwordVersion: "2" };
    for (const [previous, sent] of [
      [{ name: "app", password: "pencil", passwordVersion: "1" }, true],
      [{ name: "app", password: "pencil" }, true],
      [{ name: "app", password: "pencil", passwordVersion: "2" }, false],
      [{}, false],
    ] as [Values, boolean][]) {
      assert.equal("password" in (await of(desired, role({}, [], scram), previous)), sent, JSON.stringify(previous));
    }
  });

  it("it stays undeclared when it is not declared", async () => {
    assert.deepEqual(await of({ name: "app" }, role({}, [], "SCRAM")), { name: "app" });
  });
});

describe("catalogue", () => {
  it("reads verifiers only where that is allowed", () => {
    assert.match(roleType.catalogue(serverFacts()).select, /FROM pg_catalog\.pg_authid/);
    assert.doesNotMatch(roleType.catalogue(restricted(18)).select, /FROM pg_catalog\.pg_authid/);
  });
});

import assert from "node:assert/strict";
import { createHash, createHmac } from "node:crypto";
import { describe, it } from "node:test";
import { fingerprint, isVerifier, matchesVerifier, scramVerifier } from "../../provider/password";

/** RFC 7677, section 3: the exchange of user "user" with password "pencil". */
const RFC = {
  salt: "W22ZaJ0SNY7soEsUEjb6gQ==",
  iterations: 4096,
  clientFirst: "n=user,r=rOprNGfwEbeRWgbNEkqO",
  serverFirst: "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
  clientFinal: "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0",
  proof: "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
  serverSignature: "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
};
const RFC_VERIFIER =
  "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=";

const SOME_MD5_HASH = "md520edcb6bd6fb0eb5e9e29b6ee0a4a5c6";

function parts(verifier: string) {
  const match = /^SCRAM-SHA-256\$(\d+):([^$]+)\$([^:]+):(.+)$/.exec(verifier);
  assert.ok(match, verifier);
  const bytes = (index: number) => Buffer.from(match[index] as string, "base64");
  return { iterations: Number(match[1]), salt: bytes(2), storedKey: bytes(3), serverKey: bytes(4) };
}

const hmac = (key: Buffer, text: string) => createHmac("sha256", key).update(text).digest();
const xor = (left: Buffer, right: Buffer) => Buffer.from(left.map((byte, index) => byte ^ (right[index] as number)));

describe("RFC 7677", () => {
  it("a verifier holds just what checks the RFC's proof and makes its signature", () => {
    const { iterations, salt, storedKey, serverKey } = parts(RFC_VERIFIER);
    assert.equal(iterations, RFC.iterations);
    assert.equal(salt.toString("base64"), RFC.salt);
    const authMessage = [RFC.clientFirst, RFC.serverFirst, RFC.clientFinal].join(",");
    const clientKey = xor(Buffer.from(RFC.proof, "base64"), hmac(storedKey, authMessage));
    assert.deepEqual(createHash("sha256").update(clientKey).digest(), storedKey);
    assert.equal(hmac(serverKey, authMessage).toString("base64"), RFC.serverSignature);
  });

  it("which is that of pencil, and of nothing else", async () => {
    assert.equal(await matchesVerifier("pencil", RFC_VERIFIER, "any"), true);
    for (const password of ["Pencil", "pencil ", "", "user"]) {
      assert.equal(await matchesVerifier(password, RFC_VERIFIER, "any"), false, password);
    }
  });
});

describe("scramVerifier", () => {
  it("has the iterations asked for, a new salt of 16 bytes each time, and keys of 32", async () => {
    const verifiers = await Promise.all([4096, 4096, 1].map((iterations) => scramVerifier("pencil", iterations)));
    const [first, second, third] = verifiers.map(parts);
    assert.deepEqual([first?.iterations, second?.iterations, third?.iterations], [4096, 4096, 1]);
    for (const verifier of [first, second, third]) {
      assert.deepEqual([verifier?.salt.length, verifier?.storedKey.length, verifier?.serverKey.length], [16, 32, 32]);
    }
    assert.notDeepEqual(first?.salt, second?.salt);
    for (const verifier of verifiers) {
      assert.ok(isVerifier(verifier));
      assert.equal(await matchesVerifier("pencil", verifier, "any"), true);
      assert.ok(!verifier.includes("pencil"));
    }
  });
});

describe("SASLprep, as the server does it", () => {
  const table: [left: string, right: string, same: boolean, why: string][] = [
    ["I\u00ADX", "IX", true, "a soft hyphen is mapped to nothing (RFC 4013)"],
    ["\u00AA", "a", true, "NFKC (RFC 4013)"],
    ["\u2168", "IX", true, "NFKC (RFC 4013)"],
    ["user", "USER", false, "case stays"],
    ["a\u00A0b", "a b", true, "a space of another kind"],
    ["e\u0301", "é", true, "composed and decomposed"],
    ["\u0007\uFB01", "\u0007fi", false, "a prohibited character: taken as it is"],
    ["\u0627\uFB01", "\u0627fi", false, "bidirectional text that is not allowed: taken as it is"],
    ["\uFB01🐘", "fi🐘", false, "a character that Unicode 3.2 does not have: taken as it is"],
    ["\u00AD", "", false, "nothing is left: taken as it is"],
    ["naïve 🐘", "naïve 🐘", true, "the same"],
  ];
  for (const [left, right, same, why] of table) {
    it(`${JSON.stringify(left)} and ${JSON.stringify(right)}: ${why}`, async () => {
      assert.equal(await matchesVerifier(left, await scramVerifier(right, 1), "any"), same);
      assert.equal(await matchesVerifier(left, await scramVerifier(left, 1), "any"), true);
    });
  }
});

describe("matchesVerifier", () => {
  const md5 = `md5${createHash("md5").update("penciluser").digest("hex")}`;
  const table: [password: string, verifier: string, role: string, matches: boolean][] = [
    ["pencil", md5, "user", true],
    ["pencil", md5, "other", false],
    ["Pencil", md5, "user", false],
    [md5, md5, "other", true],
    [md5, SOME_MD5_HASH, "user", false],
    [RFC_VERIFIER, RFC_VERIFIER, "other", true],
    [RFC_VERIFIER, md5, "user", false],
    [md5, RFC_VERIFIER, "user", false],
    ["pencil", "pencil", "user", false],
    ["", "", "user", false],
  ];
  for (const [password, verifier, role, matches] of table) {
    it(`${matches}: ${password.slice(0, 20)} for ${role} against ${verifier.slice(0, 20)}`, async () => {
      assert.equal(await matchesVerifier(password, verifier, role), matches);
    });
  }

  it("hashes names and passwords as UTF-8", async () => {
    const verifier = `md5${createHash("md5").update(Buffer.from("pässnaïve 🐘", "utf8")).digest("hex")}`;
    assert.equal(await matchesVerifier("päss", verifier, "naïve 🐘"), true);
  });
});

describe("isVerifier", () => {
  const table: [password: string, verifier: boolean][] = [
    [RFC_VERIFIER, true],
    [SOME_MD5_HASH, true],
    ["pencil", false],
    ["", false],
    ["md5", false],
    [SOME_MD5_HASH.toUpperCase(), false],
    [`${SOME_MD5_HASH}0`, false],
    [SOME_MD5_HASH.slice(0, -1), false],
    [`${SOME_MD5_HASH}\n`, false],
    [SOME_MD5_HASH.replace(/.$/, "g"), false],
    [RFC_VERIFIER.replace("256", "1"), false],
    [RFC_VERIFIER.replace("4096", "x"), false],
    [RFC_VERIFIER.slice(0, -2), false],
    [` ${RFC_VERIFIER}`, false],
    ["SCRAM-SHA-256$4096:salt$stored:server", false],
  ];
  for (const [password, verifier] of table) {
    it(`${verifier}: ${JSON.stringify(password.slice(0, 40))}`, () => assert.equal(isVerifier(password), verifier));
  }
});

describe("fingerprint", () => {
  it("is short, of the whole verifier, and always the same", () => {
    const hash = fingerprint(RFC_VERIFIER) as string;
    assert.match(hash, /^[\w-]{16}$/);
    assert.equal(fingerprint(RFC_VERIFIER), hash);
    assert.notEqual(fingerprint(RFC_VERIFIER.replace("wfPL", "wfPM")), hash);
    assert.ok(!RFC_VERIFIER.includes(hash));
  });
  it("is not made of an md5 hash, which has no random salt, nor of plaintext", () => {
    for (const text of [SOME_MD5_HASH, "pencil", ""]) assert.equal(fingerprint(text), undefined);
  });
});

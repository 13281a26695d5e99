/** Passwords beyond ASCII: the server, libpq, our connections and our verifiers mean the same by them. */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import pg from "pg";
import { matchesVerifier, scramVerifier } from "../../provider/password";
import { findPsql } from "../support/clients";
import { uniqueName } from "../support/postgres-fixture";
import { failure, onEachServer, type Scene } from "./scene";

/** Passwords that go different ways through SASLprep. */
const PASSWORDS: Readonly<Record<string, string>> = {
  "letters beyond ASCII": "pässwörd",
  "composed, and decomposed": "e\u0301-é",
  "another form of a character (NFKC)": "\uFB01\u00AA\u2168",
  "spaces of other kinds": "a\u00A0b\u3000c\u200Bd",
  "what is mapped to nothing": "a\u00ADb\u200Dc\uFE0Fd",
  "nothing but that": "\u00AD\u200D",
  "an unassigned character": "\uFB01🐘",
  "an unassigned character that has another form": "x\u2C7C\uFB01",
  "a prohibited character (C.2.1)": "\u0007\uFB01",
  "a prohibited character (C.2.2)": "a\u2028\uFB01",
  "private use (C.3)": "\uE000\uFB01",
  "private use at the end of a plane (C.4)": "\u{FFFFE}\uFB01",
  "a replacement character (C.6)": "\uFFFD\uFB01",
  "an ideographic description (C.7)": "\u2FF0\uFB01",
  "a prohibited character that has another form (C.8)": "a\u0340\uFB01",
  "a display property (C.8)": "\u202E\uFB01",
  "a tag (C.9)": "\u{E0041}\uFB01",
  "right to left": "\u05D0\uFB2A\u05D1",
  "right to left, and a digit at its end": "\u0627\uFB011",
  "right to left, and left to right": "\u05D0a\uFB2A\u05D1",
  "right to left around what has no direction": "\u05D0\u00BD\u05D1",
  "a letter whose form is right to left (Presentation Forms)": "\uFDFA1\uFB4F",
  "a control character, alone": "\u0001",
  "ASCII that SASLprep would not allow": "a\tb\u007f",
  "a very long one": "pä\uFB01".repeat(60),
};

/** Whether psql can log in; undefined where there is none. */
function letsPsqlIn({ server }: Scene, user: string, password: string): boolean | undefined {
  const psql = findPsql();
  if (psql === undefined) return undefined; // the test run says so at its end
  const { host, port } = server;
  const env = { ...process.env, PGPASSWORD: password, PGSSLMODE: "disable" };
  const args = ["-XAtq", "-h", host, "-p", String(port), "-U", user, "-d", "postgres", "-c", "SELECT 1"];
  return spawnSync(psql, args, { env }).status === 0;
}

onEachServer("each is one to the server, to psql, to our connections and to our verifiers", async (scene) => {
  const user = uniqueName("exotic");
  const admin = await scene.client();
  await admin.query(`SET password_encryption = 'scram-sha-256'; CREATE ROLE ${user} LOGIN`);
  const connects = async (password: string) => {
    const cluster = await scene.connect({ user, password, sslMode: "disable" });
    const rows = await cluster.execute("SELECT session_user::text");
    await cluster.close();
    return rows;
  };
  try {
    for (const [what, password] of Object.entries(PASSWORDS)) {
      await admin.query(`ALTER ROLE ${user} PASSWORD ${pg.escapeLiteral(password)}`);
      const [[verifier]] = (await scene.ask("SELECT rolpassword FROM pg_authid WHERE rolname = $1", [user])) as [
        [string],
      ];
      assert.ok(await matchesVerifier(password, verifier, user), `${what}: the server's verifier`);
      assert.deepEqual(await connects(password), [[user]], what);
      assert.notEqual(letsPsqlIn(scene, user, password), false, `${what}: psql`);
      await admin.query(`ALTER ROLE ${user} PASSWORD '${await scramVerifier(password, 4096)}'`);
      assert.deepEqual(await connects(password), [[user]], `${what}: our verifier`);
      assert.notEqual(letsPsqlIn(scene, user, password), false, `${what}: psql, our verifier`);
    }
    const wrong = await failure(connects("falsch-ﬁ🐘"), Error);
    assert.match(wrong.message, /password authentication failed/);
  } finally {
    await admin.query(`DROP ROLE ${user}`);
  }
});

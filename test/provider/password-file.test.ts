import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { type PasswordFor, passwordFromFile, passwordIn } from "../../provider/password-file";

const LOGIN: PasswordFor = { host: "db", port: 5432, database: "shop", user: "app" };

describe("the password of a login", () => {
  const table: [text: string, login: Partial<PasswordFor>, password: string | undefined][] = [
    ["db:5432:shop:app:p", {}, "p"],
    ["db:5432:shop:app:p", { port: 5433 }, undefined],
    ["db:5432:shop:app:p", { host: "DB" }, undefined],
    ["*:*:*:*:p", {}, "p"],
    ["*:*:*:other:no\n*:*:*:app:first\n*:*:*:app:second", {}, "first"],
    ["#db:5432:shop:app:no\n#\n\n:\ndb:5432:shop:app:p\r\n", {}, "p"],
    [" #x\n db:5432:shop:app:p", {}, undefined],
    ["d*:*:*:*:p", {}, undefined],
    ["\\*:*:*:*:p", {}, undefined],
    ["\\*:*:*:*:p", { host: "*" }, "p"],
    ["db:5432:shop:app:a\\:b\\\\c\\d", {}, "a:b\\cd"],
    ["db:5432:shop:app:p:more", {}, "p"],
    ["db:5432:shop:app:naïve 🐘 ", {}, "naïve 🐘 "],
    ["\\:\\:1:5432:a\\:b:c\\\\d:p", { host: "::1", database: "a:b", user: "c\\d" }, "p"],
    ["localhost:5432:shop:app:p", { host: "localhost" }, "p"],
    ["localhost:5432:shop:app:p", { host: "/var/run/postgresql" }, "p"],
    ["localhost:5432:shop:app:p", { host: "/tmp" }, "p"],
    ["localhost:5432:shop:app:p", { host: "/elsewhere" }, undefined],
    ["/elsewhere:5432:shop:app:p", { host: "/elsewhere" }, "p"],
    ["db:5432:shop:app", {}, undefined],
    ["db:5432:shop:app:", {}, ""],
    ["", {}, undefined],
  ];
  for (const [text, login, password] of table) {
    it(`${JSON.stringify(text)} for ${JSON.stringify(login)}`, () => {
      assert.equal(passwordIn(text, { ...LOGIN, ...login }), password);
    });
  }
});

describe("the file", () => {
  const folder = mkdtempSync(join(tmpdir(), "pgmob-pass-"));
  const file = join(folder, "pass");
  after(() => rmSync(folder, { recursive: true }));

  it("may not be there, and must be readable by its owner alone", async () => {
    assert.deepEqual(await passwordFromFile(file, LOGIN), {});
    writeFileSync(file, "*:*:*:*:p");
    for (const mode of [0o600, 0o400]) {
      chmodSync(file, mode);
      assert.deepEqual(await passwordFromFile(file, LOGIN), { password: "p" });
    }
    for (const mode of [0o640, 0o604, 0o610]) {
      chmodSync(file, mode);
      const { password, ignored } = await passwordFromFile(file, LOGIN);
      assert.deepEqual(
        [password, ignored],
        [undefined, `the password file ${file} is ignored, because others may read it (chmod 600)`],
      );
    }
    mkdirSync(`${file}.d`);
    assert.match((await passwordFromFile(`${file}.d`, LOGIN)).ignored ?? "", /is ignored, because it is no plain file/);
  });
});

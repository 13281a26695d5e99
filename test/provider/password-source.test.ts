import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { ConnectionError } from "../../provider";
import { passwordFiled, passwordIfAny, passwordSet } from "../../provider/password-source";
import { resolveSettings } from "../../provider/settings";
import { failure } from "./scene";

const folder = mkdtempSync(join(tmpdir(), "pgmob-source-"));
after(() => rmSync(folder, { recursive: true }));

const login = (given: object) =>
  resolveSettings({ host: "db", port: 7, user: "it's me", ...given }, {}, { name: "x", home: folder });
const ask = (given: object, limit?: number) => passwordSet(login(given), "shop", limit);

describe("a password", () => {
  it("is what it is", async () => assert.equal(await ask({ password: "p" }), "p"));

  it("is what a function gives, anew each time, async or not", async () => {
    let count = 0;
    const given = { password: () => `token ${++count}` };
    assert.deepEqual([await ask(given), await ask(given)], ["token 1", "token 2"]);
    assert.equal(await ask({ password: async () => "later" }), "later");
  });

  it("of a function that fails, gives nothing, or takes too long, says so", async () => {
    const says = async (password: unknown, limit?: number) =>
      (await failure(ask({ password }, limit), ConnectionError)).message;
    assert.equal(
      await says(() => Promise.reject(new Error("no token today"))),
      "the password's function failed: no token today",
    );
    assert.equal(
      await says(() => {
        throw Object.assign(new Error("refused"), { code: "ECONNREFUSED" });
      }),
      "the password's function failed: refused",
    );
    for (const nothing of ["", undefined, 7])
      assert.equal(await says(() => nothing), "the password's function gave no text");
    assert.equal(
      await says(() => sleep(5_000, "late", { ref: false }), 50),
      "the password's function took longer than connectTimeout",
    );
  });
});

describe("passwordCommand", () => {
  const run = (passwordCommand: string, limit?: number) => ask({ passwordCommand }, limit);
  const fails = async (passwordCommand: string, limit?: number) =>
    failure(run(passwordCommand, limit), ConnectionError);

  it("is a command line of a shell; its output without the last end of line is the password", async () => {
    assert.equal(await run("echo secret"), "secret");
    assert.equal(await run("printf 'a b  \\n\\n'"), "a b  \n");
    assert.equal(await run("printf 'naïve 🐘\\r\\n' | cat"), "naïve 🐘");
  });

  it("finds in its environment what is connected to, and no other password", async () => {
    process.env.PGPASSWORD = "not this";
    try {
      const shown = await run("echo $PGHOST $PGPORT $PGUSER $PGDATABASE; env | grep -c ^PGPASSWORD= || true");
      assert.equal(shown, "db 7 it's me shop\n0");
    } finally {
      delete process.env.PGPASSWORD;
    }
  });

  it("that fails is told with what it printed to standard error, and never to standard output", async () => {
    const error = await fails("echo hunter22; echo 'no such key: hunter22 is wrong' >&2; exit 3");
    assert.equal(error.message, "passwordCommand ended with exit code 3. no such key: [secret] is wrong");
    assert.doesNotMatch(JSON.stringify(error) + error.stack, /hunter22/);
    assert.match(
      (await fails("no-such-program-at-all")).message,
      /^passwordCommand ended with exit code 127\. .*no-such-program/,
    );
    assert.equal((await fails("kill -9 $$")).message, "passwordCommand was ended by a signal");
    assert.equal((await fails("true")).message, "passwordCommand printed nothing");
    assert.equal((await fails("echo")).message, "passwordCommand printed nothing");
  });

  it("is ended when its time is over, with what it has started", async () => {
    const mark = join(folder, "still-there");
    const started = Date.now();
    const error = await fails(`(sleep 2; touch '${mark}') & wait`, 200);
    assert.equal(error.message, "passwordCommand took longer than connectTimeout");
    assert.ok(Date.now() - started < 1_500);
    await sleep(2_500);
    assert.equal(existsSync(mark), false);
  });
});

describe("the password file", () => {
  it("answers for a login that has none, by its database; whoever is asked for one and has none is told where it could be", async () => {
    assert.equal(await passwordIfAny(login({}), "shop"), undefined);
    const file = join(folder, ".pgpass");
    writeFileSync(file, "db:7:shop:it's me:from file\n", { mode: 0o600 });
    assert.equal(await ask({}), undefined);
    assert.equal(await passwordFiled(login({}), "shop"), "from file");
    assert.equal(await passwordIfAny(login({ password: "set" }), "shop"), "set");
    assert.equal(await passwordIfAny(login({}), "shop"), "from file");
    const error = await failure(passwordFiled(login({}), "other"), ConnectionError);
    assert.equal(
      error.message,
      "the server asks for a password, and there is none. Set password or passwordCommand of the Provider, PGPASSWORD, " +
        "or a line of the password file",
    );
    chmodSync(file, 0o644);
    assert.match(
      (await failure(passwordFiled(login({}), "shop"), ConnectionError)).message,
      /there is none\. the password file .* is ignored, because others/,
    );
  });
});

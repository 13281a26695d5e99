/** Hostile texts in the settings that are words, numbers, files and hosts: one that can be meant, or a refusal that names it. */

import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { Cluster, ConnectionError, InvalidValueError } from "../../provider";
import type { CoreSettings, ResolvedSettings } from "../../provider/settings";
import { type Attempt, tlsAttempts } from "../../provider/tls";
import { resolve } from "../provider/settings-resolve";
import { pathText } from "./arguments/backup";
import { canBe } from "./backup-scene";
import { count, expectAtLeast } from "./counts";
import { distinct, hostileText, isNameable, isStorable, scaled } from "./texts";

expectAtLeast(scaled(1_000));

const some = hostileText.filter((text) => text !== ""); // which is as good as none

/** What a text in a setting comes to: settings, or a refusal that names the setting and does not show the text. */
function resolved(name: string, given: CoreSettings, text: string): ResolvedSettings | undefined {
  try {
    return resolve(given);
  } catch (error) {
    const { message } = error as Error;
    assert.ok(error instanceof InvalidValueError, String(error));
    assert.match(message, new RegExp(`^(${name}|user|database|password|applicationName|options) (must|is not)`));
    assert.ok(text.length < 12 || !message.includes(text), message);
    return undefined;
  }
}

function tryAll(name: string, number: number, body: (text: string) => boolean, texts = some): void {
  const tally = { data: 0, refused: 0, byServer: 0 };
  for (const text of distinct(texts, scaled(number), `Provider.${name}`)) {
    try {
      tally[body(text) ? "data" : "refused"]++;
    } catch (cause) {
      throw new Error(`${JSON.stringify(text.slice(0, 300))}: ${(cause as Error).message}`, { cause });
    }
  }
  count(`Provider.${name}`, 0, scaled(number), tally);
}

describe("hostile texts in settings", () => {
  for (const name of ["port", "maxConnections", "connectTimeout", "statementTimeout", "lockTimeout"] as const) {
    test(name, () =>
      tryAll(name, 80, (text) => {
        const found = resolved(name, { [name]: text }, text);
        if (found === undefined) return false;
        assert.ok(Number.isInteger(found[name]) && found[name] >= 0 && found[name] < 2 ** 31, String(found[name]));
        assert.match(text.trim(), /^[\d.]+(e\d+)?\s*(ms|s|min|h)?$|^0[xob][\da-f]+$/i);
        return true;
      }),
    );
  }

  for (const name of ["sslMode", "passwordEncryption"] as const)
    test(name, () => tryAll(name, 60, (text) => resolved(name, { [name]: text }, text) !== undefined));

  test("url, encoded as it has to be", () =>
    tryAll(
      "url",
      200,
      (text) => {
        const part = encodeURIComponent(text);
        const url = `postgresql://${part}:${part}@h/${part}?application_name=${part}&options=${part}`;
        const found = resolved("url", { url }, text);
        assert.equal(found !== undefined, isNameable(text));
        if (found === undefined) return false;
        const { user, password, database, applicationName, options } = found;
        assert.deepEqual([user, password, database, applicationName, options], Array(5).fill(text));
        return true;
      },
      some.filter((text) => isStorable(text.replaceAll("\0", ""))), // only of these there is a percent-encoding
    ));

  test("url, not encoded", () =>
    tryAll("url (as it is)", 200, (text) => {
      try {
        const { host, user, database, password = "" } = resolve({ url: `postgresql://${text}` });
        for (const part of [host, user, database, String(password)]) assert.ok(isStorable(part), part);
        return true;
      } catch (error) {
        assert.ok(error instanceof InvalidValueError, String(error));
        return false;
      }
    }));
});

test("a certificate comes from the file of just that name", () => {
  const folder = mkdtempSync(join(tmpdir(), "pgmob-hostile-"));
  const before = process.cwd();
  process.chdir(folder);
  const pem = "-----BEGIN CERTIFICATE-----";
  const first = (given: CoreSettings): Attempt =>
    tlsAttempts(resolve({ sslMode: "require", ...given }))[0]?.() ?? false;
  try {
    for (const [name, option] of [
      ["sslRootCert", "ca"],
      ["sslCert", "cert"],
      ["sslKey", "key"],
    ] as const)
      tryAll(
        name,
        60,
        (text) => {
          const given = { sslCert: pem, sslKey: pem, [name]: text };
          if (!isStorable(text) || !canBe(`${folder}/${text}`)) {
            assert.throws(() => first(given), InvalidValueError);
            return false;
          }
          writeFileSync(`${folder}/${text}`, `${pem} ${text}`);
          chmodSync(`${folder}/${text}`, 0o600);
          const found = first(given) as Record<string, unknown>;
          assert.deepEqual([found[option]].flat(), [`${pem} ${text}`]);
          rmSync(`${folder}/${text}`);
          return true;
        },
        pathText.filter((text) => !/^(|\.|\.\/|system)$/.test(text)),
      );
  } finally {
    process.chdir(before);
    rmSync(folder, { recursive: true });
  }
});

test("a host that is none is named in the error", async () => {
  const tally = { data: 0, refused: 0, byServer: 0 };
  // Port 1, at which nobody listens, wherever such a name may lead.
  for (const host of distinct(some, scaled(60), "Provider.host")) {
    const given = { host, port: 1, user: "x", password: "x", connectTimeout: 1 };
    const error = await Cluster.connect(given).then(
      () => assert.fail(host),
      (error: Error) => error,
    );
    const isRefused = error instanceof InvalidValueError;
    assert.ok(isRefused ? /^host must/.test(error.message) : error instanceof ConnectionError, String(error));
    if (!isRefused) assert.ok(error.message.includes(host), error.message);
    tally[isRefused ? "refused" : "byServer"]++;
  }
  count("Provider.host", 0, scaled(60), tally);
});

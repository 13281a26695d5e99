/** Hosts that are not as one would like them: with few tools, with obstacles, and with pg_hba.conf elsewhere. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { type ManagedHbaRule, ObjectInUseError, PostgresError, RefusedError } from "../../../provider";
import { serverCanReach } from "../../support/postgres-user";
import { failure } from "../scene";
import { type OwnServer, onOwnServers } from "./own-server";

const rule = (name: string, changes: Partial<ManagedHbaRule> = {}): ManagedHbaRule => ({
  name,
  type: "host",
  databases: ["shop"],
  users: [name],
  address: "10.0.0.0/8",
  method: "md5",
  ...changes,
});

/** A folder with the tools that the scripts need and no other; some of them fail while a file of that name is there. */
const tools = mkdtempSync(
  join(serverCanReach(process.env.TMPDIR ?? "/tmp") ? (process.env.TMPDIR ?? "/tmp") : "/tmp", "pgmob-tools-"),
);
chmodSync(tools, 0o755);
after(() => rmSync(tools, { recursive: true }));
const located = (name: string) => execFileSync("/bin/sh", ["-c", `command -v ${name}`], { encoding: "utf8" }).trim();
for (const name of ["sh", "cat", "chmod", "cp", "grep", "ln", "readlink", "rm", "sha256sum", "sleep", "sync"]) {
  symlinkSync(located(name), join(tools, name));
}
const failing = {
  mv: 'case "$3" in */pg_hba.conf) echo "mv: Device or resource busy" >&2; exit 1 ;; esac',
  ls: 'case "$2" in *.pgmob-new) echo "-rw------- 1 4711 4711 0 Jan 1 00:00 x"; exit 0 ;; esac',
  cp: "exit 1",
  sha256sum: "exit 127",
};
for (const [name, script] of Object.entries(failing)) {
  rmSync(join(tools, name), { force: true });
  writeFileSync(
    join(tools, name),
    `#!/bin/sh\n[ ! -e ${tools}/fail-${name} ] || { ${script}\n}\nexec ${located(name)} "$@"\n`,
    { mode: 0o755 },
  );
}

async function withFailing<T>(name: keyof typeof failing, task: () => Promise<T>): Promise<T> {
  writeFileSync(join(tools, `fail-${name}`), "");
  try {
    return await task();
  } finally {
    rmSync(join(tools, `fail-${name}`));
  }
}

onOwnServers(
  (own) => {
    test("rules are created and dropped without flock, and with pg_hba.conf in another folder", async () => {
      const { hbaRules } = await own.connect();
      assert.equal(await own.ask("SHOW hba_file").then((rows) => rows[0]?.[0]), own.file);
      const rights = own.rights;
      await hbaRules.managed.create(rule("a"));
      assert.match(own.bytes, /name=a order=0\n$/);
      await hbaRules.managed.drop("a");
      assert.deepEqual([own.bytes === own.initial, own.rights, own.leftovers], [true, rights, []]);
    });

    test("many writers without flock lose nothing", async () => {
      const clusters = await Promise.all(Array.from({ length: 4 }, () => own.connect()));
      await Promise.all(
        clusters.map(async ({ hbaRules }, writer) => {
          for (let i = 0; i < 4; i++) await hbaRules.managed.create(rule(`w${writer}_${i}`));
        }),
      );
      assert.equal(own.bytes.match(/# pgmob name=w\d_\d order=0$/gm)?.length, 16);
      assert.deepEqual(own.leftovers, []);
    });

    test("a lock whose owner is dead is taken over, one whose owner lives is not", async () => {
      const { hbaRules } = await own.connect();
      const lock = `${own.file}.pgmob-lock`;
      const [[started]] = (await own.ask("SELECT extract(epoch FROM pg_postmaster_start_time())::bigint")) as [
        [string],
      ];
      for (const owner of [`${started}:999999999`, "1:1"]) {
        symlinkSync(owner, lock);
        await hbaRules.managed.create(rule(`after_${owner.length}`));
        assert.deepEqual(own.leftovers, [], owner);
      }
      const living = await own.connect();
      const [[backend]] = (await living.execute("SELECT pg_backend_pid()")) as [[number]];
      symlinkSync(`${started}:${backend}`, lock);
      const error = await failure(hbaRules.managed.create(rule("never")), ObjectInUseError);
      assert.match(error.message, /goes on holding the lock .*remove the file beside it that ends in \.pgmob-lock$/);
      assert.equal(readlinkSync(lock), `${started}:${backend}`);
      rmSync(lock);
      assert.doesNotMatch(own.bytes, /never/);
    });

    const refused: [tool: keyof typeof failing, kind: typeof PostgresError, reason: RegExp][] = [
      ["mv", RefusedError, /^pg_hba\.conf \(.*\): it cannot be renamed over, for the reason in the server's log$/],
      ["ls", RefusedError, /would not keep its owner and rights\. Let it belong to the operating system's user/],
      ["cp", PostgresError, /cannot write a new file beside it/],
      ["sha256sum", PostgresError, /no program to compute SHA-256 with/],
    ];
    for (const [tool, kind, reason] of refused) {
      test(`refused where ${tool} fails, and everything is as it was`, async () => {
        const { hbaRules } = await own.connect();
        const error = await withFailing(tool, () => failure(hbaRules.managed.create(rule("a")), kind));
        assert.match(error.message, reason);
        assert.deepEqual([own.bytes === own.initial, own.leftovers], [true, []]);
        await hbaRules.managed.create(rule("a"));
      });
    }
  },
  { elsewhere: "etc 'é/pg_hba.conf", path: tools },
);

onOwnServers(
  (own: OwnServer) => {
    test("a folder that cannot be written is refused, with the reason", async () => {
      const { hbaRules } = await own.connect();
      const folder = join(own.file, "..");
      chmodSync(folder, 0o555);
      try {
        const error = await failure(hbaRules.managed.create(rule("a")), PostgresError);
        assert.match(error.message, /cannot write a new file beside it, .*Let the folder that it is in be writable/);
        assert.equal(await hbaRules.managed.observe("a"), undefined);
        assert.deepEqual([own.bytes === own.initial, own.leftovers], [true, []]);
      } finally {
        chmodSync(folder, 0o755);
      }
      await hbaRules.managed.create(rule("a"));
    });
  },
  { elsewhere: "etc/pg_hba.conf" },
);

import assert from "node:assert/strict";
import { userInfo } from "node:os";
import { it } from "node:test";
import { systemUser, userFiles } from "../../provider/user-files";

it("the files of a user are where libpq has them", () => {
  assert.deepEqual(userFiles("/home/me", undefined, "linux"), {
    passwords: "/home/me/.pgpass",
    services: "/home/me/.pg_service.conf",
    tls: "/home/me/.postgresql",
  });
  assert.deepEqual(userFiles("/home/me", "/appdata", "win32"), {
    passwords: "/appdata/postgresql/pgpass.conf",
    services: "/appdata/postgresql/.pg_service.conf",
    tls: "/appdata/postgresql",
  });
});

it("the home directory is what HOME says", () => {
  const { HOME } = process.env;
  process.env.HOME = "/somewhere/else";
  try {
    assert.deepEqual(systemUser(), { name: userInfo().username, home: "/somewhere/else" });
  } finally {
    process.env.HOME = HOME;
  }
});

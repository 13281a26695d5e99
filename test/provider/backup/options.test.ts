import assert from "node:assert/strict";
import { test } from "node:test";
import { InvalidValueError } from "../../../provider";
import { refuseUnfit } from "../../../provider/backup/clients";
import { databaseArgument } from "../../../provider/backup/connection";
import { formatOf, peek } from "../../../provider/backup/format";
import { argumentsOf, refuseForPlain } from "../../../provider/backup/options";
import type { ServerFacts } from "../../../provider/facts";

test("every option becomes its argument, in one word", () => {
  const hostile = "x' \"$(y)` \\ --z";
  const common: [object, string[]][] = [
    [{ clean: true, ifExists: true, create: true }, ["--clean", "--create", "--if-exists"]],
    [
      { dataOnly: true, disableTriggers: true, superuser: hostile },
      ["--data-only", `--superuser=${hostile}`, "--disable-triggers"],
    ],
    [{ schemaOnly: true, noOwner: true, noPrivileges: true }, ["--schema-only", "--no-privileges", "--no-owner"]],
    [
      { tables: ["a", hostile], schemas: ["s"], excludeSchemas: [hostile] },
      ["--table=a", `--table=${hostile}`, "--schema=s", `--exclude-schema=${hostile}`],
    ],
    [
      { noSubscriptions: true, noPublications: true, noTablespaces: true },
      ["--no-subscriptions", "--no-publications", "--no-tablespaces"],
    ],
    [
      { role: "-x", strictNames: true, sections: ["data", "post-data"], jobs: 3, verbose: true },
      ["--role=-x", "--strict-names", "--section=data", "--section=post-data", "--jobs=3", "--verbose"],
    ],
    [{ clean: false, tables: [], role: undefined }, []],
  ];
  for (const [options, expected] of common) {
    for (const program of ["pg_dump", "pg_restore"] as const)
      assert.deepEqual(argumentsOf(program, { ...options }), expected);
  }
  const dump = {
    compress: 5,
    blobs: false,
    lockWaitTimeout: 100,
    inserts: true,
    excludeTables: [hostile],
    excludeTableData: ["d"],
    encoding: "LATIN1",
  };
  assert.deepEqual(argumentsOf("pg_dump", dump), [
    "--compress=5",
    "--no-blobs",
    "--lock-wait-timeout=100",
    "--inserts",
    `--exclude-table=${hostile}`,
    "--exclude-table-data=d",
    "--encoding=LATIN1",
  ]);
  assert.deepEqual(argumentsOf("pg_dump", { compress: "zstd:3", blobs: true }), ["--compress=zstd:3", "--blobs"]);
  const restore = {
    exitOnError: true,
    singleTransaction: true,
    indexes: ["i"],
    functions: ["f(integer)"],
    triggers: [hostile],
    useList: "/l",
    noDataForFailedTables: true,
  };
  assert.deepEqual(argumentsOf("pg_restore", restore), [
    "--exit-on-error",
    "--single-transaction",
    "--index=i",
    "--function=f(integer)",
    `--trigger=${hostile}`,
    "--use-list=/l",
    "--no-data-for-failed-tables",
  ]);
});

test("values that an option does not take, and options of the other program, are refused", () => {
  for (const [program, options, message] of [
    ["pg_dump", { clean: "true" }, "clean must be true or false"],
    ["pg_dump", { tables: "t" }, /^tables must be a list/],
    ["pg_dump", { tables: [""] }, /^tables must be a list/],
    ["pg_dump", { role: "a\0b" }, /^role must be text/],
    ["pg_dump", { jobs: 1.5 }, /^jobs must be a whole number/],
    ["pg_dump", { compress: -1 }, /^compress must be/],
    ["pg_dump", { useList: "x" }, "pg_dump has no option useList"],
    ["pg_restore", { inserts: true }, "pg_restore has no option inserts"],
  ] as const) {
    assert.throws(() => argumentsOf(program, options), { name: "InvalidValueError", message });
  }
  refuseForPlain({ role: "r", singleTransaction: true, clean: false, clientPath: "/x" });
  assert.throws(() => refuseForPlain({ clean: true }), InvalidValueError);
});

test("a database's name is never read as a connection string", () => {
  assert.equal(databaseArgument("shop"), "--dbname=dbname='shop'");
  assert.equal(databaseArgument("a'b\\c host=x"), "--dbname=dbname='a\\'b\\\\c host=x'");
});

test("which programs fit which server", () => {
  const server = (major: number) => ({ major, version: `${major}.1` }) as ServerFacts;
  refuseUnfit("pg_dump", "pg_dump (PostgreSQL) 18.4 (Debian 18.4-1)", server(14));
  refuseUnfit("pg_restore", "pg_restore (PostgreSQL) 16.4", server(14));
  refuseUnfit("pg_restore", "pg_restore (PostgreSQL) 18.4", server(17));
  refuseUnfit("psql", "psql (PostgreSQL) 18beta1", server(18));
  for (const [program, version, major, message] of [
    [
      "pg_dump",
      "pg_dump (PostgreSQL) 15.20",
      18,
      /^pg_dump 15 is older than the server, which runs PostgreSQL 18\.1\. .*18 or newer$/,
    ],
    ["pg_restore", "pg_restore (PostgreSQL) 13.1", 14, /older than the server.*the programs of PostgreSQL 14$/],
    ["pg_restore", "pg_restore (PostgreSQL) 17.1", 16, /transaction_timeout.*the programs of PostgreSQL 16$/],
    ["pg_restore", "pg_restore (PostgreSQL) 18.1", 15, /transaction_timeout.*the programs of PostgreSQL 15 to 16$/],
    ["psql", "nonsense", 18, /does not tell its version: nonsense/],
  ] as const) {
    assert.throws(() => refuseUnfit(program, version, server(major)), { name: "InvalidValueError", message });
  }
});

test("a backup's first bytes tell its format, and are not lost", async () => {
  const tar = Buffer.alloc(512);
  tar.write("toc.dat");
  tar.write("ustar", 257);
  for (const [bytes, format] of [
    [Buffer.from("PGDMP\u0001"), "custom"],
    [tar, "tar"],
    [Buffer.from("--\n-- PostgreSQL database dump"), "plain"],
  ] as const) {
    const pieces = async function* () {
      for (const byte of bytes) yield Buffer.from([byte]);
      yield Buffer.from("rest");
    };
    const { head, whole } = await peek(pieces());
    assert.equal(formatOf(head), format);
    const read: Uint8Array[] = [];
    for await (const piece of whole) read.push(piece);
    assert.deepEqual(Buffer.concat(read), Buffer.concat([bytes, Buffer.from("rest")]));
  }
  for (const magic of ["1f8b08", "28b52ffd", "04224d18", "425a68", "fd377a585a00"])
    assert.throws(() => formatOf(Buffer.from(magic, "hex")), InvalidValueError);
});

/** Attributes of databases. */

import fc from "fast-check";
import type { Values } from "../../../provider/definition";
import { anyConfig } from "./config";
import type { Ground, Group } from "./group";
import { anyText } from "./text";

/** Locales of the C library that every system has. */
const LIBC = ["C", "POSIX", "C.utf8", "C.UTF-8"];

/** Encodings that go with locales for the order and for characters: only C goes with every one. */
function encodings(...locales: (string | undefined)[]): string[] {
  return locales.every((locale) => locale === "C" || locale === "POSIX")
    ? ["UTF8", "LATIN1", "SQL_ASCII", "EUC_JP"]
    : ["UTF8", "utf-8"];
}

/** Encoding and locale from the C library: each said by itself, or both as `locale`, and from 15 on all together. */
function libc(version: number): fc.Arbitrary<Values> {
  const both = { locale: fc.constantFrom(...LIBC) };
  const each = { lcCollate: fc.constantFrom(...LIBC), lcCtype: fc.constantFrom(...LIBC) };
  const locales: Readonly<Record<string, fc.Arbitrary<string>>>[] = [both, each];
  if (version >= 15) locales.push({ ...both, ...each });
  return fc.oneof(...locales.map((one) => fc.record(one, { requiredKeys: [] }))).chain(withEncoding);
}

function withEncoding(locales: { locale?: string; lcCollate?: string; lcCtype?: string }): fc.Arbitrary<Values> {
  const { locale, lcCollate = locale, lcCtype = locale } = locales;
  return fc.constantFrom(...encodings(lcCollate, lcCtype)).map((encoding) => ({ ...locales, encoding }));
}

/** Locale from ICU; the C library's is still there for what ICU does not do. */
function icu(version: number): fc.Arbitrary<Values> {
  const parts = {
    localeProvider: fc.constant("icu"),
    icuLocale: fc.constantFrom("und", "en-US", "de-u-co-phonebk", "DE_u_CO_phonebk"),
    encoding: fc.constantFrom("UTF8", "LATIN1"),
    lcCollate: fc.constantFrom("C", "POSIX"),
    lcCtype: fc.constantFrom("C", "POSIX"),
    ...(version >= 16 ? { icuRules: fc.constantFrom("&a < b", "&V << w <<< W", "&'\"' < x") } : {}),
  };
  return fc.record(parts, { requiredKeys: ["localeProvider", "icuLocale", "encoding"] });
}

/** Locale from PostgreSQL itself. */
const builtin: fc.Arbitrary<Values> = fc
  .constantFrom("C", "C.UTF-8", "c.utf8", "PG_UNICODE_FAST")
  .chain((builtinLocale) =>
    fc.record(
      {
        localeProvider: fc.constant("builtin"),
        builtinLocale: fc.constant(builtinLocale === "PG_UNICODE_FAST" ? "C" : builtinLocale),
        encoding: fc.constantFrom(...encodings(builtinLocale === "C" ? "C" : undefined)),
        lcCollate: fc.constantFrom("C", "POSIX"),
        lcCtype: fc.constantFrom("C", "POSIX"),
      },
      { requiredKeys: ["localeProvider", "builtinLocale", "encoding"] },
    ),
  );

function locales({ version }: Ground): fc.Arbitrary<Values> {
  const named = libc(version).map((values): Values => ({ ...values, localeProvider: "libc" }));
  const alternatives = [
    libc(version),
    named,
    ...(version >= 15 ? [icu(version)] : []),
    ...(version >= 17 ? [builtin] : []),
  ];
  return fc.oneof(...alternatives).chain((locale) =>
    // Only the pristine template takes another locale than its own.
    fc
      .record(
        { template: fc.constant("template0"), ...(version >= 15 ? { collationVersion: anyText } : {}) },
        { requiredKeys: [] },
      )
      .map((more): Values => ({ ...locale, ...more }) as Values),
  );
}

/** Oids that no server gives in a short life: none of them meets another. */
const anyOid = fc.integer({ min: 2 ** 31, max: 2 ** 32 - 1 });

/** Where a backup is or goes: a path on either side, or a command. */
const backups = (command: "from" | "to"): fc.Arbitrary<Values> =>
  fc.oneof(
    fc.record(
      {
        at: fc.constantFrom("client", "server"),
        path: anyText.map((text) => `/backups/${text}`),
        jobs: fc.integer({ min: 1, max: 8 }),
      },
      { requiredKeys: ["at", "path"] },
    ),
    anyText.map((text) => ({ [command]: ["tool", text] })),
  );

/** Of all attributes that are not made by their type alone. */
export const databaseGroups: readonly Group[] = [
  {
    attributes: [
      ...["template", "encoding", "locale", "localeProvider", "lcCollate", "lcCtype", "icuLocale", "icuRules"],
      ...["builtinLocale", "collationVersion"],
    ],
    make: locales,
  },
  {
    attributes: ["strategy"],
    make: ({ version }) =>
      version >= 15 ? fc.constantFrom("wal_log", "file_copy").map((strategy) => ({ strategy })) : fc.constant({}),
  },
  {
    attributes: ["oid"],
    make: ({ version }) => (version >= 15 ? anyOid.map((oid) => ({ oid })) : fc.constant({})),
  },
  {
    attributes: ["tablespace"],
    make: ({ superuser, tablespaces }) =>
      fc.constantFrom("pg_default", ...(superuser ? tablespaces : [])).map((tablespace) => ({ tablespace })),
  },
  {
    attributes: ["connectionLimit"],
    make: () => fc.integer({ min: -1, max: 2 ** 31 - 1 }).map((connectionLimit) => ({ connectionLimit })),
  },
  { attributes: ["restoreFrom"], make: () => backups("from").map((restoreFrom) => ({ restoreFrom })) },
  { attributes: ["finalBackup"], make: () => backups("to").map((finalBackup) => ({ finalBackup })) },
  { attributes: ["config"], make: () => anyConfig.map((config) => ({ config })) },
];

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Values } from "../../../provider/definition";
import { PermissionError } from "../../../provider/errors";
import type { Facts } from "../../../provider/facts";
import { databaseType } from "../../../provider/objects/database";
import { databaseFacts, factsOf, LOCALE, restricted, roleFacts, serverFacts, texts, UNKNOWN } from "../samples";
import { grant, on14, on18, revoke, superuser } from "./database-samples";

describe("create", () => {
  const table: [what: string, desired: Values, facts: Facts, sql: string[]][] = [
    ["a name alone", { name: "shop" }, superuser, ['CREATE DATABASE "shop"']],
    ["an owner", { name: "shop", owner: "o" }, superuser, ['CREATE DATABASE "shop" OWNER "o"']],
    [
      "an encoding like the template's",
      { name: "shop", encoding: "utf-8" },
      superuser,
      [`CREATE DATABASE "shop" ENCODING 'UTF8'`],
    ],
    [
      "another encoding takes the pristine template",
      { name: "shop", encoding: "latin1" },
      superuser,
      [`CREATE DATABASE "shop" TEMPLATE "template0" ENCODING 'LATIN1'`],
    ],
    [
      "but not where a template is declared",
      { name: "shop", encoding: "latin1", template: "t" },
      superuser,
      [`CREATE DATABASE "shop" TEMPLATE "t" ENCODING 'LATIN1'`],
    ],
    ["a template", { name: "shop", template: "t" }, superuser, ['CREATE DATABASE "shop" TEMPLATE "t"']],
    [
      "everything",
      {
        name: "shop",
        owner: "o",
        encoding: "UTF8",
        template: "t",
        forceDrop: true,
        dropNonEmpty: true,
        allowReplace: true,
        adopt: true,
        dropOnDelete: true,
      },
      superuser,
      [`CREATE DATABASE "shop" OWNER "o" TEMPLATE "t" ENCODING 'UTF8'`],
    ],
    [
      "restricted: an owner whose rights are there",
      { name: "shop", owner: "mine" },
      on18,
      ['CREATE DATABASE "shop" OWNER "mine"'],
    ],
    ["restricted: oneself", { name: "shop", owner: "deployer" }, on18, ['CREATE DATABASE "shop" OWNER "deployer"']],
    [
      "restricted on 14: handed over with lent rights",
      { name: "shop", owner: "o", encoding: "UTF8" },
      on14,
      [`CREATE DATABASE "shop" ENCODING 'UTF8'`, grant[14]("o"), 'ALTER DATABASE "shop" OWNER TO "o"', revoke("o")],
    ],
    [
      "restricted on 18: handed over with lent rights",
      { name: "shop", owner: "o" },
      on18,
      ['CREATE DATABASE "shop"', grant[18]("o"), 'ALTER DATABASE "shop" OWNER TO "o"', revoke("o")],
    ],
  ];
  for (const [what, desired, facts, sql] of table) {
    it(what, () => {
      const statements = databaseType.create(desired, facts);
      assert.deepEqual(texts(statements), sql);
      assert.deepEqual(
        statements.map(({ alone, unlimited }) => [alone, unlimited]),
        statements.map((_, index) => (index === 0 ? [true, true] : [undefined, undefined])),
      );
    });
  }

  const onlyVersion = (major: number) => factsOf(serverFacts({ major }));
  const attributes: [what: string, desired: Values, facts: Facts, sql: string[]][] = [
    [
      "what is the default anyway is not said",
      {
        connectionLimit: -1,
        allowConnections: true,
        isTemplate: false,
        tablespace: "pg_default",
        comment: null,
        config: {},
      },
      superuser,
      ['CREATE DATABASE "shop"'],
    ],
    [
      "clauses, then statements",
      {
        connectionLimit: 0,
        allowConnections: false,
        isTemplate: true,
        tablespace: "fast",
        strategy: "file_copy",
        collationVersion: "1",
        oid: 4_000_000_000,
        comment: "it's",
        config: { jit: false },
      },
      superuser,
      [
        `CREATE DATABASE "shop" STRATEGY 'file_copy' COLLATION_VERSION '1' OID 4000000000 TABLESPACE "fast" CONNECTION LIMIT 0 ALLOW_CONNECTIONS FALSE IS_TEMPLATE TRUE`,
        `ALTER DATABASE "shop" SET "jit" TO 'off'`,
        `COMMENT ON DATABASE "shop" IS 'it''s'`,
      ],
    ],
    [
      "the template's own locale",
      { lcCollate: "C", lcCtype: "POSIX", localeProvider: "libc" },
      superuser,
      [`CREATE DATABASE "shop" LOCALE_PROVIDER 'libc' LC_COLLATE 'C' LC_CTYPE 'POSIX'`],
    ],
    [
      "another locale takes the pristine template",
      { locale: "C.UTF-8" },
      superuser,
      [`CREATE DATABASE "shop" TEMPLATE "template0" LOCALE 'C.UTF-8'`],
    ],
    [
      "another provider, too",
      { localeProvider: "icu", icuLocale: "en-US", icuRules: "&a < b" },
      superuser,
      [`CREATE DATABASE "shop" TEMPLATE "template0" LOCALE_PROVIDER 'icu' ICU_LOCALE 'en-US' ICU_RULES '&a < b'`],
    ],
    [
      "the builtin one",
      { localeProvider: "builtin", builtinLocale: "C.UTF-8" },
      superuser,
      [`CREATE DATABASE "shop" TEMPLATE "template0" LOCALE_PROVIDER 'builtin' BUILTIN_LOCALE 'C.UTF-8'`],
    ],
    ["14 has no providers", { localeProvider: "libc" }, onlyVersion(14), ['CREATE DATABASE "shop"']],
    [
      "up to 15, LOCALE stands alone",
      { locale: "C.UTF-8", lcCtype: "C" },
      onlyVersion(15),
      [`CREATE DATABASE "shop" TEMPLATE "template0" LC_COLLATE 'C.UTF-8' LC_CTYPE 'C'`],
    ],
    [
      "from 16 on, it does not",
      { locale: "C.UTF-8", lcCtype: "C" },
      onlyVersion(16),
      [`CREATE DATABASE "shop" TEMPLATE "template0" LOCALE 'C.UTF-8' LC_CTYPE 'C'`],
    ],
    ["15 has", { localeProvider: "libc" }, onlyVersion(15), [`CREATE DATABASE "shop" LOCALE_PROVIDER 'libc'`]],
  ];
  for (const [what, desired, facts, sql] of attributes) {
    it(what, () => assert.deepEqual(texts(databaseType.create({ name: "shop", ...desired }, facts)), sql));
  }

  it("restricted: what the owner alone may do comes before the hand-over", () => {
    const desired = { name: "shop", owner: "o", comment: "x" };
    assert.deepEqual(texts(databaseType.create(desired, on18)), [
      'CREATE DATABASE "shop"',
      `COMMENT ON DATABASE "shop" IS 'x'`,
      grant[18]("o"),
      'ALTER DATABASE "shop" OWNER TO "o"',
      revoke("o"),
    ]);
  });

  it("keeps our own connections out of the template, except out of the one we are in", () => {
    const without = (desired: Values, facts: Facts) =>
      databaseType.create({ name: "shop", ...desired }, facts)[0]?.without;
    assert.equal(without({}, superuser), "template1");
    assert.equal(without({ template: "t" }, superuser), "t");
    assert.equal(without({ encoding: "LATIN1" }, superuser), "template0");
    assert.equal(without({ template: "postgres" }, superuser), undefined);
    assert.equal(without({}, { ...superuser, database: "template1" }), undefined);
  });

  it("follows template1's encoding where that is another", () => {
    const latin = factsOf(
      serverFacts(),
      {},
      { template1: databaseFacts({ locale: { ...LOCALE, encoding: "LATIN1" } }) },
    );
    assert.deepEqual(texts(databaseType.create({ name: "shop", encoding: "ISO-8859-1" }, latin)), [
      `CREATE DATABASE "shop" ENCODING 'LATIN1'`,
    ]);
    assert.deepEqual(texts(databaseType.create({ name: "shop", encoding: "UTF8" }, latin)), [
      `CREATE DATABASE "shop" TEMPLATE "template0" ENCODING 'UTF8'`,
    ]);
  });

  it("refuses an owner whose rights cannot be lent, before anything is created", () => {
    const facts = factsOf(restricted(18), { o: roleFacts({ admin: false }) });
    assert.throws(() => databaseType.create({ name: "shop", owner: "o" }, facts), PermissionError);
  });
});

it("a locale of another provider than the declared one is refused", () => {
  const check = (values: Values) =>
    databaseType.checkTogether?.(values).map(({ property, reason }) => `${property} ${reason}`);
  assert.deepEqual(check({ localeProvider: "libc", icuLocale: "und" }), ['icuLocale needs localeProvider: "icu"']);
  assert.deepEqual(check({ localeProvider: "icu", builtinLocale: "C" }), [
    'builtinLocale needs localeProvider: "builtin"',
  ]);
  assert.deepEqual(check({ icuLocale: "und" }), []);
  assert.deepEqual(check({ localeProvider: UNKNOWN, icuLocale: "und", builtinLocale: "C" }), []);
});

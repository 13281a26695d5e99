import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Statement, Values } from "../../../provider/definition";
import { PermissionError, RefusedError } from "../../../provider/errors";
import type { Facts } from "../../../provider/facts";
import { differences } from "../../../provider/fields";
import { databaseType } from "../../../provider/objects/database";
import {
  databaseFacts,
  factsOf,
  HOSTILE_NAMES,
  id,
  LOCALE,
  observedOf,
  restricted,
  roleFacts,
  serverFacts,
  texts,
  UNKNOWN,
} from "../samples";

const HELD = roleFacts({ usage: true, set: true });
const superuser = factsOf(serverFacts(), { o: roleFacts({ admin: false }), o2: roleFacts({ admin: false }) });
const lender = (major: number) => factsOf(restricted(major), { o: roleFacts(), o2: roleFacts(), mine: HELD });
const on14 = lender(14);
const on18 = lender(18);

/** How each version lends the rights of a role and takes them back. */
const grant = {
  14: (role: string) => `GRANT "${role}" TO "deployer"`,
  18: (role: string) => `GRANT "${role}" TO "deployer" WITH INHERIT TRUE, SET TRUE`,
};
const revoke = (role: string) => `REVOKE "${role}" FROM "deployer"`;

const shop = observedOf({ name: "shop", owner: "o", encoding: "UTF8" });

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
        comment: "it's",
        config: { jit: false },
      },
      superuser,
      [
        `CREATE DATABASE "shop" STRATEGY 'file_copy' COLLATION_VERSION '1' TABLESPACE "fast" CONNECTION LIMIT 0 ALLOW_CONNECTIONS FALSE IS_TEMPLATE TRUE`,
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

describe("alter", () => {
  const rename = 'ALTER DATABASE "shop" RENAME TO "shop2"';
  const give = 'ALTER DATABASE "shop" OWNER TO "o2"';
  const table: [what: string, desired: Values, facts: Facts, sql: string[]][] = [
    ["nothing", { name: "shop", owner: "o", encoding: "utf-8", template: "any" }, superuser, []],
    ["nothing, restricted without rights", { name: "shop", owner: "o" }, on18, []],
    ["only options", { forceDrop: true, dropNonEmpty: true, allowReplace: true }, superuser, []],
    ["name", { name: "shop2" }, superuser, [rename]],
    ["owner", { owner: "o2" }, superuser, [give]],
    ["name and owner", { name: "shop2", owner: "o2" }, superuser, [rename, 'ALTER DATABASE "shop2" OWNER TO "o2"']],
    ["restricted on 14: name", { name: "shop2" }, on14, [grant[14]("o"), rename, revoke("o")]],
    ["restricted on 18: name", { name: "shop2" }, on18, [grant[18]("o"), rename, revoke("o")]],
    [
      "restricted on 14: owner",
      { owner: "o2" },
      on14,
      [grant[14]("o"), grant[14]("o2"), give, revoke("o"), revoke("o2")],
    ],
    [
      "restricted on 18: owner",
      { owner: "o2" },
      on18,
      [grant[18]("o"), grant[18]("o2"), give, revoke("o"), revoke("o2")],
    ],
    [
      "restricted on 18: name and owner",
      { name: "shop2", owner: "mine" },
      on18,
      [grant[18]("o"), rename, 'ALTER DATABASE "shop2" OWNER TO "mine"', revoke("o")],
    ],
  ];
  for (const [what, desired, facts, sql] of table) {
    it(what, () => {
      const statements = databaseType.alter(shop, desired, facts);
      assert.deepEqual(texts(statements), sql);
      assert.ok(!statements.some(({ alone }) => alone), "all in one transaction");
    });
  }

  const shown = { tablespace: "pg_default", connectionLimit: -1, allowConnections: true, isTemplate: false };
  const full = observedOf({ ...shop.values, ...shown, ...LOCALE, config: { jit: "off" }, comment: null });
  const attributes: [what: string, desired: Values, facts: Facts, sql: string[]][] = [
    [
      "flags in one statement",
      { connectionLimit: 0, allowConnections: false, isTemplate: true },
      superuser,
      ['ALTER DATABASE "shop" WITH CONNECTION LIMIT 0 ALLOW_CONNECTIONS FALSE IS_TEMPLATE TRUE'],
    ],
    [
      "config and comment",
      { config: { a: 1 }, comment: "x" },
      superuser,
      [
        'ALTER DATABASE "shop" RESET "jit"',
        `ALTER DATABASE "shop" SET "a" TO '1'`,
        `COMMENT ON DATABASE "shop" IS 'x'`,
      ],
    ],
    [
      "create-only attributes are never compared",
      { strategy: "wal_log", collationVersion: "9", template: "t" },
      superuser,
      [],
    ],
    [
      "a locale in other words",
      { lcCollate: "POSIX", lcCtype: "C", locale: "C", localeProvider: "libc" },
      superuser,
      [],
    ],
    [
      "a move, after everything else, with nobody in it",
      { name: "shop2", tablespace: "fast", connectionLimit: 5 },
      superuser,
      [rename, 'ALTER DATABASE "shop2" WITH CONNECTION LIMIT 5', 'ALTER DATABASE "shop2" SET TABLESPACE "fast"'],
    ],
    [
      "restricted: a move takes the database over, and gives it back",
      { tablespace: "fast" },
      on18,
      [
        grant[18]("o"),
        'ALTER DATABASE "shop" OWNER TO "deployer"',
        revoke("o"),
        'ALTER DATABASE "shop" SET TABLESPACE "fast"',
        grant[18]("o"),
        'ALTER DATABASE "shop" OWNER TO "o"',
        revoke("o"),
      ],
    ],
  ];
  for (const [what, desired, facts, sql] of attributes) {
    it(what, () => {
      const statements = databaseType.alter(full, desired, facts);
      assert.deepEqual(texts(statements), sql);
      const move = statements.find(({ alone }) => alone);
      if (move) assert.deepEqual([move.unlimited, move.without], [true, String(desired.name ?? "shop")]);
    });
  }

  it("`locale` is compared with what lcCollate and lcCtype leave to it", () => {
    const other = observedOf({ ...full.values, lcCollate: "C", lcCtype: "en_US.UTF-8" });
    const changed = (desired: Values) => [...differences(databaseType, other, desired)];
    assert.deepEqual(changed({ locale: "C" }), ["locale"]);
    assert.deepEqual(changed({ locale: "C", lcCtype: "en_US.utf8" }), []);
    assert.deepEqual(changed({ locale: "en_US.utf8", lcCollate: "POSIX" }), []);
    assert.deepEqual(changed({ locale: "any", lcCollate: "C", lcCtype: "en_US.utf8" }), []);
  });

  it("keeps our own connections out of a database that is renamed, and only then", () => {
    const kept = (statements: Statement[]) => statements.flatMap(({ without }) => without ?? []);
    assert.deepEqual(kept(databaseType.alter(shop, { name: "shop2", owner: "o2" }, on18)), ["shop"]);
    assert.deepEqual(kept(databaseType.alter(shop, { owner: "o2" }, on18)), []);
  });

  it("does not rename the database of the connection", () => {
    const facts = { ...superuser, database: "shop" };
    assert.throws(() => databaseType.alter(shop, { name: "shop2" }, facts), refusal("rename"));
    assert.deepEqual(texts(databaseType.alter(shop, { owner: "o2" }, facts)), [give]);
  });
});

describe("drop", () => {
  const DROP = 'DROP DATABASE "shop"';
  const takeOver = (version: 14 | 18) => [
    grant[version]("o"),
    'ALTER DATABASE "shop" OWNER TO "deployer"',
    revoke("o"),
  ];
  const giveBack = (version: 14 | 18) => [grant[version]("o"), 'ALTER DATABASE "shop" OWNER TO "o"', revoke("o")];
  const mine = factsOf(restricted(18), { o: HELD });
  const table: [what: string, options: Values, facts: Facts, sql: string[], undo: string[]][] = [
    ["plain", {}, superuser, [DROP], []],
    ["with sessions", { forceDrop: true }, superuser, [`${DROP} WITH (FORCE)`], []],
    ["forceDrop false and null", { forceDrop: false, dropNonEmpty: true }, superuser, [DROP], []],
    ["restricted, with the owner's rights", { forceDrop: null }, mine, [DROP], []],
    ["restricted on 14: taken over first, given back when it fails", {}, on14, [...takeOver(14), DROP], giveBack(14)],
    ["restricted on 18", { forceDrop: true }, on18, [...takeOver(18), `${DROP} WITH (FORCE)`], giveBack(18)],
  ];
  for (const [what, options, facts, sql, undo] of table) {
    it(what, () => {
      const statements = databaseType.drop(shop, options, facts);
      assert.deepEqual(texts(statements), sql);
      const last = statements.at(-1) as Statement;
      assert.deepEqual([last.alone, last.unlimited, last.without], [true, true, "shop"]);
      assert.deepEqual(texts(last.undo ?? []), undo);
      assert.ok(!statements.slice(0, -1).some(({ alone }) => alone));
    });
  }

  it("a template is made a plain database first, and a template again when the drop fails", () => {
    const template = observedOf({ ...shop.values, isTemplate: true });
    const [off, on] = ["FALSE", "TRUE"].map((word) => `ALTER DATABASE "shop" WITH IS_TEMPLATE ${word}`) as [
      string,
      string,
    ];
    const statements = databaseType.drop(template, {}, superuser);
    assert.deepEqual(texts(statements), [off, DROP]);
    assert.deepEqual(texts(statements.at(-1)?.undo ?? []), [on]);
    const restrictedly = databaseType.drop(template, {}, on18);
    const give = 'ALTER DATABASE "shop" OWNER TO "deployer"';
    assert.deepEqual(texts(restrictedly), [grant[18]("o"), off, give, revoke("o"), DROP]);
    const back = [grant[18]("o"), on, 'ALTER DATABASE "shop" OWNER TO "o"', revoke("o")];
    assert.deepEqual(texts(restrictedly.at(-1)?.undo ?? []), back);
  });

  it("does not drop the database of the connection", () => {
    assert.throws(() => databaseType.drop(shop, {}, { ...superuser, database: "shop" }), refusal("drop"));
  });
});

function refusal(intent: string) {
  return (error: Error) => {
    assert.ok(error instanceof RefusedError);
    assert.equal(
      error.message,
      `the connection itself is to this database, so it cannot ${intent} it. Give the Provider another \`database\``,
    );
    return true;
  };
}

describe("awkward names", () => {
  for (const name of HOSTILE_NAMES) {
    it(JSON.stringify(name), () => {
      const n = id(name);
      const facts = factsOf({ ...restricted(14), user: "me" }, { [name]: roleFacts() });
      const [lend, back] = [`GRANT ${n} TO "me"`, `REVOKE ${n} FROM "me"`];
      const owned = observedOf({ name, owner: name, encoding: "UTF8" });
      assert.deepEqual(texts(databaseType.create({ name, owner: name, template: name }, facts)), [
        `CREATE DATABASE ${n} TEMPLATE ${n}`,
        lend,
        `ALTER DATABASE ${n} OWNER TO ${n}`,
        back,
      ]);
      assert.deepEqual(texts(databaseType.create({ name, owner: name }, superuser)), [
        `CREATE DATABASE ${n} OWNER ${n}`,
      ]);
      assert.deepEqual(texts(databaseType.alter(owned, { name: "new" }, facts)), [
        lend,
        `ALTER DATABASE ${n} RENAME TO "new"`,
        back,
      ]);
      assert.deepEqual(texts(databaseType.alter(shop, { name }, superuser)), [`ALTER DATABASE "shop" RENAME TO ${n}`]);
      const drop = databaseType.drop(owned, {}, facts);
      assert.deepEqual(texts(drop), [lend, `ALTER DATABASE ${n} OWNER TO "me"`, back, `DROP DATABASE ${n}`]);
      assert.equal(drop.at(-1)?.without, name);
    });
  }
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

it("the facts of both owners and of template1 are asked for", () => {
  const server = serverFacts();
  assert.deepEqual(databaseType.rolesInvolved(shop, { owner: "o2" }, server), ["o2", "o"]);
  assert.deepEqual(databaseType.rolesInvolved(undefined, { name: "d" }, server), []);
  assert.deepEqual(databaseType.databasesInvolved(undefined, {}, "postgres"), ["template1"]);
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Statement, Values } from "../../../provider/definition";
import type { Facts } from "../../../provider/facts";
import { differences } from "../../../provider/fields";
import { databaseType } from "../../../provider/objects/database";
import { LOCALE, observedOf, texts } from "../samples";
import { grant, on14, on18, refusal, revoke, shop, superuser } from "./database-samples";

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
      { strategy: "wal_log", collationVersion: "9", template: "t", oid: 16_400 },
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

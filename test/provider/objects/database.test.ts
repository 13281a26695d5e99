import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Statement, Values } from "../../../provider/definition";
import type { Facts } from "../../../provider/facts";
import { databaseType } from "../../../provider/objects/database";
import { factsOf, HOSTILE_NAMES, id, observedOf, restricted, roleFacts, serverFacts, texts } from "../samples";
import { grant, HELD, on14, on18, refusal, revoke, shop, superuser } from "./database-samples";

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

it("the facts of both owners and of template1 are asked for", () => {
  const server = serverFacts();
  assert.deepEqual(databaseType.rolesInvolved(shop, { owner: "o2" }, server), ["o2", "o"]);
  assert.deepEqual(databaseType.rolesInvolved(undefined, { name: "d" }, server), []);
  assert.deepEqual(databaseType.databasesInvolved(undefined, {}, "postgres"), ["template1"]);
});

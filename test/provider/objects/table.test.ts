import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Observed, Values } from "../../../provider/definition";
import { NotFoundError, PermissionError } from "../../../provider/errors";
import type { Facts } from "../../../provider/facts";
import { tableType } from "../../../provider/objects/table";
import {
  factsOf,
  HOSTILE_NAMES,
  id,
  observedOf,
  restricted,
  roleFacts,
  schemaFacts,
  serverFacts,
  texts,
} from "../samples";

const orders = (values: Values = {}): Observed =>
  observedOf(
    {
      ...{ schema: "sales", name: "orders", owner: "o", tablespace: null, kind: "table" },
      ...{ rowSecurity: false, forceRowSecurity: false, unlogged: false, comment: null, ...values },
    },
    { defaultTablespace: "pg_default" },
  );
const foreign = orders({ kind: "foreign table" });
const superuser = factsOf(serverFacts());

const T = 'ALTER TABLE "sales"."orders"';

describe("alter", () => {
  const table: [what: string, observed: Observed, desired: Values, sql: string[]][] = [
    ["nothing", orders(), { schema: "sales", name: "orders", owner: "o", unlogged: false, database: "x" }, []],
    ["name", orders(), { name: "sold" }, [`${T} RENAME TO "sold"`]],
    ["schema", orders(), { schema: "old" }, [`${T} SET SCHEMA "old"`]],
    ["owner", orders(), { owner: "p" }, [`${T} OWNER TO "p"`]],
    [
      "each statement calls it as the one before left it",
      orders(),
      { schema: "old", name: "sold", owner: "p", rowSecurity: true, comment: "x" },
      [
        `${T} SET SCHEMA "old"`,
        'ALTER TABLE "old"."orders" RENAME TO "sold"',
        'ALTER TABLE "old"."sold" OWNER TO "p"',
        'ALTER TABLE "old"."sold" ENABLE ROW LEVEL SECURITY',
        `COMMENT ON TABLE "old"."sold" IS 'x'`,
      ],
    ],
    ["row security", orders({ rowSecurity: true }), { rowSecurity: false }, [`${T} DISABLE ROW LEVEL SECURITY`]],
    [
      "several clauses are one statement, which writes the table once",
      orders(),
      { tablespace: "fast", forceRowSecurity: true, unlogged: true },
      [`${T} SET TABLESPACE "fast", FORCE ROW LEVEL SECURITY, SET UNLOGGED`],
    ],
    [
      "taken back",
      orders({ tablespace: "fast", forceRowSecurity: true, unlogged: true, comment: "x" }),
      { tablespace: null, forceRowSecurity: false, unlogged: false, comment: null },
      [
        `${T} SET TABLESPACE "pg_default", NO FORCE ROW LEVEL SECURITY, SET LOGGED`,
        'COMMENT ON TABLE "sales"."orders" IS NULL',
      ],
    ],
    ["the database's tablespace by its name", orders(), { tablespace: "pg_default" }, []],
    [
      "a foreign table",
      foreign,
      { name: "sold", comment: "x" },
      ['ALTER FOREIGN TABLE "sales"."orders" RENAME TO "sold"', `COMMENT ON FOREIGN TABLE "sales"."sold" IS 'x'`],
    ],
  ];
  for (const [what, observed, desired, sql] of table) {
    it(what, () => assert.deepEqual(texts(tableType.alter(observed, desired, superuser)), sql));
  }

  it("any name", () => {
    for (const name of HOSTILE_NAMES) {
      assert.deepEqual(texts(tableType.alter(orders({ schema: name, name }), { name: "x", schema: "y" }, superuser)), [
        `ALTER TABLE ${id(name)}.${id(name)} SET SCHEMA "y"`,
        `ALTER TABLE "y".${id(name)} RENAME TO "x"`,
      ]);
    }
  });

  it("what writes the table anew may take long, and nothing else", () => {
    const unlimited = (desired: Values) => tableType.alter(orders(), desired, superuser).map((one) => one.unlimited);
    assert.deepEqual(unlimited({ tablespace: "fast" }), [true]);
    assert.deepEqual(unlimited({ unlogged: true, name: "x" }), [undefined, true]);
    assert.deepEqual(unlimited({ rowSecurity: true }), [undefined]);
  });
});

describe("rights that are lent", () => {
  const HELD = roleFacts({ usage: true, set: true });
  const ROLES = { o: roleFacts(), p: roleFacts(), so: roleFacts(), mine: HELD };
  const facts = (schemas: Parameters<typeof factsOf>[3]): Facts => factsOf(restricted(14), ROLES, {}, schemas);
  const closed = schemaFacts({ owner: "so", usage: false, create: false, users: ["o"], creators: ["p"] });
  const table: [what: string, observed: Observed, desired: Values, facts: Facts, sql: string[]][] = [
    [
      "the owner's",
      orders(),
      { rowSecurity: true },
      facts({ sales: schemaFacts() }),
      ['GRANT "o" TO "deployer"', `${T} ENABLE ROW LEVEL SECURITY`, 'REVOKE "o" FROM "deployer"'],
    ],
    [
      "none for what is ours",
      orders({ owner: "mine" }),
      { name: "x" },
      facts({ sales: schemaFacts() }),
      [`${T} RENAME TO "x"`],
    ],
    [
      "those of the new schema's owner to move it there",
      orders({ owner: "mine" }),
      { schema: "old" },
      facts({ sales: schemaFacts(), old: closed }),
      ['GRANT "so" TO "deployer"', `${T} SET SCHEMA "old"`, 'REVOKE "so" FROM "deployer"'],
    ],
    [
      "none of a schema's owner where the table's may do it",
      orders(),
      { comment: "x" },
      facts({ sales: closed }),
      ['GRANT "o" TO "deployer"', `COMMENT ON TABLE "sales"."orders" IS 'x'`, 'REVOKE "o" FROM "deployer"'],
    ],
    [
      "both owners' to hand it over",
      orders(),
      { owner: "p" },
      facts({ sales: closed }),
      [
        'GRANT "o" TO "deployer"',
        'GRANT "p" TO "deployer"',
        `${T} OWNER TO "p"`,
        'REVOKE "o" FROM "deployer"',
        'REVOKE "p" FROM "deployer"',
      ],
    ],
  ];
  for (const [what, observed, desired, given, sql] of table) {
    it(what, () => assert.deepEqual(texts(tableType.alter(observed, desired, given)), sql));
  }
  it("refuses an owner who may not create in the schema", () => {
    assert.throws(() => tableType.alter(orders(), { owner: "mine" }, facts({ sales: closed })), PermissionError);
  });
});

describe("drop", () => {
  const table: [what: string, observed: Observed, options: Values, sql: string[]][] = [
    ["alone", orders(), {}, ['DROP TABLE "sales"."orders"']],
    ["with what depends on it", orders(), { dropCascade: true }, ['DROP TABLE "sales"."orders" CASCADE']],
    ["a foreign table", foreign, { dropCascade: false }, ['DROP FOREIGN TABLE "sales"."orders"']],
  ];
  for (const [what, observed, options, sql] of table) {
    it(what, () => assert.deepEqual(texts(tableType.drop(observed, options, superuser)), sql));
  }
  it("says what to do about what depends on it, and about that alone", () => {
    const remedy = (code: string, intent: string) => tableType.remedy?.({ code, message: "" }, intent, superuser);
    assert.match(remedy("2BP01", "drop") ?? "", /dropCascade: true/);
    assert.equal(remedy("2BP01", "alter"), undefined);
    assert.equal(remedy("42501", "drop"), undefined);
  });
});

it("a table is not created here", () => assert.throws(() => tableType.create({ name: "x" }, superuser), NotFoundError));

it("nobody has to move a table out of the usual tablespace into the database's, as long as nobody looked", () => {
  const assumed = tableType.assumed?.({ tablespace: "pg_default" }, serverFacts(), {});
  assert.deepEqual(assumed, { values: { tablespace: null }, extra: { defaultTablespace: "pg_default" } });
});

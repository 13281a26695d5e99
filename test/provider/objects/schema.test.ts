import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Observed, Values } from "../../../provider/definition";
import { PermissionError } from "../../../provider/errors";
import type { Facts } from "../../../provider/facts";
import { schemaType } from "../../../provider/objects/schema";
import {
  databaseFacts,
  factsOf,
  HOSTILE_NAMES,
  id,
  observedOf,
  restricted,
  roleFacts,
  serverFacts,
  texts,
} from "../samples";

const HELD = roleFacts({ usage: true, set: true });
const ROLES = { o: roleFacts(), o2: roleFacts(), dbo: roleFacts(), mine: HELD };
const OPEN = { postgres: databaseFacts({ owner: "dbo" }) };
const CLOSED = { postgres: databaseFacts({ owner: "dbo", create: false }) };

const superuser = factsOf(serverFacts(), ROLES, OPEN);
const on14 = factsOf(restricted(14), ROLES, OPEN);
const on18 = factsOf(restricted(18), ROLES, OPEN);
const closed14 = factsOf(restricted(14), ROLES, CLOSED);
const closed18 = factsOf(restricted(18), ROLES, CLOSED);

const grant14 = (role: string) => `GRANT "${role}" TO "deployer"`;
const grant18 = (role: string) => `GRANT "${role}" TO "deployer" WITH INHERIT TRUE, SET TRUE`;
const revoke = (role: string) => `REVOKE "${role}" FROM "deployer"`;

const sales = observedOf({ name: "sales", owner: "o" });
const publicSchema = observedOf({ name: "public", owner: "pg_database_owner" });

describe("create", () => {
  const plain = 'CREATE SCHEMA "sales"';
  const owned = 'CREATE SCHEMA "sales" AUTHORIZATION "o"';
  const table: [what: string, desired: Values, facts: Facts, sql: string[]][] = [
    ["a name alone", { name: "sales" }, superuser, [plain]],
    ["an owner", { name: "sales", owner: "o" }, superuser, [owned]],
    [
      "database and options send nothing",
      { name: "sales", database: "shop", dropCascade: true, adopt: true },
      superuser,
      [plain],
    ],
    ["restricted, where it may create", { name: "sales" }, on18, [plain]],
    [
      "restricted, an owner whose rights are there",
      { name: "sales", owner: "mine" },
      on18,
      ['CREATE SCHEMA "sales" AUTHORIZATION "mine"'],
    ],
    ["restricted on 14, another owner", { name: "sales", owner: "o" }, on14, [grant14("o"), owned, revoke("o")]],
    ["restricted on 18, another owner", { name: "sales", owner: "o" }, on18, [grant18("o"), owned, revoke("o")]],
    ["restricted on 14, in another's database", { name: "sales" }, closed14, [grant14("dbo"), plain, revoke("dbo")]],
    [
      "restricted on 18, in another's database for another owner",
      { name: "sales", owner: "o" },
      closed18,
      [grant18("dbo"), grant18("o"), owned, revoke("dbo"), revoke("o")],
    ],
    [
      "restricted on 18, owned by the database's owner",
      { name: "sales", owner: "dbo" },
      closed18,
      [grant18("dbo"), 'CREATE SCHEMA "sales" AUTHORIZATION "dbo"', revoke("dbo")],
    ],
  ];
  for (const [what, desired, facts, sql] of table) {
    it(what, () => assert.deepEqual(texts(schemaType.create(desired, facts)), sql));
  }
  it("refuses an owner whose rights cannot be lent", () => {
    const facts = factsOf(restricted(18), { o: roleFacts({ admin: false }) }, OPEN);
    assert.throws(() => schemaType.create({ name: "sales", owner: "o" }, facts), PermissionError);
  });
});

describe("alter", () => {
  const rename = 'ALTER SCHEMA "sales" RENAME TO "sold"';
  const give = 'ALTER SCHEMA "sales" OWNER TO "o2"';
  const both = [rename, 'ALTER SCHEMA "sold" OWNER TO "o2"'];
  const table: [what: string, observed: Observed, desired: Values, facts: Facts, sql: string[]][] = [
    ["nothing", sales, { name: "sales", owner: "o", database: "other", dropCascade: true }, superuser, []],
    ["nothing, restricted", sales, { name: "sales", owner: "o" }, closed18, []],
    ["name", sales, { name: "sold" }, superuser, [rename]],
    ["owner", sales, { owner: "o2" }, superuser, [give]],
    ["name and owner", sales, { name: "sold", owner: "o2" }, superuser, both],
    ["restricted on 14: name", sales, { name: "sold" }, on14, [grant14("o"), rename, revoke("o")]],
    ["restricted on 18: name", sales, { name: "sold" }, on18, [grant18("o"), rename, revoke("o")]],
    [
      "restricted on 14: owner",
      sales,
      { owner: "o2" },
      on14,
      [grant14("o"), grant14("o2"), give, revoke("o"), revoke("o2")],
    ],
    [
      "restricted on 18: both",
      sales,
      { name: "sold", owner: "o2" },
      on18,
      [grant18("o"), grant18("o2"), ...both, revoke("o"), revoke("o2")],
    ],
    [
      "restricted on 18, in another's database",
      sales,
      { name: "sold" },
      closed18,
      [grant18("o"), grant18("dbo"), rename, revoke("o"), revoke("dbo")],
    ],
    [
      "public belongs to whoever owns the database",
      publicSchema,
      { owner: "o2" },
      on18,
      [grant18("dbo"), grant18("o2"), 'ALTER SCHEMA "public" OWNER TO "o2"', revoke("dbo"), revoke("o2")],
    ],
  ];
  for (const [what, observed, desired, facts, sql] of table) {
    it(what, () => {
      const statements = schemaType.alter(observed, desired, facts);
      assert.deepEqual(texts(statements), sql);
      assert.ok(statements.every(({ alone, without }) => !alone && without === undefined));
    });
  }
});

describe("drop", () => {
  const DROP = 'DROP SCHEMA "sales"';
  const table: [what: string, observed: Observed, options: Values, facts: Facts, sql: string[]][] = [
    ["plain", sales, {}, superuser, [DROP]],
    ["with what is in it", sales, { dropCascade: true }, superuser, [`${DROP} CASCADE`]],
    ["dropCascade false", sales, { dropCascade: false }, superuser, [DROP]],
    ["dropCascade null", sales, { dropCascade: null }, superuser, [DROP]],
    ["restricted on 14", sales, {}, on14, [grant14("o"), DROP, revoke("o")]],
    ["restricted on 18", sales, { dropCascade: true }, closed18, [grant18("o"), `${DROP} CASCADE`, revoke("o")]],
    ["public", publicSchema, {}, on18, [grant18("dbo"), 'DROP SCHEMA "public"', revoke("dbo")]],
  ];
  for (const [what, observed, options, facts, sql] of table) {
    it(what, () => assert.deepEqual(texts(schemaType.drop(observed, options, facts)), sql));
  }
});

describe("awkward names", () => {
  for (const name of HOSTILE_NAMES) {
    it(JSON.stringify(name), () => {
      const n = id(name);
      const facts = factsOf({ ...restricted(14), user: "me" }, { [name]: roleFacts() }, OPEN);
      const [lend, back] = [`GRANT ${n} TO "me"`, `REVOKE ${n} FROM "me"`];
      const owned = observedOf({ name, owner: name });
      assert.deepEqual(texts(schemaType.create({ name, owner: name }, facts)), [
        lend,
        `CREATE SCHEMA ${n} AUTHORIZATION ${n}`,
        back,
      ]);
      assert.deepEqual(texts(schemaType.alter(owned, { name: "new" }, facts)), [
        lend,
        `ALTER SCHEMA ${n} RENAME TO "new"`,
        back,
      ]);
      assert.deepEqual(texts(schemaType.alter(sales, { name, owner: name }, superuser)), [
        `ALTER SCHEMA "sales" RENAME TO ${n}`,
        `ALTER SCHEMA ${n} OWNER TO ${n}`,
      ]);
      assert.deepEqual(texts(schemaType.drop(owned, { dropCascade: true }, facts)), [
        lend,
        `DROP SCHEMA ${n} CASCADE`,
        back,
      ]);
    });
  }
});

it("the facts of every owner in play are asked for, and of the database", () => {
  assert.deepEqual(schemaType.rolesInvolved(sales, { owner: "o2" }, serverFacts()).sort(), ["o", "o2"]);
  assert.deepEqual(schemaType.databasesInvolved(sales, {}, "shop"), ["shop"]);
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Observed, Values } from "../../../provider/definition";
import { PermissionError, RefusedError } from "../../../provider/errors";
import type { Facts } from "../../../provider/facts";
import { sequenceType } from "../../../provider/objects/sequence";
import {
  factsOf,
  HOSTILE_NAMES,
  id,
  restricted,
  roleFacts,
  schemaFacts,
  sequence,
  serverFacts,
  texts,
} from "../samples";

const ROLES = { o: roleFacts(), o2: roleFacts(), so: roleFacts(), root: roleFacts({ superuser: true, admin: false }) };
const OPEN = { sales: schemaFacts({ owner: "so" }), retail: schemaFacts({ owner: "so" }), public: schemaFacts() };
const CLOSED_TO_ME = { usage: false, create: false, users: ["o", "o2"], creators: ["o", "o2"] };
const CLOSED = { usage: false, create: false };

const superuser = factsOf(serverFacts(), ROLES, {}, OPEN);
/** The restricted role on 18; what is said of `sales` and `retail` there. */
const on18 = (sales: object = CLOSED_TO_ME, retail: object = CLOSED_TO_ME) =>
  factsOf(
    restricted(18),
    ROLES,
    {},
    {
      sales: schemaFacts({ owner: "so", ...sales }),
      retail: schemaFacts({ owner: "so", ...retail }),
    },
  );

const grant = (role: string) => `GRANT "${role}" TO "deployer" WITH INHERIT TRUE, SET TRUE`;
const revoke = (role: string) => `REVOKE "${role}" FROM "deployer"`;
const lent = (roles: string[], sql: string[]) => [...roles.map(grant), ...sql, ...roles.map(revoke)];

const MAX = "9223372036854775807";
const MIN = "-9223372036854775808";
const OWNED = { ownedBy: { schema: "sales", table: "t", column: "c" } };

describe("create", () => {
  const CREATE = 'CREATE SEQUENCE "sales"."no"';
  const name = { schema: "sales", name: "no" };
  const table: [what: string, desired: Values, facts: Facts, sql: string[]][] = [
    ["a name alone is one in public", { name: "a.b" }, superuser, ['CREATE SEQUENCE "public"."a.b"']],
    ["schema and name", name, superuser, [CREATE]],
    [
      "every clause in one statement, to the last digit",
      {
        ...{ ...name, dataType: "integer", increment: "-2", minValue: "-2147483648", maxValue: 0, start: "-5" },
        ...{ cache: "20", cycle: true, ownedBy: { table: "t", column: "c" } },
      },
      superuser,
      [
        `${CREATE} AS integer INCREMENT BY -2 MINVALUE -2147483648 MAXVALUE 0 START WITH -5 CACHE 20 CYCLE OWNED BY "sales"."t"."c"`,
      ],
    ],
    [
      "64 bits",
      { ...name, minValue: MIN, maxValue: MAX, start: "9007199254740993" },
      superuser,
      [`${CREATE} MINVALUE ${MIN} MAXVALUE ${MAX} START WITH 9007199254740993`],
    ],
    ["0 is a value", { ...name, minValue: "0", start: "0" }, superuser, [`${CREATE} MINVALUE 0 START WITH 0`]],
    [
      "defaults and null send nothing",
      {
        ...{ ...name, dataType: "bigint", increment: "1", minValue: null, maxValue: null, start: null, cache: "1" },
        ...{ cycle: false, ownedBy: null, unlogged: false, comment: null, database: "d", adopt: true },
      },
      superuser,
      [CREATE],
    ],
    ["restarting is nothing for a new one", { ...name, dropCascade: true }, superuser, [CREATE]],
    ["unlogged", { ...name, unlogged: true }, superuser, ['CREATE UNLOGGED SEQUENCE "sales"."no"']],
    ["a comment", { ...name, comment: "it's" }, superuser, [CREATE, `COMMENT ON SEQUENCE "sales"."no" IS 'it''s'`]],
    ["an owner", { ...name, owner: "o" }, superuser, [CREATE, 'ALTER SEQUENCE "sales"."no" OWNER TO "o"']],
    ["an owner that we are", { ...name, owner: "postgres", increment: "2" }, superuser, [`${CREATE} INCREMENT BY 2`]],
    [
      "with an owner, its column after that",
      { ...name, owner: "o", ownedBy: { schema: "sales", table: "t", column: "c" }, comment: "x" },
      superuser,
      [
        CREATE,
        'ALTER SEQUENCE "sales"."no" OWNER TO "o"',
        'ALTER SEQUENCE "sales"."no" OWNED BY "sales"."t"."c"',
        `COMMENT ON SEQUENCE "sales"."no" IS 'x'`,
      ],
    ],
    ["restricted, in a schema that is open", name, on18({}), [CREATE]],
    ["restricted, in another's schema", name, on18(CLOSED), lent(["so"], [CREATE])],
    [
      "restricted, for an owner who may create there",
      { ...name, owner: "o" },
      on18(),
      lent(["o"], [CREATE, 'ALTER SEQUENCE "sales"."no" OWNER TO "o"']),
    ],
    [
      "restricted, for an owner, in a schema that only we may not create in",
      { ...name, owner: "o" },
      on18({ usage: true, create: false, creators: ["o"] }),
      lent(["o"], [CREATE, 'ALTER SEQUENCE "sales"."no" OWNER TO "o"']),
    ],
  ];
  for (const [what, desired, facts, sql] of table) {
    it(what, () => assert.deepEqual(texts(sequenceType.create(desired, facts)), sql));
  }

  it("names the grant that is missing: for us, and for the owner", () => {
    const root = { ...CLOSED, owner: "root" };
    assert.throws(() => sequenceType.create(name, on18(root)), {
      name: "PermissionError",
      message:
        '"deployer" may not create in schema "sales". Let its owner run: GRANT USAGE, CREATE ON SCHEMA "sales" TO "deployer"',
    });
    assert.throws(() => sequenceType.create({ ...name, owner: "o" }, on18({ creators: ["o2"] })), {
      name: "PermissionError",
      message:
        'role "o" may not create in schema "sales", and so cannot own anything new in it. Let the schema\'s owner run: GRANT USAGE, CREATE ON SCHEMA "sales" TO "o"',
    });
  });
});

describe("alter", () => {
  const ALTER = 'ALTER SEQUENCE "sales"."no"';
  const table: [what: string, observed: Observed, desired: Values, facts: Facts, sql: string[]][] = [
    ["nothing", sequence(), { schema: "sales", name: "no", increment: 1, minValue: null, start: "01" }, on18(), []],
    ["an option is nothing", sequence(), { dropCascade: true, database: "other", restartWith: "5" }, superuser, []],
    [
      "everything that changes, in one statement",
      sequence(),
      {
        ...{
          dataType: "smallint",
          increment: "5",
          minValue: "-10",
          maxValue: "32000",
          start: "2",
          cache: 3,
          cycle: true,
        },
        ...{ ownedBy: { table: "t", column: "c" } },
      },
      superuser,
      [
        `${ALTER} AS smallint INCREMENT BY 5 MINVALUE -10 MAXVALUE 32000 START WITH 2 CACHE 3 CYCLE OWNED BY "sales"."t"."c"`,
      ],
    ],
    ["one", sequence(), { increment: "5", minValue: "1" }, superuser, [`${ALTER} INCREMENT BY 5`]],
    ["no cycle", sequence({ cycle: true }), { cycle: false }, superuser, [`${ALTER} NO CYCLE`]],
    ["its column is let go", sequence(OWNED), { ownedBy: null }, superuser, [`${ALTER} OWNED BY NONE`]],
    ["the same column", sequence(OWNED), { ownedBy: { table: "t", column: "c" } }, superuser, []],
    ["a restart", sequence(), { restartTrigger: "2" }, superuser, [`${ALTER} RESTART`]],
    [
      "a restart with the rest",
      sequence(),
      { increment: "2", restartTrigger: "2", restartWith: "0", minValue: "0" },
      superuser,
      [`${ALTER} INCREMENT BY 2 MINVALUE 0 RESTART WITH 0`],
    ],
    ["unlogged", sequence(), { unlogged: true }, superuser, [`${ALTER} SET UNLOGGED`]],
    ["logged", sequence({ unlogged: true }), { unlogged: false }, superuser, [`${ALTER} SET LOGGED`]],
    ["a comment", sequence(), { comment: "x" }, superuser, [`COMMENT ON SEQUENCE "sales"."no" IS 'x'`]],
    ["a name", sequence(), { name: "nr" }, superuser, [`${ALTER} RENAME TO "nr"`]],
    ["a schema", sequence(), { schema: "retail" }, superuser, [`${ALTER} SET SCHEMA "retail"`]],
    ["an owner", sequence(), { owner: "o2" }, superuser, [`${ALTER} OWNER TO "o2"`]],
    [
      "all of it at once",
      sequence(),
      { schema: "retail", name: "nr", owner: "o2", increment: "2", comment: "x" },
      superuser,
      [
        `${ALTER} SET SCHEMA "retail"`,
        'ALTER SEQUENCE "retail"."no" RENAME TO "nr"',
        'ALTER SEQUENCE "retail"."nr" OWNER TO "o2"',
        'ALTER SEQUENCE "retail"."nr" INCREMENT BY 2',
        `COMMENT ON SEQUENCE "retail"."nr" IS 'x'`,
      ],
    ],
    [
      "moved away from its table",
      sequence(OWNED),
      { schema: "retail", ownedBy: null, cache: "2" },
      superuser,
      [`${ALTER} OWNED BY NONE`, `${ALTER} SET SCHEMA "retail"`, 'ALTER SEQUENCE "retail"."no" CACHE 2'],
    ],
    [
      "moved to a table of the same name",
      sequence(OWNED),
      { schema: "retail", owner: "o2", ownedBy: { schema: "retail", table: "t", column: "c" } },
      superuser,
      [
        `${ALTER} OWNED BY NONE`,
        `${ALTER} SET SCHEMA "retail"`,
        'ALTER SEQUENCE "retail"."no" OWNER TO "o2"',
        'ALTER SEQUENCE "retail"."no" OWNED BY "retail"."t"."c"',
      ],
    ],
    ["restricted", sequence(), { cache: "2" }, on18(), lent(["o"], [`${ALTER} CACHE 2`])],
    [
      "restricted, where only the schema's owner may name it",
      sequence(),
      { cache: "2" },
      on18(CLOSED),
      lent(["o", "so"], [`${ALTER} CACHE 2`]),
    ],
    [
      "restricted, a rename takes the right to create",
      sequence(),
      { name: "nr" },
      on18({ ...CLOSED_TO_ME, creators: [] }),
      lent(["o", "so"], [`${ALTER} RENAME TO "nr"`]),
    ],
    [
      "restricted, to another schema and owner",
      sequence(),
      { schema: "retail", owner: "o2" },
      on18(CLOSED_TO_ME, { ...CLOSED, creators: ["o2"] }),
      lent(["o", "o2", "so"], [`${ALTER} SET SCHEMA "retail"`, 'ALTER SEQUENCE "retail"."no" OWNER TO "o2"']),
    ],
  ];
  for (const [what, observed, desired, facts, sql] of table) {
    it(what, () => assert.deepEqual(texts(sequenceType.alter(observed, desired, facts)), sql));
  }

  it("a sequence that belongs to a column is not torn from its table", () => {
    const owned = sequence(OWNED);
    for (const [desired, which, how] of [
      [{ schema: "retail" }, "schema", "SET SCHEMA"],
      [{ owner: "o2" }, "owner", "OWNER TO"],
      [{ schema: "retail", owner: "o2" }, "schema and owner", "SET SCHEMA, OWNER TO"],
    ] as const) {
      assert.throws(
        () => sequenceType.alter(owned, desired, superuser),
        (error: Error) => {
          assert.ok(error instanceof RefusedError);
          assert.equal(
            error.message,
            `it belongs to "sales"."t"."c", so that its ${which} cannot change without the table's. Change the table's (ALTER TABLE … ${how}), or set ownedBy`,
          );
          return true;
        },
      );
    }
  });

  it("an owner who may not create in the schema is refused before anything is sent", () => {
    assert.throws(() => sequenceType.alter(sequence(), { owner: "o2" }, on18({ creators: ["o"] })), PermissionError);
    assert.throws(
      () => sequenceType.alter(sequence(), { schema: "retail", owner: "o2" }, on18(CLOSED_TO_ME, { creators: ["o"] })),
      /role "o2" may not create in schema "retail"/,
    );
  });
});

describe("restart", () => {
  const table: [what: string, previous: Values, desired: Values, due: boolean][] = [
    ["another trigger", { name: "no", restartTrigger: "1" }, { restartTrigger: "2", restartWith: "5" }, true],
    ["the same trigger", { name: "no", restartTrigger: "1" }, { restartTrigger: "1", restartWith: "5" }, false],
    ["a first trigger", { name: "no" }, { restartTrigger: "1" }, true],
    ["a trigger taken away", { name: "no", restartTrigger: "1" }, { restartTrigger: null }, false],
    [
      "another number alone",
      { name: "no", restartTrigger: "1", restartWith: "1" },
      { restartTrigger: "1", restartWith: "2" },
      false,
    ],
    ["an adopted sequence", {}, { restartTrigger: "1" }, false],
  ];
  for (const [what, previous, desired, due] of table) {
    it(`${what}: ${due ? "due" : "not due"}`, async () => {
      const facts = superuser;
      const rest = { increment: "2" };
      const prepared = await sequenceType.prepare?.({ ...rest, ...desired }, { observed: sequence(), previous, facts });
      assert.deepEqual(prepared, due ? { ...rest, ...desired } : rest);
      assert.deepEqual(
        await sequenceType.prepare?.({ ...rest, ...desired }, { observed: undefined, previous, facts }),
        rest,
      );
    });
  }
});

describe("drop", () => {
  const DROP = 'DROP SEQUENCE "sales"."no"';
  const table: [what: string, options: Values, facts: Facts, sql: string[]][] = [
    ["plain", {}, superuser, [DROP]],
    ["with what uses it", { dropCascade: true }, superuser, [`${DROP} CASCADE`]],
    ["dropCascade null", { dropCascade: null }, superuser, [DROP]],
    ["restricted", {}, on18(), lent(["o"], [DROP])],
    ["restricted, in a closed schema", {}, on18(CLOSED), lent(["o", "so"], [DROP])],
  ];
  for (const [what, options, facts, sql] of table) {
    it(what, () => assert.deepEqual(texts(sequenceType.drop(sequence(), options, facts)), sql));
  }
});

describe("awkward names", () => {
  for (const name of HOSTILE_NAMES) {
    it(JSON.stringify(name), () => {
      const n = id(name);
      const column = { table: name, column: name };
      const facts = factsOf(serverFacts(), {}, {}, { [name]: schemaFacts() });
      assert.deepEqual(texts(sequenceType.create({ schema: name, name, owner: name, ownedBy: column }, facts)), [
        `CREATE SEQUENCE ${n}.${n}`,
        `ALTER SEQUENCE ${n}.${n} OWNER TO ${n}`,
        `ALTER SEQUENCE ${n}.${n} OWNED BY ${n}.${n}.${n}`,
      ]);
      assert.deepEqual(texts(sequenceType.alter(sequence(), { schema: name, name, owner: name }, facts)), [
        `ALTER SEQUENCE "sales"."no" SET SCHEMA ${n}`,
        `ALTER SEQUENCE ${n}."no" RENAME TO ${n}`,
        `ALTER SEQUENCE ${n}.${n} OWNER TO ${n}`,
      ]);
      assert.deepEqual(texts(sequenceType.drop(sequence({ schema: name, name }), {}, facts)), [
        `DROP SEQUENCE ${n}.${n}`,
      ]);
    });
  }
});

it("the server's word for a number out of bounds gets what to do about it", () => {
  const remedy = (message: string, code = "22023") => sequenceType.remedy?.({ code, message }, "alter", superuser);
  assert.match(remedy("RESTART value (1) cannot be less than MINVALUE (10)") ?? "", /current number.*restartTrigger/);
  assert.match(remedy("START value (1) cannot be less than MINVALUE (10)") ?? "", /^Declare a start/);
  assert.match(remedy("MAXVALUE (99999) is out of range for sequence data type smallint") ?? "", /^Declare minValue/);
  assert.equal(remedy("something else"), undefined);
  assert.equal(remedy("RESTART value", "22000"), undefined);
});

it("the facts of every owner and schema in play are asked for", () => {
  assert.deepEqual(sequenceType.rolesInvolved(sequence(), { owner: "o2" }, serverFacts()).sort(), ["o", "o2"]);
  const schemas = (observed: Observed | undefined, desired: Values) => [
    ...new Set(sequenceType.schemasInvolved?.(observed, desired)),
  ];
  assert.deepEqual(schemas(sequence(), { name: "x" }), ["sales"]);
  assert.deepEqual(schemas(sequence(), { schema: "retail" }), ["sales", "retail"]);
  assert.deepEqual(schemas(undefined, { name: "x" }), ["public"]);
});

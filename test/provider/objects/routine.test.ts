import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Observed, Statement, Values } from "../../../provider/definition";
import { InvalidValueError, NotFoundError, NotInPlaceError, RefusedError } from "../../../provider/errors";
import { routineType } from "../../../provider/objects/routine";
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

const INT: [string, string] = ["pg_catalog", "int4"];

function routine(values: Values = {}, types: [string, string][] = [INT]): Observed {
  return observedOf(
    {
      ...{ schema: "sales", name: "total", arguments: "integer", owner: "o", securityDefiner: false, comment: null },
      ...{ kind: "function", definition: "CREATE OR REPLACE FUNCTION sales.total(integer) …", ...values },
    },
    { types, schemas: [...new Set(types.map(([schema]) => schema))], written: { text: "(integer) …", major: 18 } },
  );
}
const superuser = factsOf(serverFacts());
const F = 'FUNCTION "sales"."total"("pg_catalog"."int4")';
const text = (what = "FUNCTION", head = "sales.total(a int)") =>
  `CREATE ${what} ${head} RETURNS int LANGUAGE sql AS '…'`;

/** Looks that have tests of their own stand as CHECK and as LOOK. */
function shown(statements: readonly Statement[]): string[] {
  return texts(statements).map((one) =>
    one.includes("WITH RECURSIVE own") ? "CHECK" : one.trimStart().startsWith("SELECT p.oid") ? "LOOK" : one,
  );
}

type Refusal = abstract new (...args: never[]) => Error;

describe("alter", () => {
  const table: [what: string, observed: Observed, desired: Values, sql: string[]][] = [
    ["nothing", routine(), { name: "total", arguments: "integer", owner: "o", securityDefiner: false }, []],
    [
      "each statement calls it as the one before left it",
      routine(),
      { schema: "old", name: "sum", owner: "p", securityDefiner: true, comment: "x" },
      [
        `ALTER ${F} SET SCHEMA "old"`,
        `ALTER ${F.replace("sales", "old")} RENAME TO "sum"`,
        'ALTER FUNCTION "old"."sum"("pg_catalog"."int4") OWNER TO "p"',
        'ALTER FUNCTION "old"."sum"("pg_catalog"."int4") SECURITY DEFINER',
        `COMMENT ON FUNCTION "old"."sum"("pg_catalog"."int4") IS 'x'`,
      ],
    ],
    [
      "another definition, in our own first words",
      routine(),
      { definition: `-- why\n ${text("or\nreplace /* x */ function")}` },
      ["CREATE OR REPLACE FUNCTION sales.total(a int) RETURNS int LANGUAGE sql AS '…'", "CHECK"],
    ],
    [
      "what is declared beside a definition is said after it, as the definition has taken it back",
      routine({ securityDefiner: true }),
      { definition: text(), securityDefiner: true },
      [
        "CREATE OR REPLACE FUNCTION sales.total(a int) RETURNS int LANGUAGE sql AS '…'",
        "CHECK",
        `ALTER ${F} SECURITY DEFINER`,
      ],
    ],
    [
      "a procedure",
      routine({ kind: "procedure" }),
      { name: "x", definition: text("PROCEDURE") },
      [
        'ALTER PROCEDURE "sales"."total"(IN "pg_catalog"."int4") RENAME TO "x"',
        "CREATE OR REPLACE PROCEDURE sales.total(a int) RETURNS int LANGUAGE sql AS '…'",
        "CHECK",
      ],
    ],
    [
      "an aggregate",
      routine({ kind: "aggregate" }, []),
      { name: "x" },
      ['ALTER AGGREGATE "sales"."total"(*) RENAME TO "x"'],
    ],
  ];
  for (const [what, observed, desired, sql] of table) {
    it(what, () => assert.deepEqual(shown(routineType.alter(observed, desired, superuser)), sql));
  }

  it("any name, of a type too", () => {
    for (const name of HOSTILE_NAMES) {
      const observed = routine({ schema: name, name }, [[name, name]]);
      assert.deepEqual(shown(routineType.alter(observed, { name: "x" }, superuser)), [
        `ALTER FUNCTION ${id(name)}.${id(name)}(${id(name)}.${id(name)}) RENAME TO "x"`,
      ]);
    }
  });

  it("the user's statement is sent so that nothing can stand behind it", () => {
    assert.equal(routineType.alter(routine(), { definition: text() }, superuser)[0]?.single, true);
  });

  const refused: [what: string, observed: Observed, desired: Values, kind: Refusal, reason: RegExp][] = [
    [
      "other arguments without a definition",
      routine(),
      { arguments: "text" },
      RefusedError,
      /its arguments are \(integer\) and cannot become \(text\) in place\. That is another routine: declare another resource/,
    ],
    [
      "other arguments, in place",
      routine(),
      { arguments: "", definition: text("FUNCTION", "sales.total()") },
      NotInPlaceError,
      /its arguments are \(integer\) and cannot become \(\) in place\. Set allowReplace: true/,
    ],
    [
      "an aggregate's security",
      routine({ kind: "aggregate" }),
      { securityDefiner: true },
      InvalidValueError,
      /aggregate/,
    ],
  ];
  for (const [what, observed, desired, kind, reason] of refused) {
    it(`refuses ${what}`, () => {
      assert.throws(
        () => routineType.alter(observed, desired, superuser),
        (error: Error) => error instanceof kind && reason.test(error.message),
      );
    });
  }
});

describe("create", () => {
  const desired: Values = {
    schema: "sales",
    name: "total",
    arguments: "integer",
    definition: text("OR REPLACE FUNCTION"),
  };

  it("by a statement, which must not find one there, and then what is around the new routine", () => {
    const around = { ...desired, owner: "o", securityDefiner: false, comment: "x" };
    const statements = routineType.create(around, superuser);
    assert.deepEqual(shown(statements), [
      "CREATE FUNCTION sales.total(a int) RETURNS int LANGUAGE sql AS '…'",
      "CHECK",
      "LOOK",
    ]);
    const found = [{ oid: "5", kind: "function", arguments: { text: "integer", types: [INT] } }];
    assert.deepEqual(texts(statements[2]?.next?.(found) ?? []), [
      `ALTER ${F} OWNER TO "o"`,
      `ALTER ${F} SECURITY INVOKER`,
      `COMMENT ON ${F} IS 'x'`,
    ]);
  });

  it("lends the rights to create in the schema", () => {
    const closed = schemaFacts({ owner: "so", usage: false, create: false });
    const facts = factsOf(restricted(18), { so: roleFacts() }, {}, { sales: closed });
    assert.deepEqual(shown(routineType.create(desired, facts)), [
      'GRANT "so" TO "deployer" WITH INHERIT TRUE, SET TRUE',
      "CREATE FUNCTION sales.total(a int) RETURNS int LANGUAGE sql AS '…'",
      "CHECK",
      "LOOK",
      'REVOKE "so" FROM "deployer"',
    ]);
  });

  it("is refused without a definition", () => {
    assert.throws(() => routineType.create({ name: "f" }, superuser), NotFoundError);
  });
});

describe("drop, by hand alone", () => {
  const table: [observed: Observed, options: Values, sql: string][] = [
    [routine(), {}, `DROP ${F}`],
    [routine(), { dropCascade: true }, `DROP ${F} CASCADE`],
    [routine({ kind: "procedure" }, []), {}, 'DROP PROCEDURE "sales"."total"()'],
  ];
  for (const [observed, options, sql] of table) {
    it(sql, () => assert.deepEqual(texts(routineType.drop(observed, options, superuser)), [sql]));
  }
});

describe("the arguments", () => {
  const verify = async (state: Values) => routineType.verify?.(routine(), state);

  it("keep the spelling that they were found by, and are drift when they are others", async () => {
    for (const known of [null, undefined, "integer"])
      assert.deepEqual(await verify({ arguments: "int", ...(known === undefined ? {} : { argumentTypes: known }) }), {
        values: { arguments: "int" },
        remember: { argumentTypes: "integer" },
      });
    assert.deepEqual((await verify({ arguments: "mood", argumentTypes: "shop.mood" }))?.values, {
      arguments: "integer",
    });
  });

  it("are shown only where they are declared", async () => {
    assert.deepEqual((await verify({ name: "total" }))?.values, {});
  });

  it("are looked at again with the text, which says them: as are schema and name", async () => {
    const previous = { systemIdentifier: "1", definition: text(), ...(await verify({ definition: text() }))?.remember };
    const prepare = (desired: Values) =>
      routineType.prepare?.(desired, { observed: routine(), previous, facts: superuser });
    const same = { schema: "sales", name: "total", arguments: "integer", definition: text() };
    assert.equal((await prepare(same))?.definition, routine().values.definition, "nothing to send");
    for (const other of [
      { schema: "old" },
      { name: "sum" },
      { arguments: "text" },
      { definition: `${text()} STABLE` },
    ]) {
      const desired = { ...same, ...other };
      assert.deepEqual(await prepare(desired), desired);
    }
  });
});

it("says what to do about what the server refuses", () => {
  const remedy = (code: string, hint?: string) => routineType.remedy?.({ code, message: "", hint }, "alter", superuser);
  assert.match(remedy("42P13", "Use DROP FUNCTION f(integer) first.") ?? "", /Set allowReplace: true/);
  assert.match(remedy("42809") ?? "", /Set allowReplace: true/);
  assert.equal(remedy("42P13"), undefined, "a definition that is wrong in itself");
  assert.match(remedy("42601") ?? "", /must be one statement/);
  assert.match(remedy("2BP01") ?? "", /drop what depends on it first/);
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Observed, Statement, Values } from "../../../provider/definition";
import { InvalidValueError, NotFoundError, NotInPlaceError, PermissionError } from "../../../provider/errors";
import { viewType } from "../../../provider/objects/view";
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

/** A view as the server shows it; `options` are those of pg_class. */
function view(values: Values = {}, options: string[] | null = null): Observed {
  return observedOf(
    {
      ...{ schema: "sales", name: "open", owner: "o", tablespace: null, comment: null, kind: "view" },
      ...{ securityBarrier: false, securityInvoker: false, checkOption: null, materialized: false },
      ...{ definition: " SELECT 1;", ...values },
    },
    { defaultTablespace: "pg_default", making: { options, method: null }, written: { text: " SELECT 1;", major: 18 } },
  );
}
const materialized = (values: Values = {}) => view({ materialized: true, kind: "materialized view", ...values });
const superuser = factsOf(serverFacts());

/** The check behind a definition, which has a test of its own, stands as CHECK. */
function shown(statements: readonly Statement[]): string[] {
  return texts(statements).map((text) => (text.includes("WITH RECURSIVE own") ? "CHECK" : text));
}

const V = 'ALTER VIEW "sales"."open"';
const M = 'ALTER MATERIALIZED VIEW "sales"."open"';

type Refusal = abstract new (...args: never[]) => Error;

describe("alter", () => {
  const table: [what: string, observed: Observed, desired: Values, sql: string[]][] = [
    [
      "nothing",
      view(),
      { schema: "sales", name: "open", owner: "o", definition: " SELECT 1;", materialized: false },
      [],
    ],
    ["nothing but a spelling", view(), { definition: "SELECT 1 " }, []],
    [
      "each statement calls it as the one before left it; a definition comes last but for options and comment",
      view(),
      { schema: "old", name: "shut", owner: "p", definition: "SELECT 2", securityBarrier: true, comment: "x" },
      [
        `${V} SET SCHEMA "old"`,
        'ALTER VIEW "old"."open" RENAME TO "shut"',
        'ALTER VIEW "old"."shut" OWNER TO "p"',
        'CREATE OR REPLACE VIEW "old"."shut" AS\nSELECT 2',
        "CHECK",
        'ALTER VIEW "old"."shut" SET (security_barrier = TRUE)',
        `COMMENT ON VIEW "old"."shut" IS 'x'`,
      ],
    ],
    [
      "another definition keeps the options, which CREATE OR REPLACE would take back",
      view({ securityInvoker: true }, ["security_invoker=true", "check_option=local"]),
      { definition: "SELECT 2" },
      [
        `CREATE OR REPLACE VIEW "sales"."open" WITH ("security_invoker"='true', "check_option"='local') AS\nSELECT 2`,
        "CHECK",
      ],
    ],
    [
      "options set",
      view(),
      { securityInvoker: true, checkOption: "local" },
      [`${V} SET (security_invoker = TRUE)`, `${V} SET (check_option = 'local')`],
    ],
    [
      "and taken back",
      view({ securityBarrier: true, checkOption: "cascaded" }),
      { securityBarrier: false, checkOption: null },
      [`${V} RESET (security_barrier)`, `${V} RESET (check_option)`],
    ],
    ["a materialized view's tablespace", materialized(), { tablespace: "fast" }, [`${M} SET TABLESPACE "fast"`]],
    ["and back", materialized({ tablespace: "fast" }), { tablespace: null }, [`${M} SET TABLESPACE "pg_default"`]],
    ["a materialized view renamed", materialized(), { name: "x" }, [`${M} RENAME TO "x"`]],
  ];
  for (const [what, observed, desired, sql] of table) {
    it(what, () => assert.deepEqual(shown(viewType.alter(observed, desired, superuser)), sql));
  }

  it("any name", () => {
    for (const name of HOSTILE_NAMES) {
      assert.deepEqual(shown(viewType.alter(view({ schema: name, name }), { definition: "SELECT 2" }, superuser)), [
        `CREATE OR REPLACE VIEW ${id(name)}.${id(name)} AS\nSELECT 2`,
        "CHECK",
      ]);
    }
  });

  it("the user's query is sent so that nothing can stand behind it", () => {
    const [replaced, check] = viewType.alter(view(), { definition: "SELECT 2" }, superuser);
    assert.deepEqual([replaced?.single, replaced?.alone, check?.single], [true, undefined, undefined]);
  });

  const refused: [what: string, observed: Observed, desired: Values, kind: Refusal, reason: RegExp][] = [
    ["a plain view's tablespace", view(), { tablespace: "fast" }, InvalidValueError, /not materialized has none/],
    ...(["securityBarrier", "securityInvoker"] as const).map((name): [string, Observed, Values, Refusal, RegExp] => [
      `a materialized view's ${name}`,
      materialized(),
      { [name]: true },
      InvalidValueError,
      new RegExp(`${name}: a materialized view has no such option`),
    ]),
    [
      "a materialized view's definition, in place",
      materialized(),
      { definition: "SELECT 2" },
      NotInPlaceError,
      /cannot get another definition in place\. Set allowReplace: true/,
    ],
    [
      "another kind, in place",
      view(),
      { materialized: true, definition: "SELECT 2" },
      NotInPlaceError,
      /materialized is false and cannot become true in place\. Set allowReplace: true/,
    ],
    [
      "another kind, without a definition to make it by",
      materialized(),
      { materialized: false },
      NotInPlaceError,
      /materialized is true and cannot become false in place\. Declare its definition as well, and allowReplace: true/,
    ],
  ];
  for (const [what, observed, desired, kind, reason] of refused) {
    it(`refuses ${what}`, () => {
      assert.throws(
        () => viewType.alter(observed, desired, superuser),
        (error: Error) => error instanceof kind && reason.test(error.message),
      );
    });
  }
});

describe("create", () => {
  const named: Values = { schema: "sales", name: "open" };
  const table: [what: string, desired: Values, sql: string[]][] = [
    ["by a query", { ...named, definition: "SELECT 1;" }, ['CREATE VIEW "sales"."open" AS\nSELECT 1;', "CHECK"]],
    ["in public", { name: "v", definition: "SELECT 1" }, ['CREATE VIEW "public"."v" AS\nSELECT 1', "CHECK"]],
    [
      "with everything, and what is the default left out",
      {
        ...{ ...named, definition: "SELECT 1", owner: "o", comment: "x", securityBarrier: true, checkOption: "local" },
        ...{ securityInvoker: false, tablespace: null, materialized: false, allowReplace: true },
      },
      [
        'CREATE VIEW "sales"."open" AS\nSELECT 1',
        "CHECK",
        `${V} OWNER TO "o"`,
        `${V} SET (security_barrier = TRUE)`,
        `${V} SET (check_option = 'local')`,
        `COMMENT ON VIEW "sales"."open" IS 'x'`,
      ],
    ],
    [
      "a materialized one",
      { ...named, definition: "SELECT 1", materialized: true, tablespace: "fast", comment: null },
      ['CREATE MATERIALIZED VIEW "sales"."open" AS\nSELECT 1', "CHECK", `${M} SET TABLESPACE "fast"`],
    ],
  ];
  for (const [what, desired, sql] of table) {
    it(what, () => assert.deepEqual(shown(viewType.create(desired, superuser)), sql));
  }

  it("a materialized view may take long to fill", () => {
    const [made] = viewType.create({ ...named, definition: "SELECT 1", materialized: true }, superuser);
    assert.equal(made?.unlimited, true);
  });

  it("is refused without a definition, and with what the kind has not", () => {
    assert.throws(() => viewType.create(named, superuser), NotFoundError);
    assert.throws(
      () => viewType.create(named, superuser),
      /made here, but by SQL\. Make it first: .*declare its definition/,
    );
    for (const misfit of [{ tablespace: "fast" }, { materialized: true, checkOption: "local" }] as Values[])
      assert.throws(
        () => viewType.create({ ...named, definition: "SELECT 1", ...misfit }, superuser),
        InvalidValueError,
      );
  });

  it("lends the rights to create in the schema and to make its owner one", () => {
    const closed = schemaFacts({ owner: "so", usage: false, create: false, users: ["o"], creators: ["o"] });
    const facts = factsOf(restricted(14), { o: roleFacts(), so: roleFacts() }, {}, { sales: closed });
    const desired = { ...named, definition: "SELECT 1", owner: "o" };
    assert.deepEqual(shown(viewType.create(desired, facts)), [
      'GRANT "o" TO "deployer"',
      'CREATE VIEW "sales"."open" AS\nSELECT 1',
      "CHECK",
      `${V} OWNER TO "o"`,
      'REVOKE "o" FROM "deployer"',
    ]);
    assert.throws(() => viewType.create({ ...desired, owner: "so" }, facts), PermissionError);
  });
});

describe("drop, by hand alone", () => {
  const table: [what: string, observed: Observed, options: Values, sql: string[]][] = [
    ["alone", view(), {}, ['DROP VIEW "sales"."open"']],
    ["with what depends on it", view(), { dropCascade: true }, ['DROP VIEW "sales"."open" CASCADE']],
    ["a materialized view", materialized(), {}, ['DROP MATERIALIZED VIEW "sales"."open"']],
  ];
  for (const [what, observed, options, sql] of table) {
    it(what, () => assert.deepEqual(texts(viewType.drop(observed, options, superuser)), sql));
  }
});

describe("prepare: a definition is sent when it is another one, or the server's is not the one that was applied", () => {
  const facts = superuser;
  const applied: Values = { name: "open", definition: "SELECT 1" };
  const prepare = async (desired: Values, previous: Values, observed: Observed | undefined = view()) =>
    viewType.prepare?.(desired, { observed, previous, facts });

  it("kept as it is after a change, the server's text stands for it", async () => {
    const { remember } = (await viewType.verify?.(view(), applied)) ?? assert.fail();
    assert.match(String(remember.definitionHash), /^18:[\w-]{16}$/);
    const known = { ...applied, ...remember, systemIdentifier: "1" };
    const same = { name: "open", definition: " SELECT 1;" };
    assert.deepEqual(await prepare(applied, known), same);
    assert.deepEqual(await prepare({ ...applied, definition: "SELECT 1 ;" }, known), same);
    assert.deepEqual(await prepare(applied, applied), same, "a preview knows but the inputs");
    const otherMajor = { ...known, definitionHash: `17:${"x".repeat(16)}` };
    assert.deepEqual(await prepare(applied, otherMajor), same, "other words of another version are no drift");

    for (const [what, desired, previous, observed] of [
      ["another text", { ...applied, definition: "SELECT 2" }, known, view()],
      ["never applied: taken over", applied, {}, view()],
      ["never known what came of it", applied, { ...applied, systemIdentifier: "1" }, view()],
      ["another definition on the server", applied, { ...known, definitionHash: "18:another" }, view()],
      ["of another kind", { ...applied, materialized: true }, known, view()],
      ["new", applied, {}, undefined],
    ] as const)
      assert.deepEqual(await viewType.prepare?.(desired, { observed, previous, facts }), desired, what);
  });

  it("not declared, it is nobody's affair", async () => {
    assert.deepEqual(await prepare({ name: "open", comment: "x" }, {}), { name: "open", comment: "x" });
    assert.deepEqual(await viewType.verify?.(view(), { name: "open" }), { values: {}, remember: {} });
    assert.deepEqual(viewType.remember?.({ name: "open" }), {});
  });

  it("what was replaced by hand shows the server's text; what was just applied is what there is", async () => {
    const shows = async (state: Values) => (await viewType.verify?.(view(), state))?.values.definition;
    assert.equal(await shows({ ...applied, definitionHash: "18:another" }), " SELECT 1;");
    assert.equal(await shows({ ...applied, definitionHash: "17:another" }), "SELECT 1");
    assert.equal(await shows({ ...applied, ...viewType.remember?.(applied) }), "SELECT 1");
  });
});

it("says what to do about what the server refuses", () => {
  const remedy = (code: string, intent = "alter") => viewType.remedy?.({ code, message: "" }, intent, superuser);
  assert.match(remedy("42P16") ?? "", /can only add columns at the end\. Set allowReplace: true/);
  assert.match(remedy("42601") ?? "", /must be one query/);
  assert.match(remedy("2BP01") ?? "", /drop what depends on it first/);
  assert.match(remedy("2BP01", "drop") ?? "", /Set dropCascade: true/);
  assert.equal(remedy("42501"), undefined);
});

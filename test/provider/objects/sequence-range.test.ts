import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Values } from "../../../provider/definition";
import { desiredValues } from "../../../provider/fields";
import { sequenceType } from "../../../provider/objects/sequence";
import { stateOf } from "../../../provider/state";
import { factsOf, sequence, serverFacts, texts, UNKNOWN } from "../samples";

const superuser = factsOf(serverFacts());
const MAX = "9223372036854775807";
const MIN = "-9223372036854775808";
const OWNED = { ownedBy: { schema: "sales", table: "t", column: "c" } };

describe("numbers that follow from others", () => {
  const ALTER = 'ALTER SEQUENCE "sales"."no" ';
  const ints = { dataType: "integer", maxValue: "2147483647" };
  const down = { increment: "-1", minValue: MIN, maxValue: "-1", start: "-1" };
  const table: [what: string, observed: Values, desired: Values, clauses: string][] = [
    ["a wider type takes its bounds along by itself", ints, { dataType: "bigint" }, "AS bigint"],
    ["also where they are declared as the default", ints, { dataType: "bigint", maxValue: null }, "AS bigint"],
    ["a bound of one's own stays", { ...ints, maxValue: "99" }, { dataType: "bigint" }, "AS bigint"],
    [
      "a bound that shall be the default, of another type",
      { ...ints, maxValue: "99" },
      { dataType: "bigint", maxValue: null },
      `AS bigint MAXVALUE ${MAX}`,
    ],
    [
      "a bound that shall stay although its type goes",
      ints,
      { dataType: "bigint", maxValue: "2147483647" },
      "AS bigint MAXVALUE 2147483647",
    ],
    [
      "descending, NO MAXVALUE would be the type's, not -1",
      { ...down, dataType: "smallint", minValue: "-32768", maxValue: "32767" },
      { dataType: "integer", maxValue: null },
      "AS integer MAXVALUE -1",
    ],
    ["a new direction leaves undeclared bounds", {}, { increment: "-1" }, "INCREMENT BY -1"],
    [
      "a new direction with its bounds",
      {},
      { increment: "-1", minValue: null, maxValue: null },
      `INCREMENT BY -1 MINVALUE ${MIN} MAXVALUE -1 START WITH -1`,
    ],
    [
      "and back, as a whole",
      down,
      { increment: "1", minValue: null, maxValue: null, start: null },
      `INCREMENT BY 1 MINVALUE 1 MAXVALUE ${MAX} START WITH 1`,
    ],
    [
      "a bound that is taken away goes back to the default",
      { minValue: "-5", start: "-5" },
      { minValue: null },
      "MINVALUE 1 START WITH 1",
    ],
    ["a start that is inside stays", { minValue: "0", start: "3" }, { minValue: "2" }, "MINVALUE 2"],
    [
      "a start that was the default follows where it must",
      { minValue: "10", start: "10" },
      { minValue: "20" },
      "MINVALUE 20 START WITH 20",
    ],
    ["and stays where it can", { minValue: "10", start: "10" }, { minValue: "5" }, "MINVALUE 5"],
    [
      "a start of one's own is left for the server to refuse",
      { minValue: "10", start: "11" },
      { minValue: "20" },
      "MINVALUE 20",
    ],
    [
      "a start that is declared as the default follows",
      { minValue: "10", start: "10" },
      { minValue: "5", start: null },
      "MINVALUE 5 START WITH 5",
    ],
    ["a start that is taken away goes back", { start: "7" }, { start: null }, "START WITH 1"],
    ["0 is a value", {}, { minValue: "0", start: 0 }, "MINVALUE 0 START WITH 0"],
    ["64 bits", {}, { start: "9007199254740993" }, "START WITH 9007199254740993"],
  ];
  for (const [what, observed, desired, clauses] of table) {
    it(what, () =>
      assert.deepEqual(texts(sequenceType.alter(sequence(observed), desired, superuser)), [ALTER + clauses]),
    );
  }

  it("what was declared and is not any more is the default of what is left", () => {
    const declared = { name: "no", dataType: "smallint", increment: "-1", minValue: "-100", start: "-5", cache: "9" };
    const desired = desiredValues(sequenceType, { name: "no", schema: "sales", increment: "-1" }, declared);
    const observed = sequence({ ...declared, maxValue: "-1" });
    assert.deepEqual(texts(sequenceType.alter(observed, desired, superuser)), [
      `${ALTER}AS bigint MINVALUE ${MIN} START WITH -1 CACHE 1`,
    ]);
  });
});

describe("what is seen of what is declared", () => {
  const all = { minValue: null, maxValue: null, start: null };
  const table: [what: string, observed: Values, declared: Values, seen: Values][] = [
    ["as created", {}, all, all],
    ["as it is spelled", { increment: "5" }, { increment: "05", start: 1 }, { increment: "05", start: 1 }],
    ["not declared, not seen", { increment: "5", minValue: "0" }, {}, {}],
    ["a bound set by hand", { maxValue: "99" }, all, { ...all, maxValue: "99" }],
    ["a start set by hand", { start: "5" }, all, { ...all, start: "5" }],
    [
      "a type changed by hand: its bounds moved with it",
      { dataType: "integer", maxValue: "2147483647" },
      { ...all, dataType: "bigint" },
      { ...all, dataType: "integer" },
    ],
    [
      "a direction changed by hand: the bounds are still what was declared",
      { increment: "-1" },
      { ...all, increment: "1" },
      { ...all, increment: "-1" },
    ],
    [
      "a direction changed by hand with its bounds",
      { increment: "-1", minValue: MIN, maxValue: "-1", start: "-1" },
      { ...all, increment: "1" },
      { ...all, increment: "-1" },
    ],
    [
      "a bound changed by hand leaves the start that followed from it",
      { minValue: "0", start: "10" },
      { minValue: "10", start: null },
      { minValue: "0", start: null },
    ],
    [
      "null of type and direction is their default",
      {},
      { ...all, dataType: null, increment: null },
      { ...all, dataType: null, increment: null },
    ],
    [
      "a column in another spelling",
      OWNED,
      { ownedBy: { column: "c", table: "t" } },
      { ownedBy: { column: "c", table: "t" } },
    ],
    ["another column", OWNED, { ownedBy: { table: "t", column: "d" } }, OWNED],
    ["a column where none is declared", OWNED, { ownedBy: null }, OWNED],
    ["moved by hand", {}, { schema: "retail", name: "nr" }, { schema: "sales", name: "no" }],
    [
      "restarts are not looked for",
      {},
      { restartWith: "5", restartTrigger: "1" },
      { restartWith: "5", restartTrigger: "1" },
    ],
  ];
  for (const [what, observed, declared, seen] of table) {
    it(what, async () => {
      const { inputs } = await stateOf(sequenceType, sequence(observed), declared, { systemIdentifier: "7" });
      assert.deepEqual(inputs, seen);
    });
  }
});

describe("checkTogether", () => {
  const trigger = { restartTrigger: "1" };
  const table: [what: string, values: Values, failures: [property: string, reason: RegExp][]][] = [
    ["nothing", {}, []],
    ["null is no number", { minValue: null, maxValue: null, start: null, restartWith: null }, []],
    ["fine", { minValue: "-5", maxValue: "5", start: "-5", restartWith: "5", ...trigger }, []],
    [
      "unknown",
      {
        dataType: UNKNOWN,
        minValue: UNKNOWN,
        maxValue: "1",
        start: UNKNOWN,
        schema: UNKNOWN,
        ownedBy: { schema: "x", table: "t", column: "c" },
      },
      [],
    ],
    [
      "a bound beyond the type",
      { dataType: "smallint", maxValue: 32768 },
      [["maxValue", /^must be from -32768 to 32767, as smallint holds$/]],
    ],
    [
      "a start beyond the type",
      { dataType: "integer", start: "-2147483649" },
      [["start", /^must be from -2147483648 to 2147483647, as integer holds$/]],
    ],
    ["a bound beyond a type that is not declared", { maxValue: "32768" }, []],
    ["no room", { minValue: "5", maxValue: "5" }, [["maxValue", /^must be greater than minValue \(5\)$/]]],
    ["a start below", { minValue: "5", start: "4" }, [["start", /^must not be less than minValue \(5\)$/]]],
    ["a start above", { maxValue: "5", start: "6" }, [["start", /^must not be greater than maxValue \(5\)$/]]],
    [
      "a restart outside",
      { maxValue: "5", restartWith: "6", ...trigger },
      [["restartWith", /^must not be greater than maxValue \(5\)$/]],
    ],
    ["a restart that never comes", { restartWith: "6" }, [["restartWith", /^needs a restartTrigger/]]],
    [
      "a table in another schema",
      { schema: "s", ownedBy: { schema: "x", table: "t", column: "c" } },
      [["ownedBy", /^must be in the schema of the sequence, "s"$/]],
    ],
    [
      "a table in another schema than public",
      { ownedBy: { schema: "x", table: "t", column: "c" } },
      [["ownedBy", /"public"$/]],
    ],
    ["a table in the same schema", { schema: "x", ownedBy: { schema: "x", table: "t", column: "c" } }, []],
  ];
  for (const [what, values, failures] of table) {
    it(what, () => {
      const found = sequenceType.checkTogether?.(values) ?? [];
      assert.deepEqual(
        found.map(({ property }) => property),
        failures.map(([property]) => property),
      );
      for (const [index, [, reason]] of failures.entries()) assert.match(found[index]?.reason ?? "", reason);
    });
  }
});

/** Attributes of sequences. */

import fc from "fast-check";
import type { Values } from "../../../provider/definition";
import type { Ground, Group } from "./group";
import { anyText } from "./text";

const LIMITS = {
  smallint: [-(2n ** 15n), 2n ** 15n - 1n],
  integer: [-(2n ** 31n), 2n ** 31n - 1n],
  bigint: [-(2n ** 63n), 2n ** 63n - 1n],
} as const;

/** The numbers that PostgreSQL itself would choose for a sequence of a type and a direction. */
export function ownNumbers({ dataType = "bigint", increment = "1", minValue, maxValue }: Values): Values {
  const [least, most] = LIMITS[dataType as keyof typeof LIMITS];
  const up = BigInt(String(increment)) > 0n;
  const bounds = { minValue: String(up ? 1n : least), maxValue: String(up ? most : -1n) };
  return { ...bounds, start: String(up ? (minValue ?? bounds.minValue) : (maxValue ?? bounds.maxValue)) };
}

/** Numbers that a range takes: those at its ends, and any between. */
function between(least: bigint, most: bigint): fc.Arbitrary<bigint> {
  const ends = [least, most, 0n, 1n, -1n, 100n].filter((number) => number >= least && number <= most);
  return fc.oneof(fc.constantFrom(...ends), fc.bigInt({ min: least, max: most }));
}

/** All numbers of a sequence that fit together, in text; some of them are left to PostgreSQL. */
const range: fc.Arbitrary<Values> = fc
  .constantFrom(...(Object.keys(LIMITS) as (keyof typeof LIMITS)[]))
  .chain((dataType) => {
    const [least, most] = LIMITS[dataType];
    const bounds = fc
      .tuple(between(least, most), between(least, most))
      .filter(([one, other]) => one !== other)
      .map(([one, other]): [bigint, bigint] => (one < other ? [one, other] : [other, one]));
    return bounds.chain(([minValue, maxValue]) =>
      fc
        .record({
          start: between(minValue, maxValue),
          // A step that is wider than the range is refused by no server, but one is enough for the whole range.
          increment: between(least, most).filter((step) => step !== 0n),
          cache: between(1n, most),
          restartWith: between(minValue, maxValue),
          restartTrigger: anyText,
        })
        .map(({ restartTrigger, ...numbers }) => ({
          ...Object.fromEntries(
            Object.entries({ minValue, maxValue, ...numbers }).map(([name, of]) => [name, String(of)]),
          ),
          ...{ dataType, restartTrigger },
        })),
    );
  });

/** Numbers that stand on their own: without the others, PostgreSQL's own are around them. */
const alone: fc.Arbitrary<Values> = fc.oneof(
  fc.constantFrom<Values>({ dataType: "smallint" }, { dataType: "integer" }, { increment: "-1" }, { increment: "-7" }),
  fc.bigInt({ min: 1n, max: 2n ** 63n - 1n }).map((start): Values => ({ start: String(start) })),
  fc.bigInt({ min: 2n, max: 2n ** 63n - 1n }).map((maxValue): Values => ({ maxValue: String(maxValue) })),
  fc.bigInt({ min: -(2n ** 63n), max: 1n }).map((minValue): Values => ({ minValue: String(minValue), start: "1" })),
  between(1n, 2n ** 31n).map((cache): Values => ({ cache: String(cache) })),
);

/** The table of a column has the owner of the sequence. */
function owners({ roles, columns }: Ground): fc.Arbitrary<Values> {
  const owner = roles.map((name): Values => ({ owner: name }));
  const owned = columns.map(({ table, column, owner: name }): Values => ({ owner: name, ownedBy: { table, column } }));
  return fc.oneof(
    ...[owner, owned].filter((some) => some.length > 0).map((some) => fc.constantFrom(...some)),
    fc.constant({}),
  );
}

/** Of all attributes that are not made by their type alone. */
export const sequenceGroups: readonly Group[] = [
  {
    attributes: [
      ...["dataType", "increment", "minValue", "maxValue", "start", "cache", "restartWith", "restartTrigger"],
    ],
    make: () => fc.oneof(range, alone),
  },
  { attributes: ["owner", "ownedBy"], make: owners },
  {
    attributes: ["unlogged"],
    make: ({ version }) => (version >= 15 ? fc.boolean() : fc.constant(false)).map((unlogged) => ({ unlogged })),
  },
];

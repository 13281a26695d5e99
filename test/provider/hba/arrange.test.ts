import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { arrange, circle } from "../../../provider/hba/arrange";
import type { Marker } from "../../../provider/hba/marker";

const at = (name: string, order?: number): Marker => ({ name, order });
const before = (name: string, of: string, order?: number): Marker => ({ name, order, anchor: { side: "before", of } });
const after = (name: string, of: string, order?: number): Marker => ({ name, order, anchor: { side: "after", of } });

/** `top | bottom`, and in brackets what stands around rules that stay. */
function shown(markers: Marker[]): string {
  const { top, bottom, before, after } = arrange(markers);
  const around = [...before.keys()].map(
    (name) => ` [${[...before.get(name)!, `(${name})`, ...after.get(name)!].join(" ")}]`,
  );
  return `${top.join(" ")} | ${bottom.join(" ")}${around.join("")}`;
}

describe("managed rules stand in one order", () => {
  const table: [what: string, markers: Marker[], expected: string][] = [
    ["by order, then by name", [at("b", 0), at("a", 0), at("c", -1), at("d", 5), at("e", -7)], "e c | a b d"],
    ["numbers, not texts", [at("a", 10), at("b", 9)], " | b a"],
    ["before and after", [at("m", 0), after("z", "m"), before("y", "m"), at("n", 0)], " | y m z n"],
    [
      "several at one side, by name",
      [at("m", 0), after("b", "m"), after("a", "m"), before("d", "m"), before("c", "m")],
      " | c d m a b",
    ],
    ["through each other", [at("m", -1), after("a", "m"), after("b", "a"), before("c", "a")], "m c a b | "],
    ["with the other's side", [at("m", -1), before("x", "m")], "x m | "],
    ["an anchor that is not there: order 0", [at("a", 0), before("b", "gone"), at("c", 0)], " | a b c"],
    ["an anchor that is gone: the order it had by it", [at("a", 0), before("b", "gone", -3)], "b | a"],
    ["around a rule that stays", [at("s"), before("a", "s"), after("b", "s"), after("c", "b")], " |  [a (s) b c]"],
    [
      "in a circle, the first by name is not held",
      [before("a", "b"), before("b", "c"), before("c", "a", 0)],
      " | b c a",
    ],
    ["beside a circle", [before("b", "c"), before("c", "b"), after("x", "c")], " | c x b"],
  ];
  for (const [what, markers, expected] of table) it(what, () => assert.equal(shown(markers), expected));

  it("whatever the sequence in which they came", () => {
    const name = fc.constantFrom(..."abcdefgh");
    const marker = fc.oneof(
      fc.tuple(name, fc.integer({ min: -2, max: 2 })).map(([one, order]) => at(one, order)),
      fc.tuple(name, name, fc.constantFrom(before, after)).map(([one, of, side]) => side(one, of)),
      name.map((one) => at(one)),
    );
    const all = fc.uniqueArray(marker, { selector: ({ name }) => name });
    fc.assert(
      fc.property(
        all.chain((markers) =>
          fc.tuple(fc.constant(markers), fc.shuffledSubarray(markers, { minLength: markers.length })),
        ),
        ([markers, others]) => {
          const { top, bottom, before, after, orders } = arrange(markers);
          const placed = [...top, ...bottom, ...before.keys(), ...[...before.values(), ...after.values()].flat()];
          assert.deepEqual(placed.sort(), markers.map(({ name }) => name).sort(), "each once");
          assert.deepEqual([...orders.keys()].sort(), placed);
          assert.deepEqual(
            { top, bottom, before: [...before].sort(), after: [...after].sort() },
            (() => {
              const other = arrange(others);
              return {
                top: other.top,
                bottom: other.bottom,
                before: [...other.before].sort(),
                after: [...other.after].sort(),
              };
            })(),
          );
        },
      ),
    );
  });
});

describe("the order by which a rule stands", () => {
  it("is its own, or that at the end of its anchors", () => {
    const { orders } = arrange([
      at("a", -4),
      before("b", "a"),
      after("c", "b", 7),
      at("s"),
      after("t", "s", 3),
      before("u", "gone", 2),
    ]);
    assert.deepEqual(Object.fromEntries(orders), { a: -4, b: -4, c: -4, s: undefined, t: undefined, u: 2 });
  });
});

describe("a circle", () => {
  it("is found, with the names in it", () => {
    assert.deepEqual(circle(before("a", "b"), [after("b", "c"), after("c", "a")]), ["a", "b", "c", "a"]);
    assert.deepEqual(circle(before("a", "a"), []), ["a", "a"]);
  });
  it("is none where the anchors end, or where others go round", () => {
    assert.equal(circle(before("a", "b"), [at("b", 0)]), undefined);
    assert.equal(circle(before("a", "gone"), []), undefined);
    assert.equal(circle(before("a", "b"), [before("b", "c"), before("c", "b")]), undefined);
  });
});

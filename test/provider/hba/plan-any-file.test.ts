import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { InvalidValueError, RefusedError } from "../../../provider";
import { checkRule } from "../../../provider/hba/check";
import { HbaDocument, type Line } from "../../../provider/hba/document";
import { alterRule, createRule, dropRule, observeRules } from "../../../provider/hba/plan";
import type { HbaPlace, ManagedHbaRule } from "../../../provider/hba/types";
import { anyFile, placesOf as places, shortRule as short } from "./samples";

describe("for any file", () => {
  const anyPlace: fc.Arbitrary<HbaPlace> = fc.oneof(
    fc.integer({ min: -2, max: 2 }).map((order) => ({ order })),
    fc.constantFrom(..."abcde").map((before) => ({ before })),
    fc.constantFrom(..."abcde").map((after) => ({ after })),
  );
  const anyRules = fc
    .uniqueArray(fc.tuple(fc.constantFrom(..."abcde"), anyPlace), { selector: ([name]) => name, minLength: 1 })
    .map((all) => all.map(([name, place]) => short(name, place)));
  const major = fc.constantFrom(14, 18);

  /** Creates rules one by one; undefined where the file's end, or a circle, forbids one of them. */
  function withRules(file: string, version: number, rules: readonly ManagedHbaRule[]): HbaDocument | undefined {
    let document = new HbaDocument(file, version);
    for (const one of rules) {
      try {
        createRule(document, one, false);
      } catch (error) {
        assert.ok(error instanceof RefusedError || error instanceof InvalidValueError, String(error));
        return undefined;
      }
      document = new HbaDocument(document.bytes, version); // as the next write reads it
    }
    return document;
  }

  it("no byte of anybody else changes, and dropping all again gives the same bytes", () => {
    fc.assert(
      fc.property(anyFile, major, anyRules, fc.nat(), (file, version, rules, seed) => {
        const document = withRules(file, version, rules);
        if (document === undefined) return;
        const ours = ({ marker }: Line) => rules.some(({ name }) => name === marker?.name);
        const foreign = document.lines.filter((one) => !ours(one)).map(({ raw }) => raw);
        assert.ok([file, `${file}\n`].includes(foreign.join("")), "at most the missing end of line came");
        assert.deepEqual(places(document).replaceAll(/[^!]/g, ""), "", "all in place");
        const names = rules.map(({ name }) => name);
        for (const name of [...names.slice(seed % names.length), ...names.slice(0, seed % names.length)]) {
          dropRule(document, name, false);
        }
        assert.equal(document.bytes, file);
      }),
      { numRuns: 1500 },
    );
  });

  it("creates in any sequence end in one order", () => {
    fc.assert(
      fc.property(
        anyFile,
        anyRules.chain((rules) =>
          fc.tuple(fc.constant(rules), fc.shuffledSubarray(rules, { minLength: rules.length })),
        ),
        (file, [rules, others]) => {
          const [one, other] = [withRules(file, 18, rules), withRules(file, 18, others)];
          if (one === undefined || other === undefined) return; // which rule closes a circle depends on the sequence
          assert.equal(places(one), places(other));
        },
      ),
      { numRuns: 500 },
    );
  });

  it("a change and its reverse give the same bytes", () => {
    fc.assert(
      fc.property(anyFile, anyRules, anyPlace, (file, rules, place) => {
        const document = withRules(file, 18, rules);
        const [first] = rules;
        if (document === undefined || first === undefined) return;
        const before = document.bytes;
        try {
          alterRule(document, first.name, { ...short(first.name, place), method: "md5", comment: "c" });
        } catch (error) {
          assert.ok(error instanceof RefusedError || error instanceof InvalidValueError, String(error));
          return;
        }
        alterRule(document, first.name, { ...first, comment: null });
        // Where the file has no final end of line, ours that comes back may end otherwise than it did.
        const withoutEnds = (bytes: string) => bytes.replaceAll(/\r(?=\n|$)/g, "");
        assert.equal(withoutEnds(document.bytes), withoutEnds(before));
      }),
      { numRuns: 500 },
    );
  });

  it("adoption changes no other byte, and a release restores the file", () => {
    fc.assert(
      fc.property(anyFile, (file) => {
        const document = new HbaDocument(file, 18);
        const foreign = document.lines.flatMap(({ meaning }) => (meaning.kind === "rule" ? [meaning.rule] : []));
        const fine = foreign.filter((one) => checkRule({ ...one, name: "r" }).length === 0);
        if (observeRules(document).length > 0) return; // what looks like a marker by chance
        for (const [index, one] of fine.entries()) {
          try {
            createRule(document, { ...one, name: `r${index}` }, true);
          } catch (error) {
            assert.ok(error instanceof RefusedError, String(error));
            return;
          }
        }
        // A line that could not bear a marker was not taken over: a new one, with an order, stands at the end.
        for (const { name, place } of observeRules(document)) dropRule(document, name, place.order === undefined);
        assert.equal(document.bytes, file);
      }),
    );
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import {
  commentText,
  type Marker,
  markerOf,
  placeOf,
  readMarker,
  renderComment,
  renderMarker,
  withoutMarker,
} from "../../../provider/hba/marker";
import { HOSTILE } from "./samples";

const anyText = fc.oneof(
  fc.constantFrom(...HOSTILE),
  fc.string({ unit: "binary", minLength: 1 }).filter((text) => !/\p{Surrogate}/u.test(text)),
);
const anyMarker: fc.Arbitrary<Marker> = fc
  .tuple(anyText, fc.option(fc.integer()), fc.option(fc.tuple(fc.constantFrom("before", "after"), anyText)))
  .map(([name, order, anchor]) => ({
    name,
    ...(order === null ? {} : { order }),
    ...(anchor === null ? {} : { anchor: { side: anchor[0] as "before", of: anchor[1] } }),
  }));

describe("markers", () => {
  const table: [marker: Marker, text: string][] = [
    [{ name: "app" }, " # pgmob name=app"],
    [{ name: "app", order: 0 }, " # pgmob name=app order=0"],
    [{ name: "app", order: -5 }, " # pgmob name=app order=-5"],
    [{ name: "app", anchor: { side: "before", of: "b" } }, " # pgmob name=app before=b"],
    [{ name: "app", order: 1, anchor: { side: "after", of: "b" } }, " # pgmob name=app order=1 after=b"],
    [{ name: "a b#%\\'\n" }, " # pgmob name=a%20b%23%25%5C%27%0A"],
  ];
  for (const [marker, text] of table) it(text, () => assert.equal(renderMarker(marker), text));

  it("any name survives, in printable ASCII, and never continues the line", () => {
    fc.assert(
      fc.property(anyMarker, (marker) => {
        const text = renderMarker(marker);
        assert.match(text, /^[ -[\]-~]+$/);
        assert.deepEqual(readMarker(text), marker);
      }),
    );
  });

  it("what stood before it is restored byte for byte, and the last one counts", () => {
    const before = fc.oneof(
      fc.string({ unit: fc.constantFrom(..."# pgmob name=x\t\\\xe9") }),
      fc.constant("# pgmob name=x order=1"),
    );
    fc.assert(
      fc.property(before, anyMarker, (words, marker) => {
        const line = words + renderMarker(marker);
        assert.equal(withoutMarker(line), words);
        assert.deepEqual(readMarker(line), marker);
      }),
    );
  });

  for (const none of [
    "",
    "# app",
    "# pgmob",
    "# pgmob name=",
    "# pgmob name=a x",
    "# pgmob name=a order=x",
    "# pgmob name=%zz",
  ]) {
    it(`none: ${none}`, () => assert.equal(readMarker(none), undefined));
  }

  it("blanks that an editor leaves behind it do not matter", () => {
    assert.deepEqual(readMarker("# pgmob name=a order=1 \t\r"), { name: "a", order: 1 });
  });
});

it("a place is written and read", () => {
  for (const place of [{}, { order: 0 }, { order: -1 }, { before: "x" }, { after: "x" }]) {
    assert.deepEqual(placeOf(markerOf("a", place)), place);
  }
  assert.deepEqual(markerOf("a", { order: null, before: null, after: "b" }), {
    name: "a",
    anchor: { side: "after", of: "b" },
  });
});

it("a comment is written before the marker, and read without it", () => {
  for (const words of ["why", "a # b", "ends in \\", "naïve"]) {
    assert.equal(commentText(renderComment(words).trimStart()), words);
    assert.equal(commentText(`${renderComment(words).trimStart()}${renderMarker({ name: "x", order: 1 })}`), words);
  }
  for (const none of ["", "  ", null, undefined]) assert.equal(renderComment(none), "");
  assert.equal(commentText(renderMarker({ name: "x" })), undefined);
  assert.equal(commentText("#words "), "words");
});

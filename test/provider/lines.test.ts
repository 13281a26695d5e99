import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Lines } from "../../provider/lines";

/** A place that lets so many in at a time. */
interface Place {
  readonly name: string;
  free: number;
  closed?: boolean;
}

function scene() {
  const began: string[] = [];
  const looks: string[] = [];
  const lines = new Lines<Place>((place, urgent) => {
    looks.push(place.name);
    return place.free > 0 && (urgent || place.closed !== true);
  });
  const enter = (place: Place, name: string, urgent?: boolean) =>
    lines.run(
      place,
      async () => {
        place.free--;
        began.push(name);
        return name;
      },
      urgent,
    );
  return { began, looks, lines, enter };
}

describe("Lines", () => {
  it("let the first of each line go when it may, at once or later", async () => {
    const { began, lines, enter } = scene();
    const [a, b]: Place[] = [
      { name: "a", free: 1 },
      { name: "b", free: 0 },
    ];
    const all = [enter(a!, "a1"), enter(a!, "a2"), enter(b!, "b1"), enter(a!, "a3")];
    assert.deepEqual([began, lines.length, lines.has(a!), lines.has(b!)], [["a1"], 3, true, true]);
    b!.free = 5;
    lines.advance();
    a!.free = 2;
    lines.advance();
    assert.deepEqual(await Promise.all(all), ["a1", "a2", "b1", "a3"]);
    assert.deepEqual([began, lines.length, lines.has(a!)], [["a1", "b1", "a2", "a3"], 0, false]);
  });

  it("never let more go than may, however many go at once", () => {
    const { began, lines, enter } = scene();
    const place = { name: "a", free: 0 };
    for (let index = 0; index < 10; index++) void enter(place, `${index}`);
    place.free = 3;
    lines.advance();
    assert.deepEqual([began, place.free, lines.length], [["0", "1", "2"], 0, 7]);
  });

  it("let what is urgent overtake", () => {
    const { began, lines, enter } = scene();
    const place = { name: "a", free: 1, closed: true };
    void enter(place, "plain");
    void enter(place, "urgent", true);
    assert.deepEqual(began, ["urgent"]);
    Object.assign(place, { free: 1, closed: false });
    lines.advance();
    assert.deepEqual(began, ["urgent", "plain"]);
  });

  it("look again at every line when one has gone, since it may have been in the way", () => {
    const began: string[] = [];
    let first = true;
    const lines = new Lines<string>((place) => place === "second" || !first);
    const enter = (place: string) => lines.run(place, async () => void began.push(place));
    void enter("first");
    void lines.run("second", async () => {
      first = false;
      began.push("second");
    });
    assert.deepEqual(began, ["second", "first"]);
  });

  it("look at as many as there are places, and not at everybody who waits", () => {
    const { looks, lines, enter } = scene();
    const place = { name: "a", free: 0 };
    for (let index = 0; index < 1000; index++) void enter(place, `${index}`);
    looks.length = 0;
    for (let index = 0; index < 1000; index++) {
      place.free++;
      lines.advance();
    }
    assert.equal(lines.length, 0);
    assert.ok(looks.length <= 3000, `${looks.length} looks`);
  });

  it("give a failure to whoever waited, and go on", async () => {
    const { lines } = scene();
    const place = { name: "a", free: 1 };
    await assert.rejects(
      lines.run(place, async () => assert.fail("no")),
      /no/,
    );
    assert.equal(await lines.run(place, async () => 7), 7);
  });
});

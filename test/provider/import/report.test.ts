import assert from "node:assert/strict";
import { it } from "node:test";
import { Report } from "../../../provider/import/report";

/** A report to a terminal that keeps everything, at times that the test gives. */
function scene(isTTY: boolean) {
  const scene = { text: "", time: 0 };
  const terminal = { isTTY, write: (text: string) => (scene.text += text) };
  return Object.assign(scene, { report: new Report(terminal, () => scene.time) });
}

it("says at most once a second how far it is, in lines, and always the end", () => {
  const one = scene(false);
  for (let done = 1; done <= 1000; done++) {
    one.time += 5;
    one.report.progress("databases", done, 1000);
  }
  one.report.progress("roles", 3, 3);
  const [first, ...rest] = one.text.split("\n");
  assert.equal(first, "databases: 1 of 1000");
  assert.deepEqual(rest, [
    ...["databases: 201 of 1000", "databases: 401 of 1000", "databases: 601 of 1000", "databases: 801 of 1000"],
    ...["databases: 1000 of 1000", "roles: 3 of 3", ""],
  ]);
});

it("on a terminal, a line takes the place of the one before, and the end stays", () => {
  const one = scene(true);
  one.report.progress("databases", 1, 3);
  one.time += 50;
  one.report.progress("databases", 2, 3);
  one.time += 50;
  one.report.note("something is left out");
  one.report.progress("databases", 2, 3);
  one.report.progress("databases", 3, 3);
  const erase = "\r\x1b[K";
  assert.equal(
    one.text,
    `databases: 1 of 3${erase}something is left out\ndatabases: 2 of 3${erase}databases: 3 of 3\n`,
  );
});

it("remembers what is left out, on one line whatever names are in it", () => {
  const one = scene(false);
  one.report.note('role "a\nb\x1b[2J\u0085" is left out');
  assert.deepEqual(one.report.notes, ['role "a\\nb\\u001b[2J\\u0085" is left out']);
  assert.equal(one.text, `${one.report.notes[0]}\n`);
});

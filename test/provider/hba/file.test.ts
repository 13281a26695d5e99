import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { parseFile } from "../../../provider/hba/file";
import { anyFile } from "./samples";

describe("a file is read in logical lines", () => {
  const table: [file: string, lines: [line: number, text: string][]][] = [
    ["", []],
    ["a", [[1, "a"]]],
    [
      "a\nb\n",
      [
        [1, "a"],
        [2, "b"],
      ],
    ],
    [
      "a\r\nb\r\n",
      [
        [1, "a"],
        [2, "b"],
      ],
    ],
    [
      "\n\na",
      [
        [1, ""],
        [2, ""],
        [3, "a"],
      ],
    ],
    [
      "a\\\nb\nc",
      [
        [1, "ab"],
        [3, "c"],
      ],
    ],
    [
      "a\\\r\nb\nc",
      [
        [1, "ab"],
        [3, "c"],
      ],
    ],
    ["a\\\n\\\nb\n", [[1, "ab"]]],
    [
      "a\\\\\n\nb",
      [
        [1, "a\\"],
        [3, "b"],
      ],
    ],
    ["# a\\\nb", [[1, "# ab"]]],
    ["a\\", [[1, "a"]]],
    [
      "a\rb\r\r\nc",
      [
        [1, "a\rb"],
        [2, "c"],
      ],
    ],
    [
      "a\0b\nc\nd",
      [
        [1, "ac"],
        [2, "d"],
      ],
    ],
    ["\xe9\n", [[1, "\xe9"]]],
  ];
  for (const [file, lines] of table) {
    it(JSON.stringify(file), () =>
      assert.deepEqual(
        parseFile(file).map(({ line, text }) => [line, text]),
        lines,
      ),
    );
  }

  it("the last one tells whether another could stand behind it", () => {
    const unfinished = (file: string) => parseFile(file).at(-1)?.unfinished;
    for (const file of ["a\n", "a\r\n", "a\\\nb\n", "a\\\n\n", "\n"]) assert.equal(unfinished(file), false, file);
    for (const file of ["a", "a\r", "a\\", "a\\\n", "a\\\nb", "a\0\n"]) assert.equal(unfinished(file), true, file);
  });

  it("together they are the file, byte for byte", () => {
    const bytes = fc.string({ unit: fc.constantFrom("a", "\\", "\n", "\r", "\0", " ", "#", "\xff") });
    fc.assert(
      fc.property(fc.oneof(anyFile, bytes), (file) => {
        const entries = parseFile(file);
        assert.equal(entries.map(({ raw }) => raw).join(""), file);
        assert.ok(entries.slice(0, -1).every(({ unfinished }) => !unfinished));
      }),
    );
  });
});

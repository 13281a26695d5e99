import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { InvalidValueError } from "../../../provider";
import { HbaLineEditor } from "../../../provider/hba/list";
import { documentOf } from "./samples";

const FILE = '# head\n\nlocal\tall  all peer\nhost all "a b" all md5 # why\n';

/** The file after an edit. */
function edited(edit: (lines: HbaLineEditor) => unknown, file = FILE): string {
  const document = documentOf(file);
  edit(new HbaLineEditor(document));
  return Buffer.from(document.bytes, "latin1").toString("utf8");
}

describe("has, whatever the spacing", () => {
  const table: [line: string, has: boolean][] = [
    ["local all all peer", true],
    ["  local\tall all   peer ", true],
    ["# head", true],
    ["#head", false],
    ["", true],
    [" ", true],
    ["local all all", false],
    ["LOCAL all all peer", false],
    ['host all "a b" all md5', false],
    ['host all "a b" all md5 # why', true],
    ["#local all all peer", false],
  ];
  for (const [line, has] of table) {
    it(JSON.stringify(line), () => assert.equal(new HbaLineEditor(documentOf(FILE)).has(line), has));
  }

  it("the name behind a managed rule does not count, its comment does", () => {
    const lines = new HbaLineEditor(
      documentOf("local all a peer # pgmob name=a order=0\nlocal all b peer # c # pgmob name=b\n"),
    );
    assert.deepEqual(
      ["local all a peer", "local all b peer", "local all b peer # c"].map((line) => lines.indexOf(line)),
      [0, -1, 1],
    );
  });

  it("a line that is continued is one; bytes that are not UTF-8 are shown as Latin-1", () => {
    const { lines } = new HbaLineEditor(documentOf(""));
    assert.deepEqual(lines, []);
    const document = documentOf("local all \\\nall peer\n# naïve\n");
    document.insert(0, "# caf\xe9");
    assert.deepEqual(new HbaLineEditor(document).lines, ["# café", "local all all peer", "# naïve"]);
    assert.equal(new HbaLineEditor(document).has("# café"), true);
  });
});

describe("edits", () => {
  const NEW = "host all new all md5";
  const table: [what: string, edit: (lines: HbaLineEditor) => unknown, expected: string][] = [
    ["append one", (lines) => lines.append(NEW), `${FILE}${NEW}\n`],
    ["append several", (lines) => lines.append([NEW, "# x"]), `${FILE}${NEW}\n# x\n`],
    ["append none", (lines) => lines.append([]), FILE],
    ["extend by one text is one line, not its letters", (lines) => lines.extend(NEW), `${FILE}${NEW}\n`],
    ["extend by several", (lines) => lines.extend([NEW, NEW]), `${FILE}${NEW}\n${NEW}\n`],
    ["insert at the start", (lines) => lines.insert(0, NEW), `${NEW}\n${FILE}`],
    [
      "insert several, in their order",
      (lines) => lines.insert(2, [NEW, "# x"]),
      FILE.replace("local", `${NEW}\n# x\nlocal`),
    ],
    ["insert before the last", (lines) => lines.insert(-1, NEW), FILE.replace("host", `${NEW}\nhost`)],
    ["insert beyond the end", (lines) => lines.insert(99, NEW), `${FILE}${NEW}\n`],
    ["insert beyond the start", (lines) => lines.insert(-99, NEW), `${NEW}\n${FILE}`],
    [
      "insert beside another",
      (lines) => lines.insert(lines.indexOf("local all all peer"), NEW),
      FILE.replace("local", `${NEW}\nlocal`),
    ],
    ["remove one", (lines) => lines.remove("local all all peer"), FILE.replace(/local.*\n/, "")],
    ["remove several", (lines) => lines.remove(["# head", "", "local all all peer"]), 'host all "a b" all md5 # why\n'],
    ["remove what is not there", (lines) => lines.remove("local"), FILE],
    [
      "several at once",
      (lines) => {
        lines.remove("# head");
        lines.append("# head");
      },
      `${FILE.replace("# head\n", "")}# head\n`,
    ],
  ];
  for (const [what, edit, expected] of table) it(what, () => assert.equal(edited(edit), expected));

  it("remove takes all that are the same, and tells how many", () => {
    const document = documentOf(`${NEW}\n# x\nhost  all new\tall md5\n`);
    assert.equal(new HbaLineEditor(document).remove([NEW, "# y"]), 2);
    assert.equal(document.bytes, "# x\n");
  });

  it("a file without a final end of line has none afterwards", () => {
    assert.equal(
      edited((lines) => lines.append(NEW), "local all all peer"),
      `local all all peer\n${NEW}`,
    );
    assert.equal(
      edited((lines) => lines.remove(NEW), `local all all peer\n${NEW}`),
      "local all all peer",
    );
  });

  for (const line of ["", " \t", "a\nb", "a\rb", "a\0b", "a \\", "local all all peer # pgmob name=x order=0"]) {
    it(`refuses ${JSON.stringify(line)}`, () => {
      assert.throws(() => edited((lines) => lines.append(["# fine", line])), InvalidValueError);
    });
  }
  it("refuses an index that is none", () => {
    for (const index of [0.5, Number.NaN])
      assert.throws(() => edited((lines) => lines.insert(index, NEW)), InvalidValueError);
  });
});

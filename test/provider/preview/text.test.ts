import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseAllDocuments } from "yaml";
import { noData } from "../../../provider/preview/text";

/** Whether a text is a list or a mapping to whoever reads it as YAML, as the CLI does. */
function isData(text: string): boolean {
  const documents = parseAllDocuments(text.trim());
  const [first] = documents;
  if (!Array.isArray(documents) || documents.length !== 1 || first === undefined || first.errors.length > 0)
    return false;
  const value: unknown = first.toJS();
  return typeof value === "object" && value !== null;
}

const LINES = [
  "-- depends on the server: of what is there, only what differs is changed",
  '-- "a": OWNER TO "b"',
  "-- connectionLimit: [unknown]",
  "-- with what is in its backup:",
  `COMMENT ON ROLE "a" IS 'x: y';`,
  `COMMENT ON ROLE "a" IS 'x:\u0085y';`,
  `COMMENT ON ROLE "a" IS 'x:\ty';`,
  'CREATE ROLE "a";',
  `COMMENT ON ROLE "a" IS 'x #: y';`,
  "-- nothing is sent",
];

describe("the SQL of a preview is text, never data", () => {
  it("whatever its lines are", () => {
    let data = 0;
    for (const first of LINES) {
      for (const second of [...LINES, "  x: y", "- x", "---", "a: b\n---\n"]) {
        const lines = [first, second];
        for (const indent of ["", " "]) {
          const shown = (all: readonly string[]) => all.map((line) => indent + line).join("\n");
          if (isData(shown(lines))) data += 1;
          assert.ok(!isData(shown(noData(lines))), shown(noData(lines)));
        }
      }
    }
    assert.ok(data > 10, "some would have been");
  });

  it("and stays as it is where nobody would take it for data", () => {
    const plain = ['CREATE ROLE "a";', "-- x: y"];
    assert.equal(noData(plain), plain);
    assert.deepEqual(noData(["-- x: y"]), ["-- x: y"]);
    assert.deepEqual(noData(["-- x: y", "-- z"]), ["-- what is sent", "-- x: y", "-- z"]);
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { inPieces, PIECE } from "../../provider/large-object";

async function sizes(source: Parameters<typeof inPieces>[0]): Promise<number[]> {
  const found: number[] = [];
  for await (const piece of inPieces(source)) found.push(piece.length);
  return found;
}

describe("inPieces", () => {
  const cases: [what: string, source: (string | Uint8Array)[], sizes: number[]][] = [
    ["nothing", [], []],
    ["nothing in pieces", ["", new Uint8Array()], []],
    ["small ones are put together", ["ab", Buffer.from("cd"), "é"], [6]],
    ["just one", [Buffer.alloc(PIECE)], [PIECE]],
    ["one byte more", [Buffer.alloc(PIECE), "x"], [PIECE, 1]],
    ["a large one is cut", [Buffer.alloc(2 * PIECE + 3)], [PIECE, PIECE, 3]],
    ["over the edge", [Buffer.alloc(PIECE - 1), "abc", Buffer.alloc(PIECE)], [PIECE, PIECE, 2]],
  ];
  for (const [what, source, expected] of cases) it(what, async () => assert.deepEqual(await sizes(source), expected));

  it("every byte in its order, though the memory of a piece is used again", async () => {
    const memory = Buffer.alloc(100_000);
    const source = function* () {
      for (let i = 0; i < 20; i++) yield memory.fill(i);
    };
    const all: Buffer[] = [];
    for await (const piece of inPieces(source())) all.push(piece);
    const expected = Buffer.concat(Array.from({ length: 20 }, (_, i) => Buffer.alloc(100_000, i)));
    assert.ok(Buffer.concat(all).equals(expected));
  });
});

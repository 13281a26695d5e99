import assert from "node:assert/strict";
import { test } from "node:test";
import { ProgramError } from "../../../provider";
import { Running } from "../../../provider/backup/process";

const sh = (script: string, ...args: string[]) => ["sh", "-c", script, "sh", ...args];

async function* pieces(count: number, each?: (piece: number) => void): AsyncGenerator<Uint8Array> {
  for (let piece = 0; piece < count; piece++) {
    each?.(piece);
    yield Buffer.alloc(65536, piece);
  }
}

test("arguments are words, whatever is in them, and no shell reads them", async () => {
  const words = ["$(touch x)", "`y`", "a b", "'\"\\", "*", "", "é🐘\n"];
  const chunks: Uint8Array[] = [];
  for await (const chunk of new Running(["printf", "<%s>", ...words], { reads: true }).output()) chunks.push(chunk);
  assert.equal(Buffer.concat(chunks).toString(), words.map((word) => `<${word}>`).join(""));
});

test("lines of standard error are told as they come, and its end is in the error", async () => {
  const lines: string[] = [];
  const running = new Running(sh("printf 'one\\ntw' >&2; echo o >&2; exit 3"), {
    onMessage: (line) => lines.push(line),
  });
  await assert.rejects(running.done, (error: ProgramError) => {
    assert.deepEqual([error.program, error.exitCode, error.stderr], ["sh", 3, "one\ntwo\n"]);
    assert.equal(error.message, "sh ended with exit code 3. one\ntwo");
    return true;
  });
  assert.deepEqual(lines, ["one", "two"]);
  await assert.rejects(new Running(["no such program"], {}).done, /no such program cannot be started/);
  await assert.rejects(new Running(sh("kill -9 $$"), {}).done, /^ProgramError: sh was killed$/);
});

test("a program is fed no faster than it reads", async () => {
  let asked = 0;
  const counting = new Running(sh("sleep 0.3; wc -c"), { feeds: true });
  const fed = counting.feed(pieces(200, (piece) => (asked = piece)));
  await new Promise((resolve) => setTimeout(resolve, 150));
  assert.ok(asked < 50, `${asked} pieces were asked for by a program that sleeps`);
  await fed;
  assert.equal(asked, 199);
});

test("a source that breaks ends the program before it could take that for the end", async () => {
  const notes: string[] = [];
  const running = new Running(sh("cat > /dev/null; echo complete >&2"), {
    feeds: true,
    onMessage: (line) => notes.push(line),
  });
  const breaking = pieces(10, (piece) => {
    if (piece === 5) throw new RangeError("broken");
  });
  await assert.rejects(running.feed(breaking), RangeError);
  await assert.rejects(running.done, ProgramError);
  assert.deepEqual(notes, []);
});

test("a program that ends early, well or not, is an error of its own", async () => {
  await assert.rejects(new Running(sh("exit 4"), { feeds: true }).feed(pieces(500)), /sh ended with exit code 4/);
  const satisfied = new Running(sh("head -c 10 > /dev/null"), { feeds: true });
  await assert.rejects(satisfied.feed(pieces(500)), /ended before it had read everything/);
});

test("a reader that has had enough ends the program and what it started", async () => {
  const running = new Running(sh("(while :; do echo x; done) & wait"), { reads: true, group: true });
  for await (const _ of running.output()) break;
  assert.equal(running.ended, true);
  await assert.rejects(async () => {
    for await (const _ of new Running(sh("echo part; exit 2"), { reads: true }).output());
  }, /exit code 2/);
});
